"""Wrong answers to the exercise `seq2seq`, each with the line of thought behind it. Each must lose its points."""

import math

import torch
import torch.nn.functional as F

from coursekit.exercise import misconception


# --- reading with padding


@misconception(
    "summary",
    "last-column",
    says="You take the state in the last column for every row. Where a sequence is shorter than its row, that is a"
    " state after padding. Take column number lengths - 1, which differs from row to row.",
)
def summary(states, lengths):
    last = states[:, -1]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1) / lengths[:, None]


@misconception(
    "summary",
    "one-too-far",
    says="You take column number lengths. Columns count from 0, so a sequence of two symbols ends in column 1: use"
    " lengths - 1.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths.clamp(max=states.shape[1] - 1)]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1) / lengths[:, None]


@misconception(
    "summary",
    "one-too-far-and-out-of-range",
    says="You take column number lengths. Columns count from 0, so a sequence of two symbols ends in column 1: use"
    " lengths - 1.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1) / lengths[:, None]


@misconception(
    "summary",
    "one-too-early",
    says="You take column number lengths - 2, the last real symbol but one. Columns count from 0, so the last real"
    " one is number lengths - 1.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), (lengths - 2).clamp(min=0)]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1) / lengths[:, None]


@misconception(
    "summary",
    "the-longest-for-all",
    says="You use the largest length for all rows. Each row ends in a place of its own: index with the whole "
    "tensor of lengths, one number for each row.",
)
def summary(states, lengths):
    last = states[:, int(lengths.max()) - 1]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1) / lengths[:, None]


@misconception(
    "summary",
    "the-shortest-for-all",
    says="You use the smallest length for all rows, so longer sequences are cut off. Index with the whole tensor "
    "of lengths, one number for each row.",
)
def summary(states, lengths):
    last = states[:, int(lengths.min()) - 1]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1) / lengths[:, None]


@misconception(
    "summary",
    "all-pairs",
    says="states[:, lengths - 1] picks every length from every row, B times B states. To pair row b with length b,"
    " index both axes: the row numbers first, lengths - 1 second.",
)
def summary(states, lengths):
    last = states[:, lengths - 1]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1) / lengths[:, None]


@misconception(
    "summary",
    "first-state",
    says="You return the state after the first symbol. It has read one symbol only; the summary of the sequence is"
    " the state after its last real one.",
)
def summary(states, lengths):
    last = states[:, 0]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1) / lengths[:, None]


@misconception(
    "summary",
    "gather-on-the-wrong-axis",
    says="You number the axes the wrong way: your first index counts places and your second counts rows. The batch"
    " is the first axis of states.",
)
def summary(states, lengths):
    last = states[(lengths - 1).clamp(max=len(states) - 1), torch.arange(len(states)).clamp(max=states.shape[1] - 1)]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1) / lengths[:, None]


@misconception(
    "summary",
    "largest-for-last",
    says="You take the largest real number in each entry. Nothing says that a state grows: the last real state "
    "stands in column lengths - 1.",
)
def summary(states, lengths):
    last = states.masked_fill(~(torch.arange(states.shape[1]) < lengths[:, None])[..., None], -math.inf).amax(dim=1)
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1) / lengths[:, None]


