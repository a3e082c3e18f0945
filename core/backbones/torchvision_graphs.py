"""Networks of torchvision as graphs, cut in two at a module; only shapes are computed here."""

from __future__ import annotations

import math
import operator
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.overrides import TorchFunctionMode

from .base import NORMALISATIONS

USUAL = 224
"""Pixels of a side that all these networks take."""
_PLAIN = {operator.iadd: operator.add, operator.imul: operator.mul}
_CONSTANT = "_tensor_constant"
"""How the tracer calls what a network makes of nothing but numbers; it is left in the network."""
_tracing = threading.Lock()


@dataclass(frozen=True)
class Cut:
    """Where a network is cut, by names of nodes of its graph, which are the same whenever it is traced.

    Attributes:
        split: the module whose first node begins the tail.
        crossing: nodes before it that the tail needs.
        pooled: the node that is read by the network's last layer.
        maps: (module, node of its output) of the tail's maps, from the picture to the features.
        width: P, size of the pooled features.
    """

    split: str
    crossing: tuple[str, ...]
    pooled: str
    maps: tuple[tuple[str, str], ...]
    width: int

    def stem(self, network: nn.Module) -> fx.GraphModule:
        """Images -> what crosses, then the pooled features of the whole network."""
        graph = traced(network)
        images = next(node.name for node in graph.nodes if node.op == "placeholder")
        return _part(network, graph, (images,), (*self.crossing, self.pooled))

    def tail(self, network: nn.Module) -> fx.GraphModule:
        """What crosses -> the pooled features, then the maps."""
        outputs = (self.pooled, *(node for _, node in self.maps))
        return _part(network, traced(network), self.crossing, outputs)


def blank(make: Callable[[], nn.Module]) -> nn.Module:
    """A network on the device "meta", for evaluation. Only what is empty is made there: some compute their widths."""
    with torch.device("cpu"), _EmptyOnMeta():
        return make().eval().to("meta")


class _EmptyOnMeta(TorchFunctionMode):
    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return func(*args, **((kwargs or {}) | ({"device": "meta"} if func is torch.empty else {})))


