"""Small relatives of Xception on four shapes, longer than the page `xception` can afford. Run it from the repository:

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/xception.py
"""

import copy
import json
import platform
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import torch
from torch import nn

from dlarch import data, measure
from dlarch.training import evaluate, fit, one_cycle
from dlarch.vision.xception import SeparableConv2d, SmallXception, full_kernel, inception_spectrum, nearest_separable

PICTURES, KNOWN, EPOCHS, SEEDS = 4000, 800, 8, (0, 1, 2, 3, 4)
RATES = (0.002, 0.006, 0.02, 0.06, 0.18)  # the search starts with the third and the fourth
MULTIPLIERS = (1, 2, 3, 4, 6, 9)


@cache
def pictures() -> data.Splits:
    """The pictures, with pixels around zero."""
    drawn = data.shapes(PICTURES, size=16, noise=0.05)
    return drawn._replace(x_train=drawn.x_train - 0.5, x_test=drawn.x_test - 0.5)


def towers(number: int, in_channels: int, out_channels: int) -> nn.Module:
    """So many towers; 0 for one to each channel."""
    return inception_spectrum(number or out_channels, in_channels, out_channels)


def as_many_filters(in_channels: int, out_channels: int) -> nn.Module:
    """Depthwise first, with as many filters as channels go out, which is what the other order has."""
    filters = nn.Conv2d(in_channels, out_channels, 3, padding=1, groups=in_channels, bias=False)
    return nn.Sequential(filters, nn.Conv2d(out_channels, out_channels, 1, bias=False))


def normed(activation: Callable[[], nn.Module], in_channels: int, out_channels: int) -> nn.Module:
    """Depthwise first, with a batch norm and perhaps a ReLU right behind the filters."""
    filters = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
    mix = nn.Conv2d(in_channels, out_channels, 1, bias=False)
    return nn.Sequential(filters, nn.BatchNorm2d(in_channels), activation(), mix)


def plain(in_channels: int, out_channels: int) -> nn.Module:
    """An ordinary convolution of 3 by 3."""
    return nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)


def network(
    conv: Callable[[int, int], nn.Module] = SeparableConv2d, width: int = 8, **options
) -> Callable[[], nn.Module]:
    """A recipe for a network of four classes."""
    return lambda: SmallXception(4, width, conv=conv, **{"middle": 1, **options})


ARMS = {
    "1 tower": network(partial(towers, 1)),
    "2 towers": network(partial(towers, 2)),
    "4 towers": network(partial(towers, 4)),
    "a tower a channel": network(partial(towers, 0)),
    "1 tower, narrower": network(partial(towers, 1), width=4),
    "a tower a channel, wider": network(partial(towers, 0), width=12),
    "depthwise first": network(),
    "depthwise first, more filters": network(as_many_filters),
    "ReLU between": network(partial(SeparableConv2d, between=nn.ReLU)),
    "norm between": network(partial(normed, nn.Identity)),
    "norm and ReLU between": network(partial(normed, nn.ReLU)),
    "no shortcuts": network(residual=False),
    "deep": network(middle=4),
    "deep, no shortcuts": network(middle=4, residual=False),
    "plain 3×3": network(plain),
}


def run(arm: str, rate: float, seed: int) -> tuple[nn.Module, float, float, float]:
    """Train one network: itself, the loss of its last epoch, what share of known and new pictures it names rightly."""
    known = (pictures().x_train[:KNOWN], pictures().y_train[:KNOWN])
    new = (pictures().x_test, pictures().y_test)
    torch.manual_seed(seed)
    model = ARMS[arm]()
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    history = fit(
        model, known, epochs=EPOCHS, batch_size=50, optimizer=optimizer, schedule=one_cycle, seed=seed, device="cpu"
    )
    right = (evaluate(model, part, device="cpu")[1] for part in (known, new))
    return model, history.loss[-1], *right


@torch.no_grad()
def separated(model: nn.Module, multiplier: int) -> tuple[nn.Module, float]:
    """The network with the nearest separable convolutions for its inner ones, and the share of their energy left.

    The batch norms measure their means and variances anew, on the known pictures; no weight is trained.
    """
    model, kept, whole = copy.deepcopy(model), 0.0, 0.0
    inner = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d) and layer.kernel_size == (3, 3)][1:]
    for layer in inner:
        nearest = full_kernel(*nearest_separable(layer.weight, multiplier))
        kept, whole = kept + nearest.square().sum().item(), whole + layer.weight.square().sum().item()
        layer.weight.copy_(nearest)
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None  # the plain mean over what it sees
    model.train()(pictures().x_train[:KNOWN])
    return model.eval(), kept / whole


def measured(arm: str, rate: float) -> tuple[dict, list[nn.Module]]:
    """All seeds of one kind of network at one learning rate: what came out, and the networks."""
    models, losses, known, new = zip(*(run(arm, rate, seed) for seed in SEEDS), strict=True)
    line = {"arm": arm, "rate": rate}
    for name, values in (("loss", losses), ("known", known), ("new", new)):
        line[name] = [round(value, 4) for value in values]
    line["parameters"] = measure.count_parameters(ARMS[arm]())
    line["macs"] = measure.count_macs(ARMS[arm]().eval(), torch.zeros(1, 3, 16, 16))
    print(line, flush=True)
    return line, models


def at_its_rates(arm: str) -> list[tuple[dict, list[nn.Module]]]:
    """One kind of network at two learning rates, and at further ones while the best is the lowest or highest."""
    low, high = 2, 3
    results = {place: measured(arm, RATES[place]) for place in (low, high)}
    while True:
        best = max(results, key=lambda place: sum(results[place][0]["new"]))
        if best == low and low > 0:
            low -= 1
            results[low] = measured(arm, RATES[low])
        elif best == high and high < len(RATES) - 1:
            high += 1
            results[high] = measured(arm, RATES[high])
        else:
            return [results[place] for place in sorted(results)]


def separations(models: list[nn.Module]) -> list[dict]:
    """What nearest separable convolutions keep of trained networks, of untrained ones, and of the answers."""
    untrained, lines = [], []
    for seed in SEEDS:
        torch.manual_seed(seed)
        untrained.append(ARMS["plain 3×3"]())
    for multiplier in MULTIPLIERS:
        pairs = [separated(model, multiplier) for model in models]
        right = [evaluate(model, (pictures().x_test, pictures().y_test), device="cpu")[1] for model, _ in pairs]
        random = [separated(model, multiplier)[1] for model in untrained]
        line = {"multiplier": multiplier}
        for name, values in (("trained", [kept for _, kept in pairs]), ("random", random), ("new", right)):
            line[name] = [round(value, 4) for value in values]
        lines.append(line)
        print(line, flush=True)
    return lines


def main() -> None:
    torch.set_num_threads(1)
    results = {arm: at_its_rates(arm) for arm in ARMS}
    trained = max(results["plain 3×3"], key=lambda result: sum(result[0]["new"]))[1]
    record = {
        "what": "four shapes in pictures of 16 by 16 pixels; small networks of Xception's parts",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/xception.py",
        "known": KNOWN,
        "new": len(pictures().x_test),
        "epochs": EPOCHS,
        "seeds": SEEDS,
        "optimizer": "Adam, batches of 50, the rate climbs for a quarter of the time and falls along a cosine",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "runs": [line for arm in ARMS for line, _ in results[arm]],
        "split": separations(trained),
    }
    Path(__file__).with_suffix(".json").write_text(
        json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
