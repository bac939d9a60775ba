"""How the weights of a peer become ours: for each architecture one mapping, from the tensors of the peer by its names,
and the names of ours, to the same tensors by our names. What holds for weights holds for their gradients too.

The tests of ``dlarch`` compare through them as well, and some need no more of ``coursekit`` than this file.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType

import torch
from torch import Tensor, nn

Tensors = Mapping[str, Tensor]
Carry = Callable[[Tensors, Iterable[str]], dict[str, Tensor]]


def torchvision() -> ModuleType:
    """The package, also where its wheel was made for another build of torch than the one beside it.

    It then carries operators that do not load, and the import stops at two missing names. Declaring the names is enough
    for its models.
    """
    try:
        import torchvision
    except RuntimeError:
        _OPERATORS.append(torch.library.Library("torchvision", "DEF"))
        for name in ("nms", "qnms"):
            _OPERATORS[-1].define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision
    return torchvision


_OPERATORS: list[torch.library.Library] = []  # what is declared is gone with the object that declared it


def carry_over(carry: Carry, theirs: nn.Module, ours: nn.Module) -> None:
    """Give ours copies of the peer's weights; ours may lie on the meta device before."""
    state = carry(theirs.state_dict(), list(ours.state_dict()))
    ours.load_state_dict({name: value.clone() for name, value in state.items()}, assign=True)
    ours.requires_grad_()


def in_order(theirs: Tensors, ours: Iterable[str]) -> dict[str, Tensor]:
    """The mapping of two networks that name their parts in the same order."""
    return dict(zip(ours, theirs.values(), strict=True))


def renamed(their_name: Callable[[str], str]) -> Carry:
    """The mapping for a peer whose name of a tensor follows from ours. Each of its tensors must be used once."""

    def carry(theirs: Tensors, ours: Iterable[str]) -> dict[str, Tensor]:
        left = dict(theirs)
        found = {name: left.pop(their_name(name)) for name in ours}
        if left:
            raise ValueError(f"the peer has tensors that ours lacks: {', '.join(left)}")
        return found

    return carry


def _replaced(*pairs: tuple[str, str]) -> Callable[[str], str]:
    def rename(name: str) -> str:
        for old, new in pairs:
            name = name.replace(old, new)
        return name

    return rename


# torchvision's and timm's names of our tensors.
resnet_name = _replaced(("stage", "layer"), ("norm", "bn"), ("shortcut", "downsample"), ("head", "fc"))
resnet = renamed(resnet_name)
preact_block_name = _replaced(("shortcut", "downsample.conv"))
preact_block = renamed(preact_block_name)


def _densenet_name(name: str) -> str:
    name = re.sub(r"^(conv|norm)\.", r"features.\g<1>0.", name)
    name = re.sub(r"^stages\.norm", "features.norm_last", name)
    name = re.sub(
        r"^stages\.block(\d)\.layers\.(\d+)",
        lambda m: f"features.denseblock{m[1]}.denselayer{int(m[2]) + 1}",
        name,
    )
    for place, part in ((0, "norm"), (2, "conv")):
        name = re.sub(rf"^stages\.transition(\d)\.{place}", rf"features.transition\g<1>.{part}", name)
    return name.replace("head", "classifier")


def densenet(theirs: Tensors, ours: Iterable[str]) -> dict[str, Tensor]:
    """torchvision's dense network, which counts its last norm behind the blocks, of any number."""
    last = max(name.split(".")[1] for name in theirs if re.match(r"features\.norm\d", name))
    named = {name.replace(f"features.{last}.", "features.norm_last."): value for name, value in theirs.items()}
    return renamed(_densenet_name)(named, ours)


def xception(theirs: Tensors, ours: Iterable[str]) -> dict[str, Tensor]:
    """timm registers the shortcut before the branch, and the stem's layers by themselves: put the shortcuts last."""
    blocks: dict[str, dict[str, Tensor]] = {}
    for name, value in theirs.items():
        blocks.setdefault(name.split(".")[0].replace("bn", "conv"), {})[name] = value
    order = []
    for block in blocks.values():
        order += [item for item in block.items() if ".skip" not in item[0]]
        order += [item for item in block.items() if ".skip" in item[0]]
    return in_order(dict(order), ours)


