"""AlexNet of Krizhevsky, Sutskever and Hinton 2012 (sec. 3 to 5, fig. 2), and ZFNet, which changed its first layers.

AlexNet: https://papers.nips.cc/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html. One tower: Krizhevsky
2014, https://arxiv.org/abs/1404.5997. ZFNet: Zeiler and Fergus 2014, https://arxiv.org/abs/1311.2901 (fig. 3, table 2).

B batch, C channels of the input, H W height and width in pixels, N classes, M models of an ensemble.

Differs from the papers:
    AlexNet's paper prints an input of 224 pixels; its own sizes (55, 27, 13) need 227 without padding.
    Dropout scales up in training, as torch does it. The paper halved the values at test time instead.
    ZFNet's paper does not print the constants of its normalisation across channels. Here AlexNet's stand.
"""

import math
from collections import OrderedDict
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from dlarch.foundations.regularization import LocalResponseNorm

# The networks.


def dense_head(features: int, classes: int) -> nn.Sequential:
    """Layers 6 to 8: two hidden layers with dropout behind each, and the scores.

    Args:
        features: numbers that the convolutions leave of an image.
        classes: N.
    """
    return nn.Sequential(
        OrderedDict(
            fc6=nn.Linear(features, 4096),
            relu6=nn.ReLU(),
            drop6=nn.Dropout(0.5),
            fc7=nn.Linear(4096, 4096),
            relu7=nn.ReLU(),
            drop7=nn.Dropout(0.5),
            fc8=nn.Linear(4096, classes),
        )
    )


class AlexNet(nn.Module):
    """Five convolutions and three dense layers, for images of 227 by 227 pixels.

    Args:
        classes: N.
        in_channels: C.
        grouped: split conv2, conv4 and conv5 into two halves that do not see each
            other, as on the paper's two GPUs; else one tower of the same width.

    Raises:
        ValueError: on a call with images of another size.
    """

    def __init__(
        self,
        classes: int = 1000,
        *,
        in_channels: int = 3,
        grouped: bool = True,
    ) -> None:
        super().__init__()
        halves = 2 if grouped else 1
        self.conv1 = nn.Conv2d(in_channels, 96, 11, stride=4)
        self.norm1 = LocalResponseNorm()
        self.pool1 = nn.MaxPool2d(3, stride=2)
        self.conv2 = nn.Conv2d(96, 256, 5, padding=2, groups=halves)
        self.norm2 = LocalResponseNorm()
        self.pool2 = nn.MaxPool2d(3, stride=2)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1, groups=halves)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1, groups=halves)
        self.pool5 = nn.MaxPool2d(3, stride=2)
        self.head = dense_head(256 * 6 * 6, classes)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        check_side(x, 227, "(227 - 11) / 4 + 1 = 55, where 224 would give 54.25")
        h = self.pool1(self.norm1(F.relu(self.conv1(x))))  # B 96 27 27
        h = self.pool2(self.norm2(F.relu(self.conv2(h))))  # B 256 13 13
        h = F.relu(self.conv3(h))  # B 384 13 13: here the halves meet
        h = F.relu(self.conv4(h))
        h = self.pool5(F.relu(self.conv5(h)))  # B 256 6 6
        return self.head(h.flatten(1))


class OneTowerAlexNet(nn.Module):
    """The single tower of 2014, which torchvision calls ``alexnet``: 224 pixels, narrower, no normalisation.

    Its dropout stands *before* the first two dense layers, so it also acts on what the convolutions give.

    Args:
        classes: N.
        in_channels: C.
    """

    def __init__(self, classes: int = 1000, *, in_channels: int = 3) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 64, 11, stride=4, padding=2)
        self.pool1 = nn.MaxPool2d(3, stride=2)
        self.conv2 = nn.Conv2d(64, 192, 5, padding=2)
        self.pool2 = nn.MaxPool2d(3, stride=2)
        self.conv3 = nn.Conv2d(192, 384, 3, padding=1)
        self.conv4 = nn.Conv2d(384, 256, 3, padding=1)
        self.conv5 = nn.Conv2d(256, 256, 3, padding=1)
        self.pool5 = nn.MaxPool2d(3, stride=2)
        self.resize = nn.AdaptiveAvgPool2d(6)  # torchvision's addition: the identity at 224, and lets other sizes in
        self.drop5, self.fc6 = nn.Dropout(0.5), nn.Linear(256 * 6 * 6, 4096)
        self.drop6, self.fc7 = nn.Dropout(0.5), nn.Linear(4096, 4096)
        self.fc8 = nn.Linear(4096, classes)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        # In place: nobody else needs what a layer wrote.
        h = self.pool1(F.relu(self.conv1(x), inplace=True))
        h = self.pool2(F.relu(self.conv2(h), inplace=True))
        h = F.relu(self.conv4(F.relu(self.conv3(h), inplace=True)), inplace=True)
        h = self.resize(self.pool5(F.relu(self.conv5(h), inplace=True))).flatten(1)
        h = F.relu(self.fc6(self.drop5(h)), inplace=True)
        return self.fc8(F.relu(self.fc7(self.drop6(h)), inplace=True))


