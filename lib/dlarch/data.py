"""Data for every chapter: small real sets that need no download, generated ones, and three big ones on request.

What has targets comes as ``Splits(x_train, y_train, x_test, y_test)``. The same arguments give the same data, and nothing
in the test part of a set also stands in its training part.
"""

from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor


class Splits(NamedTuple):
    """Inputs and targets to train on, and others to test on."""

    x_train: Tensor | list
    y_train: Tensor | list
    x_test: Tensor | list
    y_test: Tensor | list


def digits(split: Literal["half", "shuffled"] = "half") -> Splits:
    """1,797 handwritten digits, 8 by 8 pixels, ten classes (scikit-learn's copy of the UCI optical digits test set).

    Args:
        split: "half" takes the first 898 to train and the last 899 to test, in file order. "shuffled" draws 1,347 and
            450 at random (scikit-learn's ``train_test_split`` with ``random_state=0``). Neighbours in the file look
            alike and then fall in both parts, so scores come out higher than on the half split.

    Returns:
        x float32 ``N 1 8 8`` in [0, 1], y int64 ``N``.
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    bunch = load_digits()
    x = torch.from_numpy((bunch.images / 16).astype(np.float32)).unsqueeze(1)
    y = torch.from_numpy(bunch.target.astype(np.int64))
    if split == "half":
        return Splits(x[:898], y[:898], x[898:], y[898:])
    if split == "shuffled":
        train, test = train_test_split(np.arange(len(y)), random_state=0)
        return Splits(x[train], y[train], x[test], y[test])
    raise ValueError(f"split must be 'half' or 'shuffled', got {split!r}")
