"""Wrong answers to the exercise `rnn`, each with the line of thought behind it. Each must lose its points."""

import math

import torch
import torch.nn.functional as F

from coursekit.exercise import misconception

# --- unroll


@misconception(
    "unroll",
    "no-tanh",
    says="Your states are the sums themselves. Without the tanh the whole network is one linear map of its inputs, and its "
    "states can grow without limit: put tanh around the sum.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = x[:, t] @ w.T + h @ u.T + b
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "sigmoid",
    says="You squash with the sigmoid, so your states lie between 0 and 1. A plain recurrent network uses tanh, whose values "
    "lie between -1 and 1.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.sigmoid(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "relu",
    says="You use ReLU. The formula has tanh, which keeps every state between -1 and 1 however long the sequence is.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.relu(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "tanh-of-the-input-alone",
    says="Your tanh closes before U h is added, so the state is not squashed and can grow. The tanh goes around the whole sum.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + b) + h @ u.T
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "bias-after-tanh",
    says="You add the bias after the tanh. It belongs to the sum inside: there it shifts the place where tanh bends.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T) + b
        states.append(h)
    return torch.stack(states, dim=1)


@misconception("unroll", "no-bias", says="The bias b is missing from your sum: W x + U h + b stands inside the tanh.")
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "bias-twice",
    says="You add the bias twice, once with each product. PyTorch has two different bias vectors; here there is one, so it "
    "is added once.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh((x[:, t] @ w.T + b) + (h @ u.T + b))
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "u-not-turned-round",
    says="You multiply by U where U turned round is needed. As U is square, nothing complains, but h @ u mixes with the "
    "columns: for rows of states, U h is h @ u.T.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h @ u + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "entry-by-entry",
    says="You multiply the state with the diagonal of U entry by entry, so no entry of the state ever hears of another. "
    "U h is a product of a matrix and a vector.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h * u.diagonal() + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "state-never-renewed",
    says="Every step of yours starts from the state before the first one, so nothing is remembered from step to step. The "
    "state that you make must replace h before the next step.",
)
def unroll(x, h, w, u, b):
    return torch.stack([torch.tanh(x[:, t] @ w.T + h @ u.T + b) for t in range(x.shape[1])], dim=1)


@misconception(
    "unroll",
    "no-state",
    says="Your states depend on the input of their own step alone: the term U h is missing, and with it all memory.",
)
def unroll(x, h, w, u, b):
    return torch.tanh(x @ w.T + b)


@misconception(
    "unroll",
    "start-forgotten",
    says="Your network starts from zeros. The state before the first step is given as h and may be anything.",
)
def unroll(x, h, w, u, b):
    states, h = [], torch.zeros_like(h)
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "time-first",
    says="Your result has the steps before the sequences, or is a list of steps. One tensor is wanted, with the batch first: "
    "torch.stack(states, dim=1).",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states)


@misconception(
    "unroll",
    "list-of-steps",
    says="Your result has the steps before the sequences, or is a list of steps. One tensor is wanted, with the batch first: "
    "torch.stack(states, dim=1).",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return states


@misconception(
    "unroll",
    "side-by-side",
    says="You joined the states into one long row for each sequence. Each step needs a place of its own: stack makes a new "
    "axis, cat does not.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return torch.cat(states, dim=1)


@misconception(
    "unroll",
    "the-last-alone",
    says="You return the last state alone. The states after all steps are wanted, T of them for each sequence.",
)
def unroll(x, h, w, u, b):
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T + b)
    return h


@misconception(
    "unroll",
    "start-among-the-states",
    says="Your list begins with the state before the first step, so it has one entry too many. Add a state to the list "
    "after it has been made.",
)
def unroll(x, h, w, u, b):
    states = [h]
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "states-before-the-steps",
    says="You note the state before each step and not the one after it: your first is the given h, and the last one is "
    "missing. Append after the new state has been made.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        states.append(h)
        h = torch.tanh(x[:, t] @ w.T + h @ u.T + b)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "loops-over-the-batch",
    says="Your loop runs over the sequences of the batch, as if they were steps: what one sequence leaves behind goes into "
    "the next. Time is the second axis, x[:, t].",
)
def unroll(x, h, w, u, b):
    states, h = [], h[:1]
    for x_b in x:
        h = torch.tanh(x_b @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states)