@misconception(
    "summary",
    "mean-with-padding",
    says="Your mean runs over all S columns, the states after padding included. Add the real ones only.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths - 1]
    return last, states.mean(dim=1)


@misconception(
    "summary",
    "divided-by-the-row",
    says="You leave padding out of the sum, but divide by S. A sequence of two symbols has two states: divide each"
    " row by its own length.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths - 1]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).mean(dim=1)


@misconception(
    "summary",
    "sum-of-padding",
    says="You divide each row by its own length, but the sum still holds the states after padding.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths - 1]
    return last, states.sum(dim=1) / lengths[:, None]


@misconception(
    "summary",
    "mean-without-the-last",
    says="Your mean leaves the last real state out: the mask must hold for columns 0 to lengths - 1, which are "
    "those below lengths.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths - 1]
    real = torch.arange(states.shape[1]) < (lengths[:, None] - 1)
    return last, (states * real[..., None]).sum(dim=1) / (lengths[:, None] - 1).clamp(min=1)


@misconception(
    "summary",
    "mean-of-one-too-many",
    says="Your mask holds one column too many: column number lengths is the first padding. Columns count from 0, "
    "so use less than, not less than or equal.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths - 1]
    real = torch.arange(states.shape[1]) <= lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1) / real.sum(dim=1, keepdim=True)


@misconception(
    "summary",
    "sum-of-one-too-many",
    says="Your mask holds one column too many: column number lengths is the first padding. Columns count from 0, "
    "so use less than, not less than or equal.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths - 1]
    real = torch.arange(states.shape[1]) <= lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1) / lengths[:, None]


@misconception(
    "summary",
    "sum-for-mean",
    says="You return the sum of the real states. A mean divides it by how many there are, row by row.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths - 1]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1)


@misconception(
    "summary",
    "zeros-not-counted",
    says="You divide by how many entries are not 0. A real state may hold a 0, and it counts: divide by lengths.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths - 1]
    real = states * (torch.arange(states.shape[1]) < lengths[:, None])[..., None]
    return last, real.sum(dim=1) / (real != 0).sum(dim=1)


@misconception(
    "summary",
    "given-states-changed",
    says="Your numbers are right, but you changed the states that were given (an assignment into them). Whoever called "
    "you still needs them: make a new tensor, for example states * mask.",
)
def summary(states, lengths):
    for row, n in zip(states, lengths, strict=True):
        row[n:] = 0
    return states[torch.arange(len(states)), lengths - 1], states.sum(dim=1) / lengths[:, None]


@misconception(
    "summary",
    "mean-over-the-whole-batch",
    says="You divide every row by the number of real symbols in the whole batch. Each sequence has its own length:"
    " divide row by row.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths - 1]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1) / lengths.sum()


@misconception(
    "summary",
    "mean-over-the-size",
    says="Your mean runs over the D numbers of each state or divides by their count. It runs over places: sum over"
    " the second axis and divide by lengths.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths - 1]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).sum(dim=1) / states.shape[2]


@misconception(
    "summary",
    "the-summaries-turned-round",
    says="You return the means first and the last states second. The contract asks for the last states first.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths - 1]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return (states * real[..., None]).sum(dim=1) / lengths[:, None], last


@misconception(
    "summary",
    "diagonal-not-turned",
    says="You take the right states, but diagonal puts the axis it made last: the result has shape (D, B). "
    "Turn it, or index both axes with row numbers and lengths - 1.",
)
def summary(states, lengths):
    last = states[:, lengths - 1].diagonal(dim1=0, dim2=1)
    return last, torch.stack([s[:n].mean(0) for s, n in zip(states, lengths, strict=True)])


@misconception(
    "summary",
    "counted-from-the-end",
    says="You count lengths places back from the end of the row. Real symbols stand in front and padding "
    "behind: count from the front, to column lengths - 1.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), -lengths]
    return last, torch.stack([s[:n].mean(0) for s, n in zip(states, lengths, strict=True)])


@misconception(
    "summary",
    "zeroed-then-the-last-column",
    says="You set the states after padding to zero and then take the last column, which is zero for every "
    "shorter sequence. Pick column lengths - 1 of each row.",
)
def summary(states, lengths):
    real = torch.arange(states.shape[1]) < lengths[:, None]
    kept = states * real[..., None]
    return kept[:, -1], kept.sum(1) / lengths[:, None]


@misconception(
    "summary",
    "gather-one-number-a-row",
    says="gather picks one entry for each entry of its index. Yours has a last axis of length 1, so only the "
    "first number of each state is picked: expand the index to D.",
)
def summary(states, lengths):
    last = states.gather(1, (lengths - 1)[:, None, None])[:, 0]
    return last, torch.stack([s[:n].mean(0) for s, n in zip(states, lengths, strict=True)])


@misconception(
    "summary",
    "gather-axis-kept",
    says="The right states, but the axis of places is still there, with length 1. Remove it, for example by "
    "[:, 0]: the contract asks for shape (B, D).",
)
def summary(states, lengths):
    last = states.gather(1, (lengths - 1)[:, None, None].expand(-1, -1, states.shape[2]))
    return last, torch.stack([s[:n].mean(0) for s, n in zip(states, lengths, strict=True)])


@misconception(
    "summary",
    "middle-of-first-and-last",
    says="Your mean is halfway between the first and the last real state, and leaves out all between them. Add "
    "all real states and divide by their number.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths - 1]
    return last, (states[:, 0] + last) / 2


@misconception(
    "summary",
    "last-row-only",
    says="You return what the loop left of its last row. Collect the result of each row in a list and stack "
    "the list, so that the first axis is B.",
)
def summary(states, lengths):
    for s, n in zip(states, lengths, strict=True):
        last, mean = s[n - 1], s[:n].mean(0)
    return last, mean


@misconception(
    "summary",
    "lengths-without-an-axis",
    says="You divide by lengths of shape (B,), which is lined up with the last axis, D. Give it an axis: "
    "lengths[:, None] divides row by row.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths - 1]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real[..., None]).sum(1) / lengths


@misconception(
    "summary",
    "mask-without-an-axis",
    says="Your mask has shape (B, S) and is lined up with the last two axes, S and D. Give it a third axis, "
    "[..., None], so that each state is kept or dropped as a whole.",
)
def summary(states, lengths):
    last = states[torch.arange(len(states)), lengths - 1]
    real = torch.arange(states.shape[1]) < lengths[:, None]
    return last, (states * real).sum(1) / lengths[:, None]


# --- one step of the writer


@misconception(
    "step",
    "context-left-out",
    says="Your input holds zeros where the context belongs, so the writer does not see the source at this step. "
    "Put the context behind the embedding.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), torch.zeros_like(context)], dim=-1), h)
    return out(h), h


@misconception(
    "step",
    "symbol-alone",
    says="The cell gets the embedding alone, and its weights do not fit: the context is missing. Put it behind the "
    "embedding.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(embedding(tokens), h)
    return out(h), h


@misconception(
    "step",
    "context-in-front",
    says="The context stands in front of the embedding. Where the two are equally long no error shows, but the "
    "cell's weights expect the symbol first.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([context, embedding(tokens)], dim=-1), h)
    return out(h), h


@misconception(
    "step",
    "old-state-for-the-output",
    says="The output layer reads the old state, so the newest symbol has no say in the next one. Call out on the "
    "state that the cell returns.",
)
def step(tokens, h, context, embedding, cell, out):
    new = cell(torch.cat([embedding(tokens), context], dim=-1), h)
    return out(h), new


@misconception(
    "step",
    "old-state-returned",
    says="You return the old state. The next step would then start from where this one began: return the state "
    "that the cell made.",
)
def step(tokens, h, context, embedding, cell, out):
    new = cell(torch.cat([embedding(tokens), context], dim=-1), h)
    return out(new), h


@misconception(
    "step",
    "no-gradient-to-the-past",
    says="Your numbers are right, but no gradient comes back through your step (detach or no_grad), so what was done "
    "before it would never learn.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), context], dim=-1), h.detach())
    return out(h), h


@misconception(
    "step",
    "probabilities",
    says="You return probabilities or their logarithms. The contract asks for logits: the plain output of the "
    "linear layer, so that loss and search can take the softmax themselves.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), context], dim=-1), h)
    return out(h).softmax(dim=-1), h


@misconception(
    "step",
    "log-probabilities",
    says="You return log-probabilities. The contract asks for logits, the plain output of the linear layer.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), context], dim=-1), h)
    return out(h).log_softmax(dim=-1), h


@misconception(
    "step",
    "symbols-for-logits",
    says="You return the likeliest symbols. The contract asks for the logits of all V symbols; who calls the step "
    "decides what to do with them.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), context], dim=-1), h)
    return out(h).argmax(dim=-1), h


@misconception(
    "step",
    "the-pair-turned-round",
    says="You return the state first and the logits second. The contract asks for the logits first.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), context], dim=-1), h)
    return h, out(h)


@misconception(
    "step",
    "starts-from-the-context",
    says="The cell starts from the context at every step, so all that was written before is forgotten. It starts "
    "from the old state h.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), context], dim=-1), context)
    return out(h), h


@misconception(
    "step",
    "starts-from-zero",
    says="The cell is called without the old state, so it starts from zeros and forgets what was written. Call "
    "cell(input, h).",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), context], dim=-1))
    return out(h), h


@misconception(
    "step",
    "state-for-context",
    says="You put the state behind the embedding in place of the context. The cell gets the state as its second "
    "argument already; the context is what comes from the source.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), h], dim=-1), h)
    return out(h), h


@misconception(
    "step",
    "context-added-to-the-state",
    says="You add the context to the state. The contract puts it into the input of the cell, behind the embedding,"
    " and leaves the state alone.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), context], dim=-1), h + context)
    return out(h), h


@misconception(
    "step",
    "state-added-twice",
    says="You add the old state to what the cell returns. A GRU keeps what it wants of the old state inside: its "
    "output is the new state.",
)
def step(tokens, h, context, embedding, cell, out):
    h = h + cell(torch.cat([embedding(tokens), context], dim=-1), h)
    return out(h), h


@misconception(
    "step",
    "tanh-on-top",
    says="You send the new state through one more tanh before the output. The GRU's state goes to the output layer"
    " as it is.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), context], dim=-1), h)
    return out(torch.tanh(h)), h


@misconception(
    "step",
    "two-steps-in-one",
    says="You call the cell twice with the same symbol. One step reads one symbol once: keep the result of the "
    "first call and use it for both outputs.",
)
def step(tokens, h, context, embedding, cell, out):
    x = torch.cat([embedding(tokens), context], dim=-1)
    h = cell(x, h)
    return out(h), cell(x, h)


@misconception(
    "step",
    "first-symbol-for-all",
    says="You take the embedding of the first row's symbol for all rows. Every row has a newest symbol of its own.",
)
def step(tokens, h, context, embedding, cell, out):
    x = embedding(tokens[:1]).expand(len(tokens), -1)
    h = cell(torch.cat([x, context], dim=-1), h)
    return out(h), h


@misconception(
    "step",
    "mean-context",
    says="You show the mean context of the batch to every row. Each row has a source of its own, and must not see "
    "those of the others.",
)
def step(tokens, h, context, embedding, cell, out):
    c = context.mean(dim=0, keepdim=True).expand_as(context)
    h = cell(torch.cat([embedding(tokens), c], dim=-1), h)
    return out(h), h


@misconception(
    "step",
    "cell-arguments-turned-round",
    says="You call the cell with the state first. It takes its input first, the symbol with the context, and "
    "the old state second: cell(input, h).",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(h, torch.cat([embedding(tokens), context], dim=-1))
    return out(h), h


@misconception(
    "step",
    "context-added-to-the-embedding",
    says="You add the context to the embedding. They may have different sizes, and the cell takes both side by "
    "side: put the context behind the embedding with torch.cat.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(embedding(tokens) + context, h)
    return out(h), h


@misconception(
    "step",
    "logits-from-the-context",
    says="Your logits come from the context, which is the same at every step. The new state knows what was "
    "written so far: read the logits from it.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), context], dim=-1), h)
    return out(context), h


@misconception(
    "step",
    "stacked-along-the-batch",
    says="You join embedding and context along the batch. They belong side by side in each row: torch.cat "
    "along the last axis, dim=-1.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), context], dim=0), h)
    return out(h), h


@misconception(
    "step",
    "logits-only",
    says="You return the logits alone. Return a pair, logits and new state, since the next step needs the state.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), context], dim=-1), h)
    return out(h)


@misconception(
    "step",
    "context-at-the-output-too",
    says="You show the context to the output layer as well. In this writer only the cell sees it; the output "
    "layer reads the new state, D numbers.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), context], dim=-1), h)
    return out(torch.cat([h, context], dim=-1)), h


@misconception(
    "step",
    "state-and-context-exchanged",
    says="You have exchanged state and context: the context stands behind the embedding in the input, the old "
    "state is the second argument of the cell.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), h], dim=-1), context)
    return out(h), h


@misconception(
    "step",
    "relu-on-top",
    says="You cut off what is negative in the state before the output layer. The new state goes to the output "
    "layer as the cell made it.",
)
def step(tokens, h, context, embedding, cell, out):
    h = cell(torch.cat([embedding(tokens), context], dim=-1), h)
    return out(torch.relu(h)), h


# --- what the teacher shows


@misconception(
    "lesson",
    "not-shifted",
    says="What you show is the target itself: at each place the writer sees the very symbol that it shall write, "
    "and learns to copy its input. Put the start sign in front, so that everything moves one place to the "
    "right.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (0, 1), value=end).masked_fill(place >= lengths[:, None], end)
    wanted = F.pad(target, (0, 1), value=end).masked_fill(place == lengths[:, None], end)
    wanted = wanted.masked_fill(place > lengths[:, None], -100)
    return shown, wanted


@misconception(
    "lesson",
    "start-sign-wanted",
    says="The start sign stands in what is wanted, so the writer learns to write it. It is only ever shown: what "
    "is wanted begins with the first symbol.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    wanted = F.pad(target, (1, 0), value=start)
    wanted = wanted.masked_fill(place > lengths[:, None], -100)
    return shown, wanted


@misconception(
    "lesson",
    "start-wanted-before-everything",
    says="What is wanted begins with the start sign, and everything else comes one place too late. It is only "
    "shown, never wanted.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    wanted = torch.cat([torch.full_like(target[:, :1], start), target], dim=1).masked_fill(
        place == lengths[:, None], end
    )
    wanted = wanted.masked_fill(place > lengths[:, None], -100)
    return shown, wanted


@misconception(
    "lesson",
    "no-end-sign",
    says="No end sign is wanted anywhere, so the writer never learns to stop. It stands right behind the last real"
    " symbol, in column number lengths.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    wanted = F.pad(target, (0, 1), value=-100)
    wanted = wanted.masked_fill(place >= lengths[:, None], -100)
    return shown, wanted


@misconception(
    "lesson",
    "end-sign-in-the-last-column",
    says="Your end sign stands in the last column of every row. In a shorter row that is far behind its last "
    "symbol: it belongs into column number lengths, which differs from row to row.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    wanted = F.pad(target, (0, 1), value=end)
    wanted = wanted.masked_fill((place >= lengths[:, None]) & (place < target.shape[1]), -100)
    return shown, wanted


@misconception(
    "lesson",
    "end-sign-over-the-last-symbol",
    says="Your end sign replaces the last real symbol. It comes behind it: column lengths - 1 holds the last "
    "symbol, column lengths the end sign.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    wanted = F.pad(target, (0, 1), value=end).masked_fill(place == lengths[:, None] - 1, end)
    wanted = wanted.masked_fill(place >= lengths[:, None].clamp(min=1), -100)
    return shown, wanted


@misconception(
    "lesson",
    "padding-wanted",
    says="The padding is wanted as if it were symbols. Behind the end sign each target is -100, so that no loss is"
    " counted there.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    wanted = F.pad(target, (0, 1), value=end).masked_fill(place == lengths[:, None], end)
    return shown, wanted


@misconception(
    "lesson",
    "end-signs-to-the-end",
    says="You want an end sign in every place behind the last symbol. One is enough: once it is written nothing "
    "follows, and in a batch of very different lengths the many easy end signs would drown the loss. The rest"
    " is -100.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    wanted = F.pad(target, (0, 1), value=end).masked_fill(place == lengths[:, None], end)
    wanted = wanted.masked_fill(place > lengths[:, None], end)
    return shown, wanted


@misconception(
    "lesson",
    "zero-for-padding",
    says="You mark padding by 0. That may be a symbol, and the loss would count it; the mark that is agreed on is "
    "-100.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    wanted = F.pad(target, (0, 1), value=end).masked_fill(place == lengths[:, None], end)
    wanted = wanted.masked_fill(place > lengths[:, None], 0)
    return shown, wanted


@misconception(
    "lesson",
    "minus-one-for-padding",
    says="You mark padding by -1. The agreed mark is -100, which torch's loss leaves out by itself; -1 would stop "
    "it with an error.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    wanted = F.pad(target, (0, 1), value=end).masked_fill(place == lengths[:, None], end)
    wanted = wanted.masked_fill(place > lengths[:, None], -1)
    return shown, wanted


@misconception(
    "lesson",
    "padding-shown",
    says="Behind the symbols you show the padding that happened to stand in target. The contract asks for the end "
    "sign in each place that is left.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start)
    wanted = F.pad(target, (0, 1), value=end).masked_fill(place == lengths[:, None], end)
    wanted = wanted.masked_fill(place > lengths[:, None], -100)
    return shown, wanted


@misconception(
    "lesson",
    "ignore-mark-shown",
    says="You put -100 into what is shown. It marks targets; as an input it would be looked up in the embedding "
    "table, which has no such row.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], -100)
    wanted = F.pad(target, (0, 1), value=end).masked_fill(place == lengths[:, None], end)
    wanted = wanted.masked_fill(place > lengths[:, None], -100)
    return shown, wanted


@misconception(
    "lesson",
    "start-sign-everywhere-behind",
    says="You fill what is shown with the start sign. The contract asks for the end sign behind the symbols.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], start)
    wanted = F.pad(target, (0, 1), value=end).masked_fill(place == lengths[:, None], end)
    wanted = wanted.masked_fill(place > lengths[:, None], -100)
    return shown, wanted


@misconception(
    "lesson",
    "last-symbol-not-shown",
    says="You replace the last real symbol by the end sign in what is shown. The writer must see it to know that "
    "it is over: the end sign begins in column lengths + 1.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place >= lengths[:, None], end)
    wanted = F.pad(target, (0, 1), value=end).masked_fill(place == lengths[:, None], end)
    wanted = wanted.masked_fill(place > lengths[:, None], -100)
    return shown, wanted


@misconception(
    "lesson",
    "start-replaces-the-first",
    says="Your start sign replaces the first symbol instead of standing before it. The result has one column more "
    "than target: the start sign is that column.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (0, 1), value=end).masked_fill(place >= lengths[:, None], end).masked_fill(place == 0, start)
    wanted = F.pad(target, (0, 1), value=end).masked_fill(place == lengths[:, None], end)
    wanted = wanted.masked_fill(place > lengths[:, None], -100)
    return shown, wanted


@misconception(
    "lesson",
    "signs-exchanged",
    says="You have start and end the wrong way round: before the first symbol stands the start sign, behind the "
    "last one the end sign.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=end).masked_fill(place > lengths[:, None], start)
    wanted = F.pad(target, (0, 1), value=start).masked_fill(place == lengths[:, None], start)
    wanted = wanted.masked_fill(place > lengths[:, None], -100)
    return shown, wanted


@misconception(
    "lesson",
    "one-column-short",
    says="Your two results are as wide as target. The start sign and the end sign need one column more.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    wanted = F.pad(target, (0, 1), value=end).masked_fill(place == lengths[:, None], end)
    wanted = wanted.masked_fill(place > lengths[:, None], -100)
    return shown[:, :-1], wanted[:, :-1]


@misconception(
    "lesson",
    "one-column-short-and-no-end",
    says="Your two results are as wide as target. The start sign and the end sign need one column more.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1])
    shown = F.pad(target[:, :-1], (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    return shown, target.masked_fill(place >= lengths[:, None], -100)


@misconception(
    "lesson",
    "the-lessons-turned-round",
    says="You return what is wanted first. The contract asks for what is shown first.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    wanted = F.pad(target, (0, 1), value=end).masked_fill(place == lengths[:, None], end)
    wanted = wanted.masked_fill(place > lengths[:, None], -100)
    return wanted, shown


@misconception(
    "lesson",
    "longest-row-for-all",
    says="You treat all rows as if they were as long as the longest, so the end sign comes too late in the others "
    "and their padding is wanted. Each row ends where its own length says: compare the columns with "
    "lengths[:, None].",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    wanted = F.pad(target, (0, 1), value=end)
    return shown, wanted


@misconception(
    "lesson",
    "start-sign-rolled-round",
    says="You roll what is shown by one place, and the start sign comes back at the end of a full row, where "
    "the end sign should stand. Nothing of what is shown comes round: put the end sign there.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    return shown, shown.roll(-1, dims=1).masked_fill(place > lengths[:, None], -100)


@misconception(
    "lesson",
    "last-symbol-repeated",
    says="You go on showing the last symbol where the sequence is over. The contract asks for the end sign in "
    "every place that is left.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    full = F.pad(target, (1, 0), value=start)
    shown = full.gather(1, torch.minimum(place.expand(len(target), -1), lengths[:, None]))
    wanted = (
        F.pad(target, (0, 1), value=end)
        .masked_fill(place == lengths[:, None], end)
        .masked_fill(place > lengths[:, None], -100)
    )
    return shown, wanted


@misconception(
    "lesson",
    "zero-shown-behind",
    says="You show 0 behind the sequence. The contract asks for the end sign in every place that is left; 0 "
    "may be a symbol.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], 0)
    wanted = (
        F.pad(target, (0, 1), value=end)
        .masked_fill(place == lengths[:, None], end)
        .masked_fill(place > lengths[:, None], -100)
    )
    return shown, wanted


@misconception(
    "lesson",
    "zero-taken-for-padding",
    says="You take every 0 for padding. The padding may be any number, and 0 may be a symbol: only lengths "
    "says where a sequence is over.",
)
def lesson(target, lengths, start, end):
    shown = F.pad(target, (1, 0), value=start)
    shown = torch.where(shown == 0, end, shown)
    wanted = F.pad(target, (0, 1), value=end)
    wanted = torch.where(wanted == 0, -100, wanted)
    return shown, wanted


@misconception(
    "lesson",
    "given-target-changed",
    says="Your results are right, but you changed the target that was given (an assignment into it). It belongs to the "
    "data set and is used again: make a new tensor.",
)
def lesson(target, lengths, start, end):
    for row, n in zip(target, lengths, strict=True):
        row[n:] = end
    wanted = F.pad(target, (0, 1), value=end)
    wanted[torch.arange(target.shape[1] + 1) > lengths[:, None]] = -100
    return F.pad(target, (1, 0), value=start), wanted


@misconception(
    "lesson",
    "end-sign-one-too-late",
    says="Your end sign comes one place too late, and one piece of padding is wanted before it. Columns count "
    "from 0, so the place right behind a sequence is number lengths.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    wanted = (
        F.pad(target, (0, 1), value=end)
        .masked_fill(place == lengths[:, None] + 1, end)
        .masked_fill(place > lengths[:, None] + 1, -100)
    )
    return shown, wanted


@misconception(
    "lesson",
    "first-symbol-not-wanted",
    says="You mark the first place as not wanted. There the start sign is shown, and what is wanted is the "
    "first symbol: no place up to the end sign is left out.",
)
def lesson(target, lengths, start, end):
    place = torch.arange(target.shape[1] + 1)
    shown = F.pad(target, (1, 0), value=start).masked_fill(place > lengths[:, None], end)
    wanted = (
        F.pad(target, (0, 1), value=end)
        .masked_fill(place == lengths[:, None], end)
        .masked_fill(place > lengths[:, None], -100)
    )
    wanted[:, 0] = -100
    return shown, wanted


# --- the loss without padding


@misconception(
    "losses",
    "loss-on-padding",
    says="Padding counts in your loss, as if its target were symbol 0. Set what was picked there to zero before "
    "you add.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -picked.sum(dim=1)
    return totals.sum() / target.numel(), totals


@misconception(
    "losses",
    "padding-in-the-sum",
    says="You divide by the number of real symbols, but the sum above still holds the loss of the padding, picked "
    "as if it were symbol 0.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return -picked.sum() / real.sum(), totals


@misconception(
    "losses",
    "padding-in-the-count",
    says="You leave padding out of the sum, but divide by all B times T places. So a batch with much padding seems"
    " easy. Divide by the number of real symbols.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals.sum() / target.numel(), totals


@misconception(
    "losses",
    "mean-of-means",
    says="You take the mean of each sequence and then the mean of those, so a symbol of a short sequence counts "
    "more than one of a long one. Divide the sum over all by the number of all real symbols.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return (totals / real.sum(dim=1)).mean(), totals


@misconception(
    "losses",
    "mean-over-the-sequences",
    says="You divide by the number of sequences. The mean is over real symbols: divide by how many of them the "
    "batch holds.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals.mean(), totals


@misconception(
    "losses",
    "sum-for-mean",
    says="You return the sum of the losses as the mean. Divide it by the number of real symbols.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals.sum(), totals


@misconception(
    "losses",
    "sign-missing",
    says="Your loss is negative: it is the log-probability itself. A loss is minus that, so that better is smaller.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = (picked * real).sum(dim=1)
    return totals.sum() / real.sum(), totals


@misconception(
    "losses",
    "no-logarithm",
    says="You pick probabilities and not their logarithms. The loss of a symbol is minus the logarithm of its "
    "probability.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals.sum() / real.sum(), totals


@misconception(
    "losses",
    "bare-logits",
    says="You pick the logits as they are. They are no log-probabilities: take log_softmax over the symbols first.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals.sum() / real.sum(), totals


@misconception(
    "losses",
    "softmax-over-time",
    says="Your softmax runs over the places of a sequence. It runs over the V symbols, which are the last axis: "
    "each place has one distribution.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals.sum() / real.sum(), totals


@misconception(
    "losses",
    "softmax-over-the-batch",
    says="Your softmax runs over the sequences of the batch. It runs over the V symbols, which are the last axis.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=0)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals.sum() / real.sum(), totals


@misconception(
    "losses",
    "softmax-taken-twice",
    says="You take the softmax twice: log_softmax expects logits, not probabilities. The second one makes all "
    "symbols nearly alike.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.softmax(dim=-1).log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals.sum() / real.sum(), totals


@misconception(
    "losses",
    "logarithm-of-the-softmax",
    says="Your softmax comes before its logarithm, in two steps. A small probability becomes 0 in between, and its"
    " logarithm minus infinity: use log_softmax, which does both in one.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.softmax(dim=-1).log()
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals.sum() / real.sum(), totals


@misconception(
    "losses",
    "bits",
    says="Your loss is in bits, with the logarithm of base 2. The contract asks for nats, the natural logarithm.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1) / math.log(2)
    return totals.sum() / real.sum(), totals


@misconception(
    "losses",
    "symbol-zero-left-out",
    says="You treat symbol 0 as padding. Padding is marked by -100; 0 is a symbol like any other.",
)
def losses(logits, target):
    real = target > 0
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals.sum() / real.sum(), totals


@misconception(
    "losses",
    "likeliest-for-true",
    says="You take the largest log-probability at each place, whatever the target was. The loss looks at the true "
    "symbol.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.amax(dim=-1)
    totals = -(picked * real).sum(dim=1)
    return totals.sum() / real.sum(), totals


@misconception(
    "losses",
    "all-symbols-added",
    says="You add the log-probabilities of all V symbols. Only that of the true symbol counts.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.sum(dim=-1)
    totals = -(picked * real).sum(dim=1)
    return totals.sum() / real.sum(), totals


@misconception(
    "losses",
    "totals-as-means",
    says="Your totals are divided by the length of each sequence. The total is the plain sum, minus the log-"
    "probability of the whole sequence.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals.sum() / real.sum(), totals / real.sum(dim=1).clamp(min=1)


@misconception(
    "losses",
    "totals-as-means-and-nan",
    says="Your totals are divided by the length of each sequence. The total is the plain sum, minus the log-"
    "probability of the whole sequence.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals.sum() / real.sum(), totals / real.sum(dim=1)


@misconception(
    "losses",
    "totals-over-places",
    says="Your totals have one number for each place, added over the batch. The contract asks for one number for "
    "each sequence: add over the second axis.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=0)
    return totals.sum() / real.sum(), totals


@misconception(
    "losses",
    "one-total",
    says="You return one total for the whole batch. The contract asks for one for each sequence.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals.sum() / real.sum(), totals.sum()


@misconception(
    "losses",
    "probability-for-total",
    says="You return the probability of each sequence in place of minus its logarithm.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals.sum() / real.sum(), (-totals).exp()


@misconception(
    "losses",
    "the-losses-turned-round",
    says="You return the totals first. The contract asks for the mean first.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals, totals.sum() / real.sum()


@misconception(
    "losses",
    "first-row-only",
    says="Your mean is that of the first sequence alone. It runs over the real symbols of the whole batch.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(dim=-1)
    picked = log_p.gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals[0] / real[0].sum(), totals


@misconception(
    "losses",
    "small-number-in-the-logarithm",
    says="You add a small number before you take the logarithm. It hides how wrong a writer is that gave the "
    "true symbol almost no chance. Use log_softmax, which needs no such help.",
)
def losses(logits, target):
    real = target != -100
    p = logits.softmax(-1).gather(-1, target.where(real, 0)[..., None])[..., 0]
    log_p = (p + 1e-9).log()
    totals = -(log_p * real).sum(1)
    return totals.sum() / real.sum(), totals


@misconception(
    "losses",
    "cut-from-the-graph",
    says="Your mean is a fresh tensor made of a bare number, so no gradient can pass. Compute it from tensors "
    "to the end, without item() or torch.tensor.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(-1).gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(log_p * real).sum(1)
    return torch.tensor(totals.sum().item() / real.sum().item()), totals


@misconception(
    "losses",
    "number-for-the-mean",
    says="Your mean is a Python number (item), so no gradient can pass. Return the tensor.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(-1).gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(log_p * real).sum(1)
    return (totals.sum() / real.sum()).item(), totals


@misconception(
    "losses",
    "perplexity",
    says="Your mean is the perplexity, e to the power of the mean loss. The mean loss itself was asked for, in nats.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(-1).gather(-1, target.where(real, 0)[..., None])[..., 0]
    totals = -(log_p * real).sum(1)
    return (totals.sum() / real.sum()).exp(), totals


@misconception(
    "losses",
    "picked-at-minus-100",
    says="You pick at place -100, which no table has. Put any symbol in its stead while you pick, for example "
    "target.where(real, 0), and set to zero what came from there.",
)
def losses(logits, target):
    log_p = logits.log_softmax(-1).gather(-1, target[..., None])[..., 0]
    real = target != -100
    return -(log_p * real).sum() / real.sum(), -(log_p * real).sum(1)


@misconception(
    "losses",
    "given-target-changed",
    says="Your numbers are right, but you wrote into the target that was given, so its padding counts as symbol 0 the next "
    "time. Make a new tensor, for example target.where(real, 0).",
)
def losses(logits, target):
    real = target != -100
    target[~real] = 0
    picked = logits.log_softmax(dim=-1).gather(-1, target[..., None])[..., 0]
    totals = -(picked * real).sum(dim=1)
    return totals.sum() / real.sum(), totals


@misconception(
    "losses",
    "a-mean-for-each-sequence",
    says="You return a mean for each sequence. One number was asked for: the sum over all real symbols of the "
    "batch, divided by their number.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(-1).gather(-1, target.where(real, 0)[..., None])[..., 0]
    per = -(log_p * real)
    return per.sum(1) / real.sum(1), per.sum(1)


@misconception(
    "losses",
    "totals-not-added",
    says="Your totals are still one number for each place. Add them along the places, so that each sequence has one.",
)
def losses(logits, target):
    real = target != -100
    log_p = logits.log_softmax(-1).gather(-1, target.where(real, 0)[..., None])[..., 0]
    per = -(log_p * real)
    return per.sum() / real.sum(), per


# --- greedy writing


@misconception(
    "greedy",
    "start-sign-written",
    says="The start sign stands among your symbols. It is only shown to the writer before the first step; what is "
    "returned begins with the first symbol that was written.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, [tokens]
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1)[:, :length], total


@misconception(
    "greedy",
    "start-sign-and-one-more",
    says="You return the start sign and then all symbols, one column more than asked for. Return what was written "
    "only.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, [tokens]
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "own-symbols-not-fed-back",
    says="The writer is shown the start sign at each step, not the symbol that it wrote. Hand the newest symbols "
    "to the next call.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(torch.full((len(state),), start), state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "state-not-kept",
    says="Every step begins from the first state, so the writer forgets what it has written. Hand the state that "
    "one step returns to the next.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, _ = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "goes-on-after-the-end",
    says="Your rows go on after their end sign. A finished row holds the end sign in every place that follows, and these "
    "add nothing to its log-probability.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "goes-on-and-counts-after-the-end",
    says="Your rows go on after their end sign. A finished row holds the end sign in every place that follows, and these "
    "add nothing to its log-probability.",
)
def greedy(step, state, length, start, end):
    tokens, total, written = torch.full((len(state),), start), 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "padded-with-zero",
    says="You fill finished rows with 0. The contract asks for the end sign in each place after the first one.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, 0)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "padded-with-the-start",
    says="You fill finished rows with the start sign. The contract asks for the end sign.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, start)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "stops-with-the-first",
    says="You stop every row as soon as one of them has written its end sign. Each row ends on its own; the others"
    " go on.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end).any()
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "leaves-the-loop-with-the-first",
    says="You stop every row as soon as one of them has written its end sign. Each row ends on its own; the others"
    " go on.",
)
def greedy(step, state, length, start, end):
    tokens, total, written = torch.full((len(state),), start), 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p
        written.append(tokens)
        if (tokens == end).any():
            break
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "stops-with-the-last",
    says="A row counts as finished only when all rows have ended. Each row ends on its own: keep one flag a row.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    seen = torch.zeros(len(state), dtype=torch.bool)
    ended = seen
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        seen = seen | (tokens == end)
        ended = seen.all().expand(len(seen))
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "leaves-the-loop-with-the-last",
    says="You leave the loop when all rows have ended, so your result is too narrow. It has `length` columns: fill those "
    "that are left with the end sign.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
        if ended.all():
            break
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "forgets-who-ended",
    says="You look only whether the newest symbol is the end sign, before it is overwritten, so a row can wake up "
    "again. Once ended stays ended: join the new flags to the old ones.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        now = tokens == end
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = now
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "least-likely",
    says="You take the least likely symbol at each step. Greedy writing takes the likeliest.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).min(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "second-likeliest-at-first",
    says="You never let the end sign come first, so a row that wants to be empty can't be. The contract has no "
    "such exception: the likeliest symbol is taken, whichever it is.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p = logits.log_softmax(dim=-1)
        if not written:
            log_p = log_p.index_fill(1, torch.tensor([end]), -math.inf)
        log_p, tokens = log_p.max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "bare-logits-added",
    says="You add the logits themselves. They are no log-probabilities: take log_softmax over the symbols first.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "probabilities-added",
    says="You add probabilities. Probabilities of steps multiply, so it is their logarithms that add up.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "counts-after-the-end",
    says="Your log-probability goes on after the end sign: what a finished row would have written still counts. "
    "Add zero for rows that have ended.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "end-sign-not-counted",
    says="Your log-probability leaves the end sign out. To stop there was a choice of the writer like any other: "
    "count the first end sign, and nothing after it.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        total = total + log_p.masked_fill(ended, 0.0)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "only-the-last-step",
    says="Your log-probability is that of the last symbol alone. Add those of all steps up to the end sign.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "product-for-log",
    says="You return the probability of each row, not its logarithm.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total.exp()


@misconception(
    "greedy",
    "mean-for-sum",
    says="You divide the log-probability by the number of steps. The contract asks for the plain sum.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total / length


@misconception(
    "greedy",
    "rows-added-together",
    says="You add the log-probabilities of all rows into one number. Each row has its own.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total.sum()


@misconception(
    "greedy",
    "turned-on-its-side",
    says="Your symbols have one row a step. The contract asks for one row a sequence: put the steps along the "
    "second axis.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=0), total


@misconception(
    "greedy",
    "the-results-turned-round",
    says="You return the log-probabilities first. The contract asks for the symbols first.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return total, torch.stack(written, dim=1)


@misconception(
    "greedy",
    "one-symbol-short",
    says="You write one symbol less than asked for: the start sign does not count among the T symbols.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(max(length - 1, 1)):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "softmax-over-the-rows",
    says="Your softmax runs over the rows of the batch, so what one row writes counts for the others. It runs over"
    " the symbols, the last axis.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        tokens = logits.argmax(dim=-1)
        log_p = logits.log_softmax(dim=0).gather(-1, tokens[:, None])[:, 0]
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "softmax-over-the-rows-and-largest-share",
    says="Your softmax runs over the rows of the batch, so what one row writes counts for the others. It runs over"
    " the symbols, the last axis.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=0).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "sign-of-the-loss",
    says="You return minus the log-probability. That is the loss; the log-probability itself is at most 0.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=-1)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), -total


@misconception(
    "greedy",
    "symbols-drawn-by-chance",
    says="You draw each symbol by chance. Greedy writing takes the likeliest one: argmax along the symbols.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p = logits.log_softmax(-1)
        tokens = torch.multinomial(log_p.exp(), 1)[:, 0]
        total = total + log_p.gather(1, tokens[:, None])[:, 0].masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, 1), total


@misconception(
    "greedy",
    "likeliest-row",
    says="You look for the largest number along the batch. The likeliest symbol of each row is wanted: search "
    "along the last axis, dim=-1.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(dim=-1).max(dim=0)
        total = total + log_p.masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, dim=1), total


@misconception(
    "greedy",
    "forced-end-signs-counted",
    says="You count the end signs that fill up a finished row. They are no choice of the writer: after the "
    "first end sign a row gets nothing more added.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p = logits.log_softmax(-1)
        tokens = log_p.argmax(-1).masked_fill(ended, end)
        total = total + log_p.gather(1, tokens[:, None])[:, 0]
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, 1), total


@misconception(
    "greedy",
    "log-probabilities-of-the-steps",
    says="You return a log-probability for each step. One number a row was asked for: their sum.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    totals, written = [], []
    for _ in range(length):
        logits, state = step(tokens, state)
        log_p, tokens = logits.log_softmax(-1).max(-1)
        totals.append(log_p.masked_fill(ended, 0.0))
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, 1), torch.stack(totals, 1)


@misconception(
    "greedy",
    "log-probability-in-bits",
    says="Your log-probabilities are in bits, by the logarithm to base 2. They are wanted in nats, by the "
    "natural logarithm.",
)
def greedy(step, state, length, start, end):
    tokens = torch.full((len(state),), start)
    ended = torch.zeros(len(state), dtype=torch.bool)
    total, written = 0.0, []
    for _ in range(length):
        logits, state = step(tokens, state)
        p, tokens = logits.softmax(-1).max(-1)
        total = total + p.log2().masked_fill(ended, 0.0)
        tokens = tokens.masked_fill(ended, end)
        ended = ended | (tokens == end)
        written.append(tokens)
    return torch.stack(written, 1), total


# --- one step of a beam search


@misconception(
    "beam_step",
    "sums-of-different-lengths",
    says="You compare bare sums of log-probabilities whatever alpha says. Each further symbol makes a sum smaller,"
    " so a short sequence wins by being short. Compare log p divided by n to the power alpha.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "means-whatever-alpha-says",
    says="You divide by n whatever alpha says. Divide by n to the power alpha: with alpha = 0 the sums are "
    "compared, with 1 the means.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None]
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "ended-go-on",
    says="Beginnings that have ended are continued with symbols. They take part as they are: only the end sign is "
    "possible there, and it costs nothing.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + next_log_p
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "ended-like-the-others",
    says="You treat beginnings that have ended like the others: they get further symbols, and their n grows. They "
    "take part as they are, with their log-probability and their n unchanged, and with the end sign as their "
    "only symbol.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + next_log_p
    scores = total / (n + 1)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "end-sign-paid-again",
    says="A beginning that has ended pays for one more end sign at each step. It paid once: its log-probability "
    "stays as it is.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = next_log_p[:, end]
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "ended-many-times",
    says="A beginning that has ended takes part once for each symbol, so copies of it fill the beam. Only the end "
    "sign is possible there; all other symbols get minus infinity.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.zeros_like(next_log_p)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "ended-thrown-away",
    says="Beginnings that have ended are thrown out of the beam, so a good short sequence is lost. They compete "
    "until the end.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "ended-kept-in-any-case",
    says="Beginnings that have ended get the best score whatever happens. They keep their own log-probability and "
    "can be beaten.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    scores = scores.masked_fill(ended[:, None] & stay.isfinite(), 1.0)
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "stands-still-on-symbol-zero",
    says="For a beginning that has ended, you make symbol 0 free, not the end sign.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, 0 if end else 1] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "length-before-the-step",
    says="You divide by the number of symbols before this step. What is compared are the continued sequences: n "
    "grows by one for each that goes on.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / n[:, None].clamp(min=1) ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "length-before-the-step-and-nan",
    says="You divide by the number of symbols before this step. What is compared are the continued sequences: n "
    "grows by one for each that goes on.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    best = (total / n[:, None] ** alpha).flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "length-grows-for-all",
    says="You count one more symbol for ended beginnings too, so their score gets better and better while nothing "
    "happens. Their n stays.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + 1)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "length-times-alpha",
    says="You divide by alpha times n. alpha is a power: n ** alpha, which is 1 for alpha = 0.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (1 + (n + ~ended)[:, None] * alpha)
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "multiplied-by-the-length",
    says="You multiply by the power of the length. Log-probabilities are negative, so that makes long sequences "
    "worse still: divide.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total * (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "only-the-step-divided",
    says="You divide only the newest log-probability by the length. The score is the whole sum divided by the "
    "power of the whole length.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    step = torch.where(ended[:, None], stay, next_log_p)
    scores = log_p[:, None] + step / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "past-forgotten",
    says="You compare the newest symbols alone. What a beginning has cost before must be added, or a poor "
    "beginning wins with one likely symbol.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "one-from-each-beginning",
    says="You keep the best continuation of each beginning. The beam is shared: two survivors may come from one "
    "beginning, and another may leave none. Take the best W of all W times V.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.argmax(dim=1) + torch.arange(len(log_p)) * next_log_p.shape[1]
    best = best[scores.flatten()[best].argsort(descending=True)]
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "only-the-best-beginning",
    says="You continue only the best beginning. That is greedy writing with a list of runners-up: every beginning "
    "of the beam is continued.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = (total / (n + ~ended)[:, None] ** alpha).clone()
    scores[torch.arange(len(log_p)) != log_p.argmax()] = -math.inf
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "worst-first",
    says="You keep the smallest scores. A log-probability is better the nearer it is to 0: take the largest.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p), largest=False).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "best-last",
    says="Your survivors stand in rising order. The contract asks for the best first.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices.flip(0)
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "quotient-and-remainder-exchanged",
    says="You have quotient and remainder the wrong way round. In the flat row of W times V scores, place // V is "
    "the beginning and place % V the symbol.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best % vocabulary, best // vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "divided-by-the-width",
    says="You divide the flat places by the width W. The rows of the table are V long: place // V is the "
    "beginning, place % V the symbol.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = len(log_p)
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "scores-returned",
    says="You return the scores. The next step adds to log-probabilities and divides by a new length, so it needs "
    "the sums themselves.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, scores.flatten()[best]


@misconception(
    "beam_step",
    "old-sums-returned",
    says="You return the log-probabilities of the beginnings, without their newest symbols.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, log_p[best // vocabulary]


@misconception(
    "beam_step",
    "beginnings-in-their-old-order",
    says="You return the log-probabilities of the beginnings in the order they came, not those of the survivors.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return torch.arange(len(log_p)), best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "newest-costs-returned",
    says="You return what the newest symbols cost. The log-probability of a sequence is the sum over all its symbols.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, torch.where(ended[:, None], stay, next_log_p).flatten()[best]


@misconception(
    "beam_step",
    "all-kept",
    says="You return all W times V continuations. A beam keeps W of them.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().argsort(descending=True)
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "as-many-as-symbols",
    says="You keep as many as there are symbols, or one too many. A beam keeps W, as many as it had.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(min(next_log_p.shape[1], scores.numel())).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "probabilities-added",
    says="You add probabilities. Those of the steps multiply, so add their logarithms, which are what is given.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = (log_p[:, None].exp() + torch.where(ended[:, None], stay, next_log_p).exp()).log()
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "sums-for-the-order-only",
    says="You choose by score but put the survivors in the order of their sums. Best first means: by the score.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    best = best[total.flatten()[best].argsort(descending=True)]
    return best // vocabulary, best % vocabulary, total.flatten()[best]


@misconception(
    "beam_step",
    "the-three-turned-round",
    says="You return the log-probabilities first. The contract asks for beginnings, symbols, log-probabilities.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    vocabulary = next_log_p.shape[1]
    return total.flatten()[best], best // vocabulary, best % vocabulary


@misconception(
    "beam_step",
    "place-for-symbol",
    says="Your symbols are places in the row of all W times V scores. The remainder of the place by V is the symbol.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    return best // next_log_p.shape[1], best, total.flatten()[best]


@misconception(
    "beam_step",
    "ended-grow-the-others-do-not",
    says="You count one symbol more for beginnings that have ended, and none for those that go on. It is the "
    "other way round: n grows by one where a beginning goes on, n + ~ended.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    return best // next_log_p.shape[1], best % next_log_p.shape[1], total.flatten()[best]


@misconception(
    "beam_step",
    "another-penalty",
    says="You divide by ((5 + n) / 6) to the power alpha, as one translation system does. The contract divides "
    "by n to the power alpha, and short sequences come out differently.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / ((5 + n + ~ended) / 6)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    return best // next_log_p.shape[1], best % next_log_p.shape[1], total.flatten()[best]


@misconception(
    "beam_step",
    "quotient-with-a-fraction",
    says="Your beginnings are fractions. The whole part of the quotient is the beginning: divide with //.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    return best / next_log_p.shape[1], best % next_log_p.shape[1], total.flatten()[best]


@misconception(
    "beam_step",
    "the-wrong-rows-stay",
    says="You let the beginnings that go on stand still, and the ended ones go on: the two cases of your "
    "choice are exchanged. Ended ones may only take the end sign, at no cost.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], next_log_p, stay)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    return best // next_log_p.shape[1], best % next_log_p.shape[1], total.flatten()[best]


@misconception(
    "beam_step",
    "other-symbols-left-open",
    says="You make the end sign free for ended beginnings, but leave the other symbols open, so that an ended "
    "sequence can go on. Those need minus infinity.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    next_log_p = next_log_p.clone()
    next_log_p[ended, end] = 0
    total = log_p[:, None] + next_log_p
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    return best // next_log_p.shape[1], best % next_log_p.shape[1], total.flatten()[best]


@misconception(
    "beam_step",
    "one-added-after-the-power",
    says="You take n to the power alpha first and add the new symbol afterwards. Add it first: (n + 1) to the "
    "power alpha is not n to the power alpha plus 1.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n**alpha + ~ended)[:, None]
    best = scores.flatten().topk(len(log_p)).indices
    return best // next_log_p.shape[1], best % next_log_p.shape[1], total.flatten()[best]


@misconception(
    "beam_step",
    "only-the-past-divided",
    says="You divide the log-probability so far by the length, and add the newest one undivided. Add first, "
    "then divide the whole sum.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    step = torch.where(ended[:, None], stay, next_log_p)
    total = log_p[:, None] + step
    scores = (log_p / n.clamp(min=1) ** alpha)[:, None] + step
    best = scores.flatten().topk(len(log_p)).indices
    return best // next_log_p.shape[1], best % next_log_p.shape[1], total.flatten()[best]


@misconception(
    "beam_step",
    "log-p-without-an-axis",
    says="You add log_p of shape (W,) to a table of shape (W, V), which lines it up with the symbols. Give it "
    "an axis, log_p[:, None]: each beginning has its own row.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    total = log_p + next_log_p
    scores = total / (n + ~ended) ** alpha
    best = scores.flatten().topk(len(log_p)).indices
    return best // next_log_p.shape[1], best % next_log_p.shape[1], total.flatten()[best]


@misconception(
    "beam_step",
    "each-beginning-continues-itself",
    says="You continue each beginning by its best symbol and keep them all. Beginnings compete: the best W of "
    "all W times V may come from one, and the best stands first.",
)
def beam_step(log_p, n, ended, next_log_p, end, alpha):
    stay = torch.full_like(next_log_p, -math.inf)
    stay[:, end] = 0
    total = log_p[:, None] + torch.where(ended[:, None], stay, next_log_p)
    scores = total / (n + ~ended)[:, None] ** alpha
    best = scores.argmax(dim=1)
    return torch.arange(len(log_p)), best, total.gather(1, best[:, None])[:, 0]
