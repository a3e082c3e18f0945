"""All methods, each described once: adding a baseline is one entry of :data:`METHODS` and its function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ..adaptation import Settings, prepared
from ..model import checkpoints
from ..model.amortised import AmortisedExtractor
from ..model.checkpoints import load_plain
from ..tasks.task import Task
from . import fixed, networks
from .averaged import frozen_averaged
from .fitted import OURS, fitted
from .job import Budget, Job, Read
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
        run: does it.
        quick: whether it is one of those that ``--baselines quick`` runs.
        trains_a_network: whether it fits the weights of a network, and takes as long as that takes.
        cheats: whether it looks at the labels of the test images; the best of these is the bar for regret.
        offered: whether it is something to offer beside a model.
        aim: how many times longer than the fit it is claimed to take, e.g. ``">= 5"``; "" if nothing is claimed.
        amortised: whether it needs the hypernetwork, whose pretraining it then shares with the fit.
        has_branch: whether its head reads a branch of another network, and so trusts it less.
    """

    name: str
    title: str
    sentence: str
    run: Callable[[Job], Outcome]
    quick: bool = False
    trains_a_network: bool = False
    cheats: bool = False
    offered: Callable[[AmortisedExtractor], bool] = lambda model: True
    aim: str = ""
    amortised: bool = False
    has_branch: bool = False


def _network(file: Path, job: Job) -> Outcome:
    try:
        network = load_plain(file)
    except FileNotFoundError as error:
        raise OutOfReach(str(error)) from None
    return fixed.plain(job, network)


_METHODS = (
    Method(OURS, "fitted descriptor", "Descriptor and head fitted to the labelled images.", fitted, amortised=True),
    Method(
        "pixels",
        "raw pixels",
        f"A head on the images themselves, {fixed.PIXELS} pixels wide, without any network.",
        fixed.pixels,
        quick=True,
    ),
    Method(
        "i=0",
        "i = 0",
        "A head on the extractor that keeps everything.",
        lambda job: fixed.constant(job, 0.0),
        quick=True,
        amortised=True,
    ),
    Method(
        "i=1",
        "i = 1",
        "A head on the extractor that ignores every transformation.",
        lambda job: fixed.constant(job, 1.0),
        quick=True,
        amortised=True,
    ),
    Method(
        "i=0.5",
        "i = 0.5",
        "A head on the extractor half way along every axis.",
        lambda job: fixed.constant(job, 0.5),
        quick=True,
        amortised=True,
    ),
    Method(
        "corners",
        "all corners",
        "A head at every corner of the cube; the corner with the most evidence is kept.",
        fixed.every_corner,
        aim=">= 5",
        amortised=True,
    ),
    Method(
        "concatenated",
        "corners side by side",
        "A head on several corners' features at once, as LooC has them: keep all, ignore one axis, each in turn, and "
        "ignore all.",
        fixed.concatenated,
        quick=True,
        amortised=True,
    ),
    Method(
        "oracle",
        "oracle",
        "The corner that is best on the test images. It cheats: it is the bar that regret is measured against.",
        fixed.oracle,
        quick=True,
        cheats=True,
        amortised=True,
    ),
    Method(
        "frozen",
        "frozen backbone",
        "A head on the features that the pretrained backbone has by itself, without a descriptor.",
        fixed.frozen,
        quick=True,
        offered=fixed.has_own_features,
    ),
    Method(
        "frozen-told",
        "frozen backbone, all it tells",
        "A head on every number that the frozen backbone gives the fit: its pooled features, and what its inner grids "
        "say of quarters, peaks and spreads.",
        fixed.frozen_told,
        quick=True,
        offered=fixed.has_own_features,
    ),
    Method(
        "frozen-averaged",
        "frozen backbone, averaged",
        "Its pooled features, averaged over changes of each picture along one axis; leave-one-out on the labelled "
        "images chooses the axis, and whether half or all of its range.",
        frozen_averaged,
        offered=fixed.has_own_features,
    ),
    Method(
        "plain",
        "plain SimCLR",
        "A head on an extractor of the same size that was trained without a descriptor.",
        lambda job: _network(checkpoints.PLAIN, job),
        quick=True,
        has_branch=True,
    ),
    Method(
        "augself",
        "AugSelf",
        "The same, trained to tell how two views of a picture differ as well (Lee et al., 2021).",
        lambda job: _network(checkpoints.AUGSELF, job),
        quick=True,
        has_branch=True,
    ),
    Method(
        "finetune",
        "fine-tuning",
        "Gates and branch trained on from those at i = 0.5, on the frozen network's features of mildly changed images.",
        networks.fine_tuned,
        trains_a_network=True,
        aim=">= 10",
        amortised=True,
    ),
    Method(
        "finetune-fitted",
        "fine-tuning from the fit",
        "The same from the fitted descriptor on.",
        networks.fine_tuned_from_fit,
        trains_a_network=True,
        amortised=True,
    ),
    Method(
        "finetune-backbone",
        "fine-tuned backbone",
        "All weights of the pretrained backbone and a head on its own features, with mild augmentation.",
        networks.fine_tuned_backbone,
        trains_a_network=True,
        offered=fixed.has_own_features,
    ),
    Method(
        "scratch",
        "from scratch",
        "The network on the picture alone from random weights, with mild augmentation.",
        networks.from_scratch,
        trains_a_network=True,
    ),
    Method(
        "augerino",
        "Augerino",
        "The same network from random weights, with ranges of augmentation that are learned (Benton et al., 2020).",
        networks.augerino,
        trains_a_network=True,
        aim=">= 10",
    ),
    Method(
        "augerino-backbone",
        "Augerino, pretrained",
        "All weights of the pretrained backbone, with ranges of augmentation that are learned.",
        networks.augerino_backbone,
        trains_a_network=True,
        offered=fixed.has_own_features,
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
    read: Read | None = None,
) -> Outcome:
    """Run one method; its outcome carries the name it has in :data:`METHODS`.

    Args:
        name: in :data:`METHODS`.
        model, task, settings, budget: what is run, and for how long.
        stop: asked between batches, corners and steps whether to end.
        read: the one head that reads every method's features; default: each method's own.

    Raises:
        OutOfReach: something it needs is missing.
        Stopped: ``stop`` said so.
    """
    task = prepared(model, task)  # as the fit does: its seconds begin there, too
    job = Job(model, task, settings, budget or Budget(), stop, read)
    return replace(METHODS[name].run(job), method=name)
