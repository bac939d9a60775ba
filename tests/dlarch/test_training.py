"""dlarch.training: the loop does what the four steps do, and its extras do what they say."""

import itertools
import math
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch._dynamo.utils import counters
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.data import DataLoader, TensorDataset

from dlarch import training
from dlarch.data import digits
from dlarch.foundations.regularization import random_crop, random_flip
from dlarch.training import History, cosine, evaluate, fit, one_cycle

CPU = {"device": "cpu"}
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")


def problem(n: int = 24) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    return torch.randn(n, 4, generator=generator), torch.randint(3, (n,), generator=generator)


def network(dropout: float = 0.0) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(dropout), nn.Linear(8, 3))


def linear() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(4, 3)


def weights(model: nn.Module) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


class Recorder(nn.Module):
    """A model that remembers the inputs it was trained on."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 2)
        self.trained_on: list[list[float]] = []

    def forward(self, x):
        if self.training:
            self.trained_on.append(x.flatten().tolist())
        return self.layer(x)


def numbered(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.arange(float(n))[:, None], torch.zeros(n, dtype=torch.int64)


class Images(nn.Module):
    """A small network with all that a run must take up again: running means, dropout, weights of four axes."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 4, 3)
        self.dropout = nn.Dropout(0.3)
        self.out = nn.Linear(4, 3)

    def forward(self, x):
        h = torch.relu(self.norm(self.conv1(x)))
        return self.out(self.dropout(torch.relu(self.conv2(h))).mean(dim=(2, 3)))


def images(n: int = 20) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(6)
    return torch.randn(n, 3, 7, 7, generator=generator), torch.randint(3, (n,), generator=generator)


def small_network() -> Images:
    torch.manual_seed(0)
    return Images()


