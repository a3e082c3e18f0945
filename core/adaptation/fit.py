"""Adaptation: find the descriptor and the linear head for one task by gradient descent.

A run is a :class:`Fit`: an explicit state and :meth:`Fit.advance`, which takes one step. Pausing is not
calling it, stopping is never calling it again, resuming is calling it.
Nothing here has a clock, a thread or a global random state, so the same seed gives the same run.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import torch
from torch import Generator, Tensor

from ..model.amortised import AmortisedExtractor
from ..tasks.task import Split, Task
from .head import evidence
from .inputs import features_of, prepared
from .objectives import OBJECTIVES, Batch
from .reading import read
from .records import Adapted, Diverged, Settings, State, Step


class Fit:
    """One run on one task.

    Args:
        model: any amortised extractor; it is not changed.
        task: at least four labelled images.
        settings: see :class:`Settings`.
        start: where the first restart begins; default: 0.5 everywhere.

    Raises:
        ValueError: too few labelled images, or only one class among them.
    """

    def __init__(
        self, model: AmortisedExtractor, task: Task, settings: Settings | None = None, start: Tensor | None = None
    ) -> None:
        check_labels(task)
        self.model, self.task, self.settings = model, prepared(model, task, test=False), settings or Settings()
        self.labelled = self.task.labelled
        assert self.labelled.prepared is not None  # as all images of a prepared task
        self.inputs = self.labelled.prepared
        self.held = torch.arange(len(self.labelled)) >= len(task.train)
        self.targets = task.encoded(self.labelled.targets)
        middle = torch.full((len(model.transforms),), 0.5)
        self._start = tuple((middle if start is None else start).tolist())
        self._gripped: dict[int, float] = {}
        self.state = self._fresh(
            middle if start is None else start.clone(), Generator().manual_seed(self.settings.seed)
        )

    def _fresh(self, descriptor: Tensor, generator: Generator) -> State:
        shape = (self.model.architecture.features, self.task.outputs)
        head = [torch.zeros(size, dtype=descriptor.dtype) for size in (shape, shape[1:])]
        parameters = [descriptor, *head]
        empty = [torch.zeros_like(p) for p in parameters]
        return State(parameters, empty, [p.clone() for p in empty], generator.get_state())

    @property
    def done(self) -> bool:
        """Whether all restarts have ended."""
        return self.state.restart >= self.settings.restarts

    @property
    def descriptor(self) -> tuple[float, ...]:
        """Where the run is now."""
        return tuple(self.state.parameters[0].tolist())

    def move(self, descriptor: Tensor) -> None:
        """Put the run at another point, as a person does who grabs a slider; its momentum is forgotten.

        A run that has ended goes on from there.
        """
        state = self.state
        state.restart = min(state.restart, self.settings.restarts - 1)
        state.parameters[0] = descriptor.to(state.parameters[0]).clone().clamp(0, 1)
        state.first[0], state.second[0] = (torch.zeros_like(descriptor) for _ in range(2))
        state.taken = state.number = state.still = 0

    @property
    def gripped(self) -> dict[int, float]:
        """Coordinates that are held, by place."""
        return dict(self._gripped)

    def grip(self, held: Mapping[int, float]) -> None:
        """Hold coordinates where a hand has them until the next call; the others go on as they were going.

        The run does not end while anything is held. Once a coordinate is let go, it goes on as from a new start.

        Args:
            held: value in [0, 1] by place; empty lets all go.
        """
        if set(self._gripped) - set(held):
            self.move(torch.tensor(self.descriptor))
        self._gripped = {place: min(max(value, 0.0), 1.0) for place, value in held.items()}
        self._put()
        self.state.restart = min(self.state.restart, self.settings.restarts - 1)
        self.state.number = self.state.still = 0

    def _put(self) -> None:
        """Coordinates that are held are where the hand is, and have no momentum."""
        state = self.state
        for place, value in self._gripped.items():
            for tensors, wanted in ((state.parameters, value), (state.first, 0.0), (state.second, 0.0)):
                tensors[0] = tensors[0].clone()
                tensors[0][place] = wanted

    def advance(self) -> Step:
        """Take one step.

        Raises:
            Diverged: the loss or the gradient is not finite.
            ValueError: the run is done.
        """
        if self.done:
            raise ValueError("This run has ended. Start another one, or move its descriptor.")
        begun = time.perf_counter()
        state = self.state
        rows = self._rows()
        point, weight, bias = (p.clone().requires_grad_() for p in state.parameters)
        features = self._features(rows, point)
        self._require_finite(features)
        value = OBJECTIVES[self.settings.objective](Batch(features, self.targets[rows], self.held[rows], weight, bias))
        gradients = torch.autograd.grad(value.loss, (point, weight, bias), allow_unused=True)
        self._require_finite(value.loss, *(g for g in gradients if g is not None))
        score = self.task.score(value.outputs, self.labelled.targets[rows][value.rows])
        moved = self._update(gradients)
        state.seconds += time.perf_counter() - begun
        step = Step(
            state.number,
            state.restart,
            float(value.loss.detach()),
            score,
            tuple(point.detach().tolist()),
            tuple(gradients[0].tolist()),
            state.seconds,
        )
        self._count(moved)
        return step

    def _features(self, rows: Tensor, point: Tensor) -> Tensor:
        """Where the descriptor is, whatever the model's device and type are."""
        where = self.inputs.parts[0]
        weights = self.model.weights(point.to(where.device, next(self.model.parameters()).dtype))
        return self.model.extract(self.inputs[rows], weights).to(point)

    def _require_finite(self, *tensors: Tensor) -> None:
        if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors):
            raise Diverged(
                f"The features, the loss or its gradient stopped being numbers at step {self.state.number}. "
                "Take a smaller step size or another objective, and run again."
            )

    def _rows(self) -> Tensor:
        """A batch without repetition, with its share of validation images; all images if they are few."""
        count = len(self.labelled)
        if count <= self.settings.batch:
            return torch.arange(count)
        generator = self._generator()
        held = round(self.settings.batch * int(self.held.sum()) / count)
        parts = [
            places[torch.randperm(len(places), generator=generator)[:size]]
            for places, size in (
                (torch.where(~self.held)[0], self.settings.batch - held),
                (torch.where(self.held)[0], held),
            )
        ]
        self.state.random = generator.get_state()
        return torch.cat(parts)

    def _generator(self) -> Generator:
        generator = Generator()
        generator.set_state(self.state.random)
        return generator

    def _update(self, gradients: tuple[Tensor | None, ...]) -> float:
        """Adam (Kingma and Ba, arXiv 1412.6980), and a clamp to the cube; how far the descriptor moved at most."""
        state = self.state
        state.taken += 1
        before = state.parameters[0]
        rate = self.settings.rate * (1 - state.number / self.settings.steps)
        for place, gradient in enumerate(gradients):
            if gradient is None:
                continue
            if place == 0 and self._gripped:
                gradient = gradient.index_fill(0, torch.tensor(list(self._gripped)), 0.0)
            state.first[place] = 0.8 * state.first[place] + 0.2 * gradient
            state.second[place] = 0.95 * state.second[place] + 0.05 * gradient.square()
            mean = state.first[place] / (1 - 0.8**state.taken)
            size = (state.second[place] / (1 - 0.95**state.taken)).sqrt()
            # Relative to the steepest coordinate, so that a flat one does not wander on its noise.
            step = mean / (size + 0.1 * size.max() + 1e-12)
            state.parameters[place] = state.parameters[place] - (rate if place == 0 else rate / 10) * step
        state.parameters[0] = state.parameters[0].clamp(0, 1)
        self._put()
        return float((state.parameters[0] - before).abs().max())

    def _count(self, moved: float) -> None:
        state, settings = self.state, self.settings
        state.number += 1
        state.total += 1
        if self._gripped:
            state.number = state.still = 0
            return
        state.still = state.still + 1 if moved <= settings.tolerance else 0
        if state.still < settings.patience and state.number < settings.steps:
            return
        state.ends.append(self.descriptor)
        if state.restart + 1 < settings.restarts:
            generator = self._generator()
            fresh = self._fresh(torch.rand(len(self.descriptor), generator=generator), generator)
            fresh.restart, fresh.ends = state.restart + 1, state.ends
            fresh.seconds, fresh.total = state.seconds, state.total
            self.state = fresh
        else:
            state.restart += 1

    def finish(self) -> Adapted:
        """Compare the start and all ends, snap, and refit the head on all labelled images; ends nothing."""
        begun = time.perf_counter()
        ends = dict.fromkeys([*self.state.ends, self.descriptor])
        if self.done:
            ends[self._start] = None  # steps on small batches may have led downhill
        scored = {end: self._judge(end) for end in ends}
        unsnapped = max(scored, key=lambda end: scored[end][0])
        chosen = unsnapped
        if self.settings.snap:
            corner = tuple(float(round(value)) for value in unsnapped)
            scored[corner] = scored.get(corner) or self._judge(corner)
            if scored[corner][0] >= scored[unsnapped][0]:
                chosen = corner
        value, features = scored[chosen]
        head, others = read(self.model, features, self.targets, self.settings.trust)
        score = self.task.score(others, self.labelled.targets)
        seconds = self.state.seconds + time.perf_counter() - begun
        return Adapted(chosen, unsnapped, head, -value / len(self.labelled), score, self.state.total, seconds)

    def _judge(self, descriptor: tuple[float, ...]) -> tuple[float, Tensor]:
        """Evidence of all labelled images, and their features."""
        features = features_of(self.model, self.labelled, descriptor)
        return float(evidence(features, self.targets)), features


def run(fit: Fit) -> Iterator[Step]:
    """Step until the run is done."""
    while not fit.done:
        yield fit.advance()


def adapt(model: AmortisedExtractor, task: Task, settings: Settings | None = None) -> Adapted:
    """Run to the end without looking.

    Raises:
        Diverged, ValueError: see :class:`Fit`.
    """
    fit = Fit(model, task, settings)
    for _ in run(fit):
        pass
    return fit.finish()


def predict(model: AmortisedExtractor, adapted: Adapted, split: Split) -> Tensor:
    """Outputs (N, C) of the fitted head."""
    return adapted.head(features_of(model, split, adapted.descriptor))


def check_labels(task: Task) -> None:
    """Whether there is anything to fit.

    Raises:
        ValueError: too few labelled images, or only one class among them.
    """
    if len(task.train) < 2 or len(task.validation) < 2:
        raise ValueError(
            f"{len(task.train) + len(task.validation)} labelled images are too few to fit anything. "
            "Give at least two of each class."
        )
    if len(torch.cat([task.train.targets, task.validation.targets]).unique()) < 2:
        raise ValueError("All labelled images have the same target, so there is nothing to learn. Add another class.")
