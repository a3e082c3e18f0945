"""The hypernetwork h: descriptor -> weights of an extractor (HyperInvariances, arXiv 2207.08304, Section 3).

It knows names and shapes, and nothing of what the weights are for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

CONTRAST = 0.15
"""Standard deviation of the direct weights from encoding to coefficients at the start.

Flipping one coordinate then changes a kernel by some 20 % of its norm. With a standard
initialisation it changed 2 %, and after 1,200 steps the extractors of all descriptors still turned
a blind eye to geometry alike: the descriptor has to matter before training can make use of it.
"""


HALF_WAY = 0.1
"""How far a vector that goes down with a coordinate has gone at 0.5, see :meth:`Hypernetwork.shut`."""


class Hypernetwork(nn.Module):
    """Generates every weight tensor from a descriptor.

    A tensor with two or more axes, seen as a matrix (out, rest), is a shared base plus a low-rank
    term whose components are switched by the descriptor,

        W_l(i) = W_l + A_l diag(a_l(i)) B_l,

    and a vector (a bias, the scale or shift of a normalisation) is v_l + a_l(i). All the mixing
    coefficients a_l come from a linear map plus one small network on the encoding
    (cos, sin)(pi i / 2), which has the same norm for every descriptor: an input whose size scales the
    output destabilises hypernetworks (Ortiz, Guttag and Dalca, arXiv 2304.07645). There are no
    running statistics, so the weights for a descriptor do not depend on which came before it.

    Args:
        shapes: {parameter name: shape}.
        coordinates: K, the length of a descriptor.
        rank: number of switched components per matrix; 0: only vectors depend on the descriptor.
        hidden: width of the mixing network.
        base: weights W_l and v_l to start from, by parameter name, such as those of a pretrained network;
            default: random matrices, and vectors of zeros.

    Raises:
        ValueError: ``base`` lacks a parameter or has it in another shape; or two names differ in dots alone.
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[int, ...]],
        coordinates: int,
        rank: int,
        hidden: int,
        base: Mapping[str, Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.shapes = {name: tuple(shape) for name, shape in shapes.items()}
        self.coordinates, self.hidden = coordinates, hidden
        check_keys(self.shapes)
        self.base = nn.ParameterDict()
        self.left = nn.ParameterDict()
        self.right = nn.ParameterDict()
        self.sizes: dict[str, int] = {}
        for name, shape in self.shapes.items():
            key = key_of(name)
            given = None if base is None else _given(base, name, shape)
            if len(shape) < 2:
                self.base[key] = nn.Parameter(torch.zeros(shape) if given is None else given)
                self.sizes[name] = math.prod(shape)
                continue
            out, rest = shape[0], math.prod(shape[1:])
            components = min(rank, out, rest)
            self.base[key] = nn.Parameter(torch.randn(shape) * math.sqrt(2 / rest) if given is None else given)
            size = math.sqrt(2 / rest) if given is None else float(given.square().mean().sqrt())
            self.left[key] = nn.Parameter(torch.randn(out, components) / math.sqrt(max(components, 1)))
            self.right[key] = nn.Parameter(torch.randn(components, rest) * size)
            self.sizes[name] = components
        total = sum(self.sizes.values())
        self.direct = nn.Linear(2 * coordinates, total, bias=False)
        with torch.no_grad():
            strength = [CONTRAST if len(shape) > 1 else CONTRAST / 3 for shape in self.shapes.values()]
            sizes = torch.tensor(list(self.sizes.values()))
            self.direct.weight.normal_().mul_(torch.tensor(strength).repeat_interleave(sizes)[:, None])
        self.mixing = nn.Sequential(
            nn.Linear(2 * coordinates, hidden),
            nn.SiLU(),
            nn.Linear(hidden, hidden),
            nn.SiLU(),
            nn.Linear(hidden, total),
        )

    def forward(self, descriptors: Tensor) -> dict[str, Tensor]:
        """Generate weights.

        Args:
            descriptors: (B, K) in [0, 1].

        Returns:
            {name: (B, *shape)}; the batch axis is kept for B = 1. Differentiable in ``descriptors``.

        Raises:
            ValueError: not of shape (B, K).
        """
        if descriptors.ndim != 2 or descriptors.shape[1] != self.coordinates:
            raise ValueError(
                f"Descriptors must have shape (B, {self.coordinates}); got {tuple(descriptors.shape)}. "
                "Add a batch axis with descriptor[None]."
            )
        angle = descriptors * (math.pi / 2)
        encoding = torch.cat([angle.cos(), angle.sin()], 1)
        coefficients = (self.direct(encoding) + self.mixing(encoding)).split(list(self.sizes.values()), 1)
        return {
            name: self.matrix(name, mix) if len(shape) > 1 else self.base[key_of(name)] + mix.view(-1, *shape)
            for (name, shape), mix in zip(self.shapes.items(), coefficients, strict=True)
        }

    @torch.no_grad()
    def shut(self, name: str, shutting: Tensor) -> None:
        """Let a vector begin at 0 and go down along each coordinate: by a tenth at i_k = 0.5, by all of it at 1.

        v(i) = -sum_k f(i_k) s_k, where f(i) is a combination of 1, cos and sin, which the direct weights can express
        exactly, with f(0) = 0, f(0.5) = 0.1 and f(1) = 1; so little is lost until a coordinate is high.

        Args:
            name: of the vector.
            shutting: s, (K, size).
        """
        rows = self._rows()[name]
        turned = (HALF_WAY - math.sqrt(0.5)) / (1 - math.sqrt(2))  # f = turned (1 - cos) + (1 - turned) sin
        self.base[key_of(name)].copy_(-turned * shutting.sum(0))
        self.direct.weight[rows] = torch.cat([turned * shutting, (turned - 1) * shutting]).T
        for parameter in self.mixing[-1].parameters():
            parameter[rows] = 0

    @torch.no_grad()
    def adopt(self, other: Hypernetwork, prefix: str) -> None:
        """Generate the parameters under a name exactly as another hypernetwork generates its own.

        The layers before the last are the other's; what is generated beside these parameters goes on from them.

        Raises:
            ValueError: they have other shapes, ranks, coordinates or widths.
        """
        mine, theirs = self._rows(), other._rows()
        same = all(self.shapes.get(prefix + name) == shape for name, shape in other.shapes.items())
        if not same or any(len(mine[prefix + name]) != len(rows) for name, rows in theirs.items()):
            raise ValueError(f"The parameters under {prefix} do not have the shapes and ranks of those to begin with.")
        self._copy(other, {prefix + name: name for name in other.shapes})

    def part(self, prefix: str) -> Hypernetwork:
        """What generates the parameters under a name, as a hypernetwork of its own; :meth:`adopt` puts it back."""
        names = {name.removeprefix(prefix): name for name in self.shapes if name.startswith(prefix)}
        rank = max((self.sizes[name] for name in names.values() if len(self.shapes[name]) > 1), default=0)
        shapes = {name: self.shapes[whole] for name, whole in names.items()}
        made = Hypernetwork(shapes, self.coordinates, rank, self.hidden)
        made._copy(self, names)
        return made

    @torch.no_grad()
    def _copy(self, other: Hypernetwork, names: Mapping[str, str]) -> None:
        """Take from another what generates its parameters; ``names``: {own name: the other's}."""
        mine, theirs = self._rows(), other._rows()
        for ours, others in zip(self.mixing[:-1].parameters(), other.mixing[:-1].parameters(), strict=True):
            if ours.shape != others.shape:
                raise ValueError("A hypernetwork to begin with must have the same coordinates and hidden width.")
            ours.copy_(others)
        for name, given in names.items():
            for kept, source in ((self.base, other.base), (self.left, other.left), (self.right, other.right)):
                if key_of(given) in source:
                    kept[key_of(name)].copy_(source[key_of(given)])
            own, rows = mine[name], theirs[given]
            self.direct.weight[own] = other.direct.weight[rows]
            for ours, others in zip(self.mixing[-1].parameters(), other.mixing[-1].parameters(), strict=True):
                ours[own] = others[rows]

    def _rows(self) -> dict[str, Tensor]:
        """Which coefficients belong to a parameter."""
        pieces = torch.arange(self.direct.out_features).split(list(self.sizes.values()))
        return dict(zip(self.sizes, pieces, strict=True))

    def matrix(self, name: str, mix: Tensor) -> Tensor:
        """A weight of two or more axes from its coefficients: (B, components) -> (B, *shape)."""
        key, count = key_of(name), len(mix)
        base = self.base[key].flatten(1).expand(count, -1, -1)
        right = self.right[key].expand(count, -1, -1)
        product = torch.baddbmm(base, self.left[key] * mix[:, None, :], right)
        return product.view(count, *self.shapes[name])


def _given(base: Mapping[str, Tensor], name: str, shape: tuple[int, ...]) -> Tensor:
    if name not in base or tuple(base[name].shape) != shape:
        found = tuple(base[name].shape) if name in base else "nothing"
        raise ValueError(f"The weights to start from must have {name} of shape {shape}; got {found}.")
    return base[name].detach().clone()


def check_keys(names: Iterable[str]) -> None:
    """Refuse names that would be stored under the same key.

    Raises:
        ValueError: two of them differ in dots and underscores alone.
    """
    seen: dict[str, str] = {}
    for name in names:
        if (other := seen.setdefault(key_of(name), name)) != name:
            raise ValueError(f"The parameters {other} and {name} cannot be told apart in a file. Rename one of them.")


def key_of(name: str) -> str:
    """A parameter's name as a key of the stored tensors, which may not contain dots."""
    return name.replace(".", "_")