def test_the_loop_is_predict_compare_differentiate_update():
    x, y = problem()
    by_hand, by_fit = network(), network()
    by_hand.train()
    optimizer = torch.optim.SGD(by_hand.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        F.cross_entropy(by_hand(x), y).backward()
        optimizer.step()
    fit(by_fit, [(x, y)], epochs=3, optimizer=torch.optim.SGD(by_fit.parameters(), lr=0.1), **CPU)
    assert torch.equal(weights(by_fit), weights(by_hand))


def test_without_an_optimizer_it_is_adamw_at_the_rate_given():
    x, y = problem()
    given_, made = network(), network()
    fit(given_, (x, y), epochs=2, optimizer=torch.optim.AdamW(given_.parameters(), lr=0.02), **CPU)
    fit(made, (x, y), epochs=2, lr=0.02, **CPU)
    torch.testing.assert_close(weights(made), weights(given_))


def test_every_epoch_sees_every_sample_once_in_a_new_order_that_the_seed_decides():
    def orders(seed):
        model = Recorder()
        fit(model, numbered(10), epochs=2, batch_size=4, seed=seed, **CPU)
        assert [len(batch) for batch in model.trained_on] == [4, 4, 2, 4, 4, 2]
        epochs = [[x for batch in half for x in batch] for half in (model.trained_on[:3], model.trained_on[3:])]
        assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
        return epochs

    first, again, other = orders(0), orders(0), orders(1)
    assert first == again
    assert first != other
    assert first[0] != first[1]


def test_batches_are_taken_as_they_come():
    model = Recorder()
    x, y = numbered(6)
    fit(model, [(x[:1], y[:1]), (x[1:], y[1:])], epochs=2, **CPU)
    assert model.trained_on == [[0], [1, 2, 3, 4, 5]] * 2


def test_a_tuple_of_inputs_becomes_the_arguments_of_the_model():
    class Difference(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.tensor(0.0))

        def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
            return self.scale * (a - b)

    a, b = torch.randn(2, 8, 1, generator=torch.Generator().manual_seed(0))
    model, batches = Difference(), [((a, b), 3 * (a - b))] * 200
    fit(model, batches, epochs=1, lr=0.1, loss_fn=F.mse_loss, **CPU)
    assert model.scale.item() == pytest.approx(3, abs=0.05)
    assert evaluate(model, batches, loss_fn=F.mse_loss, **CPU)[0] < 0.01


def test_a_generator_ends_after_one_epoch_and_that_is_said():
    x, y = numbered(4)
    with pytest.raises(ValueError, match=r"no batch in this epoch.*a generator is empty after its first pass"):
        fit(Recorder(), ((x, y) for _ in range(2)), epochs=2, **CPU)
    with pytest.raises(ValueError, match="no batch"):
        fit(Recorder(), (x[:0], y[:0]), epochs=1, **CPU)


def test_inputs_and_targets_must_be_as_many():
    x, y = numbered(4)
    with pytest.raises(ValueError, match="4 inputs and 3 targets"):
        fit(Recorder(), (x, y[:3]), epochs=1, **CPU)


def test_history_holds_the_means_over_samples_of_each_epoch():
    x, y = problem(10)
    model = network()
    still = torch.optim.SGD(model.parameters(), lr=0.0)
    history = fit(model, [(x[:7], y[:7]), (x[7:], y[7:])], epochs=2, optimizer=still, validation=problem(30), **CPU)
    model.train()
    first, second = model(x[:7]), model(x[7:])
    loss = (7 * F.cross_entropy(first, y[:7]) + 3 * F.cross_entropy(second, y[7:])) / 10
    right = (torch.cat([first, second]).argmax(1) == y).float().mean()
    assert history.loss == pytest.approx([loss.item()] * 2)
    assert history.accuracy == pytest.approx([right.item()] * 2)
    assert len(history.validation_loss) == len(history.validation_accuracy) == 2


def test_evaluation_is_the_loss_and_accuracy_of_the_model_at_rest():
    x, y = problem(30)
    model = network(dropout=0.5)
    loss, accuracy = evaluate(model, (x, y), batch_size=7, **CPU)
    output = model.eval()(x)
    assert loss == pytest.approx(F.cross_entropy(output, y).item(), rel=1e-5)
    assert accuracy == pytest.approx((output.argmax(1) == y).float().mean().item())


def test_validation_is_measured_after_each_epoch_and_does_not_train():
    x, y = problem()
    alone, watched = network(dropout=0.5), network(dropout=0.5)
    torch.manual_seed(1)
    without = fit(alone, (x, y), epochs=3, **CPU)
    torch.manual_seed(1)
    history = fit(watched, (x, y), epochs=3, validation=problem(40), **CPU)
    assert torch.equal(weights(alone), weights(watched))
    assert (history.validation_loss[-1], history.validation_accuracy[-1]) == evaluate(watched, problem(40), **CPU)
    assert len(history.validation_loss) == 3
    assert without.validation_loss == without.validation_accuracy == []


def test_regression_has_no_accuracy():
    x = torch.randn(8, 4)
    history = fit(nn.Linear(4, 1), (x, x[:, :1]), epochs=2, loss_fn=F.mse_loss, validation=(x, x[:, :1]), **CPU)
    assert len(history.loss) == len(history.validation_loss) == 2
    assert history.accuracy == history.validation_accuracy == []


def test_padding_in_the_targets_counts_neither_as_right_nor_as_wrong():
    scores = torch.zeros(1, 3, 4)  # batch, classes, steps: always class 0
    targets = torch.tensor([[0, 1, -100, -100]])
    _, accuracy = evaluate(nn.Identity(), (scores, targets), **CPU)
    assert accuracy == 0.5


def test_the_schedule_multiplies_the_rate_of_every_group_and_leaves_it_as_it_was():
    model = network()
    x, y = problem(8)
    optimizer = torch.optim.SGD(
        [{"params": model[0].parameters(), "lr": 0.4}, {"params": model[4].parameters()}], lr=0.1
    )
    rates = []
    optimizer.register_step_pre_hook(lambda opt, *_: rates.append([group["lr"] for group in opt.param_groups]))
    fit(model, (x, y), epochs=2, batch_size=4, optimizer=optimizer, schedule=lambda done: 1 - done, **CPU)
    assert rates == [[0.4 * f, 0.1 * f] for f in (1, 0.75, 0.5, 0.25)]
    assert [group["lr"] for group in optimizer.param_groups] == [0.4, 0.1]


@given(done=st.floats(0, 1))
def test_schedules_stay_between_nothing_and_the_whole_rate(done):
    for schedule in (cosine, one_cycle):
        assert 0 <= schedule(done) <= 1


def test_schedules_start_and_end_where_they_say():
    assert (cosine(0.0), cosine(0.5)) == (1, pytest.approx(0.5))
    assert (one_cycle(0.0), one_cycle(0.125), one_cycle(0.25)) == (0, 0.5, 1)
    assert one_cycle(0.5, warmup=0.5) == 1
    assert cosine(1.0) == pytest.approx(0)
    assert one_cycle(1.0) == pytest.approx(0)


def test_clipping_bounds_the_norm_of_all_gradients_together():
    x, y = problem(8)
    model = nn.Linear(4, 3)
    before = weights(model).clone()
    fit(model, [(1000 * x, y)], epochs=1, optimizer=torch.optim.SGD(model.parameters(), lr=1.0), clip=0.5, **CPU)
    assert (weights(model) - before).norm() == pytest.approx(0.5, rel=1e-4)


def test_a_run_broken_off_and_resumed_ends_in_the_same_bits(tmp_path):
    file = tmp_path / "run.pt"

    def run(epochs, checkpoint):
        model = network(dropout=0.5)
        return (
            weights(model),
            model,
            fit(model, problem(), epochs=epochs, batch_size=8, validation=problem(40), checkpoint=checkpoint, **CPU),
        )

    _, whole_model, whole = run(4, None)
    run(2, file)
    torch.manual_seed(99)
    torch.rand(7)  # another process would not stand at the same random number
    _, resumed_model, resumed = run(4, file)
    assert resumed == whole
    assert all(map(torch.equal, whole_model.state_dict().values(), resumed_model.state_dict().values()))
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]