class ZFNet(nn.Module):
    """AlexNet's plan in one tower, with a first layer that looks closer: 7x7 with stride 2 for 11x11 with stride 4.

    Its second layer strides too, which brings the image back to AlexNet's 13 by 13. It pools first and normalises then.

    Args:
        classes: N.
        in_channels: C.
        middle: channels of conv3, conv4 and conv5. The paper's variant (b) is
            ``(512, 1024, 512)``.

    Raises:
        ValueError: on a call with images of another size than 224.
    """

    def __init__(
        self,
        classes: int = 1000,
        *,
        in_channels: int = 3,
        middle: tuple[int, int, int] = (384, 384, 256),
    ) -> None:
        super().__init__()
        third, fourth, fifth = middle
        self.conv1 = nn.Conv2d(in_channels, 96, 7, stride=2, padding=1)
        self.pool1 = nn.MaxPool2d(3, stride=2, padding=1)
        self.norm1 = LocalResponseNorm()
        self.conv2 = nn.Conv2d(96, 256, 5, stride=2)
        self.pool2 = nn.MaxPool2d(3, stride=2, padding=1)
        self.norm2 = LocalResponseNorm()
        self.conv3 = nn.Conv2d(256, third, 3, padding=1)
        self.conv4 = nn.Conv2d(third, fourth, 3, padding=1)
        self.conv5 = nn.Conv2d(fourth, fifth, 3, padding=1)
        self.pool5 = nn.MaxPool2d(3, stride=2)
        self.head = dense_head(fifth * 6 * 6, classes)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        check_side(x, 224, "it gives the paper's 110, 55, 26, 13 and 6")
        h = self.norm1(self.pool1(F.relu(self.conv1(x))))  # B 96 55 55
        h = self.norm2(self.pool2(F.relu(self.conv2(h))))  # B 256 13 13
        h = F.relu(self.conv4(F.relu(self.conv3(h))))
        h = self.pool5(F.relu(self.conv5(h)))  # 6 by 6
        return self.head(h.flatten(1))


def check_side(x: Tensor, side: int, why: str) -> None:
    """Refuse images of another size before a dense layer does it in terms of a matrix product."""
    if tuple(x.shape[2:]) != (side, side):
        height, width = x.shape[2:]
        raise ValueError(f"the images must be {side} by {side} pixels, got {height} by {width}: {why}")


