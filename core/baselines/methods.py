"""All methods, each described once: adding a baseline is one entry of :data:`METHODS` and its function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..adaptation import Settings, prepared
from ..model.amortised import AmortisedExtractor
from ..model.checkpoints import load_plain
from ..tasks.task import Task
from . import fixed, networks
from .fitted import OURS, fitted
from .networks import Budget
from .outcome import Outcome, OutOfReach, Stop, never

BY_HAND = "by hand"
"""Method of an outcome at a descriptor that a person has chosen; nothing to benchmark, so it is not in the list."""


@dataclass(frozen=True)
class Method:
    """One way from labelled images to a classifier or a regression.

    Attributes:
        name: its key in files and on the command line; files of long ago have it too, so it does not change.
        title: what people read in tables, charts and buttons.
        sentence: what it is.
        run: does it, with a model, a task, settings of the fit, a budget for networks, and whom to ask whether to stop.
        quick: whether it is one of those that ``--baselines quick`` runs.
        trains_a_network: whether it fits the weights of a network, and takes as long as that takes.
        cheats: whether it looks at the labels of the test images; the best of these is the bar for regret.
        offered: whether it is something to offer beside a model.
        aim: how many times longer than the fit it is claimed to take, e.g. ``">= 5"``; "" if nothing is claimed.
    """

    name: str
    title: str
    sentence: str
    run: Callable[[AmortisedExtractor, Task, Settings, Budget, Stop], Outcome]
    quick: bool = False
    trains_a_network: bool = False
    cheats: bool = False
    offered: Callable[[AmortisedExtractor], bool] = lambda model: True
    aim: str = ""


def _plain(model: AmortisedExtractor, task: Task, settings: Settings, budget: Budget, stop: Stop) -> Outcome:
    try:
        network = load_plain()
    except FileNotFoundError as error:
        raise OutOfReach(str(error)) from None
    return fixed.plain(network, task)


_METHODS = (
    Method(
        OURS,
        "fitted descriptor",
        "Descriptor and head fitted to the labelled images.",
        lambda model, task, settings, budget, stop: fitted(model, task, settings, stop),
    ),
    Method(
        "i=0",
        "i = 0",
        "A head on the extractor that keeps everything.",
        lambda model, task, settings, budget, stop: fixed.constant(model, task, 0.0),
        quick=True,
    ),
    Method(
        "i=1",
        "i = 1",
        "A head on the extractor that ignores every transformation.",
        lambda model, task, settings, budget, stop: fixed.constant(model, task, 1.0),
        quick=True,
    ),
    Method(
        "i=0.5",
        "i = 0.5",
        "A head on the extractor half way along every axis.",
        lambda model, task, settings, budget, stop: fixed.constant(model, task, 0.5),
        quick=True,
    ),
    Method(
        "corners",
        "all corners",
        "A head at every corner of the cube; the corner with the most evidence is kept.",
        lambda model, task, settings, budget, stop: fixed.every_corner(model, task, stop),
        aim=">= 5",
    ),
    Method(
        "oracle",
        "oracle",
        "The corner that is best on the test images. It cheats: it is the bar that regret is measured against.",
        lambda model, task, settings, budget, stop: fixed.oracle(model, task, stop),
        quick=True,
        cheats=True,
    ),
    Method(
        "frozen",
        "frozen backbone",
        "A head on the features that the pretrained backbone has by itself, without a descriptor.",
        lambda model, task, settings, budget, stop: fixed.frozen(model, task),
        quick=True,
        offered=fixed.has_own_features,
    ),
    Method(
        "plain",
        "plain SimCLR",
        "A head on an extractor of the same size that was trained without a descriptor.",
        _plain,
        quick=True,
    ),
    Method(
        "finetune",
        "fine-tuning",
        "All weights of the extractor, trained on from those at i = 0.5.",
        lambda model, task, settings, budget, stop: networks.fine_tuned(model, task, settings.seed, budget, stop),
        trains_a_network=True,
    ),
    Method(
        "scratch",
        "from scratch",
        "A network of the extractor's size from random weights, with mild augmentation along every axis.",
        lambda model, task, settings, budget, stop: networks.from_scratch(model, task, settings.seed, budget, stop),
        trains_a_network=True,
    ),
    Method(
        "augerino",
        "Augerino",
        "The same network from random weights, with ranges of augmentation that are learned (Benton et al., 2020).",
        lambda model, task, settings, budget, stop: networks.augerino(model, task, settings.seed, budget, stop),
        trains_a_network=True,
        aim=">= 10",
    ),
)

METHODS: dict[str, Method] = {each.name: each for each in _METHODS}
"""By name, in the order in which people see them; the fit is the first."""


def baselines(model: AmortisedExtractor | None = None) -> tuple[Method, ...]:
    """All methods but the fit; beside a model, those that are something to offer there."""
    others = (each for each in METHODS.values() if each.name != OURS)
    return tuple(each for each in others if model is None or each.offered(model))


def cheating() -> frozenset[str]:
    """Names of the methods that look at the labels of the test images."""
    return frozenset(each.name for each in METHODS.values() if each.cheats)


def title_of(name: str) -> str:
    """What people read for a method; the name itself where no entry of the list has it."""
    return METHODS[name].title if name in METHODS else name


def called(outcome: Outcome) -> str:
    """A person's own name for an outcome, or else its method's title."""
    return outcome.name or title_of(outcome.method)


def chosen_methods(text: str, model: AmortisedExtractor | None = None) -> tuple[str, ...]:
    """Read ``"all"``, ``"quick"``, ``"none"``, or names or titles with commas between them; the fit always comes first.

    Args:
        text: what a person has written.
        model: beside which they run: ``"all"`` and ``"quick"`` then mean those that are offered there.

    Raises:
        ValueError: an unknown name.
    """
    groups = {
        "all": [each.name for each in baselines(model)],
        "quick": [each.name for each in baselines(model) if each.quick],
        "none": [],
    }
    if (names := groups.get(text.strip())) is None:
        titles = {each.title: each.name for each in METHODS.values()}
        names = [titles.get(part.strip(), part.strip()) for part in text.split(",")]
    unknown = [name for name in names if name not in METHODS]
    if unknown:
        raise ValueError(
            f"There is no baseline called {unknown[0]!r}. Known: {', '.join(METHODS)}; or all, quick, none."
        )
    return (OURS, *(name for name in names if name != OURS))


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
    task = prepared(model, task)  # as the fit does: its seconds begin there, too
    return replace(METHODS[name].run(model, task, settings, budget or Budget(), stop), method=name)
