"""Byte-pair encoding (Sennrich et al. 2016, https://arxiv.org/abs/1508.07909, sec. 3.2) on bytes, as in GPT-2 (Radford
et al. 2019, sec. 2.2).

A text is cut into pieces (a word with the space before it, a number, punctuation, white space), a piece into bytes. The
pair of neighbours that is seen most often becomes a new token, again and again; no token reaches over the edge of a
piece. Every text has an encoding, because every byte is a token.

Differs from GPT-2: numerals that are no decimal digits (², Ⅷ) are cut as letters.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise

import torch
from jaxtyping import Int
from torch import Tensor

# Endings after an apostrophe; letters; digits; other signs; white space, whose last space goes with the next word.
PIECE = re.compile(r"'(?:s|t|re|ve|m|ll|d)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")

# GPT-2 numbers the bytes that Latin-1 prints first. The order matters where two pairs are seen equally often.
PRINTED = [*range(33, 127), *range(161, 173), *range(174, 256)]
BYTES = PRINTED + sorted(set(range(256)) - set(PRINTED))

Pair = tuple[int, int]


class BytePairEncoding:
    """Turns text into token numbers and back, without loss.

    Special tokens have the first numbers, then come the 256 bytes, then the merged tokens in the order in which they
    were learned. The name of a special token in a text stands for that token.

    Attributes:
        special: name -> number of each special token.
        merges: the learned pairs, first the most frequent.
        tokens: number -> bytes of each token.

    Args:
        merges: pairs of tokens, each made of earlier ones.
        special: names of the special tokens.

    Raises:
        ValueError: if a merge joins tokens that no earlier line made, or a special name is empty or given twice.
    """

    def __init__(self, merges: Iterable[tuple[bytes, bytes]], *, special: Sequence[str] = ()) -> None:
        if len(set(special)) < len(special) or "" in special:
            raise ValueError(f"special tokens must have different names, none of them empty, got {list(special)}")
        self.special = {name: i for i, name in enumerate(special)}
        self.merges = list(merges)
        self.tokens = [name.encode() for name in special] + [bytes([byte]) for byte in BYTES]
        self._ids = {token: i for i, token in enumerate(self.tokens) if i >= len(special)}
        self._ranks: dict[Pair, tuple[int, int]] = {}  # pair -> its turn, the token it becomes
        for turn, (a, b) in enumerate(self.merges):
            if a not in self._ids or b not in self._ids:
                raise ValueError(f"a merge joins two tokens made before it, got {a!r} and {b!r} as number {turn + 1}")
            if a + b not in self._ids:  # the same bytes may be put together in two ways
                self._ids[a + b] = len(self.tokens)
                self.tokens.append(a + b)
            self._ranks[self._ids[a], self._ids[b]] = turn, self._ids[a + b]
        names = sorted(special, key=len, reverse=True)
        self._names = re.compile("(" + "|".join(map(re.escape, names)) + ")") if names else None
        self._known: dict[str, list[int]] = {}  # pieces come back often, so each is encoded once

    @classmethod
    def train(cls, text: str, vocabulary: int, *, special: Sequence[str] = ()) -> "BytePairEncoding":
        """Learns merges from a text.

        Args:
            text: to count pairs in.
            vocabulary: number of tokens wanted, special tokens and bytes included. There are fewer if the text runs
                out of pairs.
            special: names of the special tokens.

        Raises:
            ValueError: if the vocabulary has no room for the special tokens and the bytes.
        """
        if vocabulary < len(special) + len(BYTES):
            raise ValueError(
                f"vocabulary must be at least {len(special) + len(BYTES)}, "
                f"256 bytes and {len(special)} special tokens, got {vocabulary}"
            )
        return cls(learn_merges(text, vocabulary - len(special) - len(BYTES)), special=special)

    def __len__(self) -> int:
        """Number of tokens."""
        return len(self.tokens)

    def encode(self, text: str) -> Int[Tensor, " T"]:
        """The token numbers of a text, int64."""
        ids: list[int] = []
        for part in self._names.split(text) if self._names else [text]:
            if part in self.special:
                ids.append(self.special[part])
                continue
            for piece in PIECE.findall(part):
                if piece not in self._known:
                    self._known[piece] = self._merge([self._ids[bytes([byte])] for byte in piece.encode()])
                ids += self._known[piece]
        return torch.tensor(ids, dtype=torch.int64)

    def decode(self, ids: Int[Tensor, " T"]) -> str:
        """The text of token numbers; bytes that are no character, as a cut may leave them, become the sign for that."""
        return b"".join(self.tokens[i] for i in ids.tolist()).decode(errors="replace")

    def _merge(self, ids: list[int]) -> list[int]:
        """Applies the merges to one piece, in the order in which they were learned."""
        while True:
            pair = min(pairwise(ids), key=lambda pair: self._ranks.get(pair, (len(self.merges), 0)), default=None)
            if pair not in self._ranks:
                return ids
            ids = replace(ids, pair, self._ranks[pair][1])


def learn_merges(text: str, count: int) -> list[tuple[bytes, bytes]]:
    """The ``count`` merges that byte-pair encoding finds in a text, or fewer if no pair is left.

    A merge changes few words, so only their pairs are counted again. The heap may hold counts that have since
    fallen; they are set right when they come to the top. Of two equal counts the pair of lower numbers goes first.
    """
    tokens = [bytes([byte]) for byte in BYTES]
    ids = {token: i for i, token in enumerate(tokens)}
    pieces = Counter(PIECE.findall(text))
    words = [[ids[bytes([byte])] for byte in piece.encode()] for piece in pieces]
    times = list(pieces.values())
    counts: Counter[Pair] = Counter()
    places: defaultdict[Pair, set[int]] = defaultdict(set)  # pair -> the words in which it was seen
    for i, word in enumerate(words):
        for pair in pairwise(word):
            counts[pair] += times[i]
            places[pair].add(i)
    heap = [(-n, pair) for pair, n in counts.items()]
    heapify(heap)
    merges: list[tuple[bytes, bytes]] = []
    while heap and len(tokens) < len(BYTES) + count:
        n, best = heappop(heap)
        if -n != counts[best]:
            if counts[best] > 0:
                heappush(heap, (-counts[best], best))
            continue
        a, b = tokens[best[0]], tokens[best[1]]
        merges.append((a, b))
        if a + b not in ids:
            ids[a + b] = len(tokens)
            tokens.append(a + b)
        more: set[Pair] = set()
        for i in places.pop(best):
            old, words[i] = words[i], replace(words[i], best, ids[a + b])
            for pair in pairwise(old):
                counts[pair] -= times[i]
            for pair in pairwise(words[i]):
                counts[pair] += times[i]
                places[pair].add(i)
                more.add(pair)
        for pair in more:
            if ids[a + b] in pair:
                heappush(heap, (-counts[pair], pair))
    return merges


def replace(ids: list[int], pair: Pair, new: int) -> list[int]:
    """The list with each ``pair``, from left to right, replaced by ``new``."""
    out: list[int] = []
    i = 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            out.append(new)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out
