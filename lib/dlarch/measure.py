"""What a model costs, counted on the model itself: parameters, multiply-accumulates, memory, time, field of view.

Every function takes any ``nn.Module`` and the inputs of one call. It runs the model in the mode it is in (``train()``
or ``eval()``) and leaves it as it was: running statistics and the random state are put back.
Counting also works on the meta device, which has shapes and no numbers: there a model of any size costs nothing.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count


def count_parameters(model: nn.Module, *, trainable_only: bool = False) -> int:
    """Numbers that training may set; one that two layers share counts once, and buffers do not count.

    Args:
        model: the model.
        trainable_only: leave out the parameters that are frozen (``requires_grad`` is False).
    """
    return sum(p.numel() for p in model.parameters() if p.requires_grad or not trainable_only)


def count_macs(model: nn.Module, *inputs: Any) -> int:
    """Multiply-accumulates of one forward pass over the batch given.

    Counted are convolutions, linear layers and every other matrix product, those of attention and of recurrent layers
    included. Left out are biases, normalisation, activations, pooling and sums. Many papers print this number and call
    it FLOPs; counted in single operations it is twice as large. Attention counts whole, even where a mask hides half.
    """
    with ExitStack() as stack:
        stack.enter_context(_untouched(model))
        stack.enter_context(torch.no_grad())
        stack.enter_context(_without_fast_attention())
        counter = stack.enter_context(FlopCounterMode(display=False, custom_mapping=_UNKNOWN_TO_THE_COUNTER))
        model(*inputs)
    return counter.get_total_flops() // 2


def _attention_flops(query: Any, key: Any, value: Any, *args: Any, **kwargs: Any) -> int:
    return sdpa_flop_count(query, key, value)


def _vector_flops(matrix: Any, vector: Any, *args: Any, **kwargs: Any) -> int:
    return 2 * math.prod(matrix)


# Every matrix of a recurrent layer meets every step of every sequence once.
def _one_layer_flops(x: Any, input_weight: Any, hidden_weight: Any, *args: Any, **kwargs: Any) -> int:
    return 2 * math.prod(x[:-1]) * (math.prod(input_weight) + math.prod(hidden_weight))


def _all_layers_flops(x: Any, weights: Any, *args: Any, **kwargs: Any) -> int:
    return 2 * math.prod(x[:-1]) * sum(math.prod(weight) for weight in weights if len(weight) == 2)


# Fused kernels that the counter of this torch version has no formula for.
_UNKNOWN_TO_THE_COUNTER = {
    torch.ops.aten.mkldnn_rnn_layer: _one_layer_flops,
    torch.ops.aten._cudnn_rnn: _all_layers_flops,
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention_flops,
    torch.ops.aten.mv: _vector_flops,
    torch.ops.aten.dot: _vector_flops,
}


def stages(model: nn.Module, *inputs: Any, depth: int = 1) -> dict[str, tuple[int, ...]]:
    """The shape that leaves each part of a model, in the order in which the parts run.

    Args:
        model: the model.
        *inputs: the inputs of one call.
        depth: how far to open modules. 1 gives the model's children; 2 opens those that have children of their own.

    Returns:
        Name of the part to shape of its output. A part that runs twice keeps its first place and its last shape; of
        several outputs the first tensor counts.
    """
    if depth < 1:
        raise ValueError(f"depth must be at least 1, got {depth}")
    shapes: dict[str, tuple[int, ...]] = {}

    def record(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, args: Any, output: Any) -> None:
            tensor = next(_tensors(output), None)
            if tensor is not None:
                shapes[name] = tuple(tensor.shape)

        return hook

    with _untouched(model), torch.no_grad(), _hooks() as keep:
        for name, module in _parts(model, depth):
            keep(module.register_forward_hook(record(name)))
        model(*inputs)
    return shapes


def activation_bytes(model: nn.Module, *inputs: Any, mode: str = "backward") -> int:
    """Bytes of activations that one call needs.

    Args:
        model: the model.
        *inputs: the inputs of one call.
        mode: "backward" counts what autograd keeps from the forward pass until the backward pass, each block of memory
            once, without the parameters. "inference" gives the largest input plus output of one innermost module, the
            least that must be held at once when nothing is kept; branches that wait for each other are not in it.
    """
    if mode == "backward":
        return _kept_for_backward(model, *inputs)
    if mode == "inference":
        return _largest_layer(model, *inputs)
    raise ValueError(f"mode must be 'backward' or 'inference', got {mode!r}")


def _kept_for_backward(model: nn.Module, *inputs: Any) -> int:
    ours = {_memory(p) for p in model.parameters()}
    kept: dict[int, torch.UntypedStorage] = {}  # holding the storage keeps its address from being used again

    def pack(tensor: Tensor) -> Tensor:
        if _memory(tensor) not in ours:
            kept[_memory(tensor)] = tensor.untyped_storage()
        return tensor

    with _untouched(model), torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = model(*inputs)
        del output
    return sum(storage.nbytes() for storage in kept.values())


def _largest_layer(model: nn.Module, *inputs: Any) -> int:
    largest = 0

    def hook(module: nn.Module, args: Any, output: Any) -> None:
        nonlocal largest
        held = {_memory(t): t.untyped_storage().nbytes() for t in _tensors((args, output))}
        largest = max(largest, sum(held.values()))

    with _untouched(model), torch.no_grad(), _hooks() as keep:
        for module in model.modules():
            if not any(True for _ in module.children()):
                keep(module.register_forward_hook(hook))
        model(*inputs)
    return largest


def longest_path(model: nn.Module, *inputs: Any) -> int:
    """Layers with weights on the longest path from the inputs to the output, as the number in `resnet50` counts them.

    Layers are convolutions and linear layers. The path is found in the graph that autograd keeps, so what lies beside
    it does not count.

    Args:
        model: the model; of several outputs the first tensor counts.
        *inputs: the inputs of one call.
    """
    with _untouched(model), torch.enable_grad():
        end = next(_tensors(model(*inputs))).grad_fn
    depth: dict[Any, int] = {None: 0}
    waiting = [end]
    while waiting:
        node = waiting[-1]
        sources = [source for source, _ in node.next_functions] if node else []
        unknown = [source for source in sources if source not in depth]
        waiting += unknown
        if not unknown:
            waiting.pop()
            if node:
                layer = node.name().startswith(("Convolution", "Addmm"))
                depth[node] = layer + max((depth[source] for source in sources), default=0)
    return depth[end]


def receptive_field(model: nn.Module, input_shape: tuple[int, ...]) -> int:
    """Side of the patch of input that one output position depends on, in pixels or time steps.

    It is measured, not computed from kernel sizes: on a copy of the model with positive random weights, so that nothing
    cancels, and with averages for maxima, so that nothing hides, the gradient of the middle output is non-zero exactly
    on the field. Of several axes the longest side counts.

    Args:
        model: a model from ``N C ...`` to ``N K ...``; one with an output ``N K`` has a single position.
        input_shape: shape of the input, batch included, wide enough: a field that reaches the border of the input is
            cut there, so an answer equal to the input's side means "at least".
    """
    if len(input_shape) < 3:
        raise ValueError(f"input_shape needs batch, channels and at least one axis of positions, got {input_shape}")
    model = copy.deepcopy(model).cpu().double().eval()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            positive = torch.rand(parameter.shape, generator=generator, dtype=torch.float64) + 0.5
            fan_in = max(1, parameter[0].numel()) if parameter.ndim > 1 else 1
            parameter.copy_(positive / fan_in)
        for module in model.modules():
            if isinstance(getattr(module, "running_mean", None), Tensor):
                module.reset_running_stats()
            if isinstance(getattr(module, "bias", None), Tensor):
                module.bias.zero_()
    # Small, so that bounded activations (ReLU6, tanh) stay where their slope is not zero.
    x = 1e-6 * (torch.rand(input_shape, generator=generator, dtype=torch.float64) + 0.5)
    x.requires_grad_()
    with _AveragesForMaxima():
        y = next(_tensors(model(x)))
    middle = (slice(None), slice(None), *(size // 2 for size in y.shape[2:]))
    (gradient,) = torch.autograd.grad(y[middle].sum(), x)
    seen = (gradient != 0).any(dim=1).any(dim=0)  # one boolean per position
    if not seen.any():
        raise ValueError("the middle output does not depend on the input: no gradient arrives there")
    spans = [positions.max() - positions.min() + 1 for positions in seen.nonzero().unbind(dim=1)]
    return int(max(spans))


class _AveragesForMaxima(TorchFunctionMode):
    """Within it, max pooling averages: same windows, but a gradient to every place in them."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        averages = {"max_pool1d": F.avg_pool1d, "max_pool2d": F.avg_pool2d}
        average = averages.get(getattr(func, "__name__", ""))
        if average is None:
            return func(*args, **(kwargs or {}))
        return average(*_pooling(*args, **(kwargs or {})))


