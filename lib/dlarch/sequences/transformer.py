"""The transformer of Vaswani et al. 2017, https://arxiv.org/abs/1706.03762 (fig. 1 and sec. 3, sizes in table 3), with
the norms behind each sub-layer as published, or in front (Xiong et al. 2020, https://arxiv.org/abs/2002.04745, fig. 1).

B batch, S T length of source and target, P places written before, M model size, N hidden size of the feed-forward
network, H heads, L layers, V vocabulary. A mask is boolean and True means "may attend", as in ``attention``.

Differs from the paper:
- the projections of attention have a bias, as in ``torch.nn``;
- matrices start as in ``torch.nn.Transformer`` (Glorot, uniform), the paper does not say how its own start;
- ``norm_first=True`` ends each stack with one more norm, without which its output would be a sum that nothing bounds.
"""

import math
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from dlarch.sequences.attention import MultiHeadAttention, causal_mask, padding_mask


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """The sizes of a transformer; those of the base model unless given.

    Attributes:
        model_size: M, numbers that stand for a place between two layers; even.
        heads: H, attentions side by side; divides M.
        hidden_size: N, of the feed-forward network.
        layers: L, of the encoder and of the decoder.
        dropout: share of the numbers set to zero while training, in [0, 1).
        norm_first: norms stand in front of the sub-layers; else behind, as published.
        positions: whether places are told apart; without, the encoder sees a bag of symbols.

    Raises:
        ValueError: if hidden_size or layers is less than 1, or dropout lies outside [0, 1).
    """

    model_size: int = 512
    heads: int = 8
    hidden_size: int = 2048
    layers: int = 6
    dropout: float = 0.1
    norm_first: bool = False
    positions: bool = True

    def __post_init__(self) -> None:
        if min(self.hidden_size, self.layers) < 1:
            raise ValueError(f"hidden_size and layers must be at least 1, got {self.hidden_size} and {self.layers}")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must lie in [0, 1), got {self.dropout}")


TRANSFORMER_BASE = TransformerConfig()
TRANSFORMER_BIG = TransformerConfig(model_size=1024, heads=16, hidden_size=4096, dropout=0.3)


def positional_encoding(length: int, model_size: int, *, start: int = 0) -> Float[Tensor, "T M"]:
    """A vector for each place: sines and cosines of ever longer waves.

    Entries 2i and 2i + 1 are the sine and the cosine of place / 10000^(2i / M).
    A step to the right turns each such pair by an angle that is the same at
    every place (sec. 3.5).

    Args:
        length: T, number of places.
        model_size: M, even.
        start: the first place.

    Returns:
        Rows of length √(M / 2).

    Raises:
        ValueError: if model_size is odd or not positive, or length or start is
            negative.
    """
    if model_size < 2 or model_size % 2:
        raise ValueError(f"model_size must be even and positive, got {model_size}")
    if min(length, start) < 0:
        raise ValueError(f"length and start must not be negative, got {length} and {start}")
    place = torch.arange(start, start + length, dtype=torch.float64)
    even = torch.arange(0, model_size, 2, dtype=torch.float64)
    angle = place[:, None] / 10000 ** (even / model_size)  # T M/2
    waves = torch.stack([angle.sin(), angle.cos()], dim=-1)  # T M/2 2
    return waves.flatten(1).to(torch.get_default_dtype())


class FeedForward(nn.Module):
    """Two linear maps with a ReLU in between, applied to each place alone.

    Args:
        model_size: M, size of a place in and out.
        hidden_size: N, size in between.
    """

    def __init__(self, model_size: int, hidden_size: int) -> None:
        super().__init__()
        self.widen = nn.Linear(model_size, hidden_size)
        self.narrow = nn.Linear(hidden_size, model_size)

    def forward(self, x: Float[Tensor, "B T M"]) -> Float[Tensor, "B T M"]:
        return self.narrow(F.relu(self.widen(x)))


class Residual(nn.Module):
    """The way around a sub-layer, and its norm.

    Args:
        model_size: M.
        dropout: of what the sub-layer adds.
        norm_first: the norm stands before the sub-layer; else behind the sum.
    """

    def __init__(
        self,
        model_size: int,
        *,
        dropout: float = 0.0,
        norm_first: bool = False,
    ) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(model_size)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def read(self, x: Float[Tensor, "B T M"]) -> Float[Tensor, "B T M"]:
        """What the sub-layer gets to see of x."""
        return self.norm(x) if self.norm_first else x

    def add(
        self,
        x: Float[Tensor, "B T M"],
        y: Float[Tensor, "B T M"],
    ) -> Float[Tensor, "B T M"]:
        """x with y, what the sub-layer made of it."""
        x = x + self.dropout(y)
        return x if self.norm_first else self.norm(x)


