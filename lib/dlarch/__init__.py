"""Reference implementations of the architectures this course teaches, and the few tools every chapter uses.

Importing this package imports nothing heavy; each module imports what it needs.
"""


def device():
    """The fastest device at hand: CUDA, else Apple's MPS, else the CPU.

    Returns:
        A ``torch.device``.
    """
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")
