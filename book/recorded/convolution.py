"""Train the slowest network of the page `convolution`, the one without strides, and move, turn and enlarge images.

OMP_NUM_THREADS=1 .venv/bin/python book/recorded/convolution.py
"""

import json
import math
import platform
from pathlib import Path

import torch
import torch.nn.functional as F

from dlarch import data
from dlarch.training import fit, one_cycle
from dlarch.vision.convolution import ConvNet

SEEDS, EPOCHS, BATCH, RATE, MOVES = (0, 1, 2), 15, 100, 0.01, range(5)
DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0))  # down, right
CHANGES = {  # degrees, scale
    "as they are": (0, 1),
    "turned by 30 degrees": (30, 1),
    "turned by 90 degrees": (90, 1),
    "1.5 times as large": (0, 1.5),
}


def train(seed: int) -> ConvNet:
    """A network that has seen the centred digits."""
    digits = data.digits()
    torch.manual_seed(seed)
    model = ConvNet(16, 10, everywhere=True, stride=1)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    known = F.pad(digits.x_train, (4, 4, 4, 4)), digits.y_train
    fit(
        model, known, epochs=EPOCHS, batch_size=BATCH, optimizer=optimizer, schedule=one_cycle, seed=seed,
        channels_last=True, device="cpu",
    )  # fmt: skip
    return model


@torch.no_grad()
def right_after(model: ConvNet, pixels: int) -> float:
    """Share of right answers on test images moved by some pixels, mean over the four directions."""
    digits = data.digits()
    centred, shares = F.pad(digits.x_test, (4, 4, 4, 4)), []
    for down, right in DIRECTIONS if pixels else [(0, 0)]:
        moved = centred.roll((pixels * down, pixels * right), dims=(2, 3))
        named = torch.cat([model(x).argmax(dim=1) for x in moved.split(BATCH)])
        shares.append((named == digits.y_test).float().mean().item())
    return sum(shares) / len(shares)


@torch.no_grad()
def right_when(model: ConvNet, degrees: float, scale: float) -> float:
    """Share of right answers on test images turned and enlarged."""
    digits = data.digits()
    centred = F.pad(digits.x_test, (4, 4, 4, 4))
    c, s = (f(math.radians(degrees)) / scale for f in (math.cos, math.sin))
    corners = torch.tensor([[[c, -s, 0], [s, c, 0]]]).expand(len(centred), 2, 3)
    changed = F.grid_sample(centred, F.affine_grid(corners, centred.shape, align_corners=False), align_corners=False)
    return (model(changed).argmax(dim=1) == digits.y_test).float().mean().item()


def main() -> None:
    torch.set_num_threads(1)
    models = [train(seed) for seed in SEEDS]
    record = {
        "what": "scikit-learn's digits in the middle of 16 by 16 pixels, and moved by 0 to 4 pixels in four directions",
        "command": "OMP_NUM_THREADS=1 .venv/bin/python book/recorded/convolution.py",
        "seeds": SEEDS,
        "optimizer": f"Adam, {EPOCHS} epochs in batches of {BATCH}; the rate climbs to {RATE} and falls to zero",
        "hardware": f"one core of {platform.machine()}, no GPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "moved": [[round(right_after(model, pixels), 6) for pixels in MOVES] for model in models],
        "changed": {name: [round(right_when(model, *how), 6) for model in models] for name, how in CHANGES.items()},
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