class EncoderLayer(nn.Module):
    """Self-attention, then a feed-forward network, each with a way around it.

    Args:
        model_size: M.
        heads: H, which divides M.
        hidden_size: N, of the feed-forward network.
        dropout: of what each sub-layer adds.
        norm_first: norms stand in front of the sub-layers; else behind.
    """

    def __init__(
        self, model_size: int, heads: int, hidden_size: int, *, dropout: float = 0.0, norm_first: bool = False
    ) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(model_size, heads)
        self.feed_forward = FeedForward(model_size, hidden_size)
        switches = {"dropout": dropout, "norm_first": norm_first}
        self.around1 = Residual(model_size, **switches)
        self.around2 = Residual(model_size, **switches)

    def forward(
        self, x: Float[Tensor, "B S M"], *, mask: Bool[Tensor, "*#batch #S #S"] | None = None
    ) -> Float[Tensor, "B S M"]:
        h = self.around1.read(x)
        x = self.around1.add(x, self.attention(h, h, h, mask=mask))
        h = self.around2.read(x)
        return self.around2.add(x, self.feed_forward(h))


class DecoderLayer(nn.Module):
    """Attention to what was written, attention to what was read, then a feed-forward network.

    Takes what ``EncoderLayer`` takes.
    """

    def __init__(
        self, model_size: int, heads: int, hidden_size: int, *, dropout: float = 0.0, norm_first: bool = False
    ) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(model_size, heads)
        self.cross_attention = MultiHeadAttention(model_size, heads)
        self.feed_forward = FeedForward(model_size, hidden_size)
        switches = {"dropout": dropout, "norm_first": norm_first}
        self.around1 = Residual(model_size, **switches)
        self.around2 = Residual(model_size, **switches)
        self.around3 = Residual(model_size, **switches)

    def extend(
        self,
        x: Float[Tensor, "B T M"],
        past: Float[Tensor, "B P M"],
        memory: Float[Tensor, "B S M"],
        *,
        mask: Bool[Tensor, "*#batch #T #K"] | None = None,
        memory_mask: Bool[Tensor, "*#batch #T #S"] | None = None,
    ) -> tuple[Float[Tensor, "B T M"], Float[Tensor, "B K M"]]:
        """New places behind P old ones.

        Args:
            x: the new places.
            past: what self-attention read at the old ones.
            memory: output of the encoder.
            mask: which of the K = P + T places each new one may attend to.
            memory_mask: which places of the source they may attend to.

        Returns:
            The new places, and the past of the next call.
        """
        h = self.around1.read(x)
        seen = torch.cat([past, h], dim=1)  # B K M
        x = self.around1.add(x, self.attention(h, seen, seen, mask=mask))
        h = self.around2.read(x)
        found = self.cross_attention(h, memory, memory, mask=memory_mask)
        x = self.around2.add(x, found)
        h = self.around3.read(x)
        return self.around3.add(x, self.feed_forward(h)), seen

    def forward(
        self,
        x: Float[Tensor, "B T M"],
        memory: Float[Tensor, "B S M"],
        *,
        mask: Bool[Tensor, "*#batch #T #T"] | None = None,
        memory_mask: Bool[Tensor, "*#batch #T #S"] | None = None,
    ) -> Float[Tensor, "B T M"]:
        masks = {"mask": mask, "memory_mask": memory_mask}
        return self.extend(x, x[:, :0], memory, **masks)[0]


class Encoder(nn.Module):
    """Encoder layers one behind the other; with norms in front, a last norm follows."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.layers = _stack(EncoderLayer, config)
        norm = nn.LayerNorm if config.norm_first else nn.Identity
        self.norm = norm(config.model_size)

    def forward(
        self, x: Float[Tensor, "B S M"], *, mask: Bool[Tensor, "*#batch #S #S"] | None = None
    ) -> Float[Tensor, "B S M"]:
        for layer in self.layers:
            x = layer(x, mask=mask)
        return self.norm(x)


class Decoder(nn.Module):
    """Decoder layers one behind the other; with norms in front, a last norm follows."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.layers = _stack(DecoderLayer, config)
        norm = nn.LayerNorm if config.norm_first else nn.Identity
        self.norm = norm(config.model_size)

    def forward(
        self,
        x: Float[Tensor, "B T M"],
        memory: Float[Tensor, "B S M"],
        *,
        mask: Bool[Tensor, "*#batch #T #T"] | None = None,
        memory_mask: Bool[Tensor, "*#batch #T #S"] | None = None,
    ) -> Float[Tensor, "B T M"]:
        for layer in self.layers:
            x = layer(x, memory, mask=mask, memory_mask=memory_mask)
        return self.norm(x)