def test_a_file_that_fit_did_not_write_is_no_checkpoint(tmp_path):
    torch.save(linear().state_dict(), tmp_path / "weights.pt")
    with pytest.raises(ValueError, match=r"weights.pt is no checkpoint that fit wrote: give another file name"):
        fit(linear(), problem(), epochs=1, checkpoint=tmp_path / "weights.pt", **CPU)


class Drawn:
    """Batches that torch's global generator draws anew in each epoch."""

    def __len__(self):
        return 5

    def __iter__(self):
        x, y = images()
        for _ in range(len(self)):
            picked = torch.randint(len(x), (4,))
            yield x[picked], y[picked]


DATA = {
    "tensors": images,
    "drawn": Drawn,
    "loader": lambda: DataLoader(TensorDataset(*images()), batch_size=4, shuffle=True),
}


def with_everything(data: str, optimizer: str, checkpoint: Path | None, **others) -> tuple[History, dict]:
    """A run with every option on: its history, and the state of the model and of torch's generator at its end."""
    model = small_network()
    kinds = {"SGD": partial(torch.optim.SGD, momentum=0.9, fused=True), "AdamW": torch.optim.AdamW}
    options = {
        "optimizer": kinds[optimizer](model.parameters(), lr=0.05),
        "schedule": one_cycle,
        "clip": 0.5,
        "accumulate": 2,
        "augment": lambda x: random_flip(random_crop(x, 1)) + 0.1 * torch.randn_like(x),
        "autocast": True,
        "channels_last": True,
        "batch_size": 4,
        "validation": images(8),
    }
    history = fit(model, DATA[data](), epochs=4, checkpoint=checkpoint, **options, **others, **CPU)
    return history, model.state_dict() | {"random": torch.get_rng_state()}


def assert_same_bits(got: tuple[History, dict], expected: tuple[History, dict]) -> None:
    assert got[0] == expected[0]
    assert list(got[1]) == list(expected[1])
    for name, value in expected[1].items():
        assert torch.equal(got[1][name], value), name


@pytest.mark.parametrize(
    ("data", "optimizer"), [("tensors", "SGD"), ("tensors", "AdamW"), ("drawn", "SGD"), ("loader", "SGD")]
)
def test_with_every_option_on_a_run_left_off_after_each_epoch_ends_in_the_same_bits(data, optimizer, tmp_path):
    whole = with_everything(data, optimizer, None)
    for epoch in range(1, 5):
        torch.manual_seed(epoch)  # another process would not stand at the same random number
        parts = with_everything(data, optimizer, tmp_path / "run.pt", minutes=0)
        assert len(parts[0].loss) == epoch
    assert_same_bits(parts, whole)


KILLED = """
import os, signal, sys
from test_training import Images, with_everything
forward, calls = Images.forward, []
def killed(self, x):
    calls.append(self.training)
    if calls.count(True) == 13:  # in the middle of the third epoch of five batches
        os.kill(os.getpid(), signal.SIGKILL)
    return forward(self, x)
Images.forward = killed
with_everything("tensors", "SGD", sys.argv[1])
"""


