"""``python -m coursekit.bench``: run the comparisons named, or all of them."""

import argparse
import importlib
from collections.abc import Sequence

from coursekit.bench import write

PARTS = {
    "startup": "imports and the command line",
    "training": "what each option of dlarch.training.fit gains",
    # Behind training, for it changes how this process keeps memory.
    "models": "every architecture beside the implementation that one would use instead",
    "book": "the book's build beside jupyter-book's own",
    "grading": "this grader beside nbgrader's own",
}
ON_A_GPU_TOO = ("training", "models")


def has_gpu() -> bool:
    import torch  # takes seconds

    return torch.cuda.is_available()


def runs(parts: Sequence[str], device: str | None) -> list[tuple[str, str]]:
    """The parts with the devices that they run on: the one asked for, or all that there are."""
    there = [device] if device else ["cpu", "cuda"] if set(parts) & set(ON_A_GPU_TOO) and has_gpu() else ["cpu"]
    return [(part, each) for part in parts for each in there if each == "cpu" or part in ON_A_GPU_TOO]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m coursekit.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), choices=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--record", action="store_true", help="write to book/recorded, which the book shows")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="where to measure; all that there are if not given")
    given = parser.parse_args()
    if given.device == "cuda" and not set(given.parts) <= set(ON_A_GPU_TOO):
        parser.error(f"--device cuda needs parts that run on a GPU: {' or '.join(ON_A_GPU_TOO)}, or both")
    if given.device == "cuda" and not has_gpu():
        parser.error("PyTorch finds no CUDA device on this machine: leave --device out, or install its build for CUDA")
    for name, device in runs(given.parts, given.device):
        print(f"== {name}: {PARTS[name]}{' (on the GPU)' if device == 'cuda' else ''}", flush=True)
        part = importlib.import_module(f"coursekit.bench.{name}")
        results = part.run(device=device) if name in ON_A_GPU_TOO else part.run()
        part.say(results)
        print(f"All figures are in {write(name, results, device=device, record=given.record)}", flush=True)


if __name__ == "__main__":
    main()
