"""``python -m coursekit.bench``: run the comparisons named, or all of them."""

import argparse
import importlib

from coursekit.bench import write

PARTS = {
    "startup": "imports and the command line",
    "training": "what each option of dlarch.training.fit gains",
    # Behind training, for it changes how this process keeps memory.
    "models": "every architecture beside the implementation that one would use instead",
    "book": "the book's build beside jupyter-book's own",
    "grading": "this grader beside nbgrader's own",
}


ON_A_DEVICE = ("training", "models")  # the others have nothing for a GPU


def has_gpu() -> bool:
    import torch  # takes seconds

    return torch.cuda.is_available()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m coursekit.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), choices=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--record", action="store_true", help="write to book/recorded, which the book shows")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="of training and models: measure there alone")
    given = parser.parse_args()
    if given.device and not set(given.parts) <= set(ON_A_DEVICE):
        parser.error(f"--device needs parts that run on one: {' or '.join(ON_A_DEVICE)}, or both")
    if given.device == "cuda" and not has_gpu():
        parser.error("PyTorch finds no CUDA device on this machine: leave --device out, or install its build for CUDA")
    for name in given.parts:
        print(f"== {name}: {PARTS[name]}", flush=True)
        part = importlib.import_module(f"coursekit.bench.{name}")
        results = part.run(device=given.device) if given.device else part.run()
        part.say(results)
        print(f"All figures are in {write(name, results, device=given.device, record=given.record)}", flush=True)


if __name__ == "__main__":
    main()
