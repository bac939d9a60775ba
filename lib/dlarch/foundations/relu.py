"""The rectified linear unit max(x, 0), its derivative, and units that it silences for good.

As the bend of deep networks: Nair and Hinton 2010, https://icml.cc/Conferences/2010/papers/432.pdf, and Glorot et al.
2011, https://proceedings.mlr.press/v15/glorot11a.html. Reviving units without a change of the output follows Sokar et
al. 2023, https://arxiv.org/abs/2302.12902 (their ReDo).

B batch, N inputs, U hidden units, K outputs.

Differs from the paper: a revived unit keeps its incoming weights and only its bias moves, where the paper draws new
weights. So nothing is random, and the unit's bend falls inside the data.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn


def relu(x: Float[Tensor, "*S"]) -> Float[Tensor, "*S"]:
    """Keep what is positive, replace the rest by zero.

    Args:
        x: any numbers.

    Returns:
        max(x, 0), entry by entry.
    """
    # Asked this way round, NaN stays NaN, and at zero the gradient is zero.
    return torch.where(x <= 0, 0.0, x)


def relu_grad(x: Float[Tensor, "*S"]) -> Float[Tensor, "*S"]:
    """The derivative of relu at x: one where x is positive, else zero.

    At zero the slope jumps from 0 to 1 and there is no derivative. Zero is what
    torch takes.

    Args:
        x: the input of relu, not its output.

    Returns:
        Zeros and ones.
    """
    return (x > 0).to(x.dtype)


def dead_units(hidden: Float[Tensor, "B U"]) -> Bool[Tensor, " U"]:
    """Which units are zero for every row.

    Args:
        hidden: the hidden layer before or after relu, for all rows that count: a
            unit may sleep on a few rows and fire on the next.

    Returns:
        True for each unit that never fires. No gradient reaches its weights.

    Raises:
        ValueError: if there is no row.
    """
    if len(hidden) == 0:
        raise ValueError("no rows, all units look dead: pass at least one row")
    return (hidden <= 0).all(dim=0)


@torch.no_grad()
def revive(
    lower: nn.Linear,
    upper: nn.Linear,
    x: Float[Tensor, "B N"],
) -> Bool[Tensor, " U"]:
    """Wake the dead units between two layers; the outputs for x stay as they are.

    The bias of a dead unit moves until its input has mean zero over the rows, so
    some rows turn it on and others off. Its outgoing weights become zero: it
    counts for nothing until training finds a use for it.

    Args:
        lower: the layer whose outputs go through relu; its bias is changed.
        upper: the layer that takes the result; its weight is changed.
        x: rows that reach `lower`, as many as can be had.

    Returns:
        The units that were dead.

    Raises:
        ValueError: if the layers do not fit, `lower` has no bias, or a dead unit
            is the same for all rows.
    """
    if lower.out_features != upper.in_features:
        out, into = lower.out_features, upper.in_features
        raise ValueError(f"lower has {out} outputs, but upper has {into} inputs")
    if lower.bias is None:
        raise ValueError("lower has no bias to move: make it with bias=True")
    z = lower(x)  # B U
    dead = dead_units(z)
    constant = dead & (z.amax(dim=0) == z.amin(dim=0))
    if constant.any():
        units = constant.nonzero().flatten().tolist()
        raise ValueError(
            f"dead units {units} are the same for all {len(x)} rows, and no bias "
            "changes that: pass rows that differ, or draw their weights anew"
        )
    lower.bias[dead] -= z.mean(dim=0)[dead]
    upper.weight[:, dead] = 0
    return dead
