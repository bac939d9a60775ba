"""GPT against Hugging Face's models with the same weights, its published counts, and the laws it keeps."""

import importlib.util
import json
import math
import os
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close
from transformers import BertConfig, GPT2Config, GPT2LMHeadModel, OpenAIGPTConfig, OpenAIGPTLMHeadModel

import dlarch
from coursekit import ROOT
from dlarch.measure import count_parameters
from dlarch.sequences.gpt import (
    GPT,
    GPT1,
    GPT2_LARGE,
    GPT2_MEDIUM,
    GPT2_SMALL,
    GPT2_XL,
    GPT3,
    CausalSelfAttention,
    Classifier,
    GPTConfig,
    NextToken,
    from_huggingface,
    generate,
    perplexity,
)
from dlarch.training import fit

seeds = st.integers(0, 2**31)
laws = settings(max_examples=20, deadline=None)
TINY = GPTConfig(vocabulary=7, context=8, layers=2, heads=2, model_size=8)


def tiny(seed: int = 0, **changes) -> GPT:
    """A small model in double precision, with weights large enough to matter."""
    torch.manual_seed(seed)
    model = GPT(replace(TINY, **changes)).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return model


# --- parity -----------------------------------------------------------------------------------------------------------


def peer_of(kind: str, seed: int = 0, **changes) -> nn.Module:
    """Hugging Face's model in double precision, from random weights that are none of them zero."""
    sizes = {"vocab_size": 19, "n_positions": 12, "n_embd": 12, "n_layer": 2, "n_head": 3}
    sizes |= {"bos_token_id": 0, "eos_token_id": 0, "attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0} | changes
    torch.manual_seed(seed)
    model, config = (GPT2LMHeadModel, GPT2Config) if kind == "GPT-2" else (OpenAIGPTLMHeadModel, OpenAIGPTConfig)
    peer = model(config(**sizes)).double()
    with torch.no_grad():
        for parameter in peer.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return peer


@pytest.mark.parametrize("kind", ["GPT-2", "GPT-1"])
@pytest.mark.parametrize(
    ("layers", "heads", "size", "length"),
    [(1, 1, 4, 1), (2, 3, 12, 7), (3, 2, 16, 12)],
    ids=["smallest", "uneven", "full"],
)
def test_with_its_weights_it_equals_hugging_face_in_logits_loss_and_every_gradient(kind, layers, heads, size, length):
    peer = peer_of(kind, n_layer=layers, n_head=heads, n_embd=size)
    ours = from_huggingface(peer)
    tokens = torch.randint(19, (3, length))
    logits, theirs = ours(tokens), peer(tokens, labels=tokens)
    assert_close(logits, theirs.logits)
    if length == 1:
        return  # which leaves nothing to foretell
    shifted = [(each[:, :-1].mT, tokens[:, 1:]) for each in (logits, theirs.logits)]
    ours_loss, their_loss = (F.cross_entropy(*each) for each in shifted)
    assert_close(ours_loss.float(), theirs.loss)  # which they compute in single precision
    ours_loss.backward()
    their_loss.backward()
    # Their gradients come under our names by the same way as their weights.
    with torch.no_grad():
        for parameter in peer.parameters():
            parameter.copy_(parameter.grad)
    expected = dict(from_huggingface(peer).named_parameters())
    for name, parameter in ours.named_parameters():
        assert_close(parameter.grad, expected[name].detach(), msg=lambda text, name=name: f"{name}: {text}")


def test_a_copy_has_weights_of_its_own_and_the_mode_and_type_of_the_peer():
    peer = peer_of("GPT-2", attn_pdrop=0.3, embd_pdrop=0.3, resid_pdrop=0.3).half().eval()
    ours = from_huggingface(peer)
    assert not ours.training
    assert ours.tokens.weight.dtype == torch.float16
    assert ours.config.dropout == 0.3
    before = peer.transformer.wte.weight.clone()
    with torch.no_grad():
        ours.tokens.weight.zero_()
    assert torch.equal(peer.transformer.wte.weight, before)


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        ("GPT-2", {"activation_function": "relu"}, "'activation_function': 'relu'.*'gelu_new'"),
        ("GPT-2", {"n_inner": 20}, "'n_inner': 20.*48"),
        ("GPT-2", {"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx"),
        ("GPT-2", {"layer_norm_epsilon": 1e-3}, "layer_norm_epsilon"),
        ("GPT-2", {"attn_pdrop": 0.5}, "'attn_pdrop': 0.5"),
        ("GPT-1", {"afn": "relu"}, "'afn': 'relu'"),
    ],
)
def test_a_peer_that_is_built_otherwise_is_refused(kind, changes, message):
    with pytest.raises(ValueError, match=message):
        from_huggingface(peer_of(kind, **changes))


