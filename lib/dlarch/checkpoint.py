"""Checkpoints of ``dlarch.training.fit``: all that a run needs to go on, in one file that is never half written."""

from itertools import zip_longest
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn


def save(
    path: str | Path | None,
    model: nn.Module,
    optimizer: Any,
    order: torch.Generator,
    history: dict[str, list[float]],
    device: torch.device,
) -> None:
    """Write the state of a run, over that of the epoch before; without a path do nothing.

    Args:
        path: the file.
        model: its weights, and what else it registers.
        optimizer: with its averages.
        order: generator of the order of the samples.
        history: one list a quantity, one number an epoch.
        device: where the run computes. If that is CUDA, its random state is kept beside the processor's.
    """
    if path is None:
        return
    state = {
        "model": model.state_dict(),
        "optimizer_name": type(optimizer).__name__,
        "optimizer": optimizer.state_dict(),
        "order": order.get_state(),
        "random": torch.get_rng_state(),
        "cuda_random": torch.cuda.get_rng_state(device) if device.type == "cuda" else None,
        "history": history,
    }
    unfinished = Path(f"{path}.unfinished")
    torch.save(state, unfinished)
    unfinished.replace(path)  # so that a run killed here leaves the old checkpoint or the new one, never half of one


def resume(
    path: str | Path | None, model: nn.Module, optimizer: Any, order: torch.Generator, device: torch.device
) -> dict[str, list[float]]:
    """Put all back as it was when the file was written, and return the history; without a file do nothing.

    Raises:
        ValueError: if the file is no checkpoint, or one of another model or optimizer.
    """
    if path is None or not Path(path).exists():
        return {}
    state = torch.load(path, weights_only=True, map_location="cpu")
    if not isinstance(state, dict) or "optimizer_name" not in state:
        raise ValueError(f"{path} is no checkpoint that fit wrote: give another file name to start anew")
    _compare(path, "model", _shapes(model.state_dict()), _shapes(state["model"]))
    expected = _groups_of(type(optimizer).__name__, optimizer.state_dict())
    _compare(path, "optimizer", expected, _groups_of(state["optimizer_name"], state["optimizer"]))
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    order.set_state(state["order"])
    torch.set_rng_state(state["random"])
    if device.type == "cuda" and state["cuda_random"] is not None:
        torch.cuda.set_rng_state(state["cuda_random"], device)
    return state["history"]


def epochs_done(path: str | Path) -> int:
    """How many epochs the run behind a file has trained; none where there is no file."""
    if not Path(path).exists():
        return 0
    return len(torch.load(path, weights_only=True, map_location="cpu")["history"]["loss"])


def _shapes(weights: dict[str, Tensor]) -> list[str]:
    return [f"{name} of shape {tuple(weight.shape)}" for name, weight in weights.items()]


def _groups_of(name: str, state: dict[str, Any]) -> list[str]:
    return [f"{name} over {[len(group['params']) for group in state['param_groups']]} weights"]


def _compare(path: str | Path, what: str, expected: list[str], got: list[str]) -> None:
    for wanted, found in zip_longest(expected, got, fillvalue="nothing more"):
        if wanted != found:
            raise ValueError(
                f"{path} is a checkpoint of another {what}: expected {wanted}, got {found}. Give the {what} that it "
                "was written for, or another file name to start anew"
            )
