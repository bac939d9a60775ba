"""dlarch.training: the loop does what the four steps do, and its extras do what they say."""

import itertools
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dlarch import training
from dlarch.data import digits
from dlarch.training import cosine, evaluate, fit, one_cycle

CPU = {"device": "cpu"}


def problem(n: int = 24) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    return torch.randn(n, 4, generator=generator), torch.randint(3, (n,), generator=generator)


def network(dropout: float = 0.0) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(dropout), nn.Linear(8, 3))


def weights(model: nn.Module) -> torch.Tensor:
    return nn.utils.parameters_to_vector(model.parameters()).detach()


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


@pytest.mark.skipif(not torch.cuda.is_available(), reason="bfloat16 autocast is for CUDA alone")
def test_on_cuda_layers_run_in_bfloat16_and_weights_stay_in_float32():
    seen = []
    model = network()
    model[0].register_forward_hook(lambda module, args, output: seen.append(output.dtype))
    fit(model, problem(), epochs=1, device="cuda")
    fit(model, problem(), epochs=1, device="cuda", autocast=False)
    assert seen == [torch.bfloat16, torch.float32]
    assert weights(model).dtype == torch.float32


DISTRIBUTED = """
import sys
from torch.optim import SGD
from test_training import CPU, fit, linear, problem
model = linear()
fit(model, problem(), epochs=3, batch_size=6, optimizer=SGD(model.parameters(), lr=0.5), checkpoint=sys.argv[1],
    progress=True, **CPU)
"""


def linear() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(4, 3)


def test_two_processes_of_torchrun_train_as_one_with_twice_the_batch(tmp_path):
    program = tmp_path / "train.py"
    program.write_text(DISTRIBUTED)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "torch.distributed.run",
            "--standalone",
            "--nproc-per-node=2",
            program,
            tmp_path / "two.pt",
        ],
        env={
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    two = torch.load(tmp_path / "two.pt", weights_only=True)
    one = linear()
    history = fit(one, problem(), epochs=3, batch_size=12, optimizer=torch.optim.SGD(one.parameters(), lr=0.5), **CPU)
    torch.testing.assert_close(two["model"], dict(one.state_dict()))
    assert two["history"]["loss"] == pytest.approx(history.loss)
    assert two["history"]["accuracy"] == pytest.approx(history.accuracy)
    assert done.stdout.count("epoch 1 of 3") == 1