def test_a_model_of_another_kind_is_refused():
    peer = nn.Linear(1, 1)
    peer.config = BertConfig()
    with pytest.raises(ValueError, match="gpt2 or openai-gpt, got bert"):
        from_huggingface(peer)


def test_generation_equals_hugging_face_where_nothing_is_left_to_chance():
    peer = peer_of("GPT-2").eval()
    tokens = torch.randint(1, 19, (2, 3))
    theirs = peer.generate(tokens, max_new_tokens=9, do_sample=False, eos_token_id=None, attention_mask=tokens > 0)
    assert torch.equal(generate(from_huggingface(peer), tokens, 9, temperature=0.0), theirs)


# --- counts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "count"),
    [
        (GPT1, 116_534_784),
        (GPT2_SMALL, 124_439_808),
        (GPT2_MEDIUM, 354_823_168),
        (GPT2_LARGE, 774_030_080),
        (GPT2_XL, 1_557_611_200),
        (GPT3, 174_604_259_328),
    ],
    ids=["GPT-1", "GPT-2 small", "GPT-2 medium", "GPT-2 large", "GPT-2 XL", "GPT-3"],
)
def test_counts_of_parameters_are_the_published_ones(config, count):
    v, c, n, m = config.vocabulary, config.context, config.layers, config.model_size
    assert v * m + c * m + n * (12 * m * m + 13 * m) + 2 * m * config.norm_first == count
    with torch.device("meta"):
        assert count_parameters(GPT(config)) == count


def test_without_biases_nothing_but_matrices_and_the_gains_of_norms_is_left():
    model = GPT(replace(TINY, bias=False))
    assert not [name for name, _ in model.named_parameters() if "bias" in name]


# --- laws -------------------------------------------------------------------------------------------------------------


@laws
@given(seeds, st.integers(2, 8), st.booleans())
def test_no_logit_depends_on_a_later_token_and_each_depends_on_all_before(seed, length, norm_first):
    model = tiny(seed, norm_first=norm_first)
    x = torch.randn(1, length, 8, dtype=torch.float64)

    def after_the_blocks(x):
        for block in model.blocks:
            x, _ = block(x)
        return model.norm(x)[0].square().sum(-1)

    jacobian = torch.autograd.functional.jacobian(after_the_blocks, x)  # place of the output, 1, place of the input, M
    reached = jacobian[:, 0].abs().sum(-1) > 0
    assert torch.equal(reached, torch.ones(length, length, dtype=torch.bool).tril())


@laws
@given(seeds, st.lists(st.integers(1, 3), min_size=1, max_size=4), st.booleans())
def test_the_cache_changes_no_logit_however_the_sequence_is_cut(seed, pieces, norm_first):
    model = tiny(seed, norm_first=norm_first, context=12)
    tokens = torch.randint(7, (2, sum(pieces)))
    past, logits = None, []
    for piece in tokens.split(pieces, dim=1):
        new, past = model.extend(piece, past)
        logits.append(new)
    assert_close(torch.cat(logits, dim=1), model(tokens))
    assert [kv.shape for kv in past] == [(2, 2, 2, sum(pieces), 4)] * 2


@laws
@given(seeds, st.integers(1, 5), st.integers(0, 14), st.sampled_from([0.0, 0.7, 1.3]))
def test_generation_with_the_cache_equals_generation_without_beyond_the_context_too(seed, start, length, temperature):
    model = tiny(seed)
    tokens = torch.randint(7, (3, start))
    written = [
        generate(
            model, tokens, length, temperature=temperature, cache=cache, generator=torch.Generator().manual_seed(1)
        )
        for cache in (True, False)
    ]
    assert torch.equal(*written)
    assert torch.equal(written[0][:, :start], tokens)
    assert written[0].shape == (3, start + length)


def test_each_token_is_drawn_from_what_the_last_tokens_foretell():
    model = tiny()
    written = generate(model, torch.tensor([[3]]), 11, temperature=0.0)[0]
    for t in range(1, 12):
        assert written[t] == model(written[None, max(0, t - 8) : t])[0, -1].argmax()


def test_with_the_cache_a_step_computes_one_token():
    model, seen = tiny(), []
    model.blocks[0].register_forward_pre_hook(lambda module, args: seen.append(args[0].shape[1]))
    generate(model, torch.zeros(1, 3, dtype=torch.int64), 5)
    generate(model, torch.zeros(1, 3, dtype=torch.int64), 5, cache=False)
    assert seen == [3, 1, 1, 1, 1, 3, 4, 5, 6, 7]


