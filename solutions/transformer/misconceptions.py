"""Wrong answers to the exercise `transformer`, each with the line of thought behind it. Each must lose its points."""

import math

import torch
import torch.nn.functional as F

from coursekit.exercise import misconception

# --- a vector for each place


@misconception(
    "positions",
    "halves-side-by-side",
    says="Your sines fill the first half of the vector and the cosines the second. Here each pair stands together: a sine "
    "at an even entry, its cosine at the odd entry behind it.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.cat([angle.sin(), angle.cos()], dim=-1)


@misconception(
    "positions",
    "cosine-first",
    says="Your cosines stand at the even entries. The sine comes first in each pair, so place 0 begins 0, 1, 0, 1.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.cos(), angle.sin()], dim=-1).flatten(1)


@misconception(
    "positions",
    "exponent-i-over-m",
    says="Your exponent is i / M. It is 2i / M, so that the waves of the last pairs come close to 10000 times the first; "
    "yours stop at the square root of that.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** (torch.arange(size // 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "exponent-doubled-twice",
    says="Your exponent is 4i / M: arange(0, size, 2) already counts in steps of two, so do not double it again.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** (2 * torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "exponent-spread-to-the-end",
    says="Your exponents run from 0 to 1 inclusive. By the formula the last pair has 2i / M = 1 - 2 / M, a little less.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** torch.linspace(0, 1, size // 2)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "every-entry-its-own-wave",
    says="Each of your entries has a wave length of its own. A sine and the cosine behind it share one angle: the exponent "
    "of entry 2i + 1 is that of entry 2i.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** (torch.arange(size) / size)
    even = torch.arange(size) % 2 == 0
    return torch.where(even, angle.sin(), angle.cos())


@misconception(
    "positions",
    "multiplied-not-divided",
    says="You multiply the place by the power of 10000. It divides: the waves get longer from pair to pair, not shorter.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None].double()
    angle = place * 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1).float()


@misconception(
    "positions",
    "base-1000",
    says="Your base is 1000. The formula has 10000.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 1000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "sines-only",
    says="Both entries of your pairs are sines. The second is the cosine: with both, a step to the right is a turn of the "
    "pair, and no two places of a wave look alike.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return angle.sin().repeat_interleave(2, dim=-1)


@misconception(
    "positions",
    "counted-from-one",
    says="Your first place is 1. Places are counted from start, and from 0 unless it is given.",
)
def positions(length, size, start=0):
    place = torch.arange(start + 1, start + length + 1)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "start-forgotten",
    says="You leave start out: a later piece of a sequence gets the vectors of its beginning. A model that writes step by "
    "step would then take every symbol for the first.",
)
def positions(length, size, start=0):
    place = torch.arange(length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "length-as-the-end",
    says="You take length for the place at which to stop. It is the number of places: they run from start to "
    "start + length - 1.",
)
def positions(length, size, start=0):
    place = torch.arange(min(start, length), max(start, length))[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "start-subtracted",
    says="You subtract start from the places. It is the first of them, so it is added.",
)
def positions(length, size, start=0):
    place = (torch.arange(length) - start)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "start-shifts-the-vector",
    says="You shift the angle of all pairs by the same amount. A later start shifts the place, before it is divided: each "
    "pair moves by an angle of its own.",
)
def positions(length, size, start=0):
    place = torch.arange(length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size) + start
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "places-across",
    says="Your places run across and the entries down. The contract asks for one row for each place, shape (T, M).",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1).T


@misconception(
    "positions",
    "double-precision",
    says="Your vectors are float64, as NumPy computes by itself. Added to the embedding they would turn the whole model to "
    "double precision: return float32.",
)
def positions(length, size, start=0):
    places, entries = torch.arange(start, start + length).double()[:, None], torch.arange(size)
    angles = places / 10000 ** ((entries - entries % 2).double() / size)
    return torch.where(entries % 2 == 0, angles.sin(), angles.cos())


@misconception(
    "positions",
    "pairs-not-joined",
    says="Your result still has an axis of length 2 for sine and cosine. Flatten it into the entries, so that a place is "
    "one row of M numbers.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1)


@misconception(
    "positions",
    "degrees",
    says="You turn the angle from degrees into radians. The formula means radians, which is what sin and cos of PyTorch "
    "take: leave the angle as it is.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = torch.deg2rad(place / 10000 ** (torch.arange(0, size, 2) / size))
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "full-turns",
    says="You multiply the angle by two pi, as if it counted full turns. The formula has no pi in it: at M = 4, place 1 "
    "begins with sin 1.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = 2 * math.pi * place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "whole-number-division",
    says="You divide in whole numbers (//), so most angles become 0. Divide with / to keep the fractions.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = (place // 10000 ** (torch.arange(0, size, 2) / size)).float()
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "divided-by-the-length",
    says="You divide places by the length, so that they run from 0 to 1. Then a place means something else in each "
    "sequence, and one step is no longer the same turn everywhere. Use the place itself.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None] / length
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "unit-length",
    says="You scale each vector to length 1. The formula scales nothing: each pair has length 1, so the vector has length "
    "√(M / 2).",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return F.normalize(torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1), dim=-1)


@misconception(
    "positions",
    "pairs-backwards",
    says="Your pairs run backwards, the longest wave first. The first pair, i = 0, has the shortest: its angle is the place "
    "itself.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** (torch.arange(size - 2, -1, -2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "index-doubled-in-the-loop",
    says="Your loop already counts in steps of two, and you double it once more; the cosine even gets an exponent "
    "of its own. A pair shares one angle, with the exponent 2i / M, where 2i is the even entry itself.",
)
def positions(length, size, start=0):
    out = torch.zeros(length, size)
    for t in range(length):
        for i in range(0, size, 2):
            out[t, i] = math.sin((t + start) / 10000 ** (2 * i / size))
            out[t, i + 1] = math.cos((t + start) / 10000 ** (2 * (i + 1) / size))
    return out


@misconception(
    "positions",
    "range-from-start-to-length",
    says="You count from start to length. Length is the number of places, so the last one is start + length - 1.",
)
def positions(length, size, start=0):
    place = torch.arange(start, length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "logarithm-to-base-10",
    says="You take the logarithm to base 10 and then exp. The two must fit: use math.log with exp, or write the "
    "power of 10000 itself.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place * torch.exp(torch.arange(0, size, 2) * (-math.log10(10000.0) / size))
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "times-in-place-of-power",
    says="You multiply 10000 by 2i / M. It is a power: 10000 ** (2i / M).",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 * (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "power-of-the-quotient",
    says="Your power covers the place too: (t / 10000) ** (2i / M). Only 10000 is raised to the power, and then "
    "the place is divided by it.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = (place / 10000) ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "size-outside-the-power",
    says="You raise 10000 to the power of 2i and divide by M afterwards. The whole fraction 2i / M is the "
    "exponent: put it in brackets.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** torch.arange(0, size, 2) / size
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "batch-axis-added",
    says="Your result has an axis for the batch in front. The contract asks for shape (T, M); adding to a batch "
    "needs no axis of its own.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)[None]


@misconception(
    "positions",
    "start-cut-off",
    says="You compute length places from 0 and cut off the first ones, so too few are left. Count length places "
    "from start on.",
)
def positions(length, size, start=0):
    place = torch.arange(length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)[start:]


@misconception(
    "positions",
    "blocks-under-each-other",
    says="Your sines of all places come first and then all cosines, put into the shape by reshape. Sine and cosine "
    "of one angle stand side by side in one row: stack along the last axis.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=0).reshape(length, size)


@misconception(
    "positions",
    "exponent-in-whole-numbers",
    says="Your exponent is divided in whole numbers (//), so it is 0 for every pair. Divide with / to keep the "
    "fraction.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) // size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "start-in-the-exponent",
    says="Your start shifts the exponents. It belongs to the places: they begin with start, and the pairs always "
    "with i = 0.",
)
def positions(length, size, start=0):
    place = torch.arange(length)[:, None]
    angle = place / 10000 ** (torch.arange(start, start + size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "positions",
    "start-added-to-the-vectors",
    says="You add start to the finished vectors. It is the number of the first place, so it stands inside the sine "
    "and the cosine.",
)
def positions(length, size, start=0):
    place = torch.arange(length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1) + start


@misconception(
    "positions",
    "sines-plus-cosines",
    says="You add the sine and the cosine of a pair to one number. They are two entries, side by side.",
)
def positions(length, size, start=0):
    place = torch.arange(start, start + length)[:, None]
    angle = place / 10000 ** (torch.arange(0, size, 2) / size)
    return angle.sin() + angle.cos()


# --- one matrix, used three times


@misconception(
    "tied",
    "not-scaled",
    says="You do not multiply the rows by √M. Their entries start with spread 1/√M, so beside the vectors for places, "
    "with entries up to 1, the symbols would hardly be seen.",
)
def embed(tokens, table, places):
    return table[tokens] + places


@misconception(
    "tied",
    "scaled-with-the-places",
    says="You multiply by √M after the places were added, so they are scaled too. Scale the rows of the symbols first, "
    "then add the places.",
)
def embed(tokens, table, places):
    return math.sqrt(table.shape[1]) * (table[tokens] + places)


@misconception(
    "tied",
    "divided-by-the-root",
    says="You divide by √M, as attention does with its scores. Here the rows are small and must become larger: multiply.",
)
def embed(tokens, table, places):
    return table[tokens] / math.sqrt(table.shape[1]) + places


@misconception(
    "tied",
    "scaled-by-the-size",
    says="You multiply by M. The spread of a row is 1/√M, so √M is what brings it to 1.",
)
def embed(tokens, table, places):
    return table.shape[1] * table[tokens] + places


@misconception(
    "tied",
    "scaled-by-the-vocabulary",
    says="You take the root of V, the number of symbols. The size of a vector is M, the second axis of the table.",
)
def embed(tokens, table, places):
    return math.sqrt(table.shape[0]) * table[tokens] + places


@misconception(
    "tied",
    "scaled-by-the-length",
    says="You take the root of the number of places. The size of a vector is M, the second axis of the table.",
)
def embed(tokens, table, places):
    return math.sqrt(tokens.shape[1]) * table[tokens] + places


@misconception(
    "tied",
    "places-forgotten",
    says="You add no vectors for places, so the encoder sees a bag of symbols without order.",
)
def embed(tokens, table, places):
    return math.sqrt(table.shape[1]) * table[tokens]


@misconception(
    "tied",
    "places-multiplied",
    says="You multiply the symbols by the places. They are added: at place 0 half of the entries of the place are 0, and "
    "a product would wipe out half of the symbol.",
)
def embed(tokens, table, places):
    return math.sqrt(table.shape[1]) * table[tokens] * places


@misconception(
    "tied",
    "places-behind-the-symbols",
    says="You put the places behind the symbols, which makes vectors of 2M numbers. The transformer adds the two, so that "
    "the size stays M.",
)
def embed(tokens, table, places):
    rows = math.sqrt(table.shape[1]) * table[tokens]
    return torch.cat([rows, places.expand_as(rows)], dim=-1)


@misconception(
    "tied",
    "places-by-symbol",
    says="You look the vector of the place up by the symbol. A place is where a symbol stands, 0 to T - 1, whatever it is: "
    "add the whole table of places.",
)
def embed(tokens, table, places):
    return math.sqrt(table.shape[1]) * table[tokens] + places[tokens % len(places)]


@misconception(
    "tied",
    "places-halved",
    says="You take the mean of symbol and place. The two are added; nothing is halved.",
)
def embed(tokens, table, places):
    return (math.sqrt(table.shape[1]) * table[tokens] + places) / 2


@misconception(
    "tied",
    "first-place-everywhere",
    says="You add the vector of place 0 to every symbol. Each place has a row of its own.",
)
def embed(tokens, table, places):
    return math.sqrt(table.shape[1]) * table[tokens] + places[0]


@misconception(
    "tied",
    "logits-scaled-down",
    says="You divide the logits by √M. The rows are used as they are here: their small spread already keeps the logits "
    "near 1.",
)
def logits(h, table):
    return h @ table.mT / math.sqrt(table.shape[1])


@misconception(
    "tied",
    "logits-scaled-up",
    says="You multiply by √M on the way out as well. Only the inputs are scaled; logits use the rows as they are.",
)
def logits(h, table):
    return math.sqrt(table.shape[1]) * h @ table.mT


@misconception(
    "tied",
    "logits-as-probabilities",
    says="You already take the softmax. The contract asks for logits: the loss takes their softmax itself.",
)
def logits(h, table):
    return (h @ table.mT).softmax(dim=-1)


@misconception(
    "tied",
    "table-not-turned",
    says="You multiply by the table as it stands, so places meet its rows instead of its columns. Each logit is the dot "
    "product with one row: turn the table round.",
)
def logits(h, table):
    return h @ table


@misconception(
    "tied",
    "log-probabilities",
    says="You return log-probabilities. The contract asks for the bare dot products, before any softmax.",
)
def logits(h, table):
    return (h @ table.mT).log_softmax(dim=-1)


@misconception(
    "tied",
    "cosine",
    says="You scale both vectors to length 1 and get cosines. A logit is the bare dot product, in which lengths count.",
)
def logits(h, table):
    return F.normalize(h, dim=-1) @ F.normalize(table, dim=-1).mT


@misconception(
    "tied",
    "last-place-only",
    says="You give logits for the last place only. Training needs them at every place at once: shape (B, T, V).",
)
def logits(h, table):
    return h[:, -1] @ table.mT


@misconception(
    "tied",
    "symbols-before-places",
    says="Your symbols stand before the places, shape (B, V, T). That is the order for cross_entropy; the contract asks for "
    "(B, T, V).",
)
def logits(h, table):
    return (h @ table.mT).mT


@misconception(
    "tied",
    "places-scaled-not-rows",
    says="You scale the vectors for places and not the rows. The rows are the small ones; the places are added as "
    "they are.",
)
def embed(tokens, table, places):
    return table[tokens] + math.sqrt(table.shape[1]) * places


@misconception(
    "tied",
    "places-subtracted",
    says="You subtract the places. They are added.",
)
def embed(tokens, table, places):
    return math.sqrt(table.shape[1]) * table[tokens] - places


@misconception(
    "tied",
    "columns-picked",
    says="You pick columns of the table. A symbol's vector is a row: index the table as it stands.",
)
def embed(tokens, table, places):
    return math.sqrt(table.shape[1]) * table.T[tokens] + places


@misconception(
    "tied",
    "symbols-chosen",
    says="You choose the best symbol already. The contract asks for the logits of all symbols, shape (B, T, V).",
)
def logits(h, table):
    return (h @ table.T).argmax(-1)


@misconception(
    "tied",
    "logits-through-a-sigmoid",
    says="You send the dot products through a sigmoid. Logits are the bare dot products.",
)
def logits(h, table):
    return (h @ table.T).sigmoid()


@misconception(
    "tied",
    "numbers-of-the-symbols",
    says="You use the number of the symbol itself in place of its row, as if symbol 4 were twice symbol 2. Look "
    "the row up in the table.",
)
def embed(tokens, table, places):
    return math.sqrt(table.shape[1]) * tokens[..., None] + places


@misconception(
    "tied",
    "table-changed",
    says="You multiply the table itself (*=), so it grows with every call. Make a new tensor.",
)
def embed(tokens, table, places):
    table *= math.sqrt(table.shape[1])
    return table[tokens] + places


@misconception(
    "tied",
    "frozen-copy-of-the-table",
    says="The values are right, but nn.Embedding.from_pretrained makes a frozen layer of your table, so no gradient arrives "
    "at it and the symbols never learn. Index the table itself.",
)
def embed(tokens, table, places):
    return torch.nn.Embedding.from_pretrained(table)(tokens) * math.sqrt(table.shape[1]) + places


@misconception(
    "tied",
    "layer-of-its-own",
    says="The values are right, but a new nn.Linear holds a parameter of its own, so no gradient arrives at the table, and "
    "one matrix has become two. Multiply by the table itself.",
)
def logits(h, table):
    layer = torch.nn.Linear(table.shape[1], table.shape[0], bias=False)
    layer.weight = torch.nn.Parameter(table)
    return layer(h)


@misconception(
    "tied",
    "divided-by-the-size",
    says="You divide the rows by M. They are small and must become larger: multiply by √M.",
)
def embed(tokens, table, places):
    return table[tokens] / table.shape[1] + places


@misconception(
    "tied",
    "logits-divided-by-the-size",
    says="You divide the logits by M. The rows are used as they are here.",
)
def logits(h, table):
    return h @ table.T / table.shape[1]


@misconception(
    "tied",
    "table-reshaped",
    says="You reshape the table to turn it. That pours the numbers into new rows in their old order; a turned "
    "table has its axes exchanged: .mT.",
)
def logits(h, table):
    return h @ table.reshape(table.shape[1], table.shape[0])


# --- honest parallel training


@misconception(
    "honest",
    "not-shifted",
    says="You show the target as it is, so the symbol to predict stands at its own place and the model has only to pass it "
    "on. Put the start sign in front and leave the last symbol out.",
)
def shift(target, start):
    return target.clone()


@misconception(
    "honest",
    "shifted-to-the-left",
    says="You shift to the left, so each place is shown the symbol after the one it must predict. It must be shown the one "
    "before: start sign in front.",
)
def shift(target, start):
    return torch.cat([target[:, 1:], torch.full_like(target[:, :1], start)], dim=1)


@misconception(
    "honest",
    "one-symbol-too-long",
    says="You put the start sign in front but keep the last symbol, so what is shown is longer than the target. The last "
    "symbol is never shown, only predicted.",
)
def shift(target, start):
    return torch.cat([torch.full_like(target[:, :1], start), target], dim=1)


@misconception(
    "honest",
    "last-symbol-only-dropped",
    says="You leave the last symbol out but put no start sign in front, so nothing is shifted and the length does not fit.",
)
def shift(target, start):
    return target[:, :-1]


@misconception(
    "honest",
    "first-symbol-overwritten",
    says="You write the start sign over the first symbol and leave the others where they are. All symbols move one place to "
    "the right.",
)
def shift(target, start):
    shown = target.clone()
    shown[:, 0] = start
    return shown


@misconception(
    "honest",
    "rolled-round",
    says="The last symbol of your target comes back at place 0, where the start sign belongs: it tells the first place how "
    "the target ends.",
)
def shift(target, start):
    return target.roll(1, dims=1)


@misconception(
    "honest",
    "shifted-along-the-batch",
    says="You shift along the batch: a sequence is shown what belongs to its neighbour. Time is the second axis.",
)
def shift(target, start):
    return torch.cat([torch.full_like(target[:1], start), target[:-1]], dim=0)


@misconception(
    "honest",
    "shifted-in-place",
    says="Your shift changes the target itself, against which the loss is then computed. Make a new tensor.",
)
def shift(target, start):
    target[:, 1:] = target[:, :-1].clone()
    target[:, 0] = start
    return target


@misconception(
    "honest",
    "only-the-start-sign",
    says="You show the start sign at every place. In training each place is shown the true symbols before it.",
)
def shift(target, start):
    return torch.full_like(target, start)


@misconception(
    "honest",
    "causal-only",
    says="Your mask lets real places look at padding, and it is the same for every sequence. Join it with the condition "
    "that the key is real.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return (t <= t[:, None]).expand(len(lengths), size, size)


@misconception(
    "honest",
    "padding-only",
    says="Your mask hides the padding but not the future: each place sees the symbol that it must predict.",
)
def target_mask(lengths, size):
    return (torch.arange(size) < lengths[:, None, None]).expand(-1, size, -1)


@misconception(
    "honest",
    "joined-by-or",
    says="You join the two conditions by or, so a key that breaks one of them is still seen. Both must hold: use &.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return (t <= t[:, None]) | (t < lengths[:, None, None])


@misconception(
    "honest",
    "true-means-hidden",
    says="Your mask is True where looking is forbidden. Some modules of PyTorch mean it that way; here True means may look.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return ~((t <= t[:, None]) & (t < lengths[:, None, None]))


@misconception(
    "honest",
    "future-and-self",
    says="Your mask shows each place itself and the future. It must be the past: keys are columns, and no column to the "
    "right of the diagonal may be seen.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return (t >= t[:, None]) & (t < lengths[:, None, None])


@misconception(
    "honest",
    "not-even-itself",
    says="In your mask a place may not look at itself, and the first one at nothing. What it is shown is already shifted, "
    "so its own place holds the symbol before and is allowed.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return (t < t[:, None]) & (t < lengths[:, None, None])


@misconception(
    "honest",
    "one-place-of-padding",
    says="Your mask counts one place of padding as real: the real ones are 0 to length - 1.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return (t <= t[:, None]) & (t <= lengths[:, None, None])


@misconception(
    "honest",
    "one-place-to-the-right",
    says="Your places may look one place too far to the right, where the symbol stands that they must predict.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return (t <= t[:, None] + 1) & (t < lengths[:, None, None])


@misconception(
    "honest",
    "padded-queries-hidden",
    says="You hide the padding along the rows: your padded queries see nothing, and an empty row has no softmax. What must "
    "not be seen are padded keys, the columns; rows of padding follow the same rule as the others.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return (t <= t[:, None]) & (t[:, None] < lengths[:, None, None])


@misconception(
    "honest",
    "batch-axis-missing",
    says="Your lengths line up with the queries, not with the sequences. The mask needs three axes: sequence, query, key.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    real = t < lengths[:, None]
    return (t <= t[:, None]) & real[: len(t)] if len(real) == size else (t <= t[:, None]) & real[:1]


@misconception(
    "honest",
    "mask-as-numbers",
    says="Your mask holds ones and zeros as numbers. Added to scores or turned round by ~ they mean something else: make it "
    "boolean.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return ((t <= t[:, None]) & (t < lengths[:, None, None])).float()


@misconception(
    "honest",
    "minus-infinity",
    says="Your mask is made of 0 and minus infinity, to be added to scores. That is another convention; here it is boolean, "
    "True for may look.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    allowed = (t <= t[:, None]) & (t < lengths[:, None, None])
    return torch.zeros(allowed.shape).masked_fill(~allowed, -math.inf)


@misconception(
    "honest",
    "nothing-hidden",
    says="Your mask hides nothing. Without it each place sees the symbol that it must predict, one place to the right.",
)
def target_mask(lengths, size):
    return torch.ones(len(lengths), size, size, dtype=torch.bool)


@misconception(
    "honest",
    "start-sign-behind",
    says="You put the start sign behind the target. It stands in front, and the others move one place to the right.",
)
def shift(target, start):
    return torch.cat([target[:, :-1], torch.full_like(target[:, :1], start)], dim=1)


@misconception(
    "honest",
    "zero-in-front",
    says="You put 0 in front, which may be a symbol of its own. The sign to put there is given as start.",
)
def shift(target, start):
    return F.pad(target[:, :-1], (1, 0))


@misconception(
    "honest",
    "shifted-by-two",
    says="You shift by two places. By one: place t is shown the symbol of place t - 1.",
)
def shift(target, start):
    return F.pad(target, (2, -2), value=start)


@misconception(
    "honest",
    "symbols-as-floats",
    says="What you show are floats, because torch.ones and torch.zeros make floats and cat turns all the rest into them. An "
    "embedding is looked up by whole numbers: use torch.full with a whole number.",
)
def shift(target, start):
    return torch.cat([start * torch.ones(len(target), 1), target[:, :-1]], dim=1)


@misconception(
    "honest",
    "future-only",
    says="Your mask shows the future and hides the past and the place itself. Keys are columns: from the diagonal "
    "to the left they may be seen.",
)
def target_mask(lengths, size):
    return torch.ones(size, size, dtype=torch.bool).triu(1)[None] & (torch.arange(size) < lengths[:, None, None])


@misconception(
    "honest",
    "one-mask-for-all",
    says="Your mask has no axis for the sequences and leaves out the padding. Each sequence has its own length, so "
    "each needs its own mask: shape (B, T, T).",
)
def target_mask(lengths, size):
    return torch.ones(size, size, dtype=torch.bool).tril()


@misconception(
    "honest",
    "real-places-only",
    says="You only say which places are real, shape (B, T). The mask needs an axis for the queries too, and no "
    "query may look to the right.",
)
def target_mask(lengths, size):
    return torch.arange(size) < lengths[:, None]


@misconception(
    "honest",
    "axis-for-heads",
    says="Your mask has an axis for heads as well. The contract asks for three: sequence, query, key.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return ((t <= t[:, None]) & (t < lengths[:, None, None]))[:, None]


@misconception(
    "honest",
    "padding-sees-itself",
    says="In your mask padding may look at itself. A key of padding is seen by no one: rows of padding follow the "
    "same rule as the others.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return (t <= t[:, None]) & (t < lengths[:, None, None]) | (t == t[:, None])


@misconception(
    "honest",
    "last-real-place-hidden",
    says="Your mask hides the last real place: with n real places they are 0 to n - 1, so the condition is t < n.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return (t <= t[:, None]) & (t < lengths[:, None, None] - 1)


@misconception(
    "honest",
    "padding-in-front",
    says="You take the first places for padding. It stands behind: the first lengths[b] places are real.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return (t <= t[:, None]) & (t >= size - lengths[:, None, None])


@misconception(
    "honest",
    "target-backwards",
    says="You show the target backwards. The order stays; all symbols move one place to the right.",
)
def shift(target, start):
    return target.flip(1)


@misconception(
    "honest",
    "first-symbol-copied-along",
    says="You copy each symbol over the next one, from left to right, so the first symbol fills the row. Take all "
    "of them from the old target.",
)
def shift(target, start):
    shown = target.clone()
    for t in range(1, target.shape[1]):
        shown[:, t] = shown[:, t - 1]
    shown[:, 0] = start
    return shown


@misconception(
    "honest",
    "numbers-joined-by-and",
    says="You join numbers by &, which works on booleans. Make the triangle boolean first.",
)
def target_mask(lengths, size):
    causal = torch.ones(size, size).tril()
    pad = torch.arange(size) < lengths[:, None, None]
    return causal & pad


@misconception(
    "honest",
    "rows-and-columns-exchanged",
    says="Your queries and keys are exchanged. Rows are queries and columns are keys: row t is True up to column "
    "t, and padding is a column.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return ((t <= t[:, None]) & (t < lengths[:, None, None])).mT


@misconception(
    "honest",
    "sequences-as-rows",
    says="Your lengths have one axis beside them, so sequences line up with queries. Three axes are needed: "
    "lengths[:, None, None].",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return (t <= t[:, None]) & (t < lengths[:, None])


@misconception(
    "honest",
    "itself-only",
    says="In your mask a place sees itself and nothing before it. It may look at all places from 0 on.",
)
def target_mask(lengths, size):
    t = torch.arange(size)
    return (t == t[:, None]) & (t < lengths[:, None, None])


# --- a network at each place


@misconception(
    "feed_forward",
    "no-relu",
    says="There is no ReLU between your two maps. Two linear maps in a row are one linear map.",
)
def feed_forward(x, w1, b1, w2, b2):
    return (x @ w1 + b1) @ w2 + b2


@misconception(
    "feed_forward",
    "relu-at-the-end",
    says="Your ReLU stands behind the second map. It belongs between the two; what a sub-layer adds may be negative.",
)
def feed_forward(x, w1, b1, w2, b2):
    return F.relu((x @ w1 + b1) @ w2 + b2)


@misconception(
    "feed_forward",
    "relu-twice",
    says="You put a ReLU behind both maps. The second map has none: what a sub-layer adds may be negative.",
)
def feed_forward(x, w1, b1, w2, b2):
    return F.relu(F.relu(x @ w1 + b1) @ w2 + b2)


@misconception(
    "feed_forward",
    "way-around-inside",
    says="You add x to what the network gives. The way around is not part of the network: what stands around a sub-layer "
    "adds it, as in b).",
)
def feed_forward(x, w1, b1, w2, b2):
    return x + F.relu(x @ w1 + b1) @ w2 + b2


@misconception(
    "feed_forward",
    "gelu",
    says="You use GELU, which BERT and GPT take. The transformer as published has a ReLU.",
)
def feed_forward(x, w1, b1, w2, b2):
    return F.gelu(x @ w1 + b1) @ w2 + b2


@misconception(
    "feed_forward",
    "first-bias-forgotten",
    says="You leave out b1. The bias shifts where each hidden number switches on.",
)
def feed_forward(x, w1, b1, w2, b2):
    return F.relu(x @ w1) @ w2 + b2


@misconception(
    "feed_forward",
    "bias-after-the-relu",
    says="You add b1 behind the ReLU. It belongs inside: it decides where the hidden number switches on.",
)
def feed_forward(x, w1, b1, w2, b2):
    return (F.relu(x @ w1) + b1) @ w2 + b2


@misconception(
    "feed_forward",
    "second-bias-forgotten",
    says="You leave out b2. The second map has a bias too.",
)
def feed_forward(x, w1, b1, w2, b2):
    return F.relu(x @ w1 + b1) @ w2


@misconception(
    "feed_forward",
    "weights-turned",
    says="You turn the matrices round, as nn.Linear keeps them. Here w1 has shape (M, N) and is applied from the right as it "
    "stands.",
)
def feed_forward(x, w1, b1, w2, b2):
    return F.linear(F.relu(F.linear(x, w1, b1)), w2, b2)


@misconception(
    "feed_forward",
    "softmax-inside",
    says="You take a softmax where the ReLU belongs. The hidden numbers are no weights that must sum to one.",
)
def feed_forward(x, w1, b1, w2, b2):
    return (x @ w1 + b1).softmax(dim=-1) @ w2 + b2


@misconception(
    "feed_forward",
    "mean-over-the-places",
    says="You mix the places, here by their mean. The network sees each place alone; only attention moves something from "
    "place to place.",
)
def feed_forward(x, w1, b1, w2, b2):
    x = x.mean(dim=1, keepdim=True).expand_as(x)
    return F.relu(x @ w1 + b1) @ w2 + b2


@misconception(
    "feed_forward",
    "leaky-relu",
    says="You use a leaky ReLU, which lets a hundredth of the negative numbers through. The ReLU makes them 0.",
)
def feed_forward(x, w1, b1, w2, b2):
    return F.leaky_relu(x @ w1 + b1) @ w2 + b2


@misconception(
    "feed_forward",
    "no-biases",
    says="You leave out both biases. Each of the two maps has one.",
)
def feed_forward(x, w1, b1, w2, b2):
    return F.relu(x @ w1) @ w2


@misconception(
    "feed_forward",
    "relu-on-the-input",
    says="Your ReLU acts on x, before the first map, and nothing stands between the two maps. It belongs between them.",
)
def feed_forward(x, w1, b1, w2, b2):
    return (F.relu(x) @ w1 + b1) @ w2 + b2


@misconception(
    "feed_forward",
    "largest-number-kept",
    says="torch.max with one argument keeps the largest number of all. The formula means the larger of 0 and each "
    "number: F.relu, or clamp(min=0).",
)
def feed_forward(x, w1, b1, w2, b2):
    return torch.max(x @ w1 + b1) @ w2 + b2


@misconception(
    "feed_forward",
    "max-of-python",
    says="The max of Python compares two single values and can't choose entry by entry. Of a tensor and 0, F.relu or "
    "clamp(min=0) takes the larger one at each entry.",
)
def feed_forward(x, w1, b1, w2, b2):
    return max(0, x @ w1 + b1) @ w2 + b2


@misconception(
    "feed_forward",
    "biases-exchanged",
    says="Your biases are exchanged: b1 has N numbers and belongs to the first map, b2 has M and belongs to the "
    "second.",
)
def feed_forward(x, w1, b1, w2, b2):
    return F.relu(x @ w1 + b2) @ w2 + b1


@misconception(
    "feed_forward",
    "norm-inside",
    says="You norm the output. The norm of a sub-layer stands outside the network, with the shortcut.",
)
def feed_forward(x, w1, b1, w2, b2):
    return F.layer_norm(F.relu(x @ w1 + b1) @ w2 + b2, x.shape[-1:])


@misconception(
    "feed_forward",
    "sigmoid-inside",
    says="You use a sigmoid where the ReLU belongs. The formula has max(0, .): negative numbers become 0, others "
    "stay as they are.",
)
def feed_forward(x, w1, b1, w2, b2):
    return torch.sigmoid(x @ w1 + b1) @ w2 + b2


@misconception(
    "feed_forward",
    "tanh-inside",
    says="You use a tanh where the ReLU belongs. The formula has max(0, .): negative numbers become 0, others stay "
    "as they are.",
)
def feed_forward(x, w1, b1, w2, b2):
    return torch.tanh(x @ w1 + b1) @ w2 + b2


# --- the way around


@misconception(
    "around",
    "always-behind",
    says="Your norm always stands behind the sum. With norm_first it belongs in front of the sub-layer.",
)
def around(x, sublayer, norm, norm_first):
    return norm(x + sublayer(x))


@misconception(
    "around",
    "always-in-front",
    says="Your norm always stands in front. Without norm_first it belongs behind the sum, as published.",
)
def around(x, sublayer, norm, norm_first):
    return x + sublayer(norm(x))


@misconception(
    "around",
    "switch-turned-round",
    says="Your two orders are exchanged: norm_first means that the norm stands in front of the sub-layer.",
)
def around(x, sublayer, norm, norm_first):
    return norm(x + sublayer(x)) if norm_first else x + sublayer(norm(x))


@misconception(
    "around",
    "norm-on-the-residual-path",
    says="With the norm in front you also send the shortcut through it: norm(x) + f(norm(x)). The way around stays free "
    "of norms, so that x itself is passed on.",
)
def around(x, sublayer, norm, norm_first):
    if norm_first:
        h = norm(x)
        return h + sublayer(h)
    return norm(x + sublayer(x))


@misconception(
    "around",
    "norm-of-the-branch-alone",
    says="With the norm behind you norm only what the sub-layer gives, x + norm(f(x)). The norm stands behind the sum.",
)
def around(x, sublayer, norm, norm_first):
    return x + sublayer(norm(x)) if norm_first else x + norm(sublayer(x))


@misconception(
    "around",
    "norm-then-sum-at-both-ends",
    says="With the norm in front you norm the sum as well. One norm for each sub-layer: in front or behind, never both.",
)
def around(x, sublayer, norm, norm_first):
    return norm(x + sublayer(norm(x))) if norm_first else norm(x + sublayer(x))


@misconception(
    "around",
    "norms-at-both-ends-behind",
    says="With the norm behind you already norm what the sub-layer reads. One norm for each sub-layer: in front or behind, "
    "never both.",
)
def around(x, sublayer, norm, norm_first):
    return x + sublayer(norm(x)) if norm_first else norm(x + sublayer(norm(x)))


@misconception(
    "around",
    "no-way-around",
    says="There is no way around your sub-layer: x is not added. Then a sub-layer must pass on all that it was given.",
)
def around(x, sublayer, norm, norm_first):
    return sublayer(norm(x)) if norm_first else norm(sublayer(x))


@misconception(
    "around",
    "no-norm",
    says="You call no norm at all. Without it the sums grow from layer to layer.",
)
def around(x, sublayer, norm, norm_first):
    return x + sublayer(x)


@misconception(
    "around",
    "added-after-the-norm",
    says="With the norm behind you norm x and add the sub-layer's part afterwards. First the sum, then the norm.",
)
def around(x, sublayer, norm, norm_first):
    return x + sublayer(norm(x)) if norm_first else norm(x) + sublayer(x)


@misconception(
    "around",
    "branch-normed-in-front",
    says="With the norm in front you norm what the sub-layer gives, not what it reads. In front means before the sub-layer.",
)
def around(x, sublayer, norm, norm_first):
    return x + norm(sublayer(x)) if norm_first else norm(x + sublayer(x))


@misconception(
    "around",
    "sub-layer-called-twice",
    says="You call the sub-layer twice, once for either order. With dropout the two calls differ, and it costs double: call "
    "it where you need it.",
)
def around(x, sublayer, norm, norm_first):
    behind, in_front = norm(x + sublayer(x)), x + sublayer(norm(x))
    return in_front if norm_first else behind


@misconception(
    "around",
    "norm-on-the-wrong-way",
    says="With the norm in front you norm the way around, and the sub-layer reads x without it. It is the other "
    "way: x goes around as it is, norm(x) goes in.",
)
def around(x, sublayer, norm, norm_first):
    if norm_first:
        return norm(x) + sublayer(x)
    return norm(x + sublayer(x))


@misconception(
    "around",
    "norm-of-your-own",
    says="You make a layer norm of your own. Use the norm you are given: in a model it has learned weights.",
)
def around(x, sublayer, norm, norm_first):
    norm = nn.LayerNorm(x.shape[-1])
    if norm_first:
        return x + sublayer(norm(x))
    return norm(x + sublayer(x))


@misconception(
    "around",
    "x-changed",
    says="You change x itself (+=). Whoever called your function still needs it: make a new tensor.",
)
def around(x, sublayer, norm, norm_first):
    if norm_first:
        x += sublayer(norm(x))
        return x
    x += sublayer(x)
    return norm(x)


@misconception(
    "around",
    "no-way-around-in-front",
    says="With the norm in front there is no way around your sub-layer: x is not added.",
)
def around(x, sublayer, norm, norm_first):
    if norm_first:
        return sublayer(norm(x))
    return norm(x + sublayer(x))


@misconception(
    "around",
    "multiplied",
    says="You multiply x by what the sub-layer gives. The two are added.",
)
def around(x, sublayer, norm, norm_first):
    if norm_first:
        return x * sublayer(norm(x))
    return norm(x * sublayer(x))


@misconception(
    "around",
    "no-way-around-behind",
    says="With the norm behind there is no way around your sub-layer: x is not added before the norm.",
)
def around(x, sublayer, norm, norm_first):
    if norm_first:
        return x + sublayer(norm(x))
    return norm(sublayer(x))


@misconception(
    "around",
    "no-norm-in-front",
    says="With the norm in front you call no norm. The sub-layer reads norm(x).",
)
def around(x, sublayer, norm, norm_first):
    if norm_first:
        return x + sublayer(x)
    return norm(x + sublayer(x))


# --- the encoder layer


@misconception(
    "encoder_layer",
    "order-of-the-norms-ignored",
    says="You ignore norm_first: your norms always stand behind the sums.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    x = norms[0](x + attention(x, x, x, mask))
    return norms[1](x + network(x))


@misconception(
    "encoder_layer",
    "always-in-front",
    says="You ignore norm_first: your norms always stand in front of the sub-layers.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    h = norms[0](x)
    x = x + attention(h, h, h, mask)
    return x + network(norms[1](x))


@misconception(
    "encoder_layer",
    "switch-turned-round",
    says="Your two orders are exchanged: norm_first means that norms stand in front of the sub-layers.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if not norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        return x + network(norms[1](x))
    x = norms[0](x + attention(x, x, x, mask))
    return norms[1](x + network(x))


@misconception(
    "encoder_layer",
    "mask-not-passed-on",
    says="You do not pass the mask on, so real places look at padding.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, None)
        return x + network(norms[1](x))
    x = norms[0](x + attention(x, x, x, None))
    return norms[1](x + network(x))


@misconception(
    "encoder_layer",
    "one-norm-twice",
    says="You use the first norm for both sub-layers. Each sub-layer has a norm of its own.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        return x + network(norms[0](x))
    x = norms[0](x + attention(x, x, x, mask))
    return norms[0](x + network(x))


@misconception(
    "encoder_layer",
    "norms-exchanged",
    says="Your norms are exchanged: the first belongs to attention, the second to the network.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        h = norms[1](x)
        x = x + attention(h, h, h, mask)
        return x + network(norms[0](x))
    x = norms[1](x + attention(x, x, x, mask))
    return norms[0](x + network(x))


@misconception(
    "encoder_layer",
    "queries-only-normed",
    says="With norms in front you norm only the queries. In self-attention queries, keys and values are the same, so all "
    "three read the normed places.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        x = x + attention(norms[0](x), x, x, mask)
        return x + network(norms[1](x))
    x = norms[0](x + attention(x, x, x, mask))
    return norms[1](x + network(x))


@misconception(
    "encoder_layer",
    "values-not-normed",
    says="With norms in front your values are not normed. All three arguments of attention read the normed places.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, x, mask)
        return x + network(norms[1](x))
    x = norms[0](x + attention(x, x, x, mask))
    return norms[1](x + network(x))


@misconception(
    "encoder_layer",
    "norm-on-the-residual-path",
    says="With norms in front your shortcuts run through the norms. They stay free: x itself is passed on.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        x = norms[0](x)
        x = x + attention(x, x, x, mask)
        x = norms[1](x)
        return x + network(x)
    x = norms[0](x + attention(x, x, x, mask))
    return norms[1](x + network(x))


@misconception(
    "encoder_layer",
    "network-first",
    says="Your network comes before attention. The order is attention, then network.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        x = x + network(norms[0](x))
        h = norms[1](x)
        return x + attention(h, h, h, mask)
    x = norms[0](x + network(x))
    return norms[1](x + attention(x, x, x, mask))


@misconception(
    "encoder_layer",
    "side-by-side",
    says="Your network reads the same input as attention, side by side with it. It comes after: it reads what attention has "
    "already added.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        h = norms[0](x)
        return x + attention(h, h, h, mask) + network(norms[1](x))
    return norms[1](norms[0](x + attention(x, x, x, mask)) + network(x))


@misconception(
    "encoder_layer",
    "one-way-around-both",
    says="You lead one shortcut around the whole layer. Each of the two sub-layers has its own.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        h = norms[0](x)
        return x + network(norms[1](attention(h, h, h, mask)))
    return norms[1](x + network(norms[0](attention(x, x, x, mask))))


@misconception(
    "encoder_layer",
    "no-way-around-the-network",
    says="There is no way around your network. Both sub-layers have one.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        return network(norms[1](x))
    x = norms[0](x + attention(x, x, x, mask))
    return norms[1](network(x))


@misconception(
    "encoder_layer",
    "no-way-around-attention",
    says="There is no way around your attention. Both sub-layers have one.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = attention(h, h, h, mask)
        return x + network(norms[1](x))
    x = norms[0](attention(x, x, x, mask))
    return norms[1](x + network(x))


@misconception(
    "encoder_layer",
    "old-input-around-the-network",
    says="The way around your network starts at the input of the layer, so what attention added is lost there. It starts "
    "where the network reads.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        h = norms[0](x)
        y = x + attention(h, h, h, mask)
        return x + network(norms[1](y))
    y = norms[0](x + attention(x, x, x, mask))
    return norms[1](x + network(y))


@misconception(
    "encoder_layer",
    "network-forgotten",
    says="You leave the network out. Attention only mixes; the network is what works on each place.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        h = norms[0](x)
        return x + attention(h, h, h, mask)
    return norms[0](x + attention(x, x, x, mask))


@misconception(
    "encoder_layer",
    "mask-turned-round",
    says="You turn the mask round, as some modules of PyTorch want it. Here True means may look, and attention takes it as "
    "it is.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    mask = None if mask is None else ~mask
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        return x + network(norms[1](x))
    x = norms[0](x + attention(x, x, x, mask))
    return norms[1](x + network(x))


@misconception(
    "encoder_layer",
    "network-not-normed",
    says="With norms in front your network reads x without its norm. Each of the two sub-layers reads through its own.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):

    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        return x + network(x)
    x = norms[0](x + attention(x, x, x, mask))
    return norms[1](x + network(x))


@misconception(
    "encoder_layer",
    "branches-normed-in-front",
    says="With norms in front you norm what the sub-layers give. In front means: what they read.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):

    if norm_first:
        x = x + norms[0](attention(x, x, x, mask))
        return x + norms[1](network(x))
    x = norms[0](x + attention(x, x, x, mask))
    return norms[1](x + network(x))


@misconception(
    "encoder_layer",
    "norm-at-the-end-too",
    says="With norms in front you norm the last sum as well. One norm for each sub-layer; a norm at the end of the "
    "whole stack stands outside this layer.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):

    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        return norms[1](x + network(norms[1](x)))
    x = norms[0](x + attention(x, x, x, mask))
    return norms[1](x + network(x))


@misconception(
    "encoder_layer",
    "second-norm-forgotten",
    says="With norms behind the second one is missing: the sum of the network needs its norm too.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):

    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        return x + network(norms[1](x))
    x = norms[0](x + attention(x, x, x, mask))
    return x + network(x)


@misconception(
    "encoder_layer",
    "mask-not-handed-over",
    says="You call attention with three arguments. It takes four: queries, keys, values and the mask.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):

    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h)
        return x + network(norms[1](x))
    x = norms[0](x + attention(x, x, x))
    return norms[1](x + network(x))


@misconception(
    "encoder_layer",
    "no-ways-around",
    says="There is no way around either sub-layer: x is never added.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):

    if norm_first:
        h = norms[0](x)
        return network(norms[1](attention(h, h, h, mask)))
    return norms[1](network(norms[0](attention(x, x, x, mask))))


@misconception(
    "encoder_layer",
    "no-norms",
    says="You call no norm at all. Without norms the sums grow from layer to layer.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):

    x = x + attention(x, x, x, mask)
    return x + network(x)


@misconception(
    "encoder_layer",
    "network-forgotten-in-front",
    says="With norms in front you leave the network out. Both orders have the same two sub-layers.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):

    if norm_first:
        h = norms[0](x)
        return x + attention(h, h, h, mask)
    x = norms[0](x + attention(x, x, x, mask))
    return norms[1](x + network(x))


@misconception(
    "encoder_layer",
    "network-reads-what-attention-read",
    says="With norms in front your network reads what attention has read, without what it found. It reads the "
    "second norm of the sum.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        return x + network(h)
    x = norms[0](x + attention(x, x, x, mask))
    return norms[1](x + network(x))


@misconception(
    "encoder_layer",
    "no-norms-in-front",
    says="With norms in front you call none at all. Each sub-layer reads x through its norm.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        x = x + attention(x, x, x, mask)
        return x + network(x)
    x = norms[0](x + attention(x, x, x, mask))
    return norms[1](x + network(x))


@misconception(
    "encoder_layer",
    "branches-normed-behind",
    says="With norms behind you norm only what the sub-layers give. The norm stands behind the sum.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        return x + network(norms[1](x))
    x = x + norms[0](attention(x, x, x, mask))
    return x + norms[1](network(x))


@misconception(
    "encoder_layer",
    "x-changed",
    says="You change x itself (+=). Whoever called your function still needs it: make a new tensor.",
)
def encoder_layer(x, attention, network, norms, mask, norm_first):
    h = norms[0](x) if norm_first else x
    x += attention(h, h, h, mask)
    x = x if norm_first else norms[0](x)
    x = x + network(norms[1](x) if norm_first else x)
    return x if norm_first else norms[1](x)


# --- the decoder layer


@misconception(
    "decoder_layer",
    "queries-from-the-memory",
    says="In your cross-attention the memory asks and the decoder offers. It is the decoder that needs something: queries "
    "come from x, keys and values from the memory.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        h = norms[1](x)
        x = x + cross_attention(memory, h, h, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(memory, x, x, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "values-from-the-target",
    says="In your cross-attention the values come from x. What is brought home must come from the memory, as the keys do.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        h = norms[1](x)
        x = x + cross_attention(h, memory, h, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, x, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "keys-from-the-target",
    says="In your cross-attention the keys come from x. Keys and values both come from the memory: the key says where the "
    "value of the same place is.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        h = norms[1](x)
        x = x + cross_attention(h, h, memory, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, x, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "no-mask-in-the-decoder",
    says="Your self-attention gets no mask, so every place sees the symbol that it must predict. Pass mask on.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, None)
        x = x + cross_attention(norms[1](x), memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, None))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "no-mask-on-the-memory",
    says="Your cross-attention gets no mask, so it looks at the padding of the source. Pass memory_mask on.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[1](x), memory, memory, None)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, None))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "causal-mask-on-the-memory",
    says="You give the decoder's mask to the cross-attention too. The source is known whole, so every place may look at all "
    "of it; only its padding is hidden, by memory_mask.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[1](x), memory, memory, mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "masks-exchanged",
    says="Your two masks are exchanged: mask belongs to self-attention, memory_mask to cross-attention.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, memory_mask)
        x = x + cross_attention(norms[1](x), memory, memory, mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, memory_mask))
    x = norms[1](x + cross_attention(x, memory, memory, mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "memory-normed-too",
    says="With norms in front you norm the memory too. It comes finished out of the encoder, whose last norm it has already "
    "passed: only the decoder's side is normed.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        found = norms[1](memory)
        x = x + cross_attention(norms[1](x), found, found, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "cross-attention-first",
    says="Your cross-attention comes before self-attention. First the decoder looks at what it has written, then at the "
    "source.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        x = x + cross_attention(norms[0](x), memory, memory, memory_mask)
        h = norms[1](x)
        x = x + attention(h, h, h, mask)
        return x + network(norms[2](x))
    x = norms[0](x + cross_attention(x, memory, memory, memory_mask))
    x = norms[1](x + attention(x, x, x, mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "no-cross-attention",
    says="You leave cross-attention out, so the decoder never sees the source. Then what it writes has nothing to do with "
    "what was read.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "self-attention-used-twice",
    says="You call the same attention for both looks. Self-attention and cross-attention have weights of their own.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + attention(norms[1](x), memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "attentions-exchanged",
    says="Your two attentions are exchanged: attention looks at what was written, cross_attention at what was read.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + cross_attention(h, h, h, mask)
        x = x + attention(norms[1](x), memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + cross_attention(x, x, x, mask))
    x = norms[1](x + attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "memory-added",
    says="You add the memory to x in place of looking at it. Source and target have different lengths and orders; attention "
    "is what finds the right place.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + memory
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + memory)
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "order-of-the-norms-ignored",
    says="You ignore norm_first: your norms always stand behind the sums.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "always-in-front",
    says="You ignore norm_first: your norms always stand in front of the sub-layers.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    h = norms[0](x)
    x = x + attention(h, h, h, mask)
    x = x + cross_attention(norms[1](x), memory, memory, memory_mask)
    return x + network(norms[2](x))


@misconception(
    "decoder_layer",
    "one-norm-for-both-attentions",
    says="You use the first norm for both attentions. There are three norms, one for each sub-layer.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[0](x), memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[0](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "no-way-around-cross-attention",
    says="There is no way around your cross-attention, so all that self-attention gathered is lost there. Each of the three "
    "sub-layers has one.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = cross_attention(norms[1](x), memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "no-norm-behind-cross-attention",
    says="One norm is missing: your cross-attention has none. Each of the three sub-layers has a norm of its own.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(x, memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = x + cross_attention(x, memory, memory, memory_mask)
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "norm-on-the-residual-path",
    says="With norms in front your shortcuts run through the norms. They stay free: x itself is passed on.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        x = norms[0](x)
        x = x + attention(x, x, x, mask)
        x = norms[1](x)
        x = x + cross_attention(x, memory, memory, memory_mask)
        x = norms[2](x)
        return x + network(x)
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "source-and-target-in-one-row",
    says="You put the memory in front of x and let one attention look at both. That is how a decoder without an encoder "
    "reads; here there are two attentions, one behind the other.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    h = norms[0](x) if norm_first else x
    both = torch.cat([memory, h], dim=1)
    y = x + attention(h, both, both, None)
    if norm_first:
        return y + network(norms[2](y))
    y = norms[0](y)
    return norms[2](y + network(y))


@misconception(
    "decoder_layer",
    "network-between-the-attentions",
    says="Your network stands between the two attentions. It comes last, when the place knows both what was written and what "
    "was read.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + network(norms[1](x))
        return x + cross_attention(norms[2](x), memory, memory, memory_mask)
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + network(x))
    return norms[2](x + cross_attention(x, memory, memory, memory_mask))


@misconception(
    "decoder_layer",
    "old-normed-places-asked",
    says="With norms in front your cross-attention asks with what self-attention read, without what it found. It "
    "asks with the norm of the sum.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(h, memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "network-not-normed",
    says="With norms in front your network reads x without its norm. Each of the three sub-layers reads through "
    "its own.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[1](x), memory, memory, memory_mask)
        return x + network(x)
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "branches-normed-in-front",
    says="With norms in front you norm what the sub-layers give. In front means: what they read.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        x = x + norms[0](attention(x, x, x, mask))
        x = x + norms[1](cross_attention(x, memory, memory, memory_mask))
        return x + norms[2](network(x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "norm-at-the-end-too",
    says="With norms in front you norm the last sum as well. One norm for each sub-layer; a norm at the end of the "
    "whole stack stands outside this layer.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[1](x), memory, memory, memory_mask)
        return norms[2](x + network(norms[2](x)))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "memory-normed-by-the-first",
    says="With norms in front you norm the memory too, with the first norm. It comes finished out of the encoder: "
    "only the decoder's side is normed.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        m = norms[0](memory)
        x = x + cross_attention(norms[1](x), m, m, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "no-way-around-the-network",
    says="There is no way around your network. Each of the three sub-layers has one.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[1](x), memory, memory, memory_mask)
        return network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](network(x))


@misconception(
    "decoder_layer",
    "no-way-around-self-attention",
    says="There is no way around your self-attention. Each of the three sub-layers has one.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = attention(h, h, h, mask)
        x = x + cross_attention(norms[1](x), memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "network-forgotten",
    says="You leave the network out. Attention only mixes; the network is what works on each place.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[1](x), memory, memory, memory_mask)
        return x
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return x


@misconception(
    "decoder_layer",
    "no-self-attention",
    says="You leave self-attention out, so a place never learns what was written before it.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        x = x + cross_attention(norms[1](x), memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "one-norm-for-all",
    says="You use the first norm three times. There are three, one for each sub-layer in order.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[0](x), memory, memory, memory_mask)
        return x + network(norms[0](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[0](x + cross_attention(x, memory, memory, memory_mask))
    return norms[0](x + network(x))


@misconception(
    "decoder_layer",
    "last-norms-exchanged",
    says="Your last two norms are exchanged: the second belongs to cross-attention, the third to the network.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[2](x), memory, memory, memory_mask)
        return x + network(norms[1](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[2](x + cross_attention(x, memory, memory, memory_mask))
    return norms[1](x + network(x))


@misconception(
    "decoder_layer",
    "mask-turned-round",
    says="You turn the mask round, as some modules of PyTorch want it. Here True means may look, and attention "
    "takes it as it is.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, ~mask if mask is not None else None)
        x = x + cross_attention(norms[1](x), memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, ~mask if mask is not None else None))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "no-masks",
    says="You pass neither mask on: places see the future, and the padding of the source. mask belongs to self- "
    "attention, memory_mask to cross-attention.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, None)
        x = x + cross_attention(norms[1](x), memory, memory, None)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, None))
    x = norms[1](x + cross_attention(x, memory, memory, None))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "old-input-around-cross-attention",
    says="The way around your cross-attention starts at the input of the layer, so what self-attention added is "
    "lost there. It starts where cross-attention asks.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        y = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[1](y), memory, memory, memory_mask)
        return x + network(norms[2](x))
    y = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(y, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "attentions-side-by-side",
    says="Your two attentions stand side by side and read the same input. One comes after the other: cross- "
    "attention asks with what self-attention has added.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        a = attention(h, h, h, mask)
        c = cross_attention(norms[1](x), memory, memory, memory_mask)
        x = x + a + c
        return x + network(norms[2](x))
    a = attention(x, x, x, mask)
    c = cross_attention(x, memory, memory, memory_mask)
    x = norms[1](norms[0](x + a + c))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "self-attention-over-the-memory",
    says="Your self-attention looks at the memory. It looks at what was written: queries, keys and values all come "
    "from x.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, memory, memory, memory_mask)
        x = x + cross_attention(norms[1](x), memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, memory, memory, memory_mask))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "no-norm-behind-the-network",
    says="With norms behind the last one is missing: the sum of the network needs its norm too.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[1](x), memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return x + network(x)


@misconception(
    "decoder_layer",
    "no-norm-behind-self-attention",
    says="With norms behind the first one is missing: the sum of self-attention needs its norm too.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[1](x), memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = x + attention(x, x, x, mask)
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "masks-joined",
    says="You join the two masks. They speak about different keys: mask about places of the target, memory_mask "
    "about places of the source.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[1](x), memory, memory, mask & memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, mask & memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "branches-normed-behind",
    says="With norms behind you norm only what the sub-layers give. The norms stand behind the sums.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[1](x), memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = x + norms[0](attention(x, x, x, mask))
    x = x + norms[1](cross_attention(x, memory, memory, memory_mask))
    return x + norms[2](network(x))


@misconception(
    "decoder_layer",
    "no-norms",
    says="You call no norm at all. Without norms the sums grow from layer to layer.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    x = x + attention(x, x, x, mask)
    x = x + cross_attention(x, memory, memory, memory_mask)
    return x + network(x)


@misconception(
    "decoder_layer",
    "queries-only-normed",
    says="With norms in front you norm only the queries of self-attention. Its queries, keys and values are the "
    "same normed places.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        x = x + attention(norms[0](x), x, x, mask)
        x = x + cross_attention(norms[1](x), memory, memory, memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, memory_mask))
    return norms[2](x + network(x))


@misconception(
    "decoder_layer",
    "no-ways-around",
    says="There is no way around any of your sub-layers: x is never added.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = attention(h, h, h, mask)
        x = cross_attention(norms[1](x), memory, memory, memory_mask)
        return network(norms[2](x))
    x = norms[0](attention(x, x, x, mask))
    x = norms[1](cross_attention(x, memory, memory, memory_mask))
    return norms[2](network(x))


@misconception(
    "decoder_layer",
    "memory-mask-turned-round",
    says="You turn the mask of the memory round. Here True means may look, and attention takes it as it is.",
)
def decoder_layer(x, memory, attention, cross_attention, network, norms, mask, memory_mask, norm_first):
    if norm_first:
        h = norms[0](x)
        x = x + attention(h, h, h, mask)
        x = x + cross_attention(norms[1](x), memory, memory, None if memory_mask is None else ~memory_mask)
        return x + network(norms[2](x))
    x = norms[0](x + attention(x, x, x, mask))
    x = norms[1](x + cross_attention(x, memory, memory, None if memory_mask is None else ~memory_mask))
    return norms[2](x + network(x))


# --- writing


@misconception(
    "write",
    "start-sign-left-in",
    says="Your result begins with the start sign and lacks the last symbol. The sign is only shown to the model; return "
    "what was written after it.",
)
def write(model, source, length, start, end):
    shown = torch.full((len(source), 1), start)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length - 1):
        token = model(source, shown)[:, -1].argmax(dim=-1).masked_fill(ended, end)
        ended = token == end
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown


@misconception(
    "write",
    "start-sign-returned-too",
    says="Your result has one symbol too many: the start sign in front. Cut it off before you return.",
)
def write(model, source, length, start, end):
    shown = torch.full((len(source), 1), start)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1).masked_fill(ended, end)
        ended = token == end
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown


@misconception(
    "write",
    "first-place-read",
    says="Every symbol you write is chosen like the first one: you read the logits of the first place, or append nothing to "
    "what the model is shown. The newest place, the last, speaks about the symbol that is not there yet.",
)
def write(model, source, length, start, end):
    shown = torch.full((len(source), 1), start)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown)[:, 0].argmax(dim=-1).masked_fill(ended, end)
        ended = token == end
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown[:, 1:]


@misconception(
    "write",
    "only-the-newest-shown",
    says="You show the model only the newest symbol, so it forgets what it wrote before. A recurrent network keeps that in "
    "its state; a transformer must be shown all symbols so far.",
)
def write(model, source, length, start, end):
    token, written = torch.full((len(source),), start), []
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, token[:, None])[:, -1].argmax(dim=-1).masked_fill(ended, end)
        ended = token == end
        written.append(token)
    return torch.stack(written, dim=1)


@misconception(
    "write",
    "never-fed-back",
    says="What you write is never shown to the model: it sees start signs only, as if all could be written in one pass. "
    "Append each symbol before the next step.",
)
def write(model, source, length, start, end):
    shown, written = torch.full((len(source), 1), start), []
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1).masked_fill(ended, end)
        ended = token == end
        written.append(token)
        shown = torch.cat([shown, torch.full((len(source), 1), start)], dim=1)
    return torch.stack(written, dim=1)


@misconception(
    "write",
    "newest-in-front",
    says="You put the newest symbol in front. The model reads from left to right: append it at the end.",
)
def write(model, source, length, start, end):
    shown = torch.full((len(source), 1), start)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1).masked_fill(ended, end)
        ended = token == end
        shown = torch.cat([token[:, None], shown], dim=1)
    return shown[:, :-1]


@misconception(
    "write",
    "argmax-over-the-rows",
    says="Your argmax runs over the rows of the batch. It must compare the symbols, the last axis.",
)
def write(model, source, length, start, end):
    shown = torch.full((len(source), 1), start)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=0)[: len(source)]
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown[:, 1:]


@misconception(
    "write",
    "least-likely",
    says="You take the symbol with the smallest logit. The likeliest has the largest.",
)
def write(model, source, length, start, end):
    shown = torch.full((len(source), 1), start)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmin(dim=-1).masked_fill(ended, end)
        ended = token == end
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown[:, 1:]


@misconception(
    "write",
    "end-ignored",
    says="Your rows go on after they have written the end sign. A finished row holds the end sign in all later places.",
)
def write(model, source, length, start, end):
    shown = torch.full((len(source), 1), start)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1)
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown[:, 1:]


@misconception(
    "write",
    "stops-when-one-row-ends",
    says="All your rows stop as soon as one of them has ended. Each row ends by itself; the others go on.",
)
def write(model, source, length, start, end):
    shown = torch.full((len(source), 1), start)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1).masked_fill(ended, end)
        ended = ended | (token == end).any()
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown[:, 1:]


@misconception(
    "write",
    "shorter-when-all-end",
    says="You stop when a row has ended, and your result has fewer than length places. Fill up with the end sign.",
)
def write(model, source, length, start, end):
    shown = torch.full((len(source), 1), start)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1)
        shown = torch.cat([shown, token[:, None]], dim=1)
        if (token == end).any():
            break
    return shown[:, 1:]


@misconception(
    "write",
    "end-only-right-behind",
    says="You write the end sign once more after a row has ended and then let it go on. A finished row stays finished: "
    "remember which rows have ended.",
)
def write(model, source, length, start, end):
    shown = torch.full((len(source), 1), start)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        chosen = model(source, shown)[:, -1].argmax(dim=-1)
        shown = torch.cat([shown, chosen.masked_fill(ended, end)[:, None]], dim=1)
        ended = chosen == end
    return shown[:, 1:]


@misconception(
    "write",
    "padded-with-zeros",
    says="You fill the places after the end with 0, which is a symbol like any other. Fill them with the end sign.",
)
def write(model, source, length, start, end):
    shown = torch.full((len(source), 1), start)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1).masked_fill(ended, 0)
        ended = ended | (token == end)
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown[:, 1:]


@misconception(
    "write",
    "end-sign-not-written",
    says="You put the start sign where a row should hold its end sign. The end sign itself is part of what is written.",
)
def write(model, source, length, start, end):
    shown = torch.full((len(source), 1), start)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1)
        ended = ended | (token == end)
        shown = torch.cat([shown, token.masked_fill(ended, start)[:, None]], dim=1)
    return shown[:, 1:]


@misconception(
    "write",
    "source-as-the-beginning",
    says="You start from the source in place of the start sign. The source is handed to the model beside what was written, "
    "which begins with the start sign alone.",
)
def write(model, source, length, start, end):
    shown = source
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1).masked_fill(ended, end)
        ended = token == end
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown[:, source.shape[1] :]


@misconception(
    "write",
    "cut-short-when-all-have-ended",
    says="You stop when all rows have ended, and your result has fewer than length places. Stopping is fine; fill "
    "up with the end sign.",
)
def write(model, source, length, start, end):

    shown = torch.full((len(source), 1), start)
    done = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(-1)
        token[done] = end
        done |= token == end
        shown = torch.cat([shown, token.unsqueeze(1)], 1)
        if done.all():
            break
    return shown[:, 1:]


@misconception(
    "write",
    "one-round-short",
    says="You write one symbol too few. The start sign does not count: the loop takes length rounds.",
)
def write(model, source, length, start, end):

    shown = torch.full((len(source), 1), start)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length - 1):
        token = model(source, shown)[:, -1].argmax(dim=-1).masked_fill(ended, end)
        ended = token == end
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown[:, 1:]


@misconception(
    "write",
    "steps-down",
    says="Your steps run down and the rows across. The contract asks for one row for each sequence, shape (B, T).",
)
def write(model, source, length, start, end):

    shown = torch.full((len(source), 1), start)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1).masked_fill(ended, end)
        ended = token == end
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown[:, 1:].T


@misconception(
    "write",
    "zero-as-the-start-sign",
    says="You begin with 0 in place of the sign you are given as start. 0 may be a symbol like any other.",
)
def write(model, source, length, start, end):

    shown = torch.zeros(len(source), 1, dtype=torch.long)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1).masked_fill(ended, end)
        ended = token == end
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown[:, 1:]


@misconception(
    "write",
    "waits-for-all-rows",
    says="You fill with end signs only when all rows have ended. Each row is finished by itself.",
)
def write(model, source, length, start, end):

    shown = torch.full((len(source), 1), start)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1)
        if ended.all():
            token = torch.full_like(token, end)
        ended = ended | (token == end)
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown[:, 1:]


@misconception(
    "write",
    "all-places-appended",
    says="You append the best symbols of all places at each step. Only the newest place speaks about a new symbol; "
    "the others are written already.",
)
def write(model, source, length, start, end):

    shown = torch.full((len(source), 1), start)
    for _ in range(length):
        token = model(source, shown).argmax(dim=-1)
        shown = torch.cat([shown, token], dim=1)
    return shown[:, 1:]


@misconception(
    "write",
    "one-row-only",
    says="You begin with a single row. Each sequence of the source needs a row of its own: shape (B, 1).",
)
def write(model, source, length, start, end):

    shown = torch.full((1, 1), start)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1)
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown[:, 1:]


@misconception(
    "write",
    "argmax-over-the-places",
    says="Your argmax runs over the places. It must compare the symbols, the last axis, at the newest place.",
)
def write(model, source, length, start, end):

    shown = torch.full((len(source), 1), start)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown).argmax(dim=1)[:, -1].masked_fill(ended, end)
        ended = token == end
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown[:, 1:]


@misconception(
    "write",
    "appended-as-rows",
    says="You append the new symbols as rows. Time is the second axis: torch.cat with dim=1.",
)
def write(model, source, length, start, end):

    shown = torch.full((len(source), 1), start)
    ended = torch.zeros(len(source), dtype=torch.bool)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1).masked_fill(ended, end)
        ended = token == end
        shown = torch.cat([shown, token[:, None]], dim=0)
    return shown[:, 1:]


@misconception(
    "write",
    "last-row-read",
    says="You read the logits of the last row of the batch. The newest place is the last of the second axis: [:, -1].",
)
def write(model, source, length, start, end):

    shown = torch.full((len(source), 1), start)
    for _ in range(length):
        token = model(source, shown)[-1].argmax(dim=-1)
        shown = torch.cat([shown, token[:, None]], dim=1)
    return shown[:, 1:]


@misconception(
    "write",
    "one-row-expected",
    says="You turn the new symbols into one number, which works for a single row only. Keep one symbol for each row.",
)
def write(model, source, length, start, end):

    shown = torch.full((len(source), 1), start)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax(dim=-1).item()
        if token == end:
            break
        shown = torch.cat([shown, torch.tensor([[token]])], dim=1)
    return shown[:, 1:]


@misconception(
    "write",
    "one-symbol-for-all-rows",
    says="Your argmax runs over rows and symbols together and gives one symbol for all rows. Each row has its own: "
    "argmax(dim=-1).",
)
def write(model, source, length, start, end):

    shown = torch.full((len(source), 1), start)
    for _ in range(length):
        token = model(source, shown)[:, -1].argmax()
        shown = torch.cat([shown, token.expand(len(source), 1)], dim=1)
    return shown[:, 1:]
