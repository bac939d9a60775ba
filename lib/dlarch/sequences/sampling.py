"""Which token comes next: from the logits of a model to probabilities to draw from.

V vocabulary, "..." any leading axes.

The temperature comes first, then the k largest (Fan et al. 2018, https://arxiv.org/abs/1805.04833, sec. 5.4), then the
fewest that reach a probability (nucleus sampling, Holtzman et al. 2020, https://arxiv.org/abs/1904.09751, sec. 3.1).
"""

import math

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def keep_top_k(logits: Float[Tensor, "... V"], k: int) -> Float[Tensor, "... V"]:
    """The k largest logits, with minus infinity in place of the others.

    Args:
        logits: of the next token.
        k: how many to keep, at least 1; logits equal to the smallest of them stay too.

    Raises:
        ValueError: if k is less than 1.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    smallest = logits.topk(min(k, logits.shape[-1]), dim=-1).values[..., -1:]
    return logits.masked_fill(logits < smallest, -math.inf)


def keep_top_p(logits: Float[Tensor, "... V"], p: float) -> Float[Tensor, "... V"]:
    """The most probable tokens, as few as reach p; minus infinity for the others.

    Args:
        logits: of the next token.
        p: probability to reach, above 0 and at most 1.

    Raises:
        ValueError: if p lies outside (0, 1].
    """
    if not 0 < p <= 1:
        raise ValueError(f"p must be above 0 and at most 1, got {p}")
    sorted_, order = logits.sort(dim=-1, descending=True)
    probabilities = sorted_.softmax(dim=-1)
    # What stands before a token decides, so the first one always stays.
    before = probabilities.cumsum(dim=-1) - probabilities
    dropped = (before >= p).scatter(-1, order, before >= p)
    return logits.masked_fill(dropped, -math.inf)


def next_token_probabilities(
    logits: Float[Tensor, "... V"],
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Float[Tensor, "... V"]:
    """Probabilities to draw the next token from.

    Args:
        logits: of the next token.
        temperature: divides the logits first; 0 gives all to the largest.
        top_k: keep the k most probable tokens.
        top_p: keep the fewest tokens that reach this probability.

    Returns:
        Probabilities that sum to 1: the softmax comes last, so what is kept
        shares what was dropped.

    Raises:
        ValueError: if the temperature is negative, or top_k or top_p is out of range.
    """
    if temperature < 0:
        raise ValueError(f"temperature must be at least 0, got {temperature}")
    if temperature == 0:
        largest = logits.argmax(dim=-1)
        return F.one_hot(largest, logits.shape[-1]).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None:
        logits = keep_top_k(logits, top_k)
    if top_p is not None:
        logits = keep_top_p(logits, top_p)
    return logits.softmax(dim=-1)