def test_filters_reach_the_draws():
    model, tokens = tiny(), torch.zeros(64, 1, dtype=torch.int64)
    best = model(tokens)[0, -1].topk(2).indices.tolist()
    drawn = generate(model, tokens, 1, top_k=2, generator=torch.Generator().manual_seed(0))[:, 1]
    assert set(drawn.tolist()) == set(best)
    assert set(generate(model, tokens, 1, top_p=1e-6)[:, 1].tolist()) == {best[0]}


@laws
@given(seeds, st.integers(2, 9), st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_perplexity_is_one_over_the_geometric_mean_of_the_probabilities(seed, vocabulary, lengths):
    torch.manual_seed(seed)
    count = sum(lengths)
    logits, targets = torch.randn(1, count, vocabulary).double(), torch.randint(vocabulary, (1, count))
    p = logits.softmax(-1)[0, torch.arange(count), targets[0]]
    assert_close(perplexity(logits, targets), p.prod() ** (-1 / count))
    assert perplexity(logits, targets) >= 1
    assert_close(perplexity(torch.zeros_like(logits), targets), torch.tensor(float(vocabulary)).double())
    padded = F.pad(targets, (0, 2), value=-100)
    assert_close(perplexity(F.pad(logits, (0, 0, 0, 2)), padded), perplexity(logits, targets))


@laws
@given(seeds, st.lists(st.integers(1, 6), min_size=1, max_size=4))
def test_what_pads_a_text_changes_no_class(seed, lengths):
    classifier = Classifier(tiny(seed), 3).double()
    tokens = torch.randint(7, (len(lengths), 6))
    logits = classifier(tokens, torch.tensor(lengths))
    for row, length in enumerate(lengths):
        alone = classifier(tokens[row : row + 1, :length], torch.tensor([length]))
        assert_close(logits[row : row + 1], alone)


# --- training ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm_first", [True, False])
def test_it_starts_with_even_odds_and_a_spread_that_depth_does_not_change(norm_first):
    torch.manual_seed(0)
    tokens = torch.randint(50, (4, 32))
    spreads = []
    for layers in (2, 12):
        model = GPT(GPTConfig(vocabulary=50, context=32, layers=layers, heads=4, model_size=64, norm_first=norm_first))
        assert F.cross_entropy(model(tokens).mT, torch.randint(50, (4, 32))).item() == pytest.approx(
            math.log(50), abs=0.1
        )
        x = model.tokens(tokens) + model.positions(torch.arange(32))
        for block in model.blocks:
            x, _ = block(x)
        spreads.append(x.std().item())
    assert 0.7 < spreads[1] / spreads[0] < 1.4


def test_the_layers_that_write_to_the_sum_start_smaller_where_norms_come_first():
    torch.manual_seed(0)
    for norm_first, std in ((True, 0.02 / math.sqrt(8)), (False, 0.02)):
        model = GPT(replace(TINY, model_size=64, layers=4, norm_first=norm_first))
        assert model.blocks[0].attention.out.weight.std().item() == pytest.approx(std, rel=0.05)
        assert model.blocks[0].attention.qkv.weight.std().item() == pytest.approx(0.02, rel=0.05)
        assert model.tokens.weight.std().item() == pytest.approx(0.02, rel=0.1)


@pytest.mark.parametrize("norm_first", [True, False])
def test_it_learns_eight_sequences_by_heart(norm_first):
    torch.manual_seed(0)
    model = GPT(GPTConfig(vocabulary=6, context=6, layers=2, heads=2, model_size=32, norm_first=norm_first))
    tokens = torch.randint(6, (8, 7))
    tokens[:, 0] = torch.arange(8) % 6
    tokens[:, 1] = torch.arange(8) // 6  # so that two tokens tell the sequences apart
    history = fit(NextToken(model), (tokens[:, :-1], tokens[:, 1:]), epochs=120, lr=5e-3, batch_size=8, device="cpu")
    assert history.loss[0] == pytest.approx(math.log(6), abs=0.1)
    assert torch.equal(generate(model, tokens[:, :2], 5, temperature=0.0), tokens)
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_a_classifier_learns_eight_texts_and_reaches_every_weight():
    torch.manual_seed(0)
    classifier = Classifier(GPT(replace(TINY, model_size=16)), 2)
    tokens, lengths, classes = torch.randint(7, (8, 8)), torch.tensor([8, 3, 5, 8, 8, 2, 4, 8]), torch.arange(8) % 2
    history = fit(classifier, [((tokens, lengths), classes)], epochs=40, lr=2e-2, device="cpu")
    assert history.accuracy[-1] == 1
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in classifier.parameters())


