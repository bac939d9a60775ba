"""Text as numbers, and what a model of text must beat: single characters, gzip, and the characters just before.

The n-gram model mixes all shorter contexts in the way of Witten and Bell 1991, https://doi.org/10.1109/18.87000
(method C): a context hands over more to the next shorter one, the more different characters have followed it.

N characters or windows, T length of a window.

All baselines are measured in bits per character of a text that they have not seen. The alphabet alone, the characters
of both texts, is known beforehand, as it is to a network whose last layer has one output a character.
"""

import gzip
import math
from collections import Counter
from collections.abc import Iterable

import torch
from jaxtyping import Int
from torch import Tensor


class Characters:
    """The alphabet of a text, and a number for each of its characters, in sorted order.

    Args:
        text: any text that holds every character.

    Raises:
        ValueError: if the text is empty.
    """

    def __init__(self, text: str) -> None:
        if not text:
            raise ValueError("an alphabet needs a text of at least one character, got an empty one")
        self.alphabet = "".join(sorted(set(text)))
        self._numbers = {character: number for number, character in enumerate(self.alphabet)}

    def __len__(self) -> int:
        return len(self.alphabet)

    def encode(self, text: str) -> Int[Tensor, " N"]:
        """The numbers of a text.

        Raises:
            ValueError: if a character is not in the alphabet.
        """
        strange = sorted(set(text) - set(self.alphabet))
        if strange:
            raise ValueError(f"not in the alphabet of {len(self)} characters: {strange}")
        return torch.tensor([self._numbers[character] for character in text], dtype=torch.int64)

    def decode(self, numbers: Int[Tensor, " N"] | Iterable[int]) -> str:
        """The text of numbers, each from 0 to ``len(self) - 1``.

        Raises:
            ValueError: if a number stands for no character.
        """
        numbers = [int(number) for number in numbers]
        if numbers and not 0 <= min(numbers) <= max(numbers) < len(self):
            raise ValueError(f"numbers must lie in 0 to {len(self) - 1}, got {min(numbers)} to {max(numbers)}")
        return "".join(self.alphabet[number] for number in numbers)


def windows(numbers: Int[Tensor, " N"], length: int) -> tuple[Int[Tensor, "M T"], Int[Tensor, "M T"]]:
    """Cuts a text into windows to train on: in each place, the target is the next character.

    The windows stand side by side, so each character is a target once, except the first of the text and those at its
    end that fill no window. The targets of window m end where the inputs of window m + 1 start.

    Args:
        numbers: a text.
        length: T, at least 1 and less than N.

    Returns:
        Inputs and targets.

    Raises:
        ValueError: if length is less than 1 or the text has no window of it.
    """
    count = (len(numbers) - 1) // length if length >= 1 else 0
    if count < 1:
        raise ValueError(f"length must be at least 1 and less than the {len(numbers)} characters, got {length}")
    end = count * length
    return numbers[:end].view(count, length), numbers[1 : end + 1].view(count, length)


class NGram:
    """Counts what followed each context of a text, and foretells by mixing contexts of all lengths up to an order.

    A context h seen n times and followed by d different characters gives
    p(c | h) = (count(hc) + d · p(c | h without its first character)) / (n + d), and below the empty context stands
    1 / V, for V characters. Every character has a probability above 0, and they sum to 1.

    Args:
        text: what is counted.
        order: characters of context, at least 0.
        alphabet: all characters that may come.

    Raises:
        ValueError: if order is negative, the text is empty or holds a character that is not in the alphabet.
    """

    def __init__(self, text: str, order: int, *, alphabet: str) -> None:
        if order < 0:
            raise ValueError(f"order must be at least 0, got {order}")
        if not text or set(text) - set(alphabet):
            strange = sorted(set(text) - set(alphabet))
            raise ValueError(f"the text must have characters, all of the alphabet; not in it: {strange}")
        self.order, self.alphabet = order, "".join(sorted(set(alphabet)))
        self.count = Counter(text[i : i + k + 1] for k in range(order + 1) for i in range(len(text) - k))
        self.seen: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        for gram, number in self.count.items():
            self.seen[gram[:-1]] += number
            self.kinds[gram[:-1]] += 1

    def probability(self, character: str, context: str) -> float:
        """p(character | context), of which the last ``order`` characters count."""
        return self.probabilities(character, context)[-1]

    def probabilities(self, character: str, context: str) -> list[float]:
        """p(character | context) by the last 0, 1, ... ``order`` characters of the context."""
        p, found = 1 / len(self.alphabet), []
        for k in range(min(self.order, len(context)) + 1):
            h = context[len(context) - k :]
            if h not in self.seen:
                break  # nor was any longer context that ends in it
            p = (self.count[h + character] + self.kinds[h] * p) / (self.seen[h] + self.kinds[h])
            found.append(p)
        return found + [p] * (self.order + 1 - len(found))


def ngram_bits(train: str, test: str, order: int) -> float:
    """Bits per character that an n-gram model of one text needs for another, without learning from the second.

    Args:
        train: the text that is counted.
        test: the text that is foretold; its first characters see the end of ``train`` as their context.
        order: characters of context, at least 0.

    Raises:
        ValueError: if a text is empty or the order negative.
    """
    return ngram_bits_by_order(train, test, order)[-1]


def ngram_bits_by_order(train: str, test: str, order: int) -> list[float]:
    """What ``ngram_bits`` gives for 0, 1, ... ``order`` characters of context, at the price of the last alone."""
    _check_texts(train, test)
    model = NGram(train, order, alphabet=train + test)
    context = train[len(train) - order :] if order < len(train) else train
    text, start = context + test, len(context)
    found = [model.probabilities(text[i], text[max(0, i - order) : i]) for i in range(start, len(text))]
    return [-math.fsum(map(math.log2, column)) / len(test) for column in zip(*found, strict=True)]


def unigram_bits(train: str, test: str) -> float:
    """Bits per character if only the frequency of each character is known: ``ngram_bits`` without context."""
    return ngram_bits(train, test, 0)


def gzip_bits(train: str, test: str) -> float:
    """Bits per character by which gzip's output grows when one text is compressed after another.

    gzip goes on learning in the second text, and looks back 32,768 bytes and no further: of a long first text only the
    end helps.

    Raises:
        ValueError: if a text is empty.
    """
    _check_texts(train, test)

    def size(text: str) -> int:
        return len(gzip.compress(text.encode(), compresslevel=9, mtime=0))

    return 8 * (size(train + test) - size(train)) / len(test)


def _check_texts(train: str, test: str) -> None:
    if not train or not test:
        raise ValueError(f"both texts need characters, got {len(train)} and {len(test)}")