class SmallAlexNet(nn.Module):
    """The same plan for small images, with those parts to choose that the chapter compares.

    Three convolutions (16, 32 and 32 channels), a pooling behind the first two, and two dense layers.

    Args:
        side: H and W of the images, in pixels.
        classes: N.
        in_channels: C.
        kernel: side of the first filters, odd.
        stride: of the first filters.
        pool: side of the patches that are pooled in steps of 2: with 3 they
            overlap, with 2 they do not.
        activation: class of the module behind every layer but the last.

    Raises:
        ValueError: if the kernel is even, pool neither 2 nor 3, or a pooling would meet an
            odd side.
    """

    def __init__(
        self,
        side: int,
        classes: int,
        *,
        in_channels: int = 3,
        kernel: int = 5,
        stride: int = 1,
        pool: int = 3,
        activation: type[nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        if kernel % 2 == 0 or pool not in (2, 3):
            raise ValueError(f"kernel must be odd and pool 2 or 3, got {kernel} and {pool}")
        if side % (4 * stride) != 0:
            raise ValueError(f"side must be a multiple of {4 * stride} (4 times the stride), got {side}")
        self.conv1 = nn.Conv2d(in_channels, 16, kernel, stride=stride, padding=kernel // 2)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 32, 3, padding=1)
        self.pool = nn.MaxPool2d(pool, stride=2, padding=pool - 2)  # padded so that 2 and 3 leave the same sizes
        self.activation = activation()
        side = side // stride // 4
        self.fc4 = nn.Linear(32 * side * side, 64)
        self.fc5 = nn.Linear(64, classes)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B N"]:
        h = self.pool(self.activation(self.conv1(x)))
        h = self.pool(self.activation(self.conv2(h)))
        h = self.activation(self.conv3(h)).flatten(1)
        return self.fc5(self.activation(self.fc4(h)))


@torch.no_grad()
def published_init(model: AlexNet) -> AlexNet:
    """Set the weights as the paper starts them (sec. 5): normal with a spread of 0.01, biases 0 or 1.

    A bias of 1 lets the first gradients through the ReLUs of conv2, conv4, conv5 and the hidden dense layers.

    Returns:
        The same model.
    """
    at_one = (model.conv2, model.conv4, model.conv5, model.head.fc6, model.head.fc7)
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.constant_(layer.bias, float(any(layer is one for one in at_one)))
    return model


@torch.no_grad()
def scaled_init(model: nn.Module, gain: float) -> nn.Module:
    """Set all weights so that a signal keeps its size from layer to layer, and all biases to 0.

    Args:
        model: of convolutions and linear layers.
        gain: variance of a weight times the inputs of its output: 2 before a ReLU, which drops half of the signal,
            1 before tanh, which is nearly the identity on small numbers.

    Returns:
        The same model.
    """
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.normal_(layer.weight, std=math.sqrt(gain / layer.weight[0].numel()))
            nn.init.zeros_(layer.bias)
    return model


# Training and testing.


def plateau_schedule(
    errors: Sequence[float],
    *,
    lr: float = 0.01,
    factor: float = 0.1,
    patience: int = 5,
    cuts: int = 3,
) -> list[float]:
    """The learning rate of each epoch, cut whenever the error has stopped falling.

    The paper's authors watched the validation error and cut by hand, three times.

    Args:
        errors: validation error after each epoch so far.
        lr: rate of the first epoch.
        factor: of each cut.
        patience: epochs in a row without a new lowest error that are let pass; the
            next one cuts. The lowest error is remembered across cuts.
        cuts: how often to cut at most.

    Returns:
        One rate more than there are errors: the last is that of the next epoch.

    Raises:
        ValueError: if patience or cuts is negative.
    """
    if patience < 0 or cuts < 0:
        got = f"{patience} and {cuts}"
        raise ValueError(f"patience and cuts must be 0 or more, got {got}")
    rates, best, waited = [lr], math.inf, 0
    for error in errors:
        waited = 0 if error < best else waited + 1
        best = min(best, error)
        if waited > patience and cuts > 0:
            lr, waited, cuts = lr * factor, 0, cuts - 1
        rates.append(lr)
    return rates


def color_components(images: Float[Tensor, "B 3 H W"]) -> tuple[Float[Tensor, " 3"], Float[Tensor, "3 3"]]:
    """The principal components of the colours of all pixels.

    Args:
        images: the training images; their unit is that of the result, squared.

    Returns:
        The eigenvalues of the covariance of red, green and blue, largest first, and its eigenvectors as columns.
    """
    values, vectors = torch.linalg.eigh(torch.cov(images.transpose(0, 1).flatten(1), correction=0))
    return values.flip(0), vectors.flip(1)


def pca_color_jitter(
    images: Float[Tensor, "B 3 H W"],
    values: Float[Tensor, " 3"],
    vectors: Float[Tensor, "3 3"],
    *,
    std: float = 0.1,
) -> Float[Tensor, "B 3 H W"]:
    """Each image in a light of another colour: one shift for all its pixels, along the ways in which colours vary.

    Args:
        images: in the unit in which the components were found, 0 to 1 here. The shift grows with the square of the
            unit: found on values of 0 to 255, it is 255 times as large as it should be.
        values: eigenvalues, as ``color_components`` gives them.
        vectors: eigenvectors as columns.
        std: spread of the random factor on each eigenvalue.

    Returns:
        Images that may leave the range 0 to 1 a little.
    """
    factors = std * torch.randn(len(images), 3, dtype=images.dtype, device=images.device)
    shift = (factors * values) @ vectors.T
    return images + shift[:, :, None, None]


def ten_crops(images: Float[Tensor, "B C H W"], side: int) -> Float[Tensor, "B 10 C side side"]:
    """Four corners and the middle of each image, then of its mirror image, for a prediction that averages them.

    Args:
        images: at least ``side`` high and wide.
        side: of a crop, in pixels.

    Raises:
        ValueError: if the images are smaller.
    """
    height, width = images.shape[2:]
    if side > min(height, width):
        raise ValueError(f"crops of {side} pixels do not fit into images of {height} by {width}")
    down, right = height - side, width - side
    corners = [(0, 0), (0, right), (down, 0), (down, right), (round(down / 2), round(right / 2))]
    both = (images, images.flip(-1))
    crops = [view[:, :, top : top + side, left : left + side] for view in both for top, left in corners]
    return torch.stack(crops, dim=1)


def ensemble(logits: Float[Tensor, "M B N"]) -> Float[Tensor, "B N"]:
    """The prediction of several models together: the mean of their probabilities.

    Args:
        logits: the scores of M models, or of one model for M crops.
    """
    return logits.softmax(dim=-1).mean(dim=0)