def test_dropout_acts_in_training_alone():
    model, tokens = tiny(dropout=0.5), torch.zeros(1, 8, dtype=torch.int64)
    assert torch.equal(model(tokens), model(tokens))
    model.train()
    assert not torch.equal(model(tokens), model(tokens))
    attention = CausalSelfAttention(8, 2, dropout=0.5)
    x = torch.randn(1, 5, 8)
    assert not torch.equal(attention(x)[0], attention(x)[0])


def recorded_script():
    """The script that records GPTs, as a module."""
    specification = importlib.util.spec_from_file_location("recorded_gpt", ROOT / "book" / "recorded" / "gpt.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_two_processes_of_torchrun_have_the_losses_of_one_with_the_same_batch(tmp_path, monkeypatch):
    monkeypatch.setenv("DLARCH_DATA", str(tmp_path))
    (tmp_path / "tinyshakespeare.txt").write_text("the cat sat on the mat, and the dog sat on the cat;\n" * 40)
    script = ROOT / "book" / "recorded" / "gpt.py"
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run(
        [*torchrun, script, "shakespeare", "--setting=trial", f"--out={tmp_path / 'two.json'}"],
        # Without a GPU to be seen the two processes talk by gloo.
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    (two,) = json.loads((tmp_path / "two.json").read_text())["shakespeare"]
    module = recorded_script()
    monkeypatch.setattr(dlarch, "device", lambda: torch.device("cpu"))
    assert module.shakespeare("trial", 0, tmp_path / "one.json")
    (one,) = json.loads((tmp_path / "one.json").read_text())["shakespeare"]
    assert (one["processes"], two["processes"]) == (1, 2)
    assert len(one["training_loss"]) == 6  # each step is compared, on its batch and on the held-out text
    assert two["training_loss"] == pytest.approx(one["training_loss"], abs=2e-4)
    assert two["loss"] == pytest.approx(one["loss"], abs=2e-4)
    # The steps change what is compared by a hundred times as much.
    assert one["loss"][0] - one["loss"][-1] > 0.02
    assert done.stdout.count("epoch 6 of 6: ") == 1


def test_a_recorded_run_left_off_after_any_epoch_writes_the_row_of_one_without_a_break(tmp_path, monkeypatch):
    monkeypatch.setenv("DLARCH_DATA", str(tmp_path))
    (tmp_path / "tinyshakespeare.txt").write_text("the cat sat on the mat, and the dog sat on the cat;\n" * 40)
    monkeypatch.setattr(dlarch, "device", lambda: torch.device("cpu"))
    script = recorded_script()
    monkeypatch.setitem(script.SETTINGS["trial"], "dropout", 0.2)
    assert script.shakespeare("trial", 1, tmp_path / "whole.json")
    ends = [script.shakespeare("trial", 1, tmp_path / "pieces.json", minutes=0) for _ in range(6)]
    assert ends == [False] * 5 + [True]
    whole, pieces = (json.loads((tmp_path / f"{name}.json").read_text())["shakespeare"] for name in ("whole", "pieces"))
    for (row,) in (whole, pieces):
        row.pop("milliseconds_a_step")
    assert whole == pieces
    assert script.shakespeare("trial", 1, tmp_path / "whole.json")  # the row is there, nothing is trained
    assert not list(tmp_path.glob("*.pt"))


# --- edges ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layers": 0}, "at least 1.*'layers': 0"),
        ({"vocabulary": 0}, "'vocabulary': 0"),
        ({"heads": 3}, "self.model_size=8 and self.heads=3"),
        ({"dropout": 1.0}, r"\[0, 1\), got 1.0"),
    ],
)
def test_impossible_sizes_are_refused_with_what_came(change, message):
    with pytest.raises(ValueError, match=message):
        replace(TINY, **change)


def test_more_tokens_than_the_context_holds_are_refused():
    model = tiny()
    with pytest.raises(ValueError, match="holds 8 tokens, got 9"):
        model(torch.zeros(1, 9, dtype=torch.int64))
    past = model.extend(torch.zeros(1, 6, dtype=torch.int64))[1]
    with pytest.raises(ValueError, match="holds 8 tokens, got 9"):
        model.extend(torch.zeros(1, 3, dtype=torch.int64), past)
    with pytest.raises(ValueError, match="needs a token to begin with"):
        generate(model, torch.zeros(1, 0, dtype=torch.int64), 2)
