"""What a checkpoint says of a run; that a run goes on from one is tested with ``fit``."""

import torch
from torch import nn

from dlarch.checkpoint import epochs_done
from dlarch.training import fit


def test_a_file_says_how_many_epochs_its_run_has_trained(tmp_path):
    file = tmp_path / "run.pt"
    assert epochs_done(file) == 0
    fit(nn.Linear(3, 2), (torch.zeros(4, 3), torch.zeros(4).long()), epochs=2, device="cpu", checkpoint=file)
    assert epochs_done(file) == 2
