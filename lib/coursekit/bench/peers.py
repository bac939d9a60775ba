"""Every architecture of ``dlarch`` beside the implementation that one would use instead: how both are built, how the
peer's weights become ours, what goes in. Weights are random, and nothing is downloaded.

Packages of peers are imported where a peer is built, for some of them take seconds to load.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm
from torch.testing import assert_close

from coursekit.bench import weights
from dlarch.foundations import linear, mlp, regularization
from dlarch.sequences import attention, bert, gpt, rnn, seq2seq, tcn, transformer
from dlarch.vision import (
    alexnet,
    densenet,
    inception,
    inception_v3,
    lenet,
    mobilenet,
    nasnet,
    nin,
    preact_resnet,
    resnet,
    vgg,
    xception,
)

# What has no row below, and why.
WITHOUT_PEER = {
    "foundations.backprop": "a reverse mode written out to be read; torch's is the machine under every row",
    "foundations.depth": "tent networks and starts of weights, all of them for the MLP",
    "foundations.relu": "one function, whose fused form every network here uses",
    "practice.bayes": "the posterior, the layers and the laws of the chapter have no counterpart in torch",
    "sequences.sampling": "draws one token from logits",
    "sequences.text": "characters, windows and baselines without a network",
    "sequences.tokenizer": "merges of bytes without a network; its merges are compared with those of another program",
    "vision.convolution": "convolution and pooling through windows, written to show the sum; the networks use torch's",
    "vision.search": "controller, evolution and chance: a search, not a network that is run for its output",
    "vision.search_space": "children of a search, each another network",
}

Inputs = tuple[Tensor, ...]


def call(model: nn.Module, *inputs: Tensor) -> Any:
    """One forward pass, as it is for most."""
    return model(*inputs)


def outputs(result: Any) -> list[Tensor]:
    """The tensors that a network returns, heads of training included."""
    if isinstance(result, Tensor):
        return [result]
    return [tensor for part in result if part is not None for tensor in outputs(part)]


def classify(result: Any, *inputs: Tensor) -> Tensor:
    """Cross-entropy with class 0 for every image; an auxiliary head counts 0.3."""
    losses = [F.cross_entropy(scores, scores.new_zeros(len(scores), dtype=torch.long)) for scores in outputs(result)]
    return losses[0] + 0.3 * sum(losses[1:])


def mean_square(result: Any, *inputs: Tensor) -> Tensor:
    """For layers and sequences: something that every number takes part in."""
    return sum(each.square().mean() for each in outputs(result))


def next_token(result: Any, tokens: Tensor) -> Tensor:
    """Cross-entropy of each token after those before it."""
    return F.cross_entropy(outputs(result)[0][:, :-1].flatten(0, 1), tokens[:, 1:].flatten())


@dataclass(frozen=True, kw_only=True)
class Row:
    """One comparison.

    Attributes:
        name: of the architecture.
        peer: what it is compared with, beginning with its package.
        ours: builds ours.
        theirs: builds the peer's.
        inputs: makes the inputs of one call from the size of the batch.
        batch: its size on a processor; a GPU gets ``models.GPU_BATCHES`` times as many.
        carry: the mapping from their weights to ours.
        loss: of a result and the inputs.
        our_call: one forward pass of ours.
        their_call: one forward pass of theirs.
        reason: why ours is slower or needs more memory, where it does.
    """

    name: str
    peer: str
    ours: Callable[[], nn.Module]
    theirs: Callable[[], nn.Module]
    inputs: Callable[[int], Inputs]
    batch: int
    carry: weights.Carry = weights.in_order
    loss: Callable[..., Tensor] = classify
    our_call: Callable[..., Any] = call
    their_call: Callable[..., Any] = call
    reason: str = ""

    @property
    def package(self) -> str:
        """The package that the peer is part of, with its version."""
        name = self.peer.split(".")[0]
        return f"{name} {version(name)}"

    def twins(self, *, seed: int = 0) -> tuple[nn.Module, nn.Module]:
        """Ours and theirs, with the same random weights."""
        torch.manual_seed(seed)
        theirs = self.theirs()
        with torch.no_grad():
            for parameter in theirs.parameters():
                if parameter.ndim == 1:  # many start as zeros or ones, and one could stand for the other unnoticed
                    parameter.add_(0.1 * torch.randn_like(parameter))
        with torch.device("meta"):  # no time for numbers that are not used
            ours = self.ours()
        weights.carry_over(self.carry, theirs, ours)
        return ours, theirs

    def check(self, ours: nn.Module, theirs: nn.Module, inputs: Inputs) -> None:
        """Both must agree: outputs in evaluation, the loss in training, and the length of its gradient.

        Dropout rests meanwhile, for two networks may draw its masks in another order.

        Raises:
            AssertionError: if they do not.
        """
        seen = []
        for model, run in ((ours, self.our_call), (theirs, self.their_call)):
            with torch.no_grad():
                found = outputs(run(model.eval(), *inputs))
            shares = {module: module.p for module in model.modules() if hasattr(module, "p")}
            for module in shares:
                module.p = 0.0
            kept = {name: buffer.clone() for name, buffer in model.named_buffers()}
            loss = self.loss(run(model.train(), *inputs), *inputs)
            loss.backward()
            length = sum(p.grad.double().square().sum() for p in (*model.parameters(), *inputs) if p.grad is not None)
            forget(model, inputs)
            model.load_state_dict(kept, strict=False)
            for module, share in shares.items():
                module.p = share
            seen.append((found, loss, torch.as_tensor(length).sqrt()))
        (mine, my_loss, my_length), (wanted, their_loss, their_length) = seen
        for received, expected in zip(mine, wanted, strict=True):
            scale = expected.abs().max().item()
            assert_close(received, expected, rtol=1e-3, atol=1e-4 * scale, msg=lambda text: f"{self.name}: {text}")
        assert_close(my_loss, their_loss, rtol=1e-3, atol=1e-5, msg=lambda text: f"{self.name}, loss: {text}")
        assert_close(my_length, their_length, rtol=1e-2, atol=1e-6, msg=lambda text: f"{self.name}, gradient: {text}")


def forget(model: nn.Module, inputs: Inputs) -> None:
    """Let go of all gradients."""
    for tensor in (*model.parameters(), *inputs):
        tensor.grad = None


def package(name: str) -> ModuleType:
    """A module of timm or transformers. They import torchvision, which may need help."""
    weights.torchvision()
    return import_module(name)


# What peers are built of, where no package has the network whole.


class Function(nn.Module):
    """A function as a module without weights."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.function(*inputs)