def program(path: Path, text: str, *start: str) -> subprocess.CompletedProcess:
    """Run a program that imports this file; its argument is a file beside it, run.pt."""
    path.write_text(text)
    here = {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    command = [sys.executable, *start, path, path.with_name("run.pt")]
    return subprocess.run(command, env=os.environ | here, capture_output=True, text=True, timeout=120)


def test_with_every_option_on_a_process_killed_within_an_epoch_and_started_again_ends_in_the_same_bits(tmp_path):
    done = program(tmp_path / "train.py", KILLED)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(torch.load(tmp_path / "run.pt")["history"]["loss"]) == 2
    assert_same_bits(with_everything("tensors", "SGD", tmp_path / "run.pt"), with_everything("tensors", "SGD", None))


def test_a_run_that_ends_while_a_checkpoint_is_written_goes_on_from_the_one_before(tmp_path, monkeypatch):
    file, save = tmp_path / "run.pt", torch.save

    def full_disk(state, path):
        save(state, path)
        if len(state["history"]["loss"]) == 3:
            path.write_bytes(path.read_bytes()[:1000])
            raise OSError("no space left")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(OSError, match="no space left"):
        with_everything("tensors", "SGD", file)
    monkeypatch.undo()
    assert len(torch.load(file)["history"]["loss"]) == 2
    assert_same_bits(with_everything("tensors", "SGD", file), with_everything("tensors", "SGD", None))
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]


@pytest.mark.parametrize(
    ("model", "optimizer", "message"),
    [
        (nn.Linear(4, 5), torch.optim.SGD,
         r"run.pt is a checkpoint of another model: expected weight of shape \(5, 4\), got weight of shape \(3, 4\). "
         "Give the model that it was written for, or another file name"),
        (nn.Linear(4, 3, bias=False), torch.optim.SGD, r"model: expected nothing more, got bias of shape \(3,\)"),
        (nn.Bilinear(4, 3, 2), torch.optim.SGD, r"another model: expected weight of shape \(2, 4, 3\), got weight"),
        (nn.Linear(4, 3), torch.optim.AdamW, r"another optimizer: expected AdamW over \[2\] weights, got SGD"),
        (nn.Linear(4, 3), lambda weights, lr: torch.optim.SGD([{"params": [w]} for w in weights], lr=lr),
         r"another optimizer: expected SGD over \[1, 1\] weights, got SGD over \[2\] weights"),
    ],
)  # fmt: skip
def test_a_checkpoint_of_another_run_is_refused_with_the_first_difference(model, optimizer, message, tmp_path):
    file, first = tmp_path / "run.pt", linear()
    fit(first, problem(), epochs=1, optimizer=torch.optim.SGD(first.parameters(), lr=0.1), checkpoint=file, **CPU)
    with pytest.raises(ValueError, match=message):
        fit(model, problem(), epochs=2, optimizer=optimizer(model.parameters(), lr=0.1), checkpoint=file, **CPU)


def test_a_finished_run_is_not_trained_again(tmp_path):
    model = network()
    first = fit(model, problem(), epochs=2, checkpoint=tmp_path / "run.pt", **CPU)
    again = network()
    assert fit(again, problem(), epochs=2, checkpoint=tmp_path / "run.pt", **CPU) == first
    assert torch.equal(weights(again), weights(model))


def test_only_training_batches_are_augmented_and_before_the_model_sees_them():
    model, given_ = Recorder(), []

    def shifted(x):
        given_.append(x.flatten().tolist())
        return x + 100

    at_rest = []
    model.register_forward_pre_hook(
        lambda module, args: None if module.training else at_rest.append(args[0].flatten().tolist())
    )
    fit(model, numbered(5), epochs=2, batch_size=3, augment=shifted, validation=numbered(4), **CPU)
    assert model.trained_on == [[x + 100 for x in batch] for batch in given_]
    assert sorted(given_[0] + given_[1]) == sorted(given_[2] + given_[3]) == [0, 1, 2, 3, 4]
    assert at_rest == [[0, 1, 2, 3]] * 2


def test_augmentation_of_several_inputs_takes_and_gives_all_of_them():
    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.tensor(1.0))
            self.seen = []

        def forward(self, a, b):
            self.seen.append((a.item(), b.item()))
            return self.scale * (a + b)

    model, one = Sum(), torch.ones(1, 1)
    batches = [((one, 2 * one), one)]
    fit(model, batches, epochs=1, augment=lambda a, b: (b, 5 * a), loss_fn=F.mse_loss, **CPU)
    assert model.seen == [(2, 5)]