@misconception(
    "unroll",
    "steps-counted-along-the-batch",
    says="Your loop runs as many times as there are sequences: len(x) is B. The steps are counted along the second axis, "
    "x.shape[1].",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(len(x)):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "for-step-in-x",
    says="`for ... in x` runs over the first axis, the sequences of the batch, and not over the steps. Time is the second "
    "axis, x[:, t].",
)
def unroll(x, h, w, u, b):
    states = []
    for x_t in x:
        h = torch.tanh(x_t @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "the-first-input-again",
    says="You read the first input at every step. Step t reads x[:, t].",
)
def unroll(x, h, w, u, b):
    states = []
    for _ in range(x.shape[1]):
        h = torch.tanh(x[:, 0] @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "backwards",
    says="You read the sequence from its end. Without further notice a recurrent network starts at the first step.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in reversed(range(x.shape[1])):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "new-state-added-to-the-old",
    says="You add the new state to the old one. In a plain recurrent network the new state takes its place; the old one is "
    "heard through U alone.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = h + torch.tanh(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "no-gradient-through-time",
    says="The numbers are right, but you cut the state off from its history (detach), so no gradient reaches the steps "
    "before the last one. The network could never learn what to remember.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h.detach() @ u.T + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "too-few-steps",
    says="Your loop stops one step early, so the last input is never read. range(x.shape[1]) runs over all steps.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1] - 1):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states, dim=1) if states else h[:, None][:, :0]


@misconception(
    "unroll",
    "w-not-turned-round",
    says="You multiply x by w as it is, and the sizes do not fit: w has one row for each number of the state. For rows of "
    "inputs, W x is x @ w.T, and U h is h @ u.T.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w + h @ u + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "time-last",
    says="Your steps stand on the last axis. The contract has the numbers of a state last: stack along dim=1.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states, dim=-1)


@misconception(
    "unroll",
    "states-and-last",
    says="You return a pair, as PyTorch's finished networks do. The contract asks for one tensor, the states after all "
    "steps.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states, dim=1), h


@misconception(
    "unroll",
    "nothing-returned",
    says="Your function returns nothing: the states are computed and dropped. End it with return.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return None


@misconception(
    "unroll",
    "matrices-swapped",
    says="The two matrices have changed places: W meets the state and U the input. W belongs to x, U to h.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ u.T + h @ w.T + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "two-tanhs",
    says="You squash the two products one by one and add the results. There is one tanh, around the whole sum.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + b) + torch.tanh(h @ u.T)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "sum-collected",
    says="You collect the sum before the tanh, though the next step gets the right state. Collect the state itself.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        z = x[:, t] @ w.T + h @ u.T + b
        h = torch.tanh(z)
        states.append(z)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "columns-not-turned-back",
    says="W x with the sequences as columns gives columns, so your sum has shape (H, B) where b wants (B, H). Keep the "
    "sequences as rows, x[:, t] @ w.T, or turn the products round again before you add b.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(w @ x[:, t].T + u @ h.T + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "formula-as-printed",
    says="You wrote W x as in the formula, where x is one column. Here the sequences are the rows of x[:, t], so the "
    "product is x[:, t] @ w.T, and h @ u.T for the state.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(w @ x[:, t] + u @ h + b)
        states.append(h)
    return torch.stack(states, dim=1)


@misconception(
    "unroll",
    "reshaped-not-turned",
    says="You stacked the steps first and then reshaped to (B, T, H). That keeps the order of the numbers and mixes "
    "sequences with steps; transpose(0, 1) or stack along dim=1 moves the axes.",
)
def unroll(x, h, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ w.T + h @ u.T + b)
        states.append(h)
    return torch.stack(states).reshape(x.shape[0], x.shape[1], -1)


@misconception(
    "unroll",
    "state-read-from-the-result",
    says="Your numbers are right, but each step reads the state out of a tensor that later steps write into, so "
    "backward() finds it changed. Keep the state in a variable of its own.",
)
def unroll(x, h, w, u, b):
    states = x.new_zeros(len(x), x.shape[1], h.shape[1])
    states[:, 0] = torch.tanh(x[:, 0] @ w.T + h @ u.T + b)
    for t in range(1, x.shape[1]):
        states[:, t] = torch.tanh(x[:, t] @ w.T + states[:, t - 1] @ u.T + b)
    return states


# --- one step of an LSTM


@misconception(
    "lstm_step",
    "order-of-torch",
    says="You cut z in PyTorch's order: input, forget, content, output. In this exercise the order is forget, input, output, "
    "content. Nothing complains if gates change places: their shapes are the same.",
)
def lstm_step(x, h, c, w, u, b):
    i, f, g, o = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "input-before-forget",
    says="Your input gate and your forget gate have changed places: the first block is the forget gate. So you keep what "
    "should go and take in what should stay outside.",
)
def lstm_step(x, h, c, w, u, b):
    i, f, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "content-before-output",
    says="Your output gate and your content have changed places: the third block is the output gate, the fourth the content.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, g, o = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "output-before-input",
    says="Your input gate and your output gate have changed places: the order is forget, input, output, content.",
)
def lstm_step(x, h, c, w, u, b):
    f, o, i, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "gates-interleaved",
    says="You take every fourth entry of z for a gate. A block is H entries that stand side by side: chunk(4, dim=1) cuts "
    "four such blocks.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).unflatten(1, (-1, 4)).unbind(dim=2)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "content-through-the-sigmoid",
    says="You squash the content with the sigmoid like a gate. It is what is written into the cell, and it must be able to "
    "be negative: tanh.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).sigmoid().chunk(4, dim=1)
    c = f * c + i * g
    return o * c.tanh(), c


@misconception(
    "lstm_step",
    "gates-through-tanh",
    says="Your gates go through tanh, so they can be negative and turn signs round. A gate says how much passes, from 0 to "
    "1: that is the sigmoid.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).tanh().chunk(4, dim=1)
    c = f * c + i * g
    return o * c.tanh(), c


@misconception(
    "lstm_step",
    "nothing-squashed",
    says="You use the blocks of z as they are. The three gates go through the sigmoid and the content through tanh.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f * c + i * g
    return o * c.tanh(), c


@misconception(
    "lstm_step",
    "content-not-squashed",
    says="The gates are right, but the content goes into the cell as it is. It passes through tanh first.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "gates-not-squashed",
    says="The content is right, but your gates are the blocks of z as they are. A gate says how much passes, from 0 to 1: "
    "put each of the three through the sigmoid.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f * c + i * g.tanh()
    return o * c.tanh(), c


@misconception(
    "lstm_step",
    "gates-compete",
    says="Your gates sum to one over the four blocks (softmax). Each gate decides for itself: the sigmoid of its own entry.",
)
def lstm_step(x, h, c, w, u, b):
    z = (x @ w.T + h @ u.T + b).unflatten(1, (4, -1))
    f, i, o, _ = z.softmax(dim=1).unbind(dim=1)
    c = f * c + i * z[:, 3].tanh()
    return o * c.tanh(), c


@misconception(
    "lstm_step",
    "never-forgets",
    says="Your cell keeps all it had and adds to it: the forget gate does not act. Its value multiplies the old cell.",
)
def lstm_step(x, h, c, w, u, b):
    _f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "takes-in-everything",
    says="Your cell takes in the whole content: the input gate does not act. It multiplies the content before it is added.",
)
def lstm_step(x, h, c, w, u, b):
    f, _i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "forgets-what-it-should-keep",
    says="You multiply the old cell by 1 minus the forget gate. In spite of its name, a forget gate of 1 means *keep*.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = (1 - f.sigmoid()) * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "one-gate-for-both",
    says="You take in 1 minus what you keep, as a GRU does. In an LSTM the input gate is a gate of its own, so it can keep "
    "and take in at once.",
)
def lstm_step(x, h, c, w, u, b):
    f, _i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + (1 - f.sigmoid()) * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "cell-squashed",
    says="You squash the cell itself with tanh before you return it. Then every step squashes again what was remembered. "
    "The tanh belongs to the output alone.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = (f.sigmoid() * c + i.sigmoid() * g.tanh()).tanh()
    return o.sigmoid() * c, c


@misconception(
    "lstm_step",
    "forget-gate-on-the-output",
    says="Your forget gate multiplies h, the old output. What is kept or forgotten is the old cell c.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * h + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "gates-see-the-cell",
    says="You multiply U with the cell c. The gates see the input x and the last *output* h.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + c @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "gates-see-the-input-alone",
    says="The term U h is missing from your z, so the gates decide without knowing what was put out before.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception("lstm_step", "no-bias", says="The bias b is missing from your z, which is W x + U h + b.")
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "cut-along-the-batch",
    says="You cut z along its first axis, the batch. The four blocks stand side by side in each row: cut along dim=1.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=0)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "cell-first",
    says="You return the cell first. The contract asks for h, then c; the two have one shape, so nothing complains.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return c, o.sigmoid() * c.tanh()


@misconception(
    "lstm_step",
    "written-into-the-old-cell",
    says="Your numbers are right, but you wrote them into the c that was given (an operation in place), so the caller's "
    "cell has changed and its gradient is lost. Make a new tensor.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    with torch.no_grad():
        c.mul_(f.sigmoid()).add_(i.sigmoid() * g.tanh())
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "old-cell-changed-in-place",
    says="Your numbers are right, but you wrote them into the c that was given (an operation in place, as c *= ... is). Make "
    "a new tensor: c = ...",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c *= f.sigmoid()
    c += i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "output-of-the-old-cell",
    says="Your output shows the cell of the step before. h is made of the *new* c: compute the cell first.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    return o.sigmoid() * c.tanh(), f.sigmoid() * c + i.sigmoid() * g.tanh()


@misconception(
    "lstm_step",
    "output-not-squashed",
    says="Your output is the gate times the cell itself. The cell can grow beyond 1, so it passes through tanh first.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c, c


@misconception(
    "lstm_step",
    "no-output-gate",
    says="Your output shows the whole cell: the output gate does not act. It multiplies tanh(c).",
)
def lstm_step(x, h, c, w, u, b):
    f, i, _o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return c.tanh(), c


@misconception(
    "lstm_step",
    "tanh-around-the-product",
    says="You squash the product of gate and cell. The tanh is around the cell alone; the gate multiplies what comes out.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return (o.sigmoid() * c).tanh(), c


@misconception(
    "lstm_step",
    "output-of-the-content",
    says="Your output is made of the content of this step, so what the cell remembers never comes out. h shows tanh of the "
    "new cell.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * g.tanh(), c


@misconception(
    "lstm_step",
    "old-output-returned",
    says="You return the h that was given. The new output is the output gate times tanh of the new cell.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, _o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    return h, f.sigmoid() * c + i.sigmoid() * g.tanh()


@misconception(
    "lstm_step",
    "content-squashed-twice",
    says="You took the sigmoid of all four blocks and then tanh of the content. The content passes through tanh alone; the "
    "sigmoid has already made it positive.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).sigmoid().chunk(4, dim=1)
    c = f * c + i * g.tanh()
    return o * c.tanh(), c


@misconception(
    "lstm_step",
    "content-relu",
    says="Your content goes through ReLU, so it can never be negative nor lower the cell. It goes through tanh.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.relu()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "bias-twice",
    says="You add the bias twice, once with each product. PyTorch has two different bias vectors; here there is one, "
    "added once.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + b + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "output-shows-sigmoid",
    says="Your output shows the sigmoid of the cell. Gates are sigmoids; the cell is shown through tanh.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.sigmoid(), c


@misconception(
    "lstm_step",
    "output-alone",
    says="You return the output alone. The next step needs the cell as well: return h and c.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh()


@misconception(
    "lstm_step",
    "peepholes",
    says="Your gates also see the cell (peepholes, a later variant). Here they see x and h alone.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    new = (f + c).sigmoid() * c + (i + c).sigmoid() * g.tanh()
    return (o + new).sigmoid() * new.tanh(), new


@misconception(
    "lstm_step",
    "output-shows-old-output",
    says="Your output gate multiplies tanh of the old h. It shows the new cell: tanh(c).",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * h.tanh(), c


@misconception(
    "lstm_step",
    "no-input",
    says="The term W x is missing from your z, so the gates and the content never see the input.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "matrices-not-turned",
    says="The sizes do not fit: w and u have one row for each of the 4H entries of z. For rows of x and h the products "
    "are x @ w.T and h @ u.T.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w + h @ u + b).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "forget-gate-plus-one",
    says="You add 1 to the forget gate before the sigmoid. Some networks start with such a bias, but it is part of b; "
    "the step itself adds nothing.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = (f + 1).sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


@misconception(
    "lstm_step",
    "cell-detached",
    says="The numbers are right, but you cut the old cell off from its history (detach). The gradient through the cell "
    "is what an LSTM is made for.",
)
def lstm_step(x, h, c, w, u, b):
    f, i, o, g = (x @ w.T + h @ u.T + b).chunk(4, dim=1)
    c = f.sigmoid() * c.detach() + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


# --- both ways


@misconception(
    "both_ways",
    "not-turned-back",
    says="You turned the input of the second reader round, but not what came back: its first output belongs to the last "
    "step. So step t gets what was read up to another step. Turn the outputs round again.",
)
def both_ways(forwards, backwards, x, lengths):
    steps = torch.arange(x.shape[1])
    real = steps < lengths[:, None]
    places = torch.where(real, lengths[:, None] - 1 - steps, steps)
    from_the_end = backwards(x[torch.arange(len(x))[:, None], places])
    return torch.cat([forwards(x), from_the_end], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "outputs-turned-input-not",
    says="You turned round what the second reader returned, but it had read the sequence from the front. It must be given "
    "the sequence from its end.",
)
def both_ways(forwards, backwards, x, lengths):
    steps = torch.arange(x.shape[1])
    real = steps < lengths[:, None]
    places = torch.where(real, lengths[:, None] - 1 - steps, steps)
    from_the_end = backwards(x)[torch.arange(len(x))[:, None], places]
    return torch.cat([forwards(x), from_the_end], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "both-from-the-front",
    says="Both of your readers start at the front, so no output knows the future. The second one must read from the end.",
)
def both_ways(forwards, backwards, x, lengths):
    real = torch.arange(x.shape[1]) < lengths[:, None]
    return torch.cat([forwards(x), backwards(x)], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "forwards-twice",
    says="You read from the end with the first reader. The two directions have weights of their own: the second is "
    "`backwards`.",
)
def both_ways(forwards, backwards, x, lengths):
    steps = torch.arange(x.shape[1])
    real = steps < lengths[:, None]
    places = torch.where(real, lengths[:, None] - 1 - steps, steps)
    rows = torch.arange(len(x))[:, None]
    from_the_end = forwards(x[rows, places])[rows, places]
    return torch.cat([forwards(x), from_the_end], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "readers-exchanged",
    says="Your two readers have changed places: `forwards` reads from the front and its outputs stand first.",
)
def both_ways(forwards, backwards, x, lengths):
    steps = torch.arange(x.shape[1])
    real = steps < lengths[:, None]
    places = torch.where(real, lengths[:, None] - 1 - steps, steps)
    rows = torch.arange(len(x))[:, None]
    return torch.cat([backwards(x), forwards(x[rows, places])[rows, places]], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "backwards-first",
    says="The outputs of the second reader stand first in your result. Those of `forwards` come first.",
)
def both_ways(forwards, backwards, x, lengths):
    steps = torch.arange(x.shape[1])
    real = steps < lengths[:, None]
    places = torch.where(real, lengths[:, None] - 1 - steps, steps)
    rows = torch.arange(len(x))[:, None]
    return torch.cat([backwards(x[rows, places])[rows, places], forwards(x)], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "added",
    says="You add the outputs of the two directions. They stand side by side, 2H numbers a step, so that the next layer can "
    "tell past and future apart.",
)
def both_ways(forwards, backwards, x, lengths):
    steps = torch.arange(x.shape[1])
    real = steps < lengths[:, None]
    places = torch.where(real, lengths[:, None] - 1 - steps, steps)
    rows = torch.arange(len(x))[:, None]
    return (forwards(x) + backwards(x[rows, places])[rows, places]) * real[:, :, None]


@misconception(
    "both_ways",
    "one-after-the-other",
    says="You joined the two directions along time, so your result has twice as many steps. They stand side by side at each "
    "step: the last axis.",
)
def both_ways(forwards, backwards, x, lengths):
    steps = torch.arange(x.shape[1])
    real = (steps < lengths[:, None])[:, :, None]
    places = torch.where(real[:, :, 0], lengths[:, None] - 1 - steps, steps)
    rows = torch.arange(len(x))[:, None]
    return torch.cat([forwards(x) * real, backwards(x[rows, places])[rows, places] * real], dim=1)


@misconception(
    "both_ways",
    "reads-on-from-the-other",
    says="Your second reader reads the outputs of the first. That is a second layer; in one layer both read x.",
)
def both_ways(forwards, backwards, x, lengths):
    steps = torch.arange(x.shape[1])
    real = steps < lengths[:, None]
    places = torch.where(real, lengths[:, None] - 1 - steps, steps)
    rows = torch.arange(len(x))[:, None]
    h = forwards(x)
    return torch.cat([h, backwards(h[rows, places])[rows, places]], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "batch-turned-round",
    says="You turned the batch round and not the steps: the second half of each result belongs to another sequence. Time is "
    "axis 1.",
)
def both_ways(forwards, backwards, x, lengths):
    real = torch.arange(x.shape[1]) < lengths[:, None]
    return torch.cat([forwards(x), backwards(x.flip(0))], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "numbers-turned-round",
    says="You turned round the numbers of each step (the last axis) and not the steps. Time is axis 1.",
)
def both_ways(forwards, backwards, x, lengths):
    real = torch.arange(x.shape[1]) < lengths[:, None]
    return torch.cat([forwards(x), backwards(x.flip(2)).flip(2)], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "every-axis-turned-round",
    says="You turned round more than time: the order of the sequences in the batch has changed as well. Time is axis 1 and "
    "no other.",
)
def both_ways(forwards, backwards, x, lengths):
    real = torch.arange(x.shape[1]) < lengths[:, None]
    return torch.cat([forwards(x), backwards(x.flip(0, 1)).flip(1)], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "the-last-of-the-reader",
    says="You put the last output of the second reader at every step. Its output for step t must have seen the steps from t "
    "on and no others.",
)
def both_ways(forwards, backwards, x, lengths):
    steps = torch.arange(x.shape[1])
    real = steps < lengths[:, None]
    places = torch.where(real, lengths[:, None] - 1 - steps, steps)
    rows = torch.arange(len(x))[:, None]
    last = backwards(x[rows, places])[torch.arange(len(x)), lengths - 1]
    return torch.cat([forwards(x), last[:, None].expand(-1, x.shape[1], -1)], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "future-alone",
    says="Your second half at step t has seen the steps after t, but not step t itself. Both halves must have seen x of "
    "their own step.",
)
def both_ways(forwards, backwards, x, lengths):
    steps = torch.arange(x.shape[1])
    real = steps < lengths[:, None]
    places = torch.where(real, lengths[:, None] - 1 - steps, steps)
    rows = torch.arange(len(x))[:, None]
    from_the_end = backwards(x[rows, places])[rows, places]
    from_the_end = torch.cat([from_the_end[:, 1:], torch.zeros_like(from_the_end[:, :1])], dim=1)
    return torch.cat([forwards(x), from_the_end], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "padding-read-first",
    says="You turned the whole padded row round, so your second reader meets the padding first and carries it into the real "
    "steps. Each sequence is turned round within its own length.",
)
def both_ways(forwards, backwards, x, lengths):
    real = torch.arange(x.shape[1]) < lengths[:, None]
    return torch.cat([forwards(x), backwards(x.flip(1)).flip(1)], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "padding-zeroed-and-read",
    says="You set the padding to zero and turned the whole row round. Your second reader still takes those steps first, and "
    "a reader with a bias changes its state at a zero too. Start at the last real step of each sequence.",
)
def both_ways(forwards, backwards, x, lengths):
    real = (torch.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    x = x * real
    return torch.cat([forwards(x), backwards(x.flip(1)).flip(1)], dim=2) * real


@misconception(
    "both_ways",
    "padding-left-in",
    says="The real steps are right, but the padding has outputs too. They are to be zero, so that nobody takes them for real.",
)
def both_ways(forwards, backwards, x, lengths):
    steps = torch.arange(x.shape[1])
    places = torch.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)
    rows = torch.arange(len(x))[:, None]
    return torch.cat([forwards(x), backwards(x[rows, places])[rows, places]], dim=2)


@misconception(
    "both_ways",
    "padding-left-in-from-negative-places",
    says="The real steps are right, but the padding has outputs too. They are to be zero, so that nobody takes them for real.",
)
def both_ways(forwards, backwards, x, lengths):
    places = lengths[:, None] - 1 - torch.arange(x.shape[1])
    rows = torch.arange(len(x))[:, None]
    return torch.cat([forwards(x), backwards(x[rows, places])[rows, places]], dim=2)


@misconception(
    "both_ways",
    "padding-left-in-from-place-zero",
    says="The real steps are right, but the padding has outputs too. They are to be zero, so that nobody takes them for real.",
)
def both_ways(forwards, backwards, x, lengths):
    places = (lengths[:, None] - 1 - torch.arange(x.shape[1])).clamp(min=0)
    rows = torch.arange(len(x))[:, None]
    return torch.cat([forwards(x), backwards(x[rows, places])[rows, places]], dim=2)


@misconception(
    "both_ways",
    "padding-left-in-and-read",
    says="You turned whole rows round and took no account of the lengths: padding is read first, and it has outputs. Turn "
    "each sequence round within its length and put zeros where it has ended.",
)
def both_ways(forwards, backwards, x, lengths):
    return torch.cat([forwards(x), backwards(x.flip(1)).flip(1)], dim=2)


@misconception(
    "both_ways",
    "moved-to-the-right",
    says="You turned each sequence round within its length, but turned whole rows back. So the outputs of a short sequence "
    "stand too far to the right. The way back needs the same places as the way there.",
)
def both_ways(forwards, backwards, x, lengths):
    steps = torch.arange(x.shape[1])
    real = steps < lengths[:, None]
    places = torch.where(real, lengths[:, None] - 1 - steps, steps)
    from_the_end = backwards(x[torch.arange(len(x))[:, None], places]).flip(1)
    return torch.cat([forwards(x), from_the_end], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "cut-to-the-shortest",
    says="You cut all sequences to the shortest one. Each keeps its own length, and the result has as many steps as x.",
)
def both_ways(forwards, backwards, x, lengths):
    shortest = int(lengths.min())
    x_short = x[:, :shortest]
    both = torch.cat([forwards(x_short), backwards(x_short.flip(1)).flip(1)], dim=2)
    return F.pad(both, (0, 0, 0, x.shape[1] - shortest))


@misconception(
    "both_ways",
    "an-axis-for-the-direction",
    says="You gave the direction an axis of its own (stack). The two outputs of a step stand side by side in one vector of 2H "
    "numbers: join them with cat along the last axis.",
)
def both_ways(forwards, backwards, x, lengths):
    steps = torch.arange(x.shape[1])
    real = steps < lengths[:, None]
    places = torch.where(real, lengths[:, None] - 1 - steps, steps)
    rows = torch.arange(len(x))[:, None]
    return torch.stack([forwards(x), backwards(x[rows, places])[rows, places]], dim=-1) * real[:, :, None, None]


@misconception(
    "both_ways",
    "interleaved",
    says="Your two directions alternate, entry by entry. The H numbers of `forwards` stand first, then the H of "
    "`backwards`: cat along dim=2.",
)
def both_ways(forwards, backwards, x, lengths):
    real = torch.arange(x.shape[1]) < lengths[:, None]
    ends = torch.stack([forwards(x), backwards(x.flip(1)).flip(1)], dim=3)
    return ends.flatten(2) * real[:, :, None]


@misconception(
    "both_ways",
    "numbers-turned-back",
    says="You turned the input round in time, but the output in the numbers of each step (axis 2). Turn axis 1 both "
    "times.",
)
def both_ways(forwards, backwards, x, lengths):
    real = torch.arange(x.shape[1]) < lengths[:, None]
    return torch.cat([forwards(x), backwards(x.flip(1)).flip(2)], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "forwards-outputs-turned",
    says="Your second half is the first one turned round in time. No second reading took place: give the turned input "
    "to `backwards`.",
)
def both_ways(forwards, backwards, x, lengths):
    real = torch.arange(x.shape[1]) < lengths[:, None]
    return torch.cat([forwards(x), forwards(x).flip(1)], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "one-half-zeroed",
    says="The second half is zero at the padding, but the first is not. Both halves are: multiply after joining them.",
)
def both_ways(forwards, backwards, x, lengths):
    steps = torch.arange(x.shape[1])
    real = steps < lengths[:, None]
    places = torch.where(real, lengths[:, None] - 1 - steps, steps)
    rows = torch.arange(len(x))[:, None]
    from_the_end = backwards(x[rows, places])[rows, places]
    return torch.cat([forwards(x), from_the_end * real[:, :, None]], dim=2)


@misconception(
    "both_ways",
    "one-place-off",
    says="Your list of places starts at step `length`, one past the last real step, as places are counted from 0. New "
    "place s takes step length - 1 - s.",
)
def both_ways(forwards, backwards, x, lengths):
    steps = torch.arange(x.shape[1])
    real = steps < lengths[:, None]
    places = (lengths[:, None] - steps).clamp(0, x.shape[1] - 1)
    rows = torch.arange(len(x))[:, None]
    from_the_end = backwards(x[rows, places])[rows, places]
    return torch.cat([forwards(x), from_the_end], dim=2) * real[:, :, None]


@misconception(
    "both_ways",
    "mean-of-the-directions",
    says="You take the mean of the two directions. They stand side by side, 2H numbers a step, so that the next layer "
    "can tell them apart.",
)
def both_ways(forwards, backwards, x, lengths):
    real = torch.arange(x.shape[1]) < lengths[:, None]
    return (forwards(x) + backwards(x.flip(1)).flip(1)) / 2 * real[:, :, None]


@misconception(
    "both_ways",
    "input-detached",
    says="Your numbers are right, but you cut the input off from its history (detach), so no gradient passes through "
    "this layer.",
)
def both_ways(forwards, backwards, x, lengths):
    result = []
    for row, n in zip(x.detach(), lengths.tolist(), strict=True):
        part = row[None, :n]
        both = torch.cat([forwards(part), backwards(part.flip(1)).flip(1)], dim=2)
        result.append(F.pad(both, (0, 0, 0, x.shape[1] - n)))
    return torch.cat(result)


# --- sizes of a stack


@misconception(
    "stack",
    "second-layer-takes-one-direction",
    says="Your second layer takes H numbers. In a bidirectional stack the layer below puts out both directions side by side, "
    "so its input has directions times H columns.",
)
def matrices(blocks, input_size, hidden_size, layers, directions):
    sizes = [input_size] + [hidden_size] * (layers - 1)
    return [(blocks * hidden_size, below, hidden_size) for below in sizes for _ in range(directions)]


@misconception(
    "stack",
    "second-layer-takes-the-input",
    says="Every layer of yours reads the input. From the second on a layer reads the outputs of the layer below.",
)
def matrices(blocks, input_size, hidden_size, layers, directions):
    return [(blocks * hidden_size, input_size, hidden_size) for _ in range(layers * directions)]


@misconception(
    "stack",
    "state-of-both-directions",
    says="Your U takes both directions. A cell sees its own state alone: H columns, in any layer and direction.",
)
def matrices(blocks, input_size, hidden_size, layers, directions):
    sizes = [input_size] + [directions * hidden_size] * (layers - 1)
    return [(blocks * hidden_size, below, directions * hidden_size) for below in sizes for _ in range(directions)]


@misconception(
    "stack",
    "blocks-of-columns",
    says="You multiply the outputs of the layer below by the number of blocks. The blocks are rows of the matrices; what a "
    "cell puts out are H numbers, whatever its kind.",
)
def matrices(blocks, input_size, hidden_size, layers, directions):
    sizes = [input_size] + [blocks * directions * hidden_size] * (layers - 1)
    return [(blocks * hidden_size, below, hidden_size) for below in sizes for _ in range(directions)]


@misconception(
    "stack",
    "one-block-of-rows",
    says="Your matrices have H rows. They hold all blocks one below the other: blocks times H rows.",
)
def matrices(blocks, input_size, hidden_size, layers, directions):
    sizes = [input_size] + [directions * hidden_size] * (layers - 1)
    return [(hidden_size, below, hidden_size) for below in sizes for _ in range(directions)]


@misconception(
    "stack",
    "one-cell-a-layer",
    says="Your list has one cell for each layer. In both directions each layer has two, with weights of their own.",
)
def matrices(blocks, input_size, hidden_size, layers, directions):
    sizes = [input_size] + [directions * hidden_size] * (layers - 1)
    return [(blocks * hidden_size, below, hidden_size) for below in sizes]


@misconception(
    "stack",
    "direction-by-direction",
    says="Your list has all layers of one direction before the other. It goes layer by layer: the second layer needs both "
    "directions of the first.",
)
def matrices(blocks, input_size, hidden_size, layers, directions):
    sizes = [input_size] + [directions * hidden_size] * (layers - 1)
    return [(blocks * hidden_size, below, hidden_size) for _ in range(directions) for below in sizes]


@misconception(
    "stack",
    "second-direction-reads-the-first",
    says="The second direction of a layer reads the same input as the first one, not its outputs. Only the next layer reads "
    "outputs.",
)
def matrices(blocks, input_size, hidden_size, layers, directions):
    sizes = [input_size] + [hidden_size] * (layers * directions - 1)
    return [(blocks * hidden_size, below, hidden_size) for below in sizes]


@misconception(
    "stack",
    "columns-exchanged",
    says="The columns of W and of U have changed places: the triple is rows, input columns, state columns.",
)
def matrices(blocks, input_size, hidden_size, layers, directions):
    sizes = [input_size] + [directions * hidden_size] * (layers - 1)
    return [(blocks * hidden_size, hidden_size, below) for below in sizes for _ in range(directions)]


@misconception(
    "stack",
    "blocks-times-inputs",
    says="Your rows are counted from the input size. A block has one row for each of the H numbers of the state.",
)
def matrices(blocks, input_size, hidden_size, layers, directions):
    sizes = [input_size] + [directions * hidden_size] * (layers - 1)
    return [(blocks * below, below, hidden_size) for below in sizes for _ in range(directions)]


@misconception(
    "stack",
    "no-biases-counted",
    says="You count the matrices alone. Each cell also has `biases` vectors of as many entries as its matrices have rows.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    rows = blocks * hidden_size
    return directions * (
        rows * (input_size + hidden_size) + (layers - 1) * rows * (directions * hidden_size + hidden_size)
    )


@misconception(
    "stack",
    "always-two-biases",
    says="You count two bias vectors in any case. That is PyTorch; with biases=1 there is one for each cell.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    rows = blocks * hidden_size
    first, other = rows * (input_size + hidden_size + 2), rows * (directions * hidden_size + hidden_size + 2)
    return directions * (first + (layers - 1) * other)


@misconception(
    "stack",
    "always-one-bias",
    says="You count one bias vector in any case. That is the papers; PyTorch has two, and biases says how many.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    rows = blocks * hidden_size
    first, other = rows * (input_size + hidden_size + 1), rows * (directions * hidden_size + hidden_size + 1)
    return directions * (first + (layers - 1) * other)


@misconception(
    "stack",
    "short-biases",
    says="Your bias vectors have H entries. They have as many as the matrices have rows, blocks times H: one for each gate "
    "and each number.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    rows, short = blocks * hidden_size, biases * hidden_size
    first, other = rows * (input_size + hidden_size), rows * (directions * hidden_size + hidden_size)
    return directions * (first + short + (layers - 1) * (other + short))


@misconception(
    "stack",
    "all-layers-alike",
    says="You multiply the first layer by the number of layers. From the second on a layer has more or fewer input columns, "
    "as it reads states and not the input.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    return layers * directions * blocks * hidden_size * (input_size + hidden_size + biases)


@misconception(
    "stack",
    "counts-half-an-input",
    says="Your second layer reads one direction of the first. It reads both side by side, directions times H numbers, so a "
    "bidirectional stack has more than twice the parameters.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    rows = blocks * hidden_size
    first, other = rows * (input_size + hidden_size + biases), rows * (2 * hidden_size + biases)
    return directions * (first + (layers - 1) * other)


@misconception(
    "stack",
    "counts-one-direction",
    says="You count one cell for each layer. In both directions there are two, each with matrices and biases of its own.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    rows = blocks * hidden_size
    first = rows * (input_size + hidden_size + biases)
    other = rows * (directions * hidden_size + hidden_size + biases)
    return first + (layers - 1) * other


@misconception(
    "stack",
    "gates-forgotten",
    says="You count a plain network. An LSTM has four blocks of rows in each matrix and each bias, a GRU three.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    first = hidden_size * (input_size + hidden_size + biases)
    other = hidden_size * (directions * hidden_size + hidden_size + biases)
    return directions * (first + (layers - 1) * other)


@misconception(
    "stack",
    "one-layer-too-many",
    says="You count one layer too many: besides the first there are layers - 1 others.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    rows = blocks * hidden_size
    first = rows * (input_size + hidden_size + biases)
    other = rows * (directions * hidden_size + hidden_size + biases)
    return directions * (first + layers * other)


@misconception(
    "stack",
    "state-matrix-forgotten",
    says="You count the matrices of the input alone. Every cell also has U, which carries its state from step to step.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    rows = blocks * hidden_size
    return directions * (rows * (input_size + biases) + (layers - 1) * rows * (directions * hidden_size + biases))


@misconception(
    "stack",
    "once-for-every-step-of-a-gate",
    says="You count the blocks as columns as well, so they enter squared. The blocks are rows; the state has H numbers.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    rows = blocks * hidden_size
    first = rows * (input_size + rows + biases)
    other = rows * (directions * rows + rows + biases)
    return directions * (first + (layers - 1) * other)


@misconception(
    "stack",
    "one-number-for-a-bias",
    says="You count each bias as a single number. It is a vector with as many entries as the matrices have rows.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    rows = blocks * hidden_size
    first = rows * (input_size + hidden_size) + biases
    other = rows * (directions * hidden_size + hidden_size) + biases
    return directions * (first + (layers - 1) * other)


@misconception(
    "stack",
    "biases-once-for-the-stack",
    says="You add the biases once for the whole stack. Every cell, in each layer and direction, has its own.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    rows = blocks * hidden_size
    first = rows * (input_size + hidden_size)
    other = rows * (directions * hidden_size + hidden_size)
    return directions * (first + (layers - 1) * other) + biases * rows


@misconception(
    "stack",
    "biases-once-a-layer",
    says="You add the biases once for each layer. In both directions a layer has two cells, each with biases of its "
    "own.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    rows = blocks * hidden_size
    first = rows * (input_size + hidden_size)
    other = rows * (directions * hidden_size + hidden_size)
    return directions * (first + (layers - 1) * other) + layers * biases * rows


@misconception(
    "stack",
    "matrices-multiplied",
    says="You multiply the columns of W with those of U. They are two matrices, and their entries add up: rows times "
    "the sum of the columns.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    rows = blocks * hidden_size
    first = rows * (input_size * hidden_size + biases)
    other = rows * (directions * hidden_size * hidden_size + biases)
    return directions * (first + (layers - 1) * other)


@misconception(
    "stack",
    "biases-as-a-factor",
    says="You multiply the matrices by the number of biases. A bias is a vector that is added: one more column, not a "
    "second matrix.",
)
def parameters(blocks, input_size, hidden_size, layers, directions, biases):
    rows = blocks * hidden_size
    first = rows * (input_size + hidden_size)
    other = rows * (directions * hidden_size + hidden_size)
    return directions * (first + (layers - 1) * other) * biases


# --- clipping


@misconception(
    "clip",
    "each-piece-for-itself",
    says="You clip each tensor by its own norm. Then pieces shrink by different factors and the gradient points elsewhere. "
    "There is one norm, over all pieces together, and one factor.",
)
def clip(gradients, limit):
    return [g * min(1.0, limit / max(g.norm().item(), 1e-12)) for g in gradients]


@misconception(
    "clip",
    "each-entry-for-itself",
    says="You cut each entry at the limit. That changes the direction of the gradient; scale all of it by one number.",
)
def clip(gradients, limit):
    return [g.clamp(-limit, limit) for g in gradients]


@misconception(
    "clip",
    "always-to-the-limit",
    says="You scale to the limit in any case, so small gradients are blown up. A gradient within the limit stays as it is.",
)
def clip(gradients, limit):
    norm = math.sqrt(sum((g**2).sum().item() for g in gradients))
    return [g * (limit / norm if norm > 0 else 1.0) for g in gradients]


@misconception(
    "clip",
    "always-to-the-limit-also-zeros",
    says="You scale to the limit in any case, so small gradients are blown up. A gradient within the limit stays as it is.",
)
def clip(gradients, limit):
    norm = torch.sqrt(sum((g**2).sum() for g in gradients))
    return [g * limit / norm for g in gradients]


@misconception(
    "clip",
    "sum-of-the-norms",
    says="You add the norms of the pieces. The norm of the whole gradient is the root of the sum of their squares.",
)
def clip(gradients, limit):
    norm = sum(g.norm().item() for g in gradients)
    return [g * (limit / norm if norm > limit else 1.0) for g in gradients]


@misconception(
    "clip",
    "no-root",
    says="You compare the sum of the squares with the limit. Its root is the norm.",
)
def clip(gradients, limit):
    norm = sum((g**2).sum().item() for g in gradients)
    return [g * (limit / norm if norm > limit else 1.0) for g in gradients]


@misconception(
    "clip",
    "root-for-the-test-alone",
    says="You compare the norm with the limit, but you divide by the sum of the squares. Divide by the norm.",
)
def clip(gradients, limit):
    squares = sum((g**2).sum().item() for g in gradients)
    return [g * (limit / squares if math.sqrt(squares) > limit else 1.0) for g in gradients]


@misconception(
    "clip",
    "sum-of-absolute-values",
    says="You add absolute values. The norm that is meant is the length: the root of the sum of the squares.",
)
def clip(gradients, limit):
    norm = sum(g.abs().sum().item() for g in gradients)
    return [g * (limit / norm if norm > limit else 1.0) for g in gradients]


@misconception(
    "clip",
    "largest-entry",
    says="You take the largest entry for the norm. All entries count: the root of the sum of their squares.",
)
def clip(gradients, limit):
    norm = max(g.abs().max().item() for g in gradients)
    return [g * (limit / norm if norm > limit else 1.0) for g in gradients]


@misconception(
    "clip",
    "largest-piece",
    says="You take the norm of the largest piece. The norm of the whole is larger, as the other pieces count too.",
)
def clip(gradients, limit):
    norm = max(g.norm().item() for g in gradients)
    return [g * (limit / norm if norm > limit else 1.0) for g in gradients]


@misconception(
    "clip",
    "first-piece",
    says="You measure the first piece alone and scale all by it. The norm runs over all pieces.",
)
def clip(gradients, limit):
    norm = gradients[0].norm().item()
    return [g * (limit / norm if norm > limit else 1.0) for g in gradients]


@misconception(
    "clip",
    "mean-of-the-squares",
    says="You take the mean of the squares. Then a network with more parameters would be clipped less. The norm has the sum.",
)
def clip(gradients, limit):
    count = sum(g.numel() for g in gradients)
    norm = math.sqrt(sum((g**2).sum().item() for g in gradients) / count)
    return [g * (limit / norm if norm > limit else 1.0) for g in gradients]


@misconception(
    "clip",
    "factor-upside-down",
    says="Your factor is the norm over the limit, so large gradients grow. It is the limit over the norm.",
)
def clip(gradients, limit):
    norm = math.sqrt(sum((g**2).sum().item() for g in gradients))
    return [g * (norm / limit if norm > limit else 1.0) for g in gradients]


@misconception(
    "clip",
    "test-upside-down",
    says="You scale when the norm is *below* the limit and let large gradients through. Turn the comparison round.",
)
def clip(gradients, limit):
    norm = math.sqrt(sum((g**2).sum().item() for g in gradients))
    return [g * (limit / norm if 0 < norm < limit else 1.0) for g in gradients]


@misconception(
    "clip",
    "to-length-one",
    says="You scale large gradients to the length 1. They are to have the length `limit`.",
)
def clip(gradients, limit):
    norm = math.sqrt(sum((g**2).sum().item() for g in gradients))
    return [g / norm if norm > limit else g.clone() for g in gradients]


@misconception(
    "clip",
    "large-ones-set-to-zero",
    says="You set a gradient that is too large to zero. Clipping keeps its direction and shortens it to the limit.",
)
def clip(gradients, limit):
    norm = math.sqrt(sum((g**2).sum().item() for g in gradients))
    return [g * (0.0 if norm > limit else 1.0) for g in gradients]


@misconception(
    "clip",
    "zero-over-zero",
    says="Gradients that are all zero become NaN, as you divide by their norm. Divide only where the norm is above the limit.",
)
def clip(gradients, limit):
    norm = torch.sqrt(sum((g**2).sum() for g in gradients))
    return [g / norm * torch.minimum(norm, torch.full_like(norm, limit)) for g in gradients]


@misconception(
    "clip",
    "changed-in-place",
    says="The numbers are right, but you changed the gradients that were given (an operation in place). Return new tensors.",
)
def clip(gradients, limit):
    norm = math.sqrt(sum((g**2).sum().item() for g in gradients))
    return [g.mul_(limit / norm if norm > limit else 1.0) for g in gradients]


@misconception(
    "clip",
    "nothing-returned",
    says="You return the gradients unchanged: the scaled tensors are made and dropped. g * factor makes a new tensor, which "
    "must go into the result.",
)
def clip(gradients, limit):
    norm = math.sqrt(sum((g**2).sum().item() for g in gradients))
    for g in gradients:
        _ = g * (limit / norm if norm > limit else 1.0)
    return list(gradients)


@misconception(
    "clip",
    "limit-shared-out",
    says="You give each piece an equal share of the limit. The limit is for the whole, and one factor scales all pieces.",
)
def clip(gradients, limit):
    share = limit / math.sqrt(len(gradients))
    return [g * min(1.0, share / max(g.norm().item(), 1e-12)) for g in gradients]


@misconception(
    "clip",
    "joined-into-one",
    says="You return one long tensor. Every gradient has to come back in its own shape, since it belongs to a parameter.",
)
def clip(gradients, limit):
    flat = torch.cat([g.flatten() for g in gradients])
    norm = flat.norm().item()
    return list(flat * (limit / norm if norm > limit else 1.0))


@misconception(
    "clip",
    "division-by-zero",
    says="You divide by the norm in any case, and for gradients that are all zero Python refuses. Divide only where the norm is "
    "above the limit, which is above zero.",
)
def clip(gradients, limit):
    norm = math.sqrt(sum((g**2).sum().item() for g in gradients))
    return [g * min(1.0, limit / norm) for g in gradients]


@misconception(
    "clip",
    "surplus-kept",
    says="You multiply by 1 minus limit over norm, so what is left has the length norm minus limit. The factor is "
    "limit over norm.",
)
def clip(gradients, limit):
    norm = math.sqrt(sum((g**2).sum().item() for g in gradients))
    return [g * (1 - limit / norm) if norm > limit else g.clone() for g in gradients]


@misconception(
    "clip",
    "root-of-the-factor",
    says="You multiply by the root of limit over norm. The norm already is a root: the factor is limit over norm "
    "itself.",
)
def clip(gradients, limit):
    norm = math.sqrt(sum((g**2).sum().item() for g in gradients))
    return [g * math.sqrt(limit / norm) if norm > limit else g.clone() for g in gradients]


@misconception(
    "clip",
    "mean-of-the-norms",
    says="You take the mean of the norms of the pieces. The norm of the whole gradient is the root of the sum of their "
    "squares.",
)
def clip(gradients, limit):
    norm = sum(g.norm().item() for g in gradients) / len(gradients)
    return [g * limit / norm if norm > limit else g.clone() for g in gradients]


@misconception(
    "clip",
    "each-piece-asked-by-itself",
    says="Your factor is that of the whole gradient, but you ask of each piece by itself whether it is too long, so "
    "small pieces stay and the direction changes. Ask once, of the whole.",
)
def clip(gradients, limit):
    norm = math.sqrt(sum((g**2).sum().item() for g in gradients))
    return [g * limit / norm if g.norm() > limit else g.clone() for g in gradients]


@misconception(
    "clip",
    "entries-added-without-squares",
    says="You add the entries themselves, so those of different sign cancel. Square them first, and take the root of "
    "the sum.",
)
def clip(gradients, limit):
    norm = abs(sum(g.sum().item() for g in gradients))
    return [g * limit / norm if norm > limit else g.clone() for g in gradients]


# --- truncation


@misconception(
    "truncated",
    "state-not-detached",
    says="Your state carries its history into the next segment, so the second backward() wants to go through the first "
    "segment again, whose graph is gone. Cut it off with h = h.detach(); h.detach() alone leaves h as it is.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        ((output - y[:, start : start + length]) ** 2).sum().backward()
    return h.detach()


@misconception(
    "truncated",
    "graph-kept",
    says="Nothing is cut: the gradient of every segment goes through all segments before it, as their graphs are kept (by "
    "retain_graph, or by one backward() at the end). Memory grows with the text. Detach the state between segments.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        ((output - y[:, start : start + length]) ** 2).sum().backward(retain_graph=True)
    return h.detach()


@misconception(
    "truncated",
    "state-set-to-zero",
    says="Every segment of yours starts from zeros, so the network forgets at each cut. The state is carried on; only its "
    "history is dropped.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        ((output - y[:, start : start + length]) ** 2).sum().backward()
        last, h = h.detach(), torch.zeros_like(h)
    return last


@misconception(
    "truncated",
    "state-set-to-zero-and-returned",
    says="You set the state to zero after each segment, so the network forgets at each cut and zeros come back. The state "
    "is carried on; only its history is dropped.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        ((output - y[:, start : start + length]) ** 2).sum().backward()
        h = torch.zeros_like(h)
    return h


@misconception(
    "truncated",
    "always-from-the-start",
    says="Every segment of yours starts from the state that was given. Each must start from the state that the segment "
    "before it ended with.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, last = model(x[:, start : start + length], h)
        ((output - y[:, start : start + length]) ** 2).sum().backward()
    return last.detach()


@misconception(
    "truncated",
    "not-cut",
    says="You go through the whole sequence at once, so no gradient is cut. Take segments of `length` steps.",
)
def truncated(model, x, y, h, length):
    output, h = model(x, h)
    ((output - y) ** 2).sum().backward()
    return h.detach()


@misconception(
    "truncated",
    "cut-at-every-step",
    says="You cut after every step. Within a segment the gradient goes through all its steps: give the model the whole "
    "segment.",
)
def truncated(model, x, y, h, length):
    for t in range(x.shape[1]):
        output, h = model(x[:, t : t + 1], h)
        ((output - y[:, t : t + 1]) ** 2).sum().backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "last-steps-dropped",
    says="You leave out the steps at the end that fill no whole segment. The last segment may be shorter.",
)
def truncated(model, x, y, h, length):
    length = min(length, x.shape[1])
    for start in range(0, x.shape[1] - length + 1, length):
        output, h = model(x[:, start : start + length], h)
        ((output - y[:, start : start + length]) ** 2).sum().backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "long-segment-dropped",
    says="You count whole segments only (T // length), so steps at the end are lost, and a sequence shorter than a segment "
    "is lost as a whole. Step through range(0, T, length).",
)
def truncated(model, x, y, h, length):
    for n in range(x.shape[1] // length):
        part = slice(n * length, (n + 1) * length)
        output, h = model(x[:, part], h)
        ((output - y[:, part]) ** 2).sum().backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "targets-from-the-front",
    says="You compare every segment with the first targets. The targets of a segment are those of its own steps.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        ((output - y[:, : output.shape[1]]) ** 2).sum().backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "mean-of-the-squares",
    says="You take the mean of the squared differences, so a short last segment counts as much as a long one. The contract "
    "has the sum.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        ((output - y[:, start : start + length]) ** 2).mean().backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "absolute-differences",
    says="You add absolute differences. The loss of a segment is the sum of the squared ones.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        (output - y[:, start : start + length]).abs().sum().backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "last-step-of-each-segment",
    says="You compare the last output of each segment alone. Every step has a target, and all of them count.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        ((output[:, -1] - y[:, start : start + length][:, -1]) ** 2).sum().backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "gradients-set-to-zero",
    says="You set the gradients to zero before each segment, so the last segment alone is left. They are to add up.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        model.zero_grad()
        output, h = model(x[:, start : start + length], h)
        ((output - y[:, start : start + length]) ** 2).sum().backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "gradients-set-to-zero-at-first",
    says="You set the gradients to zero at the start, and what the caller had gathered is gone. The contract says to set none "
    "to zero.",
)
def truncated(model, x, y, h, length):
    model.zero_grad()
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        ((output - y[:, start : start + length]) ** 2).sum().backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "backward-after-the-last",
    says="You call backward() once, after the loop, for the last segment alone. Every segment has a loss of its own.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h.detach())
        loss = ((output - y[:, start : start + length]) ** 2).sum()
    loss.backward()
    return h.detach()


@misconception(
    "truncated",
    "no-backward",
    says="You compute the losses, but no backward() is called, so no gradient arrives at the parameters.",
)
def truncated(model, x, y, h, length):
    loss = 0
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        loss = loss + ((output - y[:, start : start + length]) ** 2).sum()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "history-returned",
    says="Gradients and numbers are right, but the state that you return still has its history, so whoever goes on from it "
    "meets a graph that is gone. Detach it after the last segment too.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h.detach())
        ((output - y[:, start : start + length]) ** 2).sum().backward()
    return h


@misconception(
    "truncated",
    "outputs-returned",
    says="You return the outputs of the last segment. The state after the last step is wanted.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        ((output - y[:, start : start + length]) ** 2).sum().backward()
        h = h.detach()
    return output.detach()


@misconception(
    "truncated",
    "segments-overlap",
    says="Your segments move on by one step and overlap, so steps count several times. The next starts where the last one "
    "ended.",
)
def truncated(model, x, y, h, length):
    length = min(length, x.shape[1])
    for start in range(x.shape[1] - length + 1):
        output, h = model(x[:, start : start + length], h)
        ((output - y[:, start : start + length]) ** 2).sum().backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "cut-along-the-batch",
    says="You cut the batch into segments. Time is the second axis: x[:, start : start + length].",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[start : start + length], h)
        ((output - y[start : start + length]) ** 2).sum().backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "steps-counted-along-the-batch",
    says="You count the steps with len(x), which is the number of sequences. The steps are x.shape[1].",
)
def truncated(model, x, y, h, length):
    for start in range(0, len(x), length):
        output, h = model(x[:, start : start + length], h)
        ((output - y[:, start : start + length]) ** 2).sum().backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "state-not-taken",
    says="You drop the state that the model returns, so every segment starts from the one that was given, and that one "
    "comes back. Take it: output, h = model(...).",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, _ = model(x[:, start : start + length], h)
        target = y[:, start : start + length]
        ((output - target) ** 2).sum().backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "no-way-back-to-the-parameters",
    says="backward() finds no way from your loss to the parameters: the loop runs without gradients (no_grad), or the outputs "
    "are detached. The cut is the detach of the *state*, after the backward() of its segment.",
)
def truncated(model, x, y, h, length):
    with torch.no_grad():
        for start in range(0, x.shape[1], length):
            output, h = model(x[:, start : start + length], h)
            ((output - y[:, start : start + length]) ** 2).sum().backward()
    return h


@misconception(
    "truncated",
    "as-many-segments-as-length",
    says="You made `length` segments (chunk). The contract wants segments of `length` steps: split(length, dim=1) does "
    "that.",
)
def truncated(model, x, y, h, length):
    for x_part, y_part in zip(x.chunk(length, dim=1), y.chunk(length, dim=1), strict=True):
        output, h = model(x_part, h)
        ((output - y_part) ** 2).sum().backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "square-of-the-sum",
    says="You add the differences and square the sum, so that those of different sign cancel. Square each difference, "
    "then add.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        target = y[:, start : start + length]
        (output - target).sum().pow(2).backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "a-step-taken",
    says="You let the parameters take a step after each segment. Gradients are to be gathered here; the step is the "
    "caller's.",
)
def truncated(model, x, y, h, length):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        ((output - y[:, start : start + length]) ** 2).sum().backward()
        optimizer.step()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "nothing-returned",
    says="Your function returns nothing. The state after the last step is wanted, without history.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        target = y[:, start : start + length]
        ((output - target) ** 2).sum().backward()
        h = h.detach()
    return None


@misconception(
    "truncated",
    "outputs-and-state",
    says="You return the outputs of the last segment beside the state. The state alone is wanted.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        target = y[:, start : start + length]
        ((output - target) ** 2).sum().backward()
        h = h.detach()
    return output, h


@misconception(
    "truncated",
    "half-the-squares",
    says="You take half the squared differences. That factor is common elsewhere; here the loss is their sum.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        target = y[:, start : start + length]
        ((output - target) ** 2).sum().div(2).backward()
        h = h.detach()
    return h


@misconception(
    "truncated",
    "mean-over-the-batch",
    says="You divide by the number of sequences. The loss of a segment is the sum over all of them.",
)
def truncated(model, x, y, h, length):
    for start in range(0, x.shape[1], length):
        output, h = model(x[:, start : start + length], h)
        target = y[:, start : start + length]
        ((output - target) ** 2).sum().div(len(x)).backward()
        h = h.detach()
    return h
