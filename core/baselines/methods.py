"""All methods by name; adaptation is one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..adaptation import Fit, Settings, predict
from ..model.amortised import AmortisedExtractor
from ..model.checkpoints import load_plain
from ..tasks.task import Task
from . import fixed, networks
from .networks import Budget
from .outcome import Outcome, OutOfReach, Stop, going, never

OURS = "ours"
Method = Callable[[AmortisedExtractor, Task, Settings, Budget, Stop], Outcome]


def ours(model: AmortisedExtractor, task: Task, settings: Settings, budget: Budget, stop: Stop) -> Outcome:
    """Descriptor and head fitted to the task."""
    fit = Fit(model, task, settings)
    curve = []
    for step in going(iter(lambda: None if fit.done else fit.advance(), None), stop):
        curve.append((step.seconds, step.score))
    adapted = fit.finish()
    curve.append((adapted.seconds, adapted.score))
    score = task.judge(predict(model, adapted, task.test))
    parameters = adapted.head.parameters + len(adapted.descriptor)
    return Outcome.of(OURS, score, adapted.seconds, parameters, adapted.descriptor, tuple(curve))


def _plain(model: AmortisedExtractor, task: Task, settings: Settings, budget: Budget, stop: Stop) -> Outcome:
    try:
        network = load_plain()
    except FileNotFoundError as error:
        raise OutOfReach(str(error)) from None
    return fixed.plain(network, task)


METHODS: dict[str, Method] = {
    OURS: ours,
    "i=0": lambda model, task, settings, budget, stop: fixed.constant(model, task, 0.0),
    "i=1": lambda model, task, settings, budget, stop: fixed.constant(model, task, 1.0),
    "i=0.5": lambda model, task, settings, budget, stop: fixed.constant(model, task, 0.5),
    "corners": lambda model, task, settings, budget, stop: fixed.every_corner(model, task, stop),
    "oracle": lambda model, task, settings, budget, stop: fixed.oracle(model, task, stop),
    "plain": _plain,
    "finetune": lambda model, task, settings, budget, stop: networks.fine_tuned(
        model, task, settings.seed, budget, stop
    ),
    "scratch": lambda model, task, settings, budget, stop: networks.from_scratch(
        model, task, settings.seed, budget, stop
    ),
    "augerino": lambda model, task, settings, budget, stop: networks.augerino(model, task, settings.seed, budget, stop),
}
"""Name -> method. The oracle comes with every benchmark, because regret is measured against it."""

NETWORKS = ("finetune", "scratch", "augerino")
"""Methods that fit the weights of a network, and take as long as that takes."""

QUICK = ("i=0", "i=1", "i=0.5", "plain", "oracle")


def chosen_methods(text: str) -> tuple[str, ...]:
    """Read ``"all"``, ``"quick"``, ``"none"`` or names with commas between them; adaptation is always the first.

    Raises:
        ValueError: an unknown name.
    """
    groups = {"all": tuple(METHODS), "quick": QUICK, "none": ()}
    names = groups.get(text.strip()) if text.strip() in groups else [part.strip() for part in text.split(",")]
    unknown = [name for name in names or () if name not in METHODS]
    if unknown:
        raise ValueError(
            f"There is no baseline called {unknown[0]!r}. Known: {', '.join(METHODS)}; or all, quick, none."
        )
    return (OURS, *(name for name in names or () if name != OURS))


def run_method(
    name: str,
    model: AmortisedExtractor,
    task: Task,
    settings: Settings,
    budget: Budget | None = None,
    stop: Stop = never,
) -> Outcome:
    """Run one method; its outcome carries the name it has in :data:`METHODS`.

    Args:
        name: in :data:`METHODS`.
        model, task, settings, budget: what is run, and for how long.
        stop: asked between batches, corners and steps whether to end.

    Raises:
        OutOfReach: something it needs is missing.
        Stopped: ``stop`` said so.
    """
    return replace(METHODS[name](model, task, settings, budget or Budget(), stop), method=name)