def test_time_that_is_up_ends_the_run_after_an_epoch_and_the_same_call_goes_on(tmp_path, monkeypatch):
    seconds = itertools.count(0.0)
    monkeypatch.setattr(training, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    file = tmp_path / "run.pt"
    epochs = [
        len(fit(network(), problem(), epochs=8, checkpoint=file, minutes=minutes, **CPU).loss)
        for minutes in (0, 3 / 60, 1.9 / 60, 1, 0)
    ]
    assert epochs == [1, 4, 6, 8, 8]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size counts the samples of a batch and must be at least 1, got 0"),
        ({"accumulate": 0}, "accumulate counts the batches of an update and must be at least 1, got 0"),
        ({"minutes": 5}, "minutes=5 leaves off before the end and needs a file.*give checkpoint="),
        ({"minutes": -1, "checkpoint": "run.pt"}, "minutes must be at least 0, which trains one epoch, got -1"),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_is_trained(options, message):
    model = Recorder()
    with pytest.raises(ValueError, match=message):
        fit(model, numbered(4), epochs=1, **options, **CPU)
    assert model.trained_on == []


def test_progress_is_plain_text_on_stdout_and_silence_is_the_default(capfd):
    fit(network(), problem(), epochs=2, **CPU)
    assert capfd.readouterr() == ("", "")
    history = fit(network(), problem(), epochs=2, validation=problem(), progress=True, **CPU)
    out, err = capfd.readouterr()
    assert err == ""
    assert out.splitlines()[1] == (
        f"epoch 2 of 2: loss {history.loss[1]:.4f}, accuracy {history.accuracy[1]:.4f}, "
        f"validation loss {history.validation_loss[1]:.4f}, validation accuracy {history.validation_accuracy[1]:.4f}"
    )


def test_a_small_network_learns_the_digits():
    splits = digits()
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    history = fit(
        model, splits[:2], epochs=15, lr=1e-2, schedule=one_cycle, validation=splits[2:], batch_size=32, **CPU
    )
    assert history.accuracy[-1] > 0.97
    assert history.validation_accuracy[-1] > 0.88
    assert not model.training


def dtypes(autocast: bool | None, device: str) -> list[torch.dtype]:
    """What the first layer gives in training, then in validation."""
    seen = []
    model = network()
    model[0].register_forward_hook(lambda module, args, output: seen.append(output.dtype))
    history = fit(model, problem(), epochs=1, validation=problem(), device=device, autocast=autocast)
    assert weights(model).dtype == torch.float32
    assert all(math.isfinite(loss) for loss in history.loss + history.validation_loss)
    return seen


def test_autocast_computes_in_bfloat16_and_by_default_the_cpu_keeps_float32():
    assert dtypes(True, "cpu") == [torch.bfloat16] * 2
    assert dtypes(None, "cpu") == dtypes(False, "cpu") == [torch.float32] * 2


@needs_cuda
def test_by_default_cuda_computes_in_bfloat16():
    assert dtypes(None, "cuda") == dtypes(True, "cuda") == [torch.bfloat16] * 2
    assert dtypes(False, "cuda") == [torch.float32] * 2


def test_the_mean_loss_of_bfloat16_batches_is_summed_in_float32():
    losses = iter([256.0] + [1.0] * 255)  # in bfloat16, 256 + 1 is 256
    history = fit(
        nn.Linear(1, 1),
        [numbered(1)] * 256,
        epochs=1,
        loss_fn=lambda output, y: (0 * output.sum() + next(losses)).bfloat16(),
        **CPU,
    )
    assert history.loss == [511 / 256]


def test_channels_last_reaches_weights_inputs_and_what_lies_between():
    model, seen = small_network(), []
    for layer in (model.conv1, model.conv2):
        layer.register_forward_pre_hook(lambda layer, args: seen.extend((args[0], layer.weight)))
    # Cropping gives images in the usual order; the model gets them in the other one all the same.
    options = {"augment": lambda x: random_crop(x, 1).contiguous(), "validation": images(4), "channels_last": True}
    fit(model, images(), epochs=1, **options, **CPU)
    assert len(seen) == 8
    for tensor in seen[:4]:
        assert tensor.is_contiguous(memory_format=torch.channels_last)
        assert not tensor.is_contiguous()


def test_channels_last_changes_nothing_but_the_last_digits_and_leaves_other_inputs_alone():
    plain, other = small_network(), small_network()
    plain.dropout.p = other.dropout.p = 0.0
    for model in (plain, other):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        fit(model, images(), epochs=3, batch_size=8, optimizer=optimizer, channels_last=model is other, **CPU)
    torch.testing.assert_close(weights(other), weights(plain), rtol=1e-4, atol=1e-5)
    flat, same = network(), network()
    fit(flat, problem(), epochs=2, **CPU)
    fit(same, problem(), epochs=2, channels_last=True, **CPU)
    assert torch.equal(weights(flat), weights(same))


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("momentum", ["SGD", "AdamW"])
def test_the_averages_of_a_fused_optimizer_follow_when_the_weights_change_their_memory_order(first, momentum, tmp_path):
    """A fused step on a CPU goes through memory; with two orders it would add one weight's average to another."""

    def run(checkpoint, channels_last):
        model = small_network()
        model.dropout.p = 0.0
        kind = {"SGD": partial(torch.optim.SGD, momentum=0.9), "AdamW": torch.optim.AdamW}[momentum]
        optimizer = kind(model.parameters(), lr=0.02, fused=True)
        for epochs, order in enumerate(channels_last, start=1):
            fit(model, images(), epochs=epochs, optimizer=optimizer, checkpoint=checkpoint, channels_last=order, **CPU)
            if checkpoint:  # as a new process would
                model = small_network()
                model.dropout.p = 0.0
                optimizer = kind(model.parameters(), lr=0.02, fused=True)
        return torch.load(checkpoint)["model"]

    plain = run(tmp_path / "plain.pt", [False] * 3)
    mixed = run(tmp_path / "mixed.pt", [first, not first, first])
    torch.testing.assert_close(mixed, plain, rtol=1e-3, atol=1e-4)


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")  # torch's own, when it loads its compiler
def test_compiled_training_runs_a_compiled_graph_and_its_checkpoint_goes_on_without(tmp_path):
    def run(epochs, *, compiled, checkpoint):
        model = linear()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
        counters.clear()
        fit(model, problem(), epochs=epochs, batch_size=12, optimizer=optimizer, compile=compiled,
            checkpoint=checkpoint, **CPU)  # fmt: skip
        return model.state_dict(), counters["stats"]["unique_graphs"]

    whole, none = run(3, compiled=False, checkpoint=None)
    file = tmp_path / "run.pt"
    half, graphs = run(2, compiled=True, checkpoint=file)
    assert (none, graphs) == (0, 1)
    assert list(half) == list(torch.load(file)["model"]) == ["weight", "bias"]
    resumed, _ = run(3, compiled=False, checkpoint=file)
    torch.testing.assert_close(resumed, whole)


def test_the_tenth_model_of_a_class_is_compiled_too_and_each_size_of_batch_by_itself(monkeypatch):
    graphs = []

    def backend(graph, inputs):  # traced and not compiled, so without a C++ compiler
        graphs.append([size for tensor in inputs if tensor.ndim == 2 for size in tensor.shape])
        return graph.forward

    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend=backend))
    for width in range(2, 12):
        model = nn.Sequential(nn.Linear(4, width), nn.Linear(width, 3))
        fit(model, problem(20), epochs=3, batch_size=8, compile=True, **CPU)
    assert len(graphs) == 20
    assert all(isinstance(size, int) for sizes in graphs for size in sizes)  # none is for any number of samples