class Transformer(nn.Module):
    """Reads a sequence of symbols and writes another, of the same vocabulary, without a recurrent step in training.

    One matrix of V rows serves three times: as embedding of the source, as embedding of the target and, turned round,
    as the last map to logits (sec. 3.4).

    Args:
        vocabulary: V, number of symbols.
        config: the sizes.
    """

    def __init__(self, vocabulary: int, config: TransformerConfig = TRANSFORMER_BASE) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(vocabulary, config.model_size)
        self.dropout = nn.Dropout(config.dropout)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        init_weights(self)

    def embed(
        self,
        tokens: Int[Tensor, "B T"],
        *,
        start: int = 0,
    ) -> Float[Tensor, "B T M"]:
        """A vector for each symbol, plus one for its place, counted from start."""
        size = self.config.model_size
        x = math.sqrt(size) * self.embedding(tokens)
        if self.config.positions:
            places = positional_encoding(tokens.shape[1], size, start=start)
            x = x + places.to(x)
        return self.dropout(x)

    def logits(self, h: Float[Tensor, "B T M"]) -> Float[Tensor, "B T V"]:
        """How well each symbol follows: its embedding times the decoder's output."""
        return h @ self.embedding.weight.mT

    def encode(
        self, source: Int[Tensor, "B S"], lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B S M"], Bool[Tensor, "B 1 S"]]:
        """The source as the decoder sees it, and which places of it are no padding.

        Args:
            source: symbols to read, padded behind.
            lengths: number of symbols in each row; S in all of them unless given.
        """
        if lengths is None:
            lengths = source.new_full((len(source),), source.shape[1])
        mask = padding_mask(lengths, source.shape[1])
        return self.encoder(self.embed(source), mask=mask), mask

    def forward(
        self,
        source: Int[Tensor, "B S"],
        previous: Int[Tensor, "B T"],
        lengths: Int[Tensor, " B"] | None = None,
    ) -> Float[Tensor, "B T V"]:
        """Logits of every target symbol, given the source and the true ones before it.

        Args:
            source: symbols to read, padded behind.
            previous: the start sign, then the target without its last symbol.
            lengths: number of symbols in each row of the source; S unless given.
        """
        memory, memory_mask = self.encode(source, lengths)
        mask = causal_mask(previous.shape[1], device=source.device)
        x = self.embed(previous)
        h = self.decoder(x, memory, mask=mask, memory_mask=memory_mask)
        return self.logits(h)

    def start(self, source: Int[Tensor, "B S"], lengths: Int[Tensor, " B"] | None = None) -> tuple[Tensor, ...]:
        """The state before the first symbol: source, mask, no past in any layer."""
        memory, mask = self.encode(source, lengths)
        return memory, mask, *(memory[:, :0] for _ in self.decoder.layers)

    def step(
        self, tokens: Int[Tensor, " B"], state: tuple[Tensor, ...]
    ) -> tuple[Float[Tensor, "B V"], tuple[Tensor, ...]]:
        """Logits of the symbol after ``tokens``, and the state with them in it.

        Args:
            tokens: the newest symbol of each sequence.
            state: from start or the last step; the first axis of each part is B.
        """
        memory, mask, *pasts = state
        x = self.embed(tokens[:, None], start=pasts[0].shape[1])  # B 1 M
        for i, layer in enumerate(self.decoder.layers):
            x, pasts[i] = layer.extend(x, pasts[i], memory, memory_mask=mask)
        return self.logits(self.decoder.norm(x))[:, 0], (memory, mask, *pasts)


def init_weights(model: Transformer) -> None:
    """Glorot's uniform range for every matrix, zero for every bias, and embeddings that have spread 1 once scaled."""
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1:
            nn.init.xavier_uniform_(parameter)
        elif name.endswith("bias"):
            nn.init.zeros_(parameter)
    # Divided by √M here and multiplied by it in ``embed``: the logits, which use them unscaled, start with spread 1.
    nn.init.normal_(model.embedding.weight, std=model.config.model_size**-0.5)


def attention_weights(model: nn.Module, *inputs: Tensor) -> dict[str, Float[Tensor, "B H Q K"]]:
    """The weights of every multi-head attention in one forward pass, by the name of the module.

    Args:
        model: a model with ``MultiHeadAttention`` inside.
        *inputs: the inputs of one call.
    """
    found = {}

    def keep(name: str, module: MultiHeadAttention, given: tuple[Tensor, ...], named: dict[str, Tensor]) -> None:
        found[name] = module.weights(given[0], given[1], **named)

    attentions = [(name, part) for name, part in model.named_modules() if isinstance(part, MultiHeadAttention)]
    hooks = [part.register_forward_pre_hook(partial(keep, name), with_kwargs=True) for name, part in attentions]
    try:
        with torch.no_grad():
            model(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def _stack(layer: type[nn.Module], config: TransformerConfig) -> nn.ModuleList:
    sizes = config.model_size, config.heads, config.hidden_size
    return nn.ModuleList(
        layer(*sizes, dropout=config.dropout, norm_first=config.norm_first) for _ in range(config.layers)
    )
