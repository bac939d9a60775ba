"""Set-up shared by all tests."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import hypothesis
import torch

# The torchvision wheel may carry operators made for a CUDA build of torch, which do not load beside a CPU build,
# and the import stops at two missing names. Declaring the names is enough for its models, which are our oracles.
try:
    import torchvision
except RuntimeError:
    _torchvision_ops = torch.library.Library("torchvision", "DEF")
    for _op in ("nms", "qnms"):
        _torchvision_ops.define(f"{_op}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision  # noqa: F401

torch.set_num_threads(1)

# No test depends on how fast this machine is at the moment.
hypothesis.settings.register_profile("any-speed", deadline=None)
hypothesis.settings.load_profile("any-speed")