class _Tracer(fx.Tracer):
    """Keeps normalisations whole, so that they are found, and leaves alone what other threads do meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, NORMALISATIONS) or super().is_leaf_module(m, module_qualified_name)

    def call_module(self, m: nn.Module, forward: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        if threading.get_ident() != self._thread:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        if threading.get_ident() != self._thread:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)


def traced(network: nn.Module) -> fx.Graph:
    """The graph of a network in evaluation. Nothing in it writes into its inputs: images are prepared once."""
    for name in [each for each in vars(network) if each.startswith(_CONSTANT)]:
        delattr(network, name)  # of an earlier time
    for module in network.modules():
        if getattr(module, "inplace", False):
            module.inplace = False  # type: ignore[assignment]  # a plain flag
    with _tracing:
        graph = _Tracer().trace(network.eval())
    for node in graph.nodes:
        node.target = _PLAIN.get(node.target, node.target)
        if node.kwargs.get("inplace"):
            node.kwargs = node.kwargs | {"inplace": False}
    return graph


def _part(network: nn.Module, graph: fx.Graph, inputs: Sequence[str], outputs: Sequence[str]) -> fx.GraphModule:
    nodes = {node.name: node for node in graph.nodes}
    part, made = fx.Graph(), {}
    for name in inputs:
        made[nodes[name]] = part.placeholder(name)
    wanted = _behind([nodes[name] for name in outputs], set(made))
    for node in graph.nodes:
        if node in wanted and node not in made:
            made[node] = part.node_copy(node, made.__getitem__)
    part.output(tuple(made[nodes[name]] for name in outputs))
    return fx.GraphModule(network, part)


def _behind(outputs: Iterable[fx.Node], ends: set[fx.Node]) -> set[fx.Node]:
    """All nodes that outputs need, looking no further than ``ends``."""
    found: set[fx.Node] = set()
    waiting = list(outputs)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += () if node in ends else node.all_input_nodes
    return found


@lru_cache(maxsize=64)
def cut(name: str, make: Callable[[], nn.Module], split: str, side: int) -> Cut:
    """Cut a network.

    Args:
        name: of the network, for messages.
        make: makes it.
        split: path of a module.
        side: S, pixels of a side of the images.

    Raises:
        ValueError: no such module, or it cannot be cut there, or it does not see images of this size.
    """
    network = blank(make)
    graph = traced(network)
    nodes = list(graph.nodes)
    first = next((number for number, node in enumerate(nodes) if split in _modules(node)), None)
    if first is None:
        names = ", ".join(dict.fromkeys(_modules(node)[0] for node in nodes if _modules(node)))
        raise ValueError(
            f"{name} has no module called {split!r} that images pass. Name one of {names}, or one inside of them."
        )
    shapes, more = (_shapes(name, network, graph, side, count) for count in (2, 3))
    pooled = _pooled(network, nodes)
    before = {node for node in nodes[:first] if node.op != "get_attr"}
    needed = _behind([pooled], before)
    crossing = [node for node in nodes if node in needed & before]
    if unfit := [node.name for node in crossing if not _per_image(shapes.get(node), more.get(node))]:
        raise ValueError(
            f"{name} cannot be cut at {split}: what comes after it needs {', '.join(unfit)}, which is not one tensor "
            "of numbers per image. Name another module."
        )
    maps = _maps(nodes[:first], [node for node in nodes[first:] if node in needed], shapes)
    if not maps:
        raise ValueError(
            f"{name} has no map of more than one cell after {split}, at {side} pixels. Name an earlier module, or give "
            "a larger side."
        )
    return Cut(split, tuple(node.name for node in crossing), pooled.name, maps, shapes[pooled][1])


def _modules(node: fx.Node) -> list[str]:
    """Paths of the modules around a node, from the outermost on."""
    return [path for path, _ in node.meta.get("nn_module_stack", {}).values() if path]


def _pooled(network: nn.Module, nodes: Sequence[fx.Node]) -> fx.Node:
    """What the last linear layer reads, or the last convolution of a network without any."""
    for kind in (nn.Linear, nn.Conv2d):
        for node in reversed(nodes):
            if node.op == "call_module" and isinstance(network.get_submodule(str(node.target)), kind):
                read = node.all_input_nodes[0]
                while read.op == "call_module" and isinstance(network.get_submodule(str(read.target)), nn.Dropout):
                    read = read.all_input_nodes[0]
                return read
    raise ValueError("A network without linear layers and convolutions has no features.")


@lru_cache(maxsize=128)
def last_stage(name: str, make: Callable[[], nn.Module]) -> str:
    """The first block of a network whose maps are as small as the last one's; the last block, where all are as small.

    Small at the usual size of images, so that a network has one last stage whatever it is used for.
    """
    network = blank(make)
    graph = traced(network)
    nodes, shapes = list(graph.nodes), _shapes(name, network, graph, USUAL)
    leaves = [_modules(node) for node in nodes if node.op == "call_module"]
    inside = {path: sum(path in each for each in leaves) for each in leaves for path in each}
    large = {path for path, count in inside.items() if count > len(leaves) / 2}
    sides: dict[str, int] = {}
    for node in nodes:
        block = next((path for path in _modules(node) if path not in large), None)
        if block and node in shapes and any(p.ndim > 1 for p in network.get_submodule(block).parameters()):
            sides[block] = map_side(shapes[node])
    seen = {block: side for block, side in sides.items() if side > 1}
    last = list(seen)[-1]
    start = next(block for block, side in seen.items() if side == seen[last])
    return last if start == next(iter(seen)) else start


def _maps(
    before: Iterable[fx.Node], nodes: Sequence[fx.Node], shapes: dict[fx.Node, tuple[int, ...]]
) -> tuple[tuple[str, str], ...]:
    """The outermost modules of a tail that give maps; what is inside, where it is one alone."""
    opened, found = {path for node in before for path in _modules(node)}, dict[str, str]()
    while len(found) < 2:
        last: dict[str, fx.Node] = {}
        for node in nodes:
            if path := next((path for path in _modules(node) if path not in opened), None):
                last[path] = node
        inner = {path: node.name for path, node in last.items() if map_side(shapes.get(node, ())) > 1}
        if not inner:
            break
        found = inner
        opened |= set(found)
    return tuple(found.items())


class _Shaper(fx.Interpreter):
    """Runs a graph and keeps the shapes of what is one tensor of numbers."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module)
        self.shapes: dict[str, tuple[int, ...]] = {}

    def run_node(self, n: fx.Node) -> Any:
        value = super().run_node(n)
        if isinstance(value, Tensor) and value.is_floating_point():
            self.shapes[n.name] = tuple(value.shape)
        return value


def _shapes(
    name: str, network: nn.Module, graph: fx.Graph, side: int, count: int = 2
) -> dict[fx.Node, tuple[int, ...]]:
    shaper = _Shaper(fx.GraphModule(network, graph))
    try:
        shaper.run(torch.empty(count, 3, side, side, device="meta"))
    except (AssertionError, RuntimeError, ValueError) as error:
        reason = re.sub(r" but got Proxy\(.*\)!?", "", str(error).split("\n")[0]).rstrip(".")
        raise ValueError(
            f"{name} does not see images of {side} x {side} pixels ({reason}). Give another side: every network of "
            f"torchvision takes {USUAL}, as in torchvision:{name}:{USUAL}."
        ) from None
    return {node: shaper.shapes[node.name] for node in graph.nodes if node.name in shaper.shapes}


def _per_image(two: tuple[int, ...] | None, three: tuple[int, ...] | None) -> bool:
    return bool(two and three and two[0] == 2 and three[0] == 3 and two[1:] == three[1:])


def map_side(shape: Sequence[int]) -> int:
    """Cells of a side of what can be seen as a map (see :func:`as_map`); 0: it cannot."""
    if len(shape) == 4 and (shape[2] == shape[3] or shape[1] == shape[2]):
        return shape[2]
    if len(shape) == 3 and shape[1] > 1:
        side = math.isqrt(shape[1])
        return side if shape[1] - side**2 in (0, 1) else 0
    return 0


def as_map(value: Tensor) -> Tensor:
    """Activations as (N, C, H, W): such ones, (N, H, W, C), or tokens (N, [1 +] H W, C), a class token first."""
    if value.ndim == 4:
        return value if value.shape[2] == value.shape[3] else value.permute(0, 3, 1, 2)
    side = map_side(value.shape)
    return value[:, -(side**2) :].transpose(1, 2).unflatten(2, (side, side))