def lenet_in_a_row(classes: int = 10) -> nn.Sequential:
    """The layers of today's LeNet, for images of 28 by 28 pixels."""
    return nn.Sequential(
        *[nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)],
        *[nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()],
        *[nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, classes)],
    )


def alexnet_in_a_row(classes: int = 1000) -> nn.Sequential:
    """The layers of the published AlexNet, in two groups, with torch's local response norm."""
    norm = partial(nn.LocalResponseNorm, 5, alpha=5e-4, k=2.0)  # torch divides alpha by the size of the window
    return nn.Sequential(
        *[nn.Conv2d(3, 96, 11, 4), nn.ReLU(), norm(), nn.MaxPool2d(3, 2)],
        *[nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), norm(), nn.MaxPool2d(3, 2)],
        *[nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()],
        *[nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU()],
        *[nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Flatten()],
        *[nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout()],
        nn.Linear(4096, classes),
    )


def nin_in_a_row(blocks: Sequence[nin.Block], classes: int, channels: int = 3, *, ceil_mode: bool) -> nn.Sequential:
    """Network in network layer by layer, ending in torch's own average."""
    layers: list[nn.Module] = []
    for number, (widths, kernel, stride, padding, dropout) in enumerate(blocks, start=1):
        last = number == len(blocks)
        kernels = [kernel] + [1] * (len(widths) - 1 + last)
        for place, (width, side) in enumerate(zip([*widths, *[classes] * last], kernels, strict=True)):
            step, around = (stride, padding) if place == 0 else (1, 0)
            layers += [nn.Conv2d(channels, width, side, step, around), nn.ReLU()]
            channels = width
        if not last:
            layers += [nn.MaxPool2d(3, 2, ceil_mode=ceil_mode), nn.Dropout(dropout)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


class CifarBlocks(nn.Module):
    """torchvision's basic blocks, put together as the network for small images with projections (option B)."""

    def __init__(self, blocks: int, classes: int = 10) -> None:
        super().__init__()
        block = weights.torchvision().models.resnet.BasicBlock

        def stage(c: int, k: int, stride: int) -> nn.Sequential:
            down = None
            if c != k:
                down = nn.Sequential(nn.Conv2d(c, k, 1, stride, bias=False), nn.BatchNorm2d(k))
            return nn.Sequential(block(c, k, stride, down), *(block(k, k) for _ in range(blocks - 1)))

        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
        self.relu = nn.ReLU(inplace=True)
        self.layer1, self.layer2, self.layer3 = stage(16, 16, 1), stage(16, 32, 2), stage(32, 64, 2)
        self.pool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(64, classes)

    def forward(self, x: Tensor) -> Tensor:
        h = self.layer3(self.layer2(self.layer1(self.relu(self.bn1(self.conv1(x))))))
        return self.fc(self.pool(h).flatten(1))


class Chopped(nn.Conv1d):
    """torch's convolution in time, with zeros at both ends, of which the later ones are cut off again."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)[:, :, : x.shape[-1]]


def chopped(in_channels: int, out_channels: int, kernel_size: int, dilation: int) -> nn.Module:
    """One such convolution with torch's weight norm."""
    reach = (kernel_size - 1) * dilation
    return weight_norm(Chopped(in_channels, out_channels, kernel_size, padding=reach, dilation=dilation))


class ChoppedBlock(nn.Module):
    """Two such convolutions with a way around them."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, dilation: int) -> None:
        super().__init__()
        self.conv1 = chopped(in_channels, out_channels, kernel_size, dilation)
        self.conv2 = chopped(out_channels, out_channels, kernel_size, dilation)
        self.shortcut = nn.Identity() if in_channels == out_channels else nn.Conv1d(in_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(torch.relu(self.conv2(torch.relu(self.conv1(x)))) + self.shortcut(x))


class ChoppedTCN(nn.Module):
    """A TCN of torch's own parts."""

    def __init__(
        self, in_channels: int, out_channels: int, channels: Sequence[int], kernel_size: int, dilations: Iterable[int]
    ) -> None:
        super().__init__()
        sizes = zip([in_channels, *channels], channels, dilations, strict=False)
        self.blocks = nn.Sequential(*[ChoppedBlock(c, k, kernel_size, d) for c, k, d in sizes])
        self.out = nn.Conv1d(channels[-1], out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.blocks(x))


class Stacks(nn.Module):
    """Our encoder and decoder without embeddings, as ``nn.Transformer`` has them."""

    def __init__(self, config: transformer.TransformerConfig) -> None:
        super().__init__()
        self.encoder, self.decoder = transformer.Encoder(config), transformer.Decoder(config)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        mask = attention.causal_mask(target.shape[1], device=target.device)
        return self.decoder(target, self.encoder(source), mask=mask)


def torch_transformer(config: transformer.TransformerConfig) -> nn.Transformer:
    """torch's, without the norm behind either stack that it adds to the published order and the paper lacks."""
    model = nn.Transformer(
        config.model_size,
        config.heads,
        config.layers,
        config.layers,
        config.hidden_size,
        config.dropout,
        batch_first=True,
        norm_first=config.norm_first,
    )
    if not config.norm_first:
        model.encoder.norm = model.decoder.norm = None
    return model


def call_torch_transformer(model: nn.Module, source: Tensor, target: Tensor) -> Tensor:
    """With the mask that torch makes for this, and the word that it is causal."""
    mask = nn.Transformer.generate_square_subsequent_mask(target.shape[1], device=target.device, dtype=target.dtype)
    return model(source, target, tgt_mask=mask, tgt_is_causal=True)


class TwoGRUs(nn.Module):
    """Sequence to sequence of torch's own parts: the last state of one GRU starts the other."""

    def __init__(self, vocabulary: int, hidden_size: int) -> None:
        super().__init__()
        self.read = nn.Embedding(vocabulary, hidden_size)
        self.reader = nn.GRU(hidden_size, hidden_size, batch_first=True)
        self.write = nn.Embedding(vocabulary, hidden_size)
        self.writer = nn.GRU(hidden_size, hidden_size, batch_first=True)
        self.out = nn.Linear(hidden_size, vocabulary)

    def forward(self, source: Tensor, previous: Tensor) -> Tensor:
        _, last = self.reader(self.read(source))
        return self.out(self.writer(self.write(previous), last)[0])


def huggingface_bert(config: bert.BertConfig) -> nn.Module:
    """Hugging Face's encoder with its pooler, of the sizes of ours."""
    library = package("transformers")
    return library.BertModel(huggingface_bert_config(config))


def huggingface_bert_config(config: bert.BertConfig) -> Any:
    """Our sizes in its words."""
    return package("transformers").BertConfig(
        vocab_size=config.vocabulary,
        hidden_size=config.model_size,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        intermediate_size=config.hidden_size,
        max_position_embeddings=config.positions,
        type_vocab_size=config.segments,
        hidden_dropout_prob=config.dropout,
        attention_probs_dropout_prob=0.0,
        pad_token_id=None,  # else the library keeps the gradient of that token's vector at zero
    )


def huggingface_gpt(config: gpt.GPTConfig) -> nn.Module:
    """Hugging Face's GPT-2 of the sizes of ours."""
    library = package("transformers")
    sizes = {"vocab_size": config.vocabulary, "n_positions": config.context, "n_embd": config.model_size}
    sizes |= {"n_layer": config.layers, "n_head": config.heads, "bos_token_id": 0, "eos_token_id": 0}
    drops = dict.fromkeys(("attn_pdrop", "embd_pdrop", "resid_pdrop"), config.dropout)
    return library.GPT2LMHeadModel(library.GPT2Config(**sizes, **drops))


def bert_with_pooler(model: bert.Bert, tokens: Tensor) -> tuple[Tensor, Tensor]:
    """What Hugging Face's model returns: the vectors, and one for the sequence."""
    states = model(tokens)
    return states, model.pool(states)


def last_and_pooled(model: nn.Module, tokens: Tensor) -> tuple[Tensor, Tensor]:
    """The two tensors of Hugging Face's result."""
    result = model(tokens)
    return result.last_hidden_state, result.pooler_output


def self_attention(model: nn.Module, x: Tensor) -> Tensor:
    """Queries, keys and values from the same places."""
    return model(x, x, x)


def torch_self_attention(model: nn.Module, x: Tensor) -> Tensor:
    """The same without the averaged weights, which would keep torch from its fused function."""
    return model(x, x, x, need_weights=False)[0]


def first_output(model: nn.Module, x: Tensor) -> Tensor:
    """The sequence that a recurrent network puts out, without the last states."""
    return model(x)[0]


# What goes in.


def images(side: int, channels: int = 3) -> Callable[[int], Inputs]:
    return lambda batch: (torch.rand(batch, channels, side, side),)


def numbers(*shape: int, count: int = 1) -> Callable[[int], Inputs]:
    """For layers and sequences, whose gradient goes on to what stands before them."""
    return lambda batch: tuple(torch.randn(batch, *shape, requires_grad=True) for _ in range(count))


def tokens(vocabulary: int, *lengths: int) -> Callable[[int], Inputs]:
    return lambda batch: tuple(torch.randint(vocabulary, (batch, length)) for length in lengths)


def vision(name: str, **options: Any) -> Callable[[], nn.Module]:
    """torchvision's model of a name, with random weights."""
    return lambda: weights.torchvision().models.get_model(name, weights=None, **options)


def timm(module: str, name: str, **options: Any) -> Callable[[], nn.Module]:
    """timm's model, from the module that defines it."""
    return lambda: getattr(package(f"timm.models.{module}"), name)(**options)


def timm_preact(kind: str, channels: int, blocks: int) -> nn.Sequential:
    """Blocks of timm's pre-activation network in a row."""
    layers, models = package("timm.layers"), package("timm.models.resnetv2")
    parts = {"conv_layer": layers.create_conv2d, "norm_layer": layers.BatchNormAct2d}
    return nn.Sequential(*[getattr(models, kind)(channels, channels, **parts) for _ in range(blocks)])


def recurrent(cell: type[rnn.Cell], theirs: type[nn.Module], bidirectional: bool = False, **options: Any) -> Row:
    """Two layers with 256 units that read 64 steps."""
    return Row(
        name=f"{theirs.__name__}{' in both directions' if bidirectional else ''}",
        peer=f"torch.nn.{theirs.__name__}",
        ours=lambda: rnn.RNN(cell, 256, 256, layers=2, bidirectional=bidirectional),
        theirs=lambda: theirs(256, 256, 2, batch_first=True, bidirectional=bidirectional),
        inputs=numbers(64, 256),
        batch=16,
        carry=weights.rnn,
        loss=mean_square,
        our_call=first_output,
        their_call=first_output,
        **options,
    )


def layer(name: str, peer: str, ours: Callable, theirs: Callable, batch: int, *shape: int, **options: Any) -> Row:
    """One layer on random numbers."""
    make = numbers(*shape)
    sides = {"ours": ours, "theirs": theirs}
    return Row(name=name, peer=peer, **sides, inputs=make, batch=batch, loss=mean_square, **options)


# Without dropout, which these networks and their peers have in different places.
TRANSFORMER = transformer.TransformerConfig(model_size=256, heads=4, hidden_size=1024, layers=3, dropout=0.0)
BERT = bert.BertConfig(vocabulary=8192, model_size=256, layers=4, heads=4, hidden_size=1024, positions=128, dropout=0.0)
GPT = gpt.GPTConfig(vocabulary=8192, context=128, layers=4, heads=4, model_size=256)

# Why ours is slower or needs more memory.
NORM = "written out step by step to be read; torch's is one fused kernel each way, and the networks here use that"
LOOP = "a loop over time steps in Python, to be read; torch runs the same loop in compiled code"
FUSED_LOOP = "a loop over time steps in Python, to be read; torch's is one fused kernel for the whole sequence"
COPY = (
    "the zeros in front make a copy of the input, which the backward pass keeps; the peer pads both ends within the "
    "convolution and throws away what it computed for the later one"
)
WRITTEN_OUT = (
    "written out to be read, with all weights in memory; multi-head attention and the networks here call the fused one"
)

ROWS = (
    Row(
        name="softmax regression",
        peer="torch.nn.Linear",
        ours=lambda: linear.SoftmaxRegression(784, 10),
        theirs=lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 10)),
        inputs=images(28, 1),
        batch=256,
    ),
    Row(
        name="MLP",
        peer="torch.nn.Sequential",
        ours=lambda: mlp.MLP([784, 512, 512, 10]),
        theirs=lambda: nn.Sequential(
            *[nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)]
        ),
        inputs=images(28, 1),
        batch=256,
    ),
    layer("dropout", "torch.nn.Dropout", regularization.Dropout, nn.Dropout, 64, 64, 28, 28),
    layer(
        *("batch norm, vectors", "torch.nn.BatchNorm1d"),
        *(lambda: regularization.BatchNorm1d(1024), lambda: nn.BatchNorm1d(1024)),
        *(1024, 1024),
        reason=NORM,
    ),
    layer(
        *("batch norm, images", "torch.nn.BatchNorm2d"),
        *(lambda: regularization.BatchNorm2d(64), lambda: nn.BatchNorm2d(64)),
        *(16, 64, 56, 56),
        reason=NORM,
    ),
    layer(
        *("layer norm", "torch.nn.LayerNorm"),
        *(lambda: regularization.LayerNorm(512), lambda: nn.LayerNorm(512)),
        *(16, 128, 512),
        reason=NORM,
    ),
    layer(
        *("local response norm", "torch.nn.LocalResponseNorm"),
        *(regularization.LocalResponseNorm, lambda: nn.LocalResponseNorm(5, alpha=5e-4, k=2.0)),
        *(8, 96, 27, 27),
    ),
    Row(
        name="LeNet",
        peer="torch.nn.Sequential",
        ours=lenet.LeNet,
        theirs=lenet_in_a_row,
        inputs=images(28, 1),
        batch=64,
    ),
    Row(
        name="AlexNet",
        peer="torch.nn.Sequential",
        ours=alexnet.AlexNet,
        theirs=alexnet_in_a_row,
        inputs=images(227),
        batch=4,
    ),
    Row(
        name="AlexNet, one tower",
        peer="torchvision.models.alexnet",
        ours=alexnet.OneTowerAlexNet,
        theirs=vision("alexnet"),
        inputs=images(224),
        batch=4,
    ),
    Row(
        name="VGG-16",
        peer="torchvision.models.vgg16",
        ours=vgg.vgg16,
        theirs=vision("vgg16", init_weights=False),
        inputs=images(128),
        batch=2,
    ),
    Row(
        name="VGG-16 with batch norm",
        peer="torchvision.models.vgg16_bn",
        ours=lambda: vgg.vgg16(batch_norm=True),
        theirs=vision("vgg16_bn", init_weights=False),
        inputs=images(128),
        batch=2,
    ),
    Row(
        name="network in network",
        peer="torch.nn.Sequential",
        ours=nin.nin_cifar10,
        theirs=lambda: nin_in_a_row(nin.CIFAR10, 10, ceil_mode=True),
        inputs=images(32),
        batch=16,
    ),
    Row(
        name="GoogLeNet",
        peer="torchvision.models.googlenet",
        ours=lambda: inception.GoogLeNet(inception.TORCHVISION),
        theirs=vision("googlenet", init_weights=False, aux_logits=True),
        inputs=images(224),
        batch=2,
    ),
    Row(
        name="Inception-v3",
        peer="torchvision.models.inception_v3",
        ours=inception_v3.InceptionV3,
        theirs=vision("inception_v3", init_weights=False, aux_logits=True),
        inputs=images(299),
        batch=2,
    ),
    Row(
        name="ResNet-18",
        peer="torchvision.models.resnet18",
        ours=resnet.resnet18,
        theirs=vision("resnet18"),
        inputs=images(224),
        batch=4,
        carry=weights.resnet,
    ),
    Row(
        name="ResNet-50",
        peer="torchvision.models.resnet50",
        ours=resnet.resnet50,
        theirs=vision("resnet50"),
        inputs=images(224),
        batch=2,
        carry=weights.resnet,
    ),
    Row(
        name="wide ResNet-50-2",
        peer="torchvision.models.wide_resnet50_2",
        ours=resnet.wide_resnet50_2,
        theirs=vision("wide_resnet50_2"),
        inputs=images(160),
        batch=2,
        carry=weights.resnet,
    ),
    Row(
        name="ResNet-20 for small images",
        peer="torchvision.models.resnet.BasicBlock",
        ours=lambda: resnet.CifarResNet(20, shortcut=resnet.Shortcut.B),
        theirs=lambda: CifarBlocks(3),
        inputs=images(32),
        batch=32,
        carry=weights.resnet,
    ),
    Row(
        name="pre-activation blocks",
        peer="timm.models.resnetv2.PreActBasic",
        ours=lambda: nn.Sequential(*[preact_resnet.PreActBlock(64, 64) for _ in range(4)]),
        theirs=lambda: timm_preact("PreActBasic", 64, 4),
        inputs=numbers(64, 28, 28),
        batch=8,
        carry=weights.preact_block,
        loss=mean_square,
    ),
    Row(
        name="pre-activation bottlenecks",
        peer="timm.models.resnetv2.PreActBottleneck",
        ours=lambda: nn.Sequential(*[preact_resnet.PreActBottleneck(256, 256) for _ in range(4)]),
        theirs=lambda: timm_preact("PreActBottleneck", 256, 4),
        inputs=numbers(256, 28, 28),
        batch=8,
        carry=weights.preact_block,
        loss=mean_square,
    ),
    Row(
        name="DenseNet-121",
        peer="torchvision.models.densenet121",
        ours=densenet.densenet121,
        theirs=vision("densenet121"),
        inputs=images(224),
        batch=2,
        carry=weights.densenet,
    ),
    Row(
        name="MobileNet v1",
        peer="timm.models.efficientnet.mobilenetv1_100",
        ours=lambda: mobilenet.MobileNetV1(activation=nn.ReLU6),
        theirs=timm("efficientnet", "mobilenetv1_100"),
        inputs=images(224),
        batch=4,
    ),
    Row(
        name="MobileNet v2",
        peer="torchvision.models.mobilenet_v2",
        ours=mobilenet.MobileNetV2,
        theirs=vision("mobilenet_v2"),
        inputs=images(224),
        batch=4,
    ),
    Row(
        name="Xception",
        peer="timm.models.xception.legacy_xception",
        ours=xception.Xception,
        theirs=timm("xception", "legacy_xception"),
        inputs=images(299),
        batch=1,
        carry=weights.xception,
    ),
    Row(
        name="NASNet-A, narrow",
        peer="timm.models.nasnet.NASNetALarge",
        ours=lambda: nasnet.NASNetA(6, 1056, stem_channels=32),
        theirs=timm("nasnet", "NASNetALarge", num_features=1056, stem_size=32),
        inputs=images(224),
        batch=1,
        carry=weights.nasnet,
    ),
    Row(
        name="NASNet-A, large",
        peer="timm.models.nasnet.nasnetalarge",
        ours=nasnet.nasnet_a_large,
        theirs=timm("nasnet", "nasnetalarge"),
        inputs=images(331),
        batch=1,
        carry=weights.nasnet,
    ),
    recurrent(rnn.RNNCell, nn.RNN, reason=LOOP),
    recurrent(rnn.LSTMCell, nn.LSTM, reason=FUSED_LOOP),
    recurrent(rnn.GRUCell, nn.GRU, reason=LOOP),
    recurrent(rnn.LSTMCell, nn.LSTM, bidirectional=True, reason=FUSED_LOOP),
    Row(
        name="TCN",
        peer="torch.nn.Conv1d",
        ours=lambda: tcn.TCN(1, 10, [25] * 8, 7),
        theirs=lambda: ChoppedTCN(1, 10, [25] * 8, 7, [2**i for i in range(8)]),
        inputs=numbers(1, 784),
        batch=16,
        carry=weights.tcn,
        loss=mean_square,
        reason=COPY,
    ),
    Row(
        name="sequence to sequence",
        peer="torch.nn.GRU",
        ours=lambda: seq2seq.Seq2Seq(seq2seq.Encoder(64, 256), seq2seq.Decoder(64, 256)),
        theirs=lambda: TwoGRUs(64, 256),
        inputs=tokens(64, 32, 32),
        batch=32,
        loss=mean_square,
    ),
    Row(
        name="scaled dot-product attention",
        peer="torch.nn.functional.scaled_dot_product_attention",
        ours=lambda: Function(attention.scaled_dot_product_attention),
        theirs=lambda: Function(F.scaled_dot_product_attention),
        inputs=numbers(4, 256, 64, count=3),
        batch=8,
        loss=mean_square,
        reason=WRITTEN_OUT,
    ),
    Row(
        name="multi-head attention",
        peer="torch.nn.MultiheadAttention",
        ours=lambda: attention.MultiHeadAttention(256, 4),
        theirs=lambda: nn.MultiheadAttention(256, 4, batch_first=True),
        inputs=numbers(256, 256),
        batch=8,
        carry=weights.attention,
        loss=mean_square,
        our_call=self_attention,
        their_call=torch_self_attention,
    ),
    Row(
        name="transformer",
        peer="torch.nn.Transformer",
        ours=lambda: Stacks(TRANSFORMER),
        theirs=lambda: torch_transformer(TRANSFORMER),
        inputs=numbers(64, 256, count=2),
        batch=8,
        carry=weights.transformer,
        loss=mean_square,
        their_call=call_torch_transformer,
    ),
    Row(
        name="BERT",
        peer="transformers.BertModel",
        ours=lambda: bert.Bert(BERT),
        theirs=lambda: huggingface_bert(BERT),
        inputs=tokens(8192, 128),
        batch=8,
        carry=weights.bert,
        loss=mean_square,
        our_call=bert_with_pooler,
        their_call=last_and_pooled,
    ),
    Row(
        name="GPT",
        peer="transformers.GPT2LMHeadModel",
        ours=lambda: gpt.GPT(GPT),
        theirs=lambda: huggingface_gpt(GPT),
        inputs=tokens(8192, 128),
        batch=4,
        carry=lambda theirs, ours: gpt.our_weights(theirs),
        loss=next_token,
        their_call=lambda model, x: model(x, use_cache=False).logits,
    ),
)
