"""Wrong answers to the exercise `bert`, each with the line of thought behind it. Each must lose its points."""

from itertools import pairwise

import torch
import torch.nn.functional as F

from coursekit.exercise import misconception

PAD, CLS, SEP, MASK = range(4)
IGNORED = -100

# --- hide: who is chosen, and what is asked


@misconception(
    "hide",
    "special-tokens-chosen",
    says="You choose special tokens too: CLS, SEP and padding stand among your targets. They are the frame of every "
    "sequence, so there is nothing to learn from guessing them; choose only tokens above MASK.",
)
def hide(tokens, draw, fate, other, share):
    chosen = draw < share
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "only-padding-left-out",
    says="You leave out the padding only. CLS and SEP are special as well: they stand at known places in every sequence.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens != PAD)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "mask-token-chosen",
    says="You let the token MASK itself be chosen. It is one of the four special tokens, 0 to 3: nobody knows what it hid.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > SEP)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "first-ordinary-token-left-out",
    says="Token 4 is never chosen by you, but it is the first ordinary one. The special tokens are 0 to 3.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK + 1)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "only-special-tokens-chosen",
    says="Your condition is turned round: you choose the special tokens and leave the ordinary ones alone.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens <= MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "chosen-above-the-share",
    says="You choose where the draw is above the share, so most of the sequence is chosen instead of the share that was "
    "asked for. A draw below share happens with chance share.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw > share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "chosen-at-the-share-too",
    says="You also choose where the draw is equal to the share. The contract says draw < share; with share 0 nothing at "
    "all may be chosen.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw <= share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "share-of-fifteen-percent-fixed",
    says="You always choose 15 percent. That is the share of the paper; here the share is an argument.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < 0.15) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "exactly-the-share-of-each-row",
    says="You choose the lowest draws until the share is reached exactly. Here every position is chosen on its own, if "
    "its draw is below share, so the number differs from row to row.",
)
def hide(tokens, draw, fate, other, share):
    ordinary = tokens > MASK
    count = round(share * tokens.shape[-1])
    order = draw.masked_fill(~ordinary, 2.0).argsort(dim=-1).argsort(dim=-1)
    chosen = (order < count) & ordinary
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "all-positions-are-targets",
    says="Every token is a target of yours. Where nothing was chosen the model sees the answer, so a loss there teaches it "
    "to copy: the target must be IGNORED at positions that are not chosen.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, tokens.clone()