def in_parts(x: torch.Tensor, y: torch.Tensor, *ends: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return [(x[a:b], y[a:b]) for a, b in itertools.pairwise((0, *ends))]


def test_accumulated_batches_give_the_gradient_clipping_and_schedule_of_one_batch_of_their_samples():
    x, y = problem(24)
    x, rates = 30 * x, []

    def run(batches, accumulate):
        model = linear()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
        optimizer.register_step_pre_hook(lambda opt, *_: rates.append(opt.param_groups[0]["lr"]))
        history = fit(model, batches, epochs=3, optimizer=optimizer, schedule=one_cycle, clip=0.7,
                      accumulate=accumulate, **CPU)  # fmt: skip
        return weights(model), history

    small, history = run(in_parts(x, y, 5, 12, 14, 17, 24), 2)  # 5 + 7 samples, 2 + 3, and 7 that are left
    updates, rates = rates, []
    large, expected = run(in_parts(x, y, 12, 17, 24), 1)
    torch.testing.assert_close(small, large, rtol=1e-6, atol=1e-6)
    assert updates == rates
    assert len(updates) == 9
    assert history.loss == pytest.approx(expected.loss, rel=1e-5)
    assert history.accuracy == pytest.approx(expected.accuracy)


@needs_cuda
def test_on_cuda_a_run_goes_on_with_the_random_numbers_of_the_device(tmp_path):
    def run(epochs, checkpoint):
        model = network(dropout=0.5)
        fit(model, problem(), epochs=epochs, batch_size=8, device="cuda", autocast=False, checkpoint=checkpoint)
        return weights(model)

    whole = run(4, None)
    run(2, tmp_path / "run.pt")
    torch.manual_seed(99)
    torch.testing.assert_close(run(4, tmp_path / "run.pt"), whole, rtol=1e-5, atol=1e-6)


@needs_cuda
def test_on_cuda_batches_of_a_list_arrive_in_their_order():
    model = Recorder()
    x, y = numbered(6)
    fit(model, in_parts(x, y, 1, 3, 6), epochs=2, device="cuda", autocast=False)
    assert model.trained_on == [[0], [1, 2], [3, 4, 5]] * 2


def test_the_next_batch_is_sent_to_cuda_before_this_one_is_worked_on(monkeypatch):
    sent = []
    monkeypatch.setattr(training, "_to", lambda part, device: sent.append(part.item()) or part)
    batches = training._sent([(torch.tensor(n), torch.tensor(n)) for n in range(3)], torch.device("cuda"))
    assert [(y.item(), list(sent)) for _, y in batches] == [
        (0, [0, 0, 1, 1]),
        (1, [0, 0, 1, 1, 2, 2]),
        (2, [0, 0, 1, 1, 2, 2]),
    ]


def test_tensors_too_large_for_the_device_stay_where_they_are(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (1000, 10**6))
    data = torch.zeros(63), torch.zeros(0)
    assert training._placed(data, torch.device("cuda")) is data  # 252 of 1000 bytes
    assert all(map(torch.equal, training._placed(data, torch.device("cpu")), data))


class Asked(TorchDispatchMode):
    """Counts how often a number is read out of a tensor, which on a GPU waits for all that was begun before."""

    count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count += func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))


