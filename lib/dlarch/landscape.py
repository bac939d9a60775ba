"""The loss along straight lines through the weights of a network, after Li et al. 2018, https://arxiv.org/abs/1712.09913.

Differs from the paper:
    Batch norms measure their mean and spread anew at every point, as they do in training. The paper's code keeps those
    stored at the trained weights, so that the loss also rises because they no longer fit.
"""

from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call


def random_direction(model: nn.Module, *, seed: int) -> dict[str, Tensor]:
    """A random direction in which each filter is as long as the model's in its place.

    Batch norm makes a filter's length meaningless, and without this scaling a network
    with short filters would seem to stand in a steeper place (sec. 4 of the paper).
    Biases and the scales of norms stay where they are.

    Args:
        model: gives shapes and lengths; a filter makes one output channel or unit.
        seed: of the draw.

    Returns:
        A tensor for each parameter, by name.
    """
    random = torch.Generator().manual_seed(seed)
    direction = {}
    for name, weight in model.named_parameters():
        if weight.ndim < 2:
            direction[name] = torch.zeros_like(weight)
            continue
        drawn = torch.randn(weight.shape, generator=random, dtype=weight.dtype)
        unit = F.normalize(drawn.flatten(1), dim=1)
        length = weight.detach().flatten(1).norm(dim=1, keepdim=True)
        direction[name] = (unit * length).reshape(weight.shape)
    return direction


@torch.no_grad()
def loss_along(
    model: nn.Module,
    direction: dict[str, Tensor],
    steps: Iterable[float],
    x: Tensor,
    y: Tensor,
    *,
    loss_fn: Callable[[Tensor, Tensor], Tensor] = F.cross_entropy,
) -> list[float]:
    """The loss at the weights of the model plus each step times the direction; the model is left as it was.

    Args:
        model: runs in training mode here, so that batch norms see the statistics of this batch. Leave dropout out.
        direction: a tensor for each parameter, by name.
        steps: numbers; 0 is the model itself, and at 1 each filter has gone as far as it is long.
        x: the batch.
        y: its targets.
        loss_fn: (output, targets) to a mean loss.
    """
    weights, was_training = dict(model.named_parameters()), model.training
    model.train()
    losses = []
    for step in steps:
        moved = {name: weight + step * direction[name] for name, weight in weights.items()}
        stored = {name: buffer.clone() for name, buffer in model.named_buffers()}
        losses.append(loss_fn(functional_call(model, moved | stored, (x,)), y).item())
    model.train(was_training)
    return losses