def nasnet(theirs: Tensors, ours: Iterable[str]) -> dict[str, Tensor]:
    """timm's, cells as they run, and of each what squeezes the current input before what fits the previous."""
    cells = ["conv0", "cell_stem_0", "cell_stem_1"]
    for stage in range(3):
        cells += [f"cell_{i}" for i in range(6 * stage, 6 * stage + 6)]
        cells.append(f"reduction_cell_{stage}")
    cells.append("last_linear")

    def place(name: str) -> tuple[int, int]:
        part = 0 if ".conv_1x1" in name else 1 if re.search(r"conv_prev|path", name) else 2
        return cells.index(name.split(".")[0]), part

    return in_order({name: theirs[name] for name in sorted(theirs, key=place)}, ours)


def rnn(theirs: Tensors, ours: Iterable[str]) -> dict[str, Tensor]:
    """torch's recurrent layers, of one direction or two."""
    directions = 1 + any(name.endswith("_reverse") for name in theirs)

    def their_name(name: str) -> str:
        _, number, matrix, kind = name.split(".")
        layer, direction = divmod(int(number), directions)
        side = {"input": "ih", "hidden": "hh"}[matrix]
        return f"{kind}_{side}_l{layer}{'_reverse' if direction else ''}"

    return renamed(their_name)(theirs, ours)


tcn = renamed(
    _replaced(
        ("direction", "parametrizations.weight.original1"),
        ("length", "parametrizations.weight.original0"),
    )
)


def _apart(theirs: Tensors) -> dict[str, Tensor]:
    """torch keeps the three input projections of attention in one tensor: cut it into three."""
    tensors = {}
    for name, value in theirs.items():
        if "in_proj_" not in name:
            tensors[name] = value
            continue
        for part, each in zip(("query.", "key.", "value."), value.chunk(3), strict=True):
            tensors[name.replace("in_proj_", part)] = each
    return tensors


def attention(theirs: Tensors, ours: Iterable[str]) -> dict[str, Tensor]:
    """torch's multi-head attention."""
    return renamed(_replaced(("out.", "out_proj.")))(_apart(theirs), ours)


def transformer(theirs: Tensors, ours: Iterable[str]) -> dict[str, Tensor]:
    """torch's transformer: its two stacks, ``encoder`` and ``decoder``."""
    rename = _replaced(
        ("cross_attention.", "multihead_attn."),
        ("attention.", "self_attn."),
        ("out.", "out_proj."),
        ("feed_forward.widen", "linear1"),
        ("feed_forward.narrow", "linear2"),
        *((f"around{i}.norm", f"norm{i}") for i in (1, 2, 3)),
    )
    return renamed(rename)(_apart(theirs), ours)


bert_name = _replaced(  # our name of one of Hugging Face's tensors; the longer names stand first
    ("bert.embeddings.word_embeddings", "bert.embedding.token"),
    ("bert.embeddings.position_embeddings", "bert.embedding.position"),
    ("bert.embeddings.token_type_embeddings", "bert.embedding.segment"),
    ("bert.embeddings.LayerNorm", "bert.embedding.norm"),
    ("bert.encoder.layer.", "bert.layers."),
    ("attention.self.", "attention."),
    ("attention.output.dense", "attention.out"),
    ("attention.output.LayerNorm", "norm1"),
    ("intermediate.dense", "up"),
    ("output.dense", "down"),
    ("output.LayerNorm", "norm2"),
    ("bert.pooler.dense", "bert.pooler"),
    ("cls.predictions.transform.dense", "transform"),
    ("cls.predictions.transform.LayerNorm", "norm"),
    ("cls.predictions.bias", "bias"),
    ("cls.seq_relationship", "follows"),
    ("classifier", "out"),
)


def bert(theirs: Tensors, ours: Iterable[str]) -> dict[str, Tensor]:
    """Hugging Face's encoder without a head."""
    named = {bert_name(f"bert.{name}").removeprefix("bert."): value for name, value in theirs.items()}
    return renamed(lambda name: name)(named, ours)