def test_no_number_is_read_out_of_a_tensor_within_an_epoch():
    def asked(batches: int) -> int:
        options = {"augment": lambda x: random_flip(random_crop(x, 1)), "schedule": one_cycle, "clip": 1.0}
        model = small_network()
        with Asked() as mode:
            fit(model, images(4 * batches), epochs=1, batch_size=4, accumulate=2, autocast=True, **options, **CPU)
        return mode.count

    assert asked(2) == asked(12)


DISTRIBUTED = """
import itertools, sys
from types import SimpleNamespace
from torch.optim import SGD
from test_training import CPU, fit, linear, problem, training
clocks = itertools.count(0.0), itertools.repeat(0.0)  # the second one stands still
time = training.time

def run(**options):
    model = linear()
    return fit(model, problem(), epochs=3, batch_size=3, accumulate=2, optimizer=SGD(model.parameters(), lr=0.5),
               checkpoint=sys.argv[1], progress=True, **options, **CPU)

rank = int(training.os.environ["RANK"])
training.time = SimpleNamespace(monotonic=lambda: next(clocks[rank]))
print(f"process {rank} left off after {len(run(minutes=1.5 / 60).loss)}\\n", end="", flush=True)
training.time = time
run()
"""


def test_two_processes_of_torchrun_train_as_one_with_twice_the_batch_and_leave_off_together(tmp_path):
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")
    done = program(tmp_path / "train.py", DISTRIBUTED, *torchrun)
    assert done.returncode == 0, done.stderr
    two = torch.load(tmp_path / "run.pt", weights_only=True)
    one = linear()
    history = fit(one, problem(), epochs=3, batch_size=12, optimizer=torch.optim.SGD(one.parameters(), lr=0.5), **CPU)
    torch.testing.assert_close(two["model"], dict(one.state_dict()))
    assert two["history"]["loss"] == pytest.approx(history.loss)
    assert two["history"]["accuracy"] == pytest.approx(history.accuracy)
    assert [done.stdout.count(f"epoch {epoch} of 3") for epoch in (1, 2, 3)] == [1, 1, 1]
    assert [done.stdout.count(f"process {rank} left off after 2") for rank in (0, 1)] == [1, 1]