@misconception(
    "hide",
    "all-ordinary-tokens-are-targets",
    says="Your targets hold every ordinary token, chosen or not. Only chosen positions are asked; the target of the "
    "others is IGNORED.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(tokens > MASK, tokens, IGNORED)


@misconception(
    "hide",
    "targets-only-where-masked",
    says="Only the positions that became MASK are targets of yours. The ones that were replaced or left alone are chosen "
    "too: they are there so that the model can't trust what it sees, and they need their target.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(inputs == MASK, tokens, IGNORED).where(chosen, IGNORED)


@misconception(
    "hide",
    "targets-only-where-changed",
    says="You ask only where the input differs from the token. One chosen token in ten stays as it is, and it has a "
    "target as well; else the model learns that a token which is no MASK is always wrong.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(inputs != tokens, tokens, IGNORED)


@misconception(
    "hide",
    "targets-taken-from-the-inputs",
    says="Your targets hold what stands in the inputs, so the model is asked for MASK. The target is the token that stood "
    "there before.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, inputs, IGNORED)


@misconception(
    "hide",
    "targets-turned-round",
    says="Your targets are IGNORED at the chosen positions and hold the tokens everywhere else. It is the other way round: "
    "only the chosen ones are asked.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, IGNORED, tokens)


@misconception(
    "hide",
    "padding-as-the-ignored-target",
    says="You write 0 where nothing is to be predicted. That is the number of PAD, so a loss would ask for padding there; "
    "the sign for no target is -100.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, PAD)


@misconception(
    "hide",
    "minus-one-as-the-ignored-target",
    says="You write -1 where nothing is to be predicted. PyTorch's cross-entropy leaves out -100 by default, and so does "
    "this exercise: use IGNORED.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, -1)


@misconception(
    "hide",
    "chosen-positions-as-booleans",
    says="Your second result says where tokens were chosen. Asked for is which token stood there, and IGNORED elsewhere.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, chosen


@misconception(
    "hide",
    "results-turned-round",
    says="You return the targets first and the inputs second. The contract asks for the inputs first.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return torch.where(chosen, tokens, IGNORED), inputs


# --- hide: what becomes of the chosen


@misconception(
    "hide",
    "always-mask",
    says="Every chosen token becomes MASK. Later texts contain no MASK, so one in ten is replaced by a random token and one "
    "in ten stays; see the last task for what goes wrong otherwise.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    return torch.where(chosen, MASK, tokens), torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "nothing-hidden",
    says="Your inputs are the tokens as they were, so the model can copy each answer. The chosen ones have to be hidden, "
    "replaced or left alone by their fate.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    return tokens.clone(), torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "replaced-and-kept-exchanged",
    says="Replaced and kept are exchanged: a fate from 0.8 to 0.9 brings the other token, one from 0.9 on leaves the old one.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "the-rest-is-all-replaced",
    says="All chosen tokens that do not become MASK are replaced. Half of those, fate 0.9 and above, stay as they are.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "the-rest-all-stays",
    says="No token is replaced by the other one: a fate from 0.8 up to 0.9 puts a random token in. Without those the model "
    "can trust every token it sees.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    return torch.where(chosen & (fate < 0.8), MASK, tokens), torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "replaced-below-nine-tenths-overwrites-mask",
    says="Your second step replaces everything with a fate below 0.9, and so overwrites the MASK of the first step. The "
    "other token belongs only where the fate is at least 0.8 as well.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "fate-of-all-positions",
    says="The fate acts at positions that were not chosen, so 8 in 10 of all tokens are hidden. It decides about chosen ones only.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(fate < 0.8, MASK, tokens)
    inputs = torch.where((fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "replacement-at-all-positions",
    says="Your MASK goes to chosen positions only, but the other token also to positions that were not chosen. Ask for "
    "chosen in both steps.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where((fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "draw-used-for-the-fate",
    says="You decide the fate by draw once more. Chosen positions all have a draw below share, so nearly all of them "
    "become MASK; the fate is a number of its own.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (draw < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (draw >= 0.8) & (draw < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "hidden-by-padding",
    says="You hide with 0, which is PAD. The hidden place has a token of its own, MASK = 3, so that the model knows it is asked.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), PAD, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "edges-of-the-fate-moved",
    says="The edges belong to the other side: a fate of exactly 0.8 replaces, one of exactly 0.9 stays. Use < where the "
    "contract says <.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate <= 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate > 0.8) & (fate <= 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "tokens-changed-in-place",
    says="You write into the tensor that you were given. The inputs are a new tensor: start from tokens.clone(), or the "
    "text is lost after the first epoch.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    targets = torch.where(chosen, tokens, IGNORED)
    replaced = chosen & (fate >= 0.8) & (fate < 0.9)
    tokens[chosen & (fate < 0.8)] = MASK
    tokens[replaced] = other[replaced]
    return tokens, targets


@misconception(
    "hide",
    "second-step-starts-from-the-tokens",
    says="Your second step starts from the tokens again, so the MASK that the first step put in is lost. Let "
    "it start from the inputs of the first.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, tokens)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "draw-split-by-the-share",
    says="You divide the draws below share into 80, 10 and 10 percent. That has the right chances, but the "
    "contract has a number of its own for this: fate says what becomes of a chosen token.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (draw < 0.8 * share), MASK, tokens)
    inputs = torch.where(chosen & (draw >= 0.8 * share) & (draw < 0.9 * share), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "fate-counted-from-the-other-end",
    says="Your shares are right, but you count fate from the other end: from 0 up to 0.8 comes MASK, then the "
    "other token, and from 0.9 on the old one stays.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate >= 0.2), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.1) & (fate < 0.2), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "fate-of-eight-tenths-stays",
    says="A fate of exactly 0.8 falls between your two steps, so that token stays. The contract says 0.8 <= "
    "fate for the other token.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate > 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "fate-of-nine-tenths-replaced",
    says="You also replace where the fate is exactly 0.9. The contract says fate < 0.9 for the other token; "
    "from 0.9 on the old one stays.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate <= 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "targets-written-into-the-tokens",
    says="Your targets are the tensor tokens itself, so writing IGNORED into them changes the tokens, and the "
    "inputs with them. Start from tokens.clone(), or use torch.where.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    targets = tokens
    targets[~chosen] = IGNORED
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, targets


@misconception(
    "hide",
    "results-as-floats",
    says="Your results hold floating-point numbers. Token numbers are rows of a table, so they are int64: "
    "write 3 and -100, without a decimal point.",
)
def hide(tokens, draw, fate, other, share):
    chosen = (draw < share) & (tokens > MASK)
    inputs = torch.where(chosen & (fate < 0.8), float(MASK), tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, float(IGNORED))


@misconception(
    "hide",
    "two-axes-taken-for-granted",
    says="Your loops need two axes, but the contract allows any shape: the worked example has one. Whole "
    "tensors at once, with torch.where, need no loop.",
)
def hide(tokens, draw, fate, other, share):
    inputs, targets = tokens.clone(), torch.full_like(tokens, IGNORED)
    for i in range(tokens.shape[0]):
        for j in range(tokens.shape[1]):
            if draw[i, j] < share and tokens[i, j] > MASK:
                targets[i, j] = tokens[i, j]
                if fate[i, j] < 0.8:
                    inputs[i, j] = MASK
                elif fate[i, j] < 0.9:
                    inputs[i, j] = other[i, j]
    return inputs, targets


@misconception(
    "hide",
    "and-between-tensors",
    says="Python's word and asks a whole tensor for one truth. Use & between tensors, each condition in parentheses.",
)
def hide(tokens, draw, fate, other, share):
    chosen = draw < share and tokens > MASK
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


@misconception(
    "hide",
    "no-parentheses",
    says="& binds tighter than <, so draw < share & tokens > 3 joins share and tokens first. Put each condition in "
    "parentheses.",
)
def hide(tokens, draw, fate, other, share):
    chosen = draw < share & tokens > MASK
    inputs = torch.where(chosen & (fate < 0.8), MASK, tokens)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, tokens, IGNORED)


# --- the loss


@misconception(
    "masked_loss",
    "loss-on-all-tokens",
    says="Your loss counts every position. Where the target is IGNORED the model saw the answer or a special token; only "
    "the chosen positions are to be learned from.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    wanted = targets.clamp(min=0)
    fetched = logits.log_softmax(-1).gather(-1, wanted[..., None])[..., 0]
    count = chosen.sum().clamp(min=1)
    right = ((logits.argmax(-1) == targets) & chosen).sum() / count
    return -fetched.mean(), right


@misconception(
    "masked_loss",
    "divided-by-all-positions",
    says="You add over the chosen positions but divide by the number of all. Then the loss shrinks as fewer are "
    "chosen, and so do the steps of the training: divide by how many are chosen.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    fetched = logits.log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    right = ((logits.argmax(-1) == targets) & chosen).sum() / chosen.sum().clamp(min=1)
    return -(fetched * chosen).sum() / targets.numel(), right


@misconception(
    "masked_loss",
    "sum-and-no-mean",
    says="Your loss is the sum over the chosen positions. The mean is asked for, so that batches with more or fewer chosen "
    "tokens weigh alike.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum()
    return loss, (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "divided-by-the-batch",
    says="You divide by the number of sequences. The mean runs over chosen positions, and sequences have different "
    "numbers of them.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / len(targets)
    return loss, (scores.argmax(dim=-1) == wanted).sum() / max(len(wanted), 1)


@misconception(
    "masked_loss",
    "mean-of-the-means-of-sequences",
    says="You take the mean of each sequence first, then the mean of those. A sequence with a single chosen token then "
    "counts as much as one with many; all chosen positions of the batch weigh alike.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    fetched = logits.log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    each = (fetched * chosen).sum(1) / chosen.sum(1).clamp(min=1)
    right = ((logits.argmax(-1) == targets) & chosen).sum() / chosen.sum().clamp(min=1)
    return -each.mean(), right


@misconception(
    "masked_loss",
    "nan-when-nothing-is-chosen",
    says="When no position is chosen, you divide zero by zero, and the NaN spreads through the whole model. Divide by "
    "at least 1.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).mean()
    return loss, (scores.argmax(dim=-1) == wanted).float().mean()


@misconception(
    "masked_loss",
    "loss-without-a-gradient-when-nothing-is-chosen",
    says="Your loss knows nothing of the logits, perhaps only when nothing is chosen, so asking for its gradient fails. "
    "Leave out detach and no_grad, and let the zero come from the logits, such as an empty sum.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    if len(wanted) == 0:
        return torch.tensor(0.0, dtype=logits.dtype), torch.tensor(0.0)
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).mean()
    return loss, (scores.argmax(dim=-1) == wanted).double().mean()


@misconception(
    "masked_loss",
    "log-of-the-softmax",
    says="You take the logarithm of the softmax. For a probability that rounds to zero that is minus infinity; log_softmax "
    "computes both at once and stays finite.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.softmax(dim=-1).log().gather(1, wanted[:, None]).sum() / count
    return loss, (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "small-number-added-to-the-softmax",
    says="You add a small number to the probability before the logarithm. That caps the loss of a bad guess and "
    "shifts all others a little; log_softmax needs no such number.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -(scores.softmax(dim=-1) + 1e-9).log().gather(1, wanted[:, None]).sum() / count
    return loss, (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "minus-forgotten",
    says="The sign is turned round: a mean of logarithms of probabilities is negative, and a training that lowers it makes "
    "the right tokens ever less likely. The loss has a minus in front.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / count
    return loss, (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "probability-without-logarithm",
    says="You take one minus the probability of the target. The loss is minus its logarithm, which punishes a confident "
    "mistake without limit.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = (1 - scores.softmax(dim=-1).gather(1, wanted[:, None])).sum() / count
    return loss, (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "logits-taken-for-logarithms",
    says="You use the logits themselves as logarithms of probabilities. They are scores: the softmax has to make them sum "
    "to one first.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.gather(1, wanted[:, None]).sum() / count
    return loss, (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "softmax-twice",
    says="You take a softmax of the logits and then log_softmax of that. Once is enough: twice flattens every prediction.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.softmax(dim=-1).log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / count
    return loss, (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "softmax-over-the-positions",
    says="Your softmax runs over the positions, so they compete for a token. At each position the tokens of the "
    "vocabulary compete: that is the last axis.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    fetched = logits.log_softmax(1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    count = chosen.sum().clamp(min=1)
    return -(fetched * chosen).sum() / count, ((logits.argmax(-1) == targets) & chosen).sum() / count


@misconception(
    "masked_loss",
    "bits-and-not-nats",
    says="Your loss is in bits: it is divided by log 2. The formula has the natural logarithm, so the loss is in nats.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / count / 0.6931471805599453
    return loss, (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "target-zero-ignored-too",
    says="You leave out positions whose target is 0. Zero is a token like any other here; only -100 means that nothing is "
    "to be predicted.",
)
def masked_loss(logits, targets):
    chosen = targets > 0
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / count
    return loss, (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "exponent-of-the-loss",
    says="You return the exponential of the loss, the perplexity. Asked for is the mean of minus the logarithms itself.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / count
    return loss.exp(), (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "share-right-of-all-positions",
    says="Your share divides by all positions, so it can never reach one. Divide by the number of chosen positions.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / count
    return loss, (scores.argmax(dim=-1) == wanted).sum() / targets.numel()


@misconception(
    "masked_loss",
    "count-right-and-no-share",
    says="You count how many are right. Asked for is the share: divide by the number of chosen positions.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / count
    return loss, (scores.argmax(dim=-1) == wanted).sum()


@misconception(
    "masked_loss",
    "probability-as-share-right",
    says="Your second result is the mean probability of the targets. Asked for is how often the largest logit is that of "
    "the target.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    logs = scores.log_softmax(dim=-1).gather(1, wanted[:, None])
    return -logs.sum() / count, logs.exp().sum() / count


@misconception(
    "masked_loss",
    "share-wrong",
    says="Your second result is the share that is wrong. Asked for is the share right.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / count
    return loss, (scores.argmax(dim=-1) != wanted).sum() / count


@misconception(
    "masked_loss",
    "lowest-logit-as-answer",
    says="You count a token as the answer where its logit is the lowest. The answer of the model is the largest: argmax.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / count
    return loss, (scores.argmin(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "numbers-and-no-tensors",
    says="You return Python numbers. No gradient flows back through those: leave out .item() and float().",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / count
    return loss.item(), ((scores.argmax(dim=-1) == wanted).sum() / count).item()


@misconception(
    "masked_loss",
    "gathered-at-minus-one-hundred",
    says="You fetch the logarithms at every position, also where the target is -100, and no token has that "
    "number. Keep the chosen positions first.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    count = chosen.sum().clamp(min=1)
    fetched = logits.log_softmax(dim=-1).gather(-1, targets[..., None])[..., 0]
    return -(fetched * chosen).sum() / count, ((logits.argmax(dim=-1) == targets) & chosen).sum() / count


@misconception(
    "masked_loss",
    "token-zero-asked-where-nothing-is",
    says="You turn -100 into 0 so that it can be fetched, but then the loss asks for token 0 at every position "
    "that was not chosen. Set those terms to zero before you add.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    count = chosen.sum().clamp(min=1)
    fetched = logits.log_softmax(dim=-1).gather(-1, targets.clamp(min=0)[..., None])
    return -fetched.sum() / count, ((logits.argmax(dim=-1) == targets) & chosen).sum() / count


@misconception(
    "masked_loss",
    "divided-by-the-vocabulary-too",
    says="Your mean runs over the vocabulary as well, so the loss is too small by the factor V. Divide by the "
    "number of chosen positions only.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / count / logits.shape[-1]
    return loss, (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "all-tokens-of-the-vocabulary-added",
    says="You add the logarithms of all tokens of the vocabulary. At each position only that of the target "
    "counts; gather fetches it.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).sum() / count
    return loss, (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "each-target-at-each-position",
    says="Indexing with [:, wanted] fetches every target at every chosen position. Each position has one "
    "target of its own: gather, or an index for the rows as well.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1)[:, wanted].sum() / count
    return loss, (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "likeliest-token-and-not-the-target",
    says="You take the logarithm of the largest probability, whatever the target is. A model that is certain "
    "and wrong would have no loss.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).amax(dim=-1).sum() / count
    return loss, (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "exponentials-of-large-logits",
    says="You build the softmax from exponentials. That of a logit in the hundreds is infinite; log_softmax "
    "takes the largest one off first.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    shares = scores.exp() / scores.exp().sum(dim=-1, keepdim=True)
    loss = -shares.gather(1, wanted[:, None]).log().sum() / count
    return loss, (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "share-in-percent",
    says="Your share right is in percent. Asked for is a share, from 0 to 1.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / count
    return loss, 100 * (scores.argmax(dim=-1) == wanted).sum() / count


@misconception(
    "masked_loss",
    "share-before-the-loss",
    says="You return the share first and the loss second. The contract asks for the loss first.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / count
    return (scores.argmax(dim=-1) == wanted).sum() / count, loss


@misconception(
    "masked_loss",
    "largest-over-the-positions",
    says="Your argmax runs over axis 1, the positions. The answer at a position is the largest of its V "
    "logits, on the last axis.",
)
def masked_loss(logits, targets):
    chosen = targets != IGNORED
    scores, wanted = logits[chosen], targets[chosen]
    count = max(len(wanted), 1)
    loss = -scores.log_softmax(dim=-1).gather(1, wanted[:, None]).sum() / count
    return loss, (logits.argmax(dim=1) == targets)[chosen].sum() / count


# --- a pair


@misconception(
    "pair",
    "no-cls",
    says="Your row, or its segments, begin with the first token of a. CLS stands before it in every sequence of BERT, "
    "whatever the task, with segment 0.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [*a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 1) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "no-sep-at-the-end",
    says="The second SEP is missing: there is one between the sentences and one after b.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 2:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * len(b)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "no-sep-between",
    says="There is no SEP between the sentences, so nothing but the segments tells where a ends.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 2:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 1) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "cls-before-each-sentence",
    says="You write CLS before b as well. It stands once, at the start of the row; a SEP closes each sentence.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 4:
        (a if len(a) > len(b) else b).pop() if a or b else None
        if not a and not b:
            break
    line = [CLS, *a, SEP, CLS, *b, SEP][:size]
    padding = [PAD] * (size - len(line))
    segments = ([0] * (len(a) + 2) + [1] * (len(b) + 2))[:size]
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "cls-and-sep-exchanged",
    says="CLS and SEP are exchanged: CLS = 1 opens the row, SEP = 2 closes each sentence.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [SEP, *a, CLS, *b, CLS]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "the-row-cut-at-the-end",
    says="You write the whole row and cut it at the end, so a long pair loses all of b and its SEP. Shorten the sentences "
    "before you write the row.",
)
def pair(a, b, size):
    line = [CLS, *a, SEP, *b, SEP][:size]
    segments = ([0] * (len(a) + 2) + [1] * (len(b) + 1))[:size]
    padding = [PAD] * (size - len(line))
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "only-the-second-is-cut",
    says="You only ever shorten b. The longer of the two is shortened, so that a long a cannot push b out.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (b or a).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "each-cut-to-a-half",
    says="You give each sentence half of the room. If one is short, the other may have what is left: drop tokens one at a "
    "time from the longer one until the pair fits.",
)
def pair(a, b, size):
    room = size - 3
    if len(a) + len(b) > room:
        a, b = a[: room - room // 2], b[: room // 2]
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "shorter-is-cut",
    says="You shorten the shorter sentence. The longer one has more to spare.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        ((a or b) if len(a) < len(b) else (b or a)).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "cut-from-the-start",
    says="You drop tokens from the start of the longer sentence. The contract says from its end.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop(0)
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "a-cut-when-equal",
    says="Of two equally long sentences you shorten a. The contract says b then; only a longer a is shortened.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) >= len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "lists-shortened-in-place",
    says="You shorten the lists that you were given. Copy them first, a = list(a), or the sentence stays short for "
    "everyone who uses it later.",
)
def pair(a, b, size):
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "special-tokens-not-counted",
    says="You cut the sentences to the whole size and forget that CLS and two SEP need room as well: size - 3 tokens are left.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "padded-in-front",
    says="You pad in front. The padding follows the sequence here, so that CLS is always at position 0.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(padding + line), torch.tensor(padding + segments), len(line)


@misconception(
    "pair",
    "not-padded",
    says="Your row ends with the last SEP. It has to be filled with PAD up to size, so that rows can be stacked to a batch.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line), torch.tensor(segments), len(line)


@misconception(
    "pair",
    "length-without-special-tokens",
    says="Your length counts the tokens of a and b only. CLS and SEP are read by the model too: count all positions before "
    "the padding.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(a) + len(b)


@misconception(
    "pair",
    "length-is-the-size",
    says="Your length is the whole size, padding included. Then nothing tells the model where the padding starts, and it "
    "attends to it.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), size


@misconception(
    "pair",
    "first-sep-in-the-second-segment",
    says="Your first SEP belongs to segment 1. It closes the first sentence, so its segment is 0; segment 1 starts with "
    "the first token of b.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 1) + [1] * (len(b) + 2)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "last-sep-in-the-first-segment",
    says="Your last SEP has segment 0. It closes the second sentence and has segment 1.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * len(b) + [0]
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "padding-in-the-second-segment",
    says="Your padding has segment 1. It belongs to no sentence; the contract gives it 0.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (size - len(a) - 2)
    return torch.tensor(line + padding), torch.tensor(segments), len(line)


@misconception(
    "pair",
    "segments-one-and-two",
    says="Your segments are 1 and 2. They are 0 and 1: the numbers of the two rows of the table of segment vectors.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [1] * (len(a) + 2) + [2] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "segments-counted-by-sep",
    says="You count the SEPs so far. The first SEP then counts itself and gets 1, and what stands behind the second gets 2. A "
    "SEP belongs to the sentence that it closes, and the padding has segment 0.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) + 3 > size:
        (a if len(a) > len(b) else b).pop()
    row = [CLS, *a, SEP, *b, SEP]
    tokens = torch.tensor(row + [PAD] * (size - len(row)))
    return tokens, (tokens == SEP).cumsum(0), len(row)


@misconception(
    "pair",
    "all-in-one-segment",
    says="All your segments are 0, so the model is told nothing about which sentence a token is from. Those of b and of "
    "the SEP after it are 1.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    return torch.tensor(line + padding), torch.zeros(size, dtype=torch.int64), len(line)


@misconception(
    "pair",
    "segments-turned-round",
    says="Your segments are turned round: those of the first sentence are 0, those of the second 1.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [1] * (len(a) + 2) + [0] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "segments-found-by-the-token-two",
    says="You look for the number of SEP in the row to find where b starts. Where a holds that number itself the search stops "
    "too early; the length of a tells where b starts.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    first = line.index(SEP)
    padding = [PAD] * (size - len(line))
    segments = [0] * (first + 1) + [1] * (len(line) - first - 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "one-token-too-many-dropped",
    says="You drop a token although the pair fits: with three special tokens, size - 3 others have room. Go on "
    "only while there are more than that.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > max(size - 4, 0):
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "room-for-two-special-tokens",
    says="You leave room for two special tokens, but there are three: CLS and two SEP. Your row gets one "
    "position too long.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 2:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "length-in-front",
    says="You return the length first. The contract asks for tokens, segments, length.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return len(line), torch.tensor(line + padding), torch.tensor(segments + padding)


@misconception(
    "pair",
    "a-batch-of-one",
    says="Your rows have an axis for a batch in front. Asked for is one row, of shape (size,).",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor([line + padding]), torch.tensor([segments + padding]), len(line)


@misconception(
    "pair",
    "padded-with-the-ignored-target",
    says="You pad with -100. That is the sign for a target that is not asked for; the padding of a row of "
    "tokens is PAD = 0.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + [IGNORED] * len(padding)), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "mask-for-sep",
    says="You close the sentences with 3, which is MASK. SEP is 2.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, MASK, *b, MASK]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "one-token-dropped-and-no-more",
    says="You drop one token and stop. Ask again after each, with while instead of if, until the pair fits.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    if len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "all-dropped-from-the-longer",
    says="You take everything that is too much from the sentence that is longer at the start. After each token "
    "look again which one is longer now.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    over = max(len(a) + len(b) - (size - 3), 0)
    if len(a) > len(b):
        a = a[: max(len(a) - over, 0)]
    else:
        b = b[: max(len(b) - over, 0)]
    line = [CLS, *a, SEP, *b, SEP]
    padding = [PAD] * (size - len(line))
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    return torch.tensor(line + padding), torch.tensor(segments + padding), len(line)


@misconception(
    "pair",
    "rows-of-floats",
    says="Your rows hold floating-point numbers. Tokens and segments are rows of tables, so they are int64.",
)
def pair(a, b, size):
    a, b = list(a), list(b)
    while len(a) + len(b) > size - 3:
        (a if len(a) > len(b) else b).pop()
    line = [CLS, *a, SEP, *b, SEP]
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    tokens, kinds = torch.zeros(size), torch.zeros(size)
    tokens[: len(line)] = torch.tensor(line, dtype=torch.float32)
    kinds[: len(line)] = torch.tensor(segments, dtype=torch.float32)
    return tokens, kinds, len(line)


# --- one answer for the sequence


@misconception(
    "cls_logits",
    "mean-of-all-positions",
    says="You pool the mean of all positions. BERT's classifier reads the vector of the first position alone, the one of CLS.",
)
def cls_logits(h, pooler, out):
    return out(torch.tanh(pooler(h.mean(dim=1))))


@misconception(
    "cls_logits",
    "last-position",
    says="You take the last position. CLS is the first; the last may be padding.",
)
def cls_logits(h, pooler, out):
    return out(torch.tanh(pooler(h[:, -1])))


@misconception(
    "cls_logits",
    "first-sequence",
    says="h[0] is the first sequence of the batch with all its positions. The first position of every sequence is h[:, 0].",
)
def cls_logits(h, pooler, out):
    return out(torch.tanh(pooler(h[0])))


@misconception(
    "cls_logits",
    "first-number-of-each-position",
    says="h[..., 0] is the first number of each vector. The axis of the positions is the middle one: h[:, 0].",
)
def cls_logits(h, pooler, out):
    first = h[..., 0]
    return out(torch.tanh(F.linear(first, pooler.weight[:, : first.shape[1]], pooler.bias)))


@misconception(
    "cls_logits",
    "largest-over-the-positions",
    says="You take the largest of each number over all positions. Only the vector at CLS is used.",
)
def cls_logits(h, pooler, out):
    return out(torch.tanh(pooler(h.amax(dim=1))))


@misconception(
    "cls_logits",
    "no-tanh",
    says="The tanh is missing. Two linear maps in a row are one linear map, and the trained weights expect numbers "
    "between -1 and 1.",
)
def cls_logits(h, pooler, out):
    return out(pooler(h[:, 0]))


@misconception(
    "cls_logits",
    "gelu-for-tanh",
    says="You use GELU, as in the layers of the encoder. The pooler of BERT has a tanh.",
)
def cls_logits(h, pooler, out):
    return out(F.gelu(pooler(h[:, 0])))


@misconception(
    "cls_logits",
    "relu-for-tanh",
    says="You use a ReLU. The pooler of BERT has a tanh, which keeps the sign and bounds each number.",
)
def cls_logits(h, pooler, out):
    return out(F.relu(pooler(h[:, 0])))


@misconception(
    "cls_logits",
    "tanh-before-the-pooler",
    says="Your tanh comes before the pooler. The order is linear, tanh, linear.",
)
def cls_logits(h, pooler, out):
    return out(pooler(torch.tanh(h[:, 0])))


@misconception(
    "cls_logits",
    "tanh-at-the-end",
    says="Your tanh comes at the end, so no logit leaves the range from -1 to 1 and no class can become certain. It "
    "belongs between the two linear maps.",
)
def cls_logits(h, pooler, out):
    return torch.tanh(out(pooler(h[:, 0])))


@misconception(
    "cls_logits",
    "no-pooler",
    says="You leave the pooler out. The vector at CLS goes through pooler and tanh before it is classified.",
)
def cls_logits(h, pooler, out):
    return out(torch.tanh(h[:, 0]))


@misconception(
    "cls_logits",
    "probabilities-and-no-logits",
    says="You return probabilities. Logits are asked for; the loss takes the softmax itself, and a second one flattens it.",
)
def cls_logits(h, pooler, out):
    return out(torch.tanh(pooler(h[:, 0]))).softmax(dim=-1)


@misconception(
    "cls_logits",
    "scores-for-every-position",
    says="You classify every position. One row of scores for each sequence is asked for, from its first position.",
)
def cls_logits(h, pooler, out):
    return out(torch.tanh(pooler(h)))


@misconception(
    "mean_vector",
    "padding-counted",
    says="Your mean counts the padding, so it depends on how far a sequence was filled up. Only the first lengths[b] "
    "positions are to be averaged.",
)
def mean_vector(h, lengths):
    return h.mean(dim=1)


@misconception(
    "mean_vector",
    "divided-by-the-size",
    says="You leave the padding out of the sum, but divide by the number of all positions. Divide by the length of "
    "each sequence.",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return h.masked_fill(~real[:, :, None], 0.0).mean(dim=1)


@misconception(
    "mean_vector",
    "divided-by-the-lengths-but-not-masked",
    says="You divide by the lengths, but the sum still holds the padding. Set it to zero before you add.",
)
def mean_vector(h, lengths):
    return h.sum(dim=1) / lengths[:, None]


@misconception(
    "mean_vector",
    "multiplied-by-the-mask",
    says="You multiply by the mask. Zero times infinity is NaN, and so is zero times NaN: replace what stands at the "
    "padding, with masked_fill or where.",
)
def mean_vector(h, lengths):
    real = (torch.arange(h.shape[1]) < lengths[:, None]).to(h.dtype)
    return (h * real[:, :, None]).sum(dim=1) / lengths[:, None]


@misconception(
    "mean_vector",
    "zeros-left-out",
    says="You find the padding by looking for vectors of zeros. The encoder gives padding some vector too; the lengths say "
    "where it starts.",
)
def mean_vector(h, lengths):
    real = (h != 0).any(dim=-1, keepdim=True)
    return (h * real).sum(dim=1) / real.sum(dim=1)


@misconception(
    "mean_vector",
    "mask-turned-round",
    says="You average the padding and leave out the sequence. Positions below the length are the real ones.",
)
def mean_vector(h, lengths):
    padding = torch.arange(h.shape[1]) >= lengths[:, None]
    return h.masked_fill(~padding[:, :, None], 0.0).sum(dim=1) / padding.sum(dim=1).clamp(min=1)[:, None]


@misconception(
    "mean_vector",
    "one-position-too-many",
    says="You take in the position at index lengths[b], the first one of the padding. The real ones are 0 to lengths[b] - 1.",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) <= lengths[:, None]
    return h.masked_fill(~real[:, :, None], 0.0).sum(dim=1) / real.sum(dim=1)[:, None]


@misconception(
    "mean_vector",
    "one-vector-too-many-in-the-sum",
    says="Your mask lets one position of padding into the sum: of n positions the last has the number n - 1, so the real "
    "ones are those below the length.",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) <= lengths[:, None]
    return h.masked_fill(~real[..., None], 0.0).sum(dim=1) / lengths[:, None]


@misconception(
    "mean_vector",
    "first-position-left-out",
    says="You leave out position 0. CLS is a real position and belongs to the mean here.",
)
def mean_vector(h, lengths):
    t = torch.arange(h.shape[1])
    real = (t < lengths[:, None]) & (t > 0)
    return h.masked_fill(~real[:, :, None], 0.0).sum(dim=1) / real.sum(dim=1).clamp(min=1)[:, None]


@misconception(
    "mean_vector",
    "sum-and-no-mean",
    says="You add the vectors without dividing, so long sequences get long vectors. Divide by the length.",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return h.masked_fill(~real[:, :, None], 0.0).sum(dim=1)


@misconception(
    "mean_vector",
    "all-cut-to-the-first-length",
    says="You cut all sequences to the length of the first. Each has its own.",
)
def mean_vector(h, lengths):
    return h[:, : int(lengths[0])].mean(dim=1)


@misconception(
    "mean_vector",
    "all-cut-to-the-longest",
    says="You cut all sequences to the length of the longest. Each has its own, and the shorter ones still count padding.",
)
def mean_vector(h, lengths):
    return h[:, : int(lengths.max())].mean(dim=1)


@misconception(
    "mean_vector",
    "all-cut-to-the-shortest",
    says="You cut all sequences to the shortest one. What is longer than that counts as well, up to its own length.",
)
def mean_vector(h, lengths):
    return h[:, : int(lengths.min())].mean(dim=1)


@misconception(
    "mean_vector",
    "mean-over-the-batch-too",
    says="You divide the sum of each sequence by the number of real positions in the whole batch. Each sequence is "
    "divided by its own length.",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return h.masked_fill(~real[:, :, None], 0.0).sum(dim=1) / lengths.sum()


@misconception(
    "mean_vector",
    "largest-and-no-mean",
    says="You take the largest of each number over the real positions. Their mean is asked for.",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return h.masked_fill(~real[:, :, None], torch.finfo(h.dtype).min).amax(dim=1)


@misconception(
    "mean_vector",
    "changed-in-place",
    says="You write zeros into the tensor that you were given. Its owner may still need it, and a tensor that wants a "
    "gradient refuses: masked_fill without the underscore makes a new one.",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return h.masked_fill_(~real[:, :, None], 0.0).sum(dim=1) / lengths[:, None]


@misconception(
    "cls_logits",
    "sigmoid-for-tanh",
    says="You use a sigmoid. The pooler of BERT has a tanh, whose values reach from -1 to 1.",
)
def cls_logits(h, pooler, out):
    return out(torch.sigmoid(pooler(h[:, 0])))


@misconception(
    "cls_logits",
    "weights-not-transposed",
    says="You multiply by the weight as it is stored. nn.Linear multiplies by its transpose: call pooler and "
    "out themselves.",
)
def cls_logits(h, pooler, out):
    return torch.tanh(h[:, 0] @ pooler.weight + pooler.bias) @ out.weight.mT + out.bias


@misconception(
    "cls_logits",
    "biases-forgotten",
    says="You multiply by the weights without their biases. Call pooler and out themselves, and both are used.",
)
def cls_logits(h, pooler, out):
    return torch.tanh(h[:, 0] @ pooler.weight.mT) @ out.weight.mT


@misconception(
    "cls_logits",
    "batch-of-one-squeezed",
    says="You squeeze the result, so a batch of one loses its axis. The shape is (B, C), whatever B is.",
)
def cls_logits(h, pooler, out):
    return out(torch.tanh(pooler(h[:, 0]))).squeeze()


@misconception(
    "cls_logits",
    "class-and-no-logits",
    says="You return the number of the likeliest class. A loss needs the logits of all classes.",
)
def cls_logits(h, pooler, out):
    return out(torch.tanh(pooler(h[:, 0]))).argmax(dim=-1)


@misconception(
    "cls_logits",
    "logarithms-of-probabilities",
    says="You return logarithms of probabilities. Logits are asked for, as they leave the last linear map.",
)
def cls_logits(h, pooler, out):
    return out(torch.tanh(pooler(h[:, 0]))).log_softmax(dim=-1)


@misconception(
    "cls_logits",
    "tanh-twice",
    says="There is a second tanh, after the classifier. Logits have no bounds: the only tanh stands between "
    "the two maps.",
)
def cls_logits(h, pooler, out):
    return torch.tanh(out(torch.tanh(pooler(h[:, 0]))))


@misconception(
    "cls_logits",
    "second-position",
    says="You take position 1, the first token of the text. CLS stands before it, at position 0.",
)
def cls_logits(h, pooler, out):
    return out(torch.tanh(pooler(h[:, min(1, h.shape[1] - 1)])))


@misconception(
    "cls_logits",
    "out-before-the-pooler",
    says="You call out first and pooler second. The pooler maps M to M and comes first; out makes the C "
    "classes at the end.",
)
def cls_logits(h, pooler, out):
    return pooler(torch.tanh(out(h[:, 0])))


@misconception(
    "cls_logits",
    "axis-of-positions-kept",
    says="Your result still has an axis for positions, of size 1. An index, h[:, 0], removes it; a slice, h[:, "
    ":1], does not.",
)
def cls_logits(h, pooler, out):
    return out(torch.tanh(pooler(h[:, :1])))


@misconception(
    "mean_vector",
    "lengths-along-the-wrong-axis",
    says="You divide by lengths as it is, so its axis meets that of the M numbers. There is one length for "
    "each sequence: lengths[:, None].",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return h.masked_fill(~real[:, :, None], 0.0).sum(dim=1) / lengths


@misconception(
    "mean_vector",
    "divided-by-the-longest",
    says="You divide every sum by the largest length. Each sequence has its own.",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return h.masked_fill(~real[:, :, None], 0.0).sum(dim=1) / lengths.max()


@misconception(
    "mean_vector",
    "padding-set-to-minus-infinity",
    says="You set the padding to minus infinity, as before a softmax. In a sum what must not count is zero.",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return h.masked_fill(~real[:, :, None], float("-inf")).sum(dim=1) / lengths[:, None]


@misconception(
    "mean_vector",
    "mask-along-the-wrong-axis",
    says="Your mask meets the axis of the M numbers. It belongs to sequences and positions, and gets its new "
    "axis at the end: real[:, :, None].",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return h.masked_fill(~real[:, None], 0.0).sum(dim=1) / lengths[:, None]


@misconception(
    "mean_vector",
    "all-sequences-together",
    says="You average the real positions of the whole batch into one vector. Every sequence has a mean of its "
    "own, shape (B, M).",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return h[real].mean(dim=0)


@misconception(
    "mean_vector",
    "summed-over-the-numbers",
    says="You add over the last axis, the M numbers. The mean runs over the positions, axis 1.",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return h.masked_fill(~real[:, :, None], 0.0).sum(dim=-1) / lengths[:, None]


@misconception(
    "mean_vector",
    "always-double-precision",
    says="You turn the vectors into double precision and leave them there. The result has the dtype of h.",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return h.masked_fill(~real[:, :, None], 0.0).double().sum(dim=1) / lengths[:, None]


@misconception(
    "mean_vector",
    "always-float32",
    says="Your result is float32, whatever the vectors are. It keeps the dtype of h.",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return (h.masked_fill(~real[..., None], 0.0).sum(dim=1) / lengths[:, None]).float()


@misconception(
    "mean_vector",
    "last-position-left-out",
    says="You leave out the last real position of each sequence. Positions 0 to lengths[b] - 1 are real, so "
    "position < length is the whole condition.",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None] - 1
    return h.masked_fill(~real[:, :, None], 0.0).sum(dim=1) / real.sum(dim=1).clamp(min=1)[:, None]


@misconception(
    "mean_vector",
    "mean-detached",
    says="Your mean has the right values but no way back to the vectors, so the encoder could not learn from "
    "it. Leave out detach and no_grad.",
)
def mean_vector(h, lengths):
    real = torch.arange(h.shape[1]) < lengths[:, None]
    return h.masked_fill(~real[:, :, None], 0.0).sum(dim=1).detach() / lengths[:, None]


# --- byte-pair encoding


@misconception(
    "bpe",
    "each-word-counted-once",
    says="Each word counts once for you. A word that stands in the text 5 times brings its pairs 5 times.",
)
def best_pair(words):
    counts = {}
    for word in words:
        for pair in pairwise(word):
            counts[pair] = counts.get(pair, 0) + 1
    return min(counts, key=lambda pair: (-counts[pair], pair))


@misconception(
    "bpe",
    "a-pair-once-in-a-word",
    says="You count a pair once in a word even if it stands there twice. In a b c a b the pair a b is seen twice.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for pair in set(pairwise(word)):
            counts[pair] = counts.get(pair, 0) + times
    return min(counts, key=lambda pair: (-counts[pair], pair))


@misconception(
    "bpe",
    "pairs-side-by-side-without-overlap",
    says="You step on by two tokens after each pair, so every second pair is left out. Each token but the last "
    "starts a pair.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for pair in zip(word[::2], word[1::2], strict=False):
            counts[pair] = counts.get(pair, 0) + times
    return min(counts, key=lambda pair: (-counts[pair], pair))


@misconception(
    "bpe",
    "last-count-kept",
    says="Your count of a pair is that of a single word in which it stands, the last or the most frequent one. Add up "
    "those of all words.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for pair in pairwise(word):
            counts[pair] = times
    return min(counts, key=lambda pair: (-counts[pair], pair))


@misconception(
    "bpe",
    "first-seen-of-equal-pairs",
    says="Of pairs with the same count you take the one that was seen first. The contract asks for the first in the "
    "alphabet, so that the order of the words does not matter.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for pair in pairwise(word):
            counts[pair] = counts.get(pair, 0) + times
    return max(counts, key=counts.get)


@misconception(
    "bpe",
    "last-of-equal-pairs",
    says="Of pairs with the same count you take the last in the alphabet. Asked for is the first.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for pair in pairwise(word):
            counts[pair] = counts.get(pair, 0) + times
    return max(counts, key=lambda pair: (counts[pair], pair))


@misconception(
    "bpe",
    "first-in-the-alphabet",
    says="You take the pair that comes first in the alphabet, whatever its count. The count decides; the alphabet only "
    "settles ties.",
)
def best_pair(words):
    return min(pair for word in words for pair in pairwise(word))


@misconception(
    "bpe",
    "rarest-pair",
    says="You take the pair with the smallest count. The most frequent one is joined, so that frequent words become short.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for pair in pairwise(word):
            counts[pair] = counts.get(pair, 0) + times
    return min(counts, key=lambda pair: (counts[pair], pair))


@misconception(
    "bpe",
    "order-in-a-pair-ignored",
    says="You count (a, b) and (b, a) together. They are different pairs: joined they are different tokens.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for pair in pairwise(word):
            pair = tuple(sorted(pair))
            counts[pair] = counts.get(pair, 0) + times
    return min(counts, key=lambda pair: (-counts[pair], pair))


@misconception(
    "bpe",
    "pairs-across-words",
    says="You count pairs that reach from one word into the next. A dict of words has no order of the text, and tokens "
    "never reach over the edge of a word.",
)
def best_pair(words):
    counts = {}
    before = None
    for word, times in words.items():
        for token in word:
            if before is not None:
                counts[before, token] = counts.get((before, token), 0) + times
            before = token
    return min(counts, key=lambda pair: (-counts[pair], pair))


@misconception(
    "bpe",
    "most-frequent-neighbours-of-letters",
    says="You pair the two most frequent tokens. They need not stand beside each other: count pairs, not tokens.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for token in word:
            counts[token] = counts.get(token, 0) + times
    order = sorted(counts, key=lambda token: (-counts[token], token))
    return order[0], order[1]


@misconception(
    "bpe",
    "only-the-first-occurrence",
    says="You join only the first occurrence of the pair. All of them become the new token.",
)
def join(word, pair):
    for i in range(len(word) - 1):
        if word[i : i + 2] == pair:
            return (*word[:i], word[i] + word[i + 1], *word[i + 2 :])
    return word


@misconception(
    "bpe",
    "joined-from-the-right",
    says="You look for the pair from the right. In a a a the first two are joined: go from left to right.",
)
def join(word, pair):
    out, i = [], len(word)
    while i > 0:
        step = 2 if word[max(i - 2, 0) : i] == pair else 1
        out.insert(0, "".join(word[i - step : i]))
        i -= step
    return tuple(out)


@misconception(
    "bpe",
    "second-token-kept",
    says="After a match you move on by one token only, so the second token of the pair stays in the word. Move on by two.",
)
def join(word, pair):
    out = []
    for i, token in enumerate(word):
        out.append(token + word[i + 1] if word[i : i + 2] == pair else token)
    return tuple(out)


@misconception(
    "bpe",
    "joined-into-what-was-joined",
    says="You compare with the token that was just made, so a joined token can be joined again within the same step. Each token "
    "of the old word is used once.",
)
def join(word, pair):
    out = []
    for token in word:
        if out and out[-1].endswith(pair[0]) and token == pair[1]:
            out[-1] += token
        else:
            out.append(token)
    return tuple(out)


@misconception(
    "bpe",
    "joined-as-text",
    says="You put the word together as text and look for the letters of the pair. Tokens that only look like the pair, such as "
    "lo followed by w, must stay as they are.",
)
def join(word, pair):
    new = pair[0] + pair[1]
    out, text = [], "".join(word)
    while text:
        step = len(new) if text.startswith(new) else 1
        out.append(text[:step])
        text = text[step:]
    return tuple(out)


@misconception(
    "bpe",
    "list-and-no-tuple",
    says="You return a list. A word is a tuple, since only tuples can be keys of the dict in the next step.",
)
def join(word, pair):
    out, i = [], 0
    while i < len(word):
        step = 2 if word[i : i + 2] == pair else 1
        out.append("".join(word[i : i + step]))
        i += step
    return out


@misconception(
    "bpe",
    "last-token-lost",
    says="A token at the end that is part of no match is lost: your loop stops at the last pair. Go on to the last token.",
)
def join(word, pair):
    out, i = [], 0
    while i < len(word) - 1:
        step = 2 if word[i : i + 2] == pair else 1
        out.append("".join(word[i : i + step]))
        i += step
    return tuple(out)


@misconception(
    "bpe",
    "joined-with-a-space",
    says="You put a space between the two tokens. The new token is one text: the two texts joined, with nothing between.",
)
def join(word, pair):
    out, i = [], 0
    while i < len(word):
        if word[i : i + 2] == pair:
            out.append(" ".join(pair))
            i += 2
        else:
            out.append(word[i])
            i += 1
    return tuple(out)


@misconception(
    "bpe",
    "nothing-joined",
    says="Your word comes back as it went in. Where the pair stands, its two tokens become one.",
)
def join(word, pair):
    return word


@misconception(
    "bpe",
    "pair-as-one-text",
    says="You return the two tokens joined to one text. Asked for is the pair, a tuple of two tokens; joining "
    "is the second function's work.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for pair in pairwise(word):
            counts[pair] = counts.get(pair, 0) + times
    return "".join(min(counts, key=lambda pair: (-counts[pair], pair)))


@misconception(
    "bpe",
    "pair-with-its-count",
    says="You return the count as well. Asked for is the pair alone.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for pair in pairwise(word):
            counts[pair] = counts.get(pair, 0) + times
    best = min(counts, key=lambda pair: (-counts[pair], pair))
    return best, counts[best]


@misconception(
    "bpe",
    "overlapping-pairs-counted-once",
    says="In a a a you count the pair a a once. Each token but the last starts a pair, so it stands there twice.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        i = 0
        while i < len(word) - 1:
            pair = word[i : i + 2]
            counts[pair] = counts.get(pair, 0) + times
            i += 2 if word[i : i + 3] == (*pair, pair[0]) and pair[0] == pair[1] else 1
    return min(counts, key=lambda pair: (-counts[pair], pair))


@misconception(
    "bpe",
    "last-pair-of-a-word-left-out",
    says="Your loop ends one step too early and leaves out the last pair of each word. A word of n tokens has "
    "n - 1 pairs.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for i in range(len(word) - 2):
            counts[word[i : i + 2]] = counts.get(word[i : i + 2], 0) + times
    return min(counts, key=lambda pair: (-counts[pair], pair))


@misconception(
    "bpe",
    "tokens-that-are-no-neighbours",
    says="You count every two tokens of a word, also those with others between them. Only neighbours can be joined.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for i in range(len(word)):
            for j in range(i + 1, len(word)):
                counts[word[i], word[j]] = counts.get((word[i], word[j]), 0) + times
    return min(counts, key=lambda pair: (-counts[pair], pair))


@misconception(
    "bpe",
    "ties-settled-by-the-joined-text",
    says="You settle equal counts by the joined text. Python's order of tuples compares the first tokens "
    "first, and only then the second ones.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for pair in pairwise(word):
            counts[pair] = counts.get(pair, 0) + times
    return min(counts, key=lambda pair: (-counts[pair], "".join(pair)))


@misconception(
    "bpe",
    "ties-settled-by-the-first-token",
    says="You settle equal counts by the first token alone. If that is the same too, the second decides.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for pair in pairwise(word):
            counts[pair] = counts.get(pair, 0) + times
    return min(counts, key=lambda pair: (-counts[pair], pair[0]))


@misconception(
    "bpe",
    "one-added-for-a-pair-seen-before",
    says="When a pair comes back you add 1. Add how often the word stands in the text.",
)
def best_pair(words):
    counts = {}
    for word, times in words.items():
        for pair in pairwise(word):
            counts[pair] = counts[pair] + 1 if pair in counts else times
    return min(counts, key=lambda pair: (-counts[pair], pair))


@misconception(
    "bpe",
    "word-as-one-text",
    says="You return the word as one text. It stays a tuple of tokens, with one token less for each match.",
)
def join(word, pair):
    out, i = [], 0
    while i < len(word):
        step = 2 if word[i : i + 2] == pair else 1
        out.append("".join(word[i : i + step]))
        i += step
    return "".join(out)


@misconception(
    "bpe",
    "beyond-the-last-token",
    says="At the last token you look for one after it, and there is none. Compare the slice word[i : i + 2], "
    "which may be shorter.",
)
def join(word, pair):
    out, i = [], 0
    while i < len(word):
        if word[i] == pair[0] and word[i + 1] == pair[1]:
            out.append(word[i] + word[i + 1])
            i += 2
        else:
            out.append(word[i])
            i += 1
    return tuple(out)


@misconception(
    "bpe",
    "word-shortened-while-looping",
    says="You take tokens out of the word while a for loop counts up to its old length, so the index runs out of it. Build a "
    "new list, and move on by a while loop.",
)
def join(word, pair):
    word = list(word)
    for i in range(len(word) - 1):
        if (word[i], word[i + 1]) == pair:
            word[i] += word.pop(i + 1)
    return tuple(word)


@misconception(
    "bpe",
    "pair-put-in-as-a-tuple",
    says="You put the pair into the word as a tuple. The new token is a text: pair[0] + pair[1].",
)
def join(word, pair):
    out, i = [], 0
    while i < len(word):
        if word[i : i + 2] == pair:
            out.append(pair)
            i += 2
        else:
            out.append(word[i])
            i += 1
    return tuple(out)


@misconception(
    "bpe",
    "always-two-steps-on",
    says="You move on by two even where nothing matched, so tokens are lost. Without a match, move on by one.",
)
def join(word, pair):
    out, i = [], 0
    while i < len(word):
        out.append("".join(word[i : i + 2]) if word[i : i + 2] == pair else word[i])
        i += 2
    return tuple(out)


@misconception(
    "bpe",
    "either-order-joined",
    says="You join the pair in either order. (o, l) is not (l, o).",
)
def join(word, pair):
    out, i = [], 0
    while i < len(word):
        step = 2 if word[i : i + 2] in (pair, pair[::-1]) else 1
        out.append("".join(word[i : i + step]))
        i += step
    return tuple(out)


@misconception(
    "bpe",
    "joined-backwards",
    says="You put the second token before the first. The new token reads like the text: pair[0] + pair[1].",
)
def join(word, pair):
    out, i = [], 0
    while i < len(word):
        if word[i : i + 2] == pair:
            out.append(pair[1] + pair[0])
            i += 2
        else:
            out.append(word[i])
            i += 1
    return tuple(out)


@misconception(
    "bpe",
    "replaced-in-a-text-with-spaces",
    says="You look for the pair in a text with spaces between the tokens. There the end of a longer token "
    "looks like the first one of the pair: in el o stands l o. Compare whole tokens.",
)
def join(word, pair):
    return tuple(" ".join(word).replace(" ".join(pair), "".join(pair)).split(" "))
