"""GPT: a decoder that only predicts what comes next. GPT-1 (Radford et al. 2018,
https://cdn.openai.com/research-covers/language-unsupervised/language_understanding_paper.pdf, sec. 3 and 4.1), GPT-2
(Radford et al. 2019, https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf,
sec. 2.3) and the sizes of GPT-3 (Brown et al. 2020, https://arxiv.org/abs/2005.14165, table 2.1).

B batch, T new tokens, P tokens already in the cache, V vocabulary, M model size, H heads, D = M / H.

A cache holds one tensor a layer: the keys and the values of all tokens so far, side by side on its first axis.

Differs from the papers:
- GPT-3 alternates dense with sparse attention; here every layer is dense, which has the same parameters;
- ``bias=False`` leaves out all biases, as later small GPTs do.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor, nn

from dlarch.sequences.attention import causal_mask
from dlarch.sequences.sampling import next_token_probabilities


@dataclass(frozen=True, kw_only=True)
class GPTConfig:
    """The sizes of a GPT.

    Attributes:
        vocabulary: V, number of different tokens.
        context: longest sequence, in tokens; each place in it has a learned vector.
        layers: number of blocks.
        heads: H, attentions side by side in each block.
        model_size: M, numbers that stand for a token between blocks.
        dropout: share of the numbers set to zero while training, in [0, 1).
        norm_first: norms stand before attention and network, with one more at the end (GPT-2); else behind (GPT-1).
        bias: whether linear layers and norms have a bias.

    Raises:
        ValueError: if a size is less than 1, heads does not divide model_size, or dropout lies outside [0, 1).
    """

    vocabulary: int
    context: int
    layers: int
    heads: int
    model_size: int
    dropout: float = 0.0
    norm_first: bool = True
    bias: bool = True

    def __post_init__(self) -> None:
        sizes = {name: getattr(self, name) for name in ("vocabulary", "context", "layers", "heads", "model_size")}
        if min(sizes.values()) < 1:
            raise ValueError(f"every size must be at least 1, got {sizes}")
        if self.model_size % self.heads:
            raise ValueError(f"heads must divide model_size, got {self.model_size=} and {self.heads=}")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must lie in [0, 1), got {self.dropout}")


GPT1 = GPTConfig(vocabulary=40478, context=512, layers=12, heads=12, model_size=768, dropout=0.1, norm_first=False)
GPT2_SMALL = GPTConfig(vocabulary=50257, context=1024, layers=12, heads=12, model_size=768, dropout=0.1)
GPT2_MEDIUM = replace(GPT2_SMALL, layers=24, heads=16, model_size=1024)
GPT2_LARGE = replace(GPT2_SMALL, layers=36, heads=20, model_size=1280)
GPT2_XL = replace(GPT2_SMALL, layers=48, heads=25, model_size=1600)
GPT3 = replace(GPT2_SMALL, context=2048, layers=96, heads=96, model_size=12288)


class CausalSelfAttention(nn.Module):
    """Multi-head attention of each token to itself and to the tokens before it.

    Args:
        model_size: M, size of a token in and out.
        heads: H, number of attentions; divides M.
        dropout: share of weights and of outputs set to zero while training.
        bias: whether the two linear layers have a bias.
    """

    def __init__(self, model_size: int, heads: int, *, dropout: float = 0.0, bias: bool = True) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.qkv = nn.Linear(model_size, 3 * model_size, bias=bias)  # query, key and value in one product
        self.out = nn.Linear(model_size, model_size, bias=bias)

    def forward(
        self,
        x: Float[Tensor, "B T M"],
        past: Float[Tensor, "2 B H P D"] | None = None,
    ) -> tuple[Float[Tensor, "B T M"], Float[Tensor, "2 B H K D"]]:
        """What each token found; keys and values of all K = P + T tokens."""
        into_heads = "b t (n h d) -> n b h t d"
        qkv = rearrange(self.qkv(x), into_heads, n=3, h=self.heads)
        q, kv = qkv[0], qkv[1:]
        if past is not None:
            kv = torch.cat([past, kv], dim=3)
        k, v = kv
        # The new tokens are the last rows of the causal mask: they see all K.
        mask = causal_mask(k.shape[2], device=x.device)[-q.shape[2] :]
        p = self.dropout if self.training else 0.0
        heads = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=p)
        y = self.out(rearrange(heads, "b h t d -> b t (h d)"))
        return F.dropout(y, self.dropout, self.training), kv


class Block(nn.Module):
    """Attention, then a network of two layers on each token alone, both added to what came in.

    Args:
        config: sizes of the model that the block is part of.
    """

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        size, bias = config.model_size, config.bias
        self.norm_first = config.norm_first
        self.norm1 = nn.LayerNorm(size, bias=bias)
        self.attention = CausalSelfAttention(size, config.heads, dropout=config.dropout, bias=bias)
        self.norm2 = nn.LayerNorm(size, bias=bias)
        self.network = nn.Sequential(
            nn.Linear(size, 4 * size, bias=bias),
            nn.GELU("tanh"),  # the papers' approximation
            nn.Linear(4 * size, size, bias=bias),
            nn.Dropout(config.dropout),
        )

    def forward(
        self,
        x: Float[Tensor, "B T M"],
        past: Float[Tensor, "2 B H P D"] | None = None,
    ) -> tuple[Float[Tensor, "B T M"], Float[Tensor, "2 B H K D"]]:
        if self.norm_first:  # GPT-2
            y, kv = self.attention(self.norm1(x), past)
            x = x + y
            return x + self.network(self.norm2(x)), kv
        y, kv = self.attention(x, past)  # GPT-1
        x = self.norm1(x + y)
        return self.norm2(x + self.network(x)), kv


class GPT(nn.Module):
    """Gives logits of the next token after each token of a sequence.

    Args:
        config: the sizes.
    """

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.vocabulary, config.model_size)
        self.positions = nn.Embedding(config.context, config.model_size)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm: nn.Module = nn.Identity()
        if config.norm_first:
            self.norm = nn.LayerNorm(config.model_size, bias=config.bias)
        initialise(self)

    def states(
        self,
        tokens: Int[Tensor, "B T"],
        past: Sequence[Tensor] | None = None,
    ) -> tuple[Float[Tensor, "B T M"], list[Tensor]]:
        """What stands behind each token after all blocks, and the longer cache.

        Args:
            tokens: the tokens that follow those in the cache.
            past: the cache, one tensor a layer; None for the start of a sequence.

        Raises:
            ValueError: if the sequence would grow longer than the context.
        """
        start = past[0].shape[3] if past else 0
        stop = start + tokens.shape[1]
        if stop > self.config.context:
            limit = self.config.context
            raise ValueError(f"the context holds {limit} tokens, got {stop}")
        # The first new token stands at place `start`, not at 0.
        places = torch.arange(start, stop, device=tokens.device)
        x = self.dropout(self.tokens(tokens) + self.positions(places))
        cache = []
        for i, block in enumerate(self.blocks):
            x, kv = block(x, past[i] if past else None)
            cache.append(kv)
        return self.norm(x), cache

    def extend(
        self,
        tokens: Int[Tensor, "B T"],
        past: Sequence[Tensor] | None = None,
    ) -> tuple[Float[Tensor, "B T V"], list[Tensor]]:
        """Logits of the token after each of ``tokens``, and the longer cache."""
        x, cache = self.states(tokens, past)
        # One matrix for both ends: the vectors that read tokens score them.
        return x @ self.tokens.weight.mT, cache

    def forward(self, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T V"]:
        return self.extend(tokens)[0]


def initialise(model: GPT) -> None:
    """Normal weights of standard deviation 0.02, zero biases (GPT-1, sec. 4.1; GPT-2, sec. 2.3).

    With norms first, the two layers of each block that write to its output get 0.02 / √(2 · layers): as many terms
    are added up, and their variances add.

    Args:
        model: changed in place.
    """
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
    if model.config.norm_first:
        for block in model.blocks:
            for layer in (block.attention.out, block.network[2]):
                nn.init.normal_(layer.weight, std=0.02 / math.sqrt(2 * model.config.layers))


@torch.no_grad()
def generate(
    model: GPT,
    tokens: Int[Tensor, "B T"],
    length: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    cache: bool = True,
    generator: torch.Generator | None = None,
) -> Int[Tensor, "B T2"]:
    """Writes on after ``tokens``, one token at a time.

    Args:
        model: in ``eval()`` mode, if it has dropout.
        tokens: the beginning, at least one token.
        length: how many tokens to add.
        temperature: as in ``next_token_probabilities``.
        top_k: as there.
        top_p: as there.
        cache: keep keys and values, so that each step computes one token only.
        generator: of the draws.

    Returns:
        The beginning with what was added. Beyond the context the oldest tokens
        are forgotten and all places change: what was kept is of no use then.

    Raises:
        ValueError: if there is no token to begin with.
    """
    if tokens.shape[1] < 1:
        raise ValueError("generate needs a token to begin with, got none")
    how = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    past, seen = None, 0  # `seen` tokens are in the cache
    for _ in range(length):
        if past is None or not cache or tokens.shape[1] > model.config.context:
            past, seen = None, max(0, tokens.shape[1] - model.config.context)
        logits, past = model.extend(tokens[:, seen:], past)
        seen = tokens.shape[1]
        probabilities = next_token_probabilities(logits[:, -1], **how)
        drawn = torch.multinomial(probabilities, 1, generator=generator)
        tokens = torch.cat([tokens, drawn], dim=1)
    return tokens


class NextToken(nn.Module):
    """A GPT with its logits as ``dlarch.training.fit`` wants them: the vocabulary on the second axis.

    Args:
        model: the GPT, which learns in place.
    """

    def __init__(self, model: GPT) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B V T"]:
        return self.model(tokens).mT


class Classifier(nn.Module):
    """A GPT with one more linear layer, which reads the last token of a text (GPT-1, sec. 3.2).

    Args:
        model: a pre-trained GPT, whose weights learn too.
        classes: C, number of classes.
    """

    def __init__(self, model: GPT, classes: int) -> None:
        super().__init__()
        self.model = model
        self.head = nn.Linear(model.config.model_size, classes)

    def forward(self, tokens: Int[Tensor, "B T"], lengths: Int[Tensor, " B"]) -> Float[Tensor, "B C"]:
        """Logits of the classes; ``lengths`` are the numbers of tokens before the padding, at least 1."""
        x, _ = self.model.states(tokens)
        rows = torch.arange(len(x), device=x.device)
        return self.head(x[rows, lengths - 1])


def perplexity(logits: Float[Tensor, "B T V"], targets: Int[Tensor, "B T"]) -> Float[Tensor, ""]:
    """e to the mean loss in nats: among how many equally probable tokens the choice would be as hard.

    Args:
        logits: of the token at each place.
        targets: the token that stands there; negative ones do not count.

    Returns:
        At least 1, and V for logits that are all alike.
    """
    return F.cross_entropy(logits.mT, targets).exp()


# What our model takes for granted, in the words of transformers' configurations.
GRANTED = {
    "gpt2": {"activation_function": "gelu_new", "scale_attn_weights": True, "scale_attn_by_inverse_layer_idx": False},
    "openai-gpt": {"afn": "gelu"},
}
ALWAYS = {"layer_norm_epsilon": 1e-5, "tie_word_embeddings": True}
# Parts of their names, and ours.
RENAMED = {
    "transformer.h.": "blocks.",
    "transformer.": "",
    "wte.": "tokens.",
    "wpe.": "positions.",
    "tokens_embed.": "tokens.",
    "positions_embed.": "positions.",
    "ln_1.": "norm1.",
    "ln_2.": "norm2.",
    "ln_f.": "norm.",
    "attn.c_attn.": "attention.qkv.",
    "attn.c_proj.": "attention.out.",
    "mlp.c_fc.": "network.0.",
    "mlp.c_proj.": "network.2.",
}


def from_huggingface(peer: nn.Module) -> GPT:
    """The same model as a ``GPT2LMHeadModel`` or an ``OpenAIGPTLMHeadModel`` (GPT-1) of ``transformers``.

    Args:
        peer: the model itself; nothing is downloaded.

    Returns:
        A GPT with copies of its weights, of the same type, on the same device and in the same mode.

    Raises:
        ValueError: if the peer is of another kind, or built in a way that ``GPT`` has no word for.
    """
    theirs = peer.config
    if theirs.model_type not in GRANTED:
        raise ValueError(f"the model must be of type {' or '.join(GRANTED)}, got {theirs.model_type}")
    wanted = ALWAYS | GRANTED[theirs.model_type]
    if getattr(theirs, "n_inner", None) is not None:  # None means four times
        wanted["n_inner"] = 4 * theirs.n_embd
    wanted |= dict.fromkeys(("attn_pdrop", "embd_pdrop"), theirs.resid_pdrop)
    other = {name: getattr(theirs, name) for name, value in wanted.items() if getattr(theirs, name) != value}
    if other:
        raise ValueError(f"{other} is not what GPT has: { ({name: wanted[name] for name in other}) }")
    config = GPTConfig(
        vocabulary=theirs.vocab_size,
        context=theirs.n_positions,
        layers=theirs.n_layer,
        heads=theirs.n_head,
        model_size=theirs.n_embd,
        dropout=theirs.resid_pdrop,
        norm_first=theirs.model_type == "gpt2",
    )
    first = next(peer.parameters())
    model = GPT(config).to(first.device, first.dtype).train(peer.training)
    model.load_state_dict(our_weights(peer.state_dict()))
    return model


def our_weights(theirs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of such a peer by our names, turned as ours are."""
    weights = {}
    for name, value in theirs.items():
        if name.startswith("lm_head."):
            continue  # the vectors of the tokens once more
        turned = ".c_" in name and value.ndim == 2  # their layers multiply from the left
        for part, ours in RENAMED.items():
            name = name.replace(part, ours)
        weights[name] = value.mT if turned else value
    return weights