def _pooling(
    x: Tensor, size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False, **rest: Any
) -> tuple[Any, ...]:
    if dilation not in (1, [1], [1, 1], (1,), (1, 1)):
        raise ValueError(f"receptive_field cannot measure through a dilated max pool, got dilation {dilation}")
    return x, size, stride or size, padding, ceil_mode


class _ShapesAlone(TorchFunctionMode):
    """Within it, batch norm and ReLU give a shape for a shape, and keep for the backward pass as much as ever.

    On the meta device torch works out these two in Python, up to a millisecond a call.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is F.batch_norm and args[0].is_meta:
            # In training it keeps the mean and the spread of the batch as well.
            of_batch = args[0].new_empty(2, args[0].shape[1]) if kwargs["training"] else None
            return _NormShape.apply(*args, kwargs["weight"], kwargs["bias"], of_batch)
        if func is F.relu and args[0].is_meta and not kwargs["inplace"]:
            return _ReLUShape.apply(*args)
        return func(*args, **kwargs)


class _NormShape(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, *rest: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, *rest)
        return torch.empty_like(x)


class _ReLUShape(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        y = torch.empty_like(x)
        ctx.save_for_backward(y)
        return y


def throughput(model: nn.Module, *inputs: Any, seconds: float = 1.0) -> float:
    """Samples per second through forward passes without gradients, after one pass to warm up.

    Args:
        model: the model.
        *inputs: the inputs of one call; the first axis of the first one is the batch.
        seconds: how long to measure, at least one pass.
    """
    batch = inputs[0].shape[0]
    wait = torch.cuda.synchronize if inputs[0].is_cuda else lambda: None
    passes = 0
    with _untouched(model), torch.no_grad():
        model(*inputs)
        wait()
        start = time.perf_counter()
        while passes == 0 or time.perf_counter() - start < seconds:
            model(*inputs)
            wait()
            passes += 1
    return batch * passes / (time.perf_counter() - start)


def _parts(model: nn.Module, depth: int, prefix: str = "") -> Iterator[tuple[str, nn.Module]]:
    for name, child in model.named_children():
        if depth > 1 and any(True for _ in child.children()):
            yield from _parts(child, depth - 1, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", child


def _tensors(value: Any) -> Iterator[Tensor]:
    """Every tensor in nested tuples, lists and dicts, first to last."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from _tensors(tuple(value.values()))
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _tensors(item)


def _memory(tensor: Tensor) -> int:
    """A name for the block of memory behind a tensor, which views share."""
    return tensor.untyped_storage()._cdata


@contextmanager
def _hooks() -> Iterator[Callable[[Any], None]]:
    handles: list[Any] = []
    try:
        yield handles.append
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _untouched(model: nn.Module) -> Iterator[None]:
    """Put running statistics and the random state back afterwards, whatever the model did."""
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    devices = {p.device for p in model.parameters() if p.is_cuda}
    on_meta = any(p.is_meta for p in model.parameters())
    try:
        with torch.random.fork_rng(devices=list(devices)), _ShapesAlone() if on_meta else nullcontext():
            yield
    finally:
        with torch.no_grad():
            for buffer, before in buffers:
                buffer.copy_(before)


@contextmanager
def _without_fast_attention() -> Iterator[None]:
    """nn.MultiheadAttention has a fused path for evaluation that the counter cannot look into."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
