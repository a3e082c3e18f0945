"""What a lesson may measure by fitting heads and descriptors: quick fits on a task with a known answer."""

from __future__ import annotations

from core.adaptation import adapt, features_of, predict
from core.adaptation.reading import weighed
from core.axes.transforms import Axis, axis_named
from core.baselines import head_at
from core.bounds import certify
from core.bounds.gibbs import gibbs_risk
from core.certificates import halves
from core.model.amortised import AmortisedExtractor
from core.tasks import Task, TaskSource, known_tasks
from dashboard import cache
from dashboard.adapt import runs
from dashboard.lessons.measures import (
    MEASURES,
    Found,
    LessonContext,
    Measure,
    Quantity,
    count,
    points,
    share,
    two,
    word,
)

SHOTS = (10, 20, 60)
"""Labelled images per class of the lesson about few labels."""

CERTIFIED = (100, 800)
"""Labelled images of the lesson about bounds; half of them choose, half are certified. No digit is drawn twice."""

_REST = 0.5


def _source(context: LessonContext) -> TaskSource:
    """The task of the setup, or the first of the list if the setup is about a person's own images."""
    sources = known_tasks(context.model.transforms, context.model.input_size)
    return next((each for each in sources if each.name == context.setup.task), sources[0])


def pair(context: LessonContext) -> tuple[TaskSource, TaskSource]:
    """What is it, and how far was it moved: the setup's task with its twin, in this order."""
    sources = known_tasks(context.model.transforms, context.model.input_size)
    place = [each.name for each in sources].index(_source(context).name) // 2 * 2
    return sources[place], sources[place + 1]


def _point(model: AmortisedExtractor, name: str, value: float) -> tuple[float, ...]:
    return tuple(value if axis.name == name else _REST for axis in model.transforms)


def _scores(model: AmortisedExtractor, task: Task) -> tuple[float, float]:
    """On prepared test images, of a head with the task's own axis ignored and kept, all else half way."""
    axis = next(iter(task.known))
    ignored, kept = (head_at(model, task, _point(model, axis, value)).score for value in (1.0, 0.0))
    return ignored, kept


def _two_tasks(context: LessonContext) -> Found:
    model = context.model
    shots, seed = context.setup.shots, context.setup.seed
    what, far = (cache.with_shots(model, each, shots, seed).whole() for each in pair(context))
    (what_ignore, what_keep), (far_ignore, far_keep) = _scores(model, what), _scores(model, far)
    axis = axis_named(next(iter(what.known)), model.transforms)
    spread = float(far.test.targets.std(correction=0)) * axis.width / 2  # of a task's targets, which go from -1 to 1
    return {
        "what_ignore": share(what_ignore), "what_keep": share(what_keep),
        "far_ignore": two(far_ignore), "far_keep": two(far_keep), "axis": word(axis.name),
        "off_ignore": _off(far_ignore, spread, axis), "off_keep": _off(far_keep, spread, axis),
        "off_mean": _off(0.0, spread, axis), "tests": count(len(what.test)),
    }  # fmt: skip


def _off(score: float, spread: float, axis: Axis) -> Quantity:
    """Root of the mean squared error that belongs to an R2 = 1 - error / variance, in the axis' unit."""
    value = spread * max(1.0 - score, 0.0) ** 0.5
    return Quantity(value, f"{value:.0f}{'' if axis.unit == '°' else chr(160)}{axis.unit}")


def _choice(context: LessonContext) -> Found:
    """Of the fit on the Adapt page if it has ended, else of the same fit made here: equal seeds give equal fits."""
    model, run = context.model, runs.latest()
    seen = run.worker.snapshot().adapted if run and run.setup == context.setup else None
    task = cache.with_shots(model, _source(context), context.setup.shots, context.setup.seed).whole()
    adapted = seen or adapt(model, task)
    axis = next(iter(task.known))
    place = [each.name for each in model.transforms].index(axis)
    scores = {value: head_at(model, task, (value,) * len(model.transforms)).score for value in (0.0, _REST, 1.0)}
    fitted = task.judge(predict(model, adapted, task.test)).value
    others = [value for n, value in enumerate(adapted.descriptor) if n != place]
    return {
        "axis": word(axis), "value": two(adapted.descriptor[place]), "known": two(task.known[axis]),
        "others": two(sum(others) / len(others)), "lowered": count(sum(value < _REST for value in others)),
        "fitted": share(fitted), "keep_all": share(scores[0.0]), "half": share(scores[_REST]),
        "ignore_all": share(scores[1.0]), "steps": count(adapted.steps), "tests": count(len(task.test)),
    }  # fmt: skip


def _labels(context: LessonContext) -> Found:
    model, source = context.model, _source(context)
    found: Found = {}
    kept, least = [], 0.0
    for name, shots in zip(("few", "some", "many"), SHOTS, strict=True):
        task = cache.with_shots(model, source, shots, context.setup.seed).whole()
        ignore, keep = _scores(model, task)
        found |= {"tests": count(len(task.test))} | {
            f"{name}_ignore": share(ignore),
            f"{name}_keep": share(keep),
            name: count(shots),
        }
        kept.append((keep, shots))
        least = least or ignore
    caught = next((shots for score, shots in kept if score >= least), 0)
    said = str(caught) if caught else f"more than {SHOTS[-1]}"
    return found | {"caught": count(caught), "caught_said": word(said)}


def _bound(context: LessonContext) -> Found:
    model, source = context.model, pair(context)[0]
    found: Found = {}
    for name, total in zip(("few", "many"), CERTIFIED, strict=True):
        task = cache.task(model, source, total, context.setup.seed).whole()
        axis, classes = next(iter(task.known)), len(task.classes)
        first, second = halves(total, context.setup.seed)
        for label, value in (("keep", 0.0), ("ignore", 1.0)):
            point = _point(model, axis, value)
            features, targets = weighed(model, features_of(model, task.labelled, point)), task.labelled.targets
            made = certify(features[first], targets[first], features[second], targets[second], classes)
            test = gibbs_risk(*made.outputs(weighed(model, features_of(model, task.test, point))), task.test.targets)
            found |= {
                f"{name}_{label}": share(made.bound), f"{name}_{label}_seen": share(made.gibbs),
                f"{name}_{label}_test": share(test), f"{name}_{label}_gap": points(made.bound - made.gibbs),
                f"{name}_n": count(made.n), "tests": count(len(task.test)), "chance": share(made.chance),
            }  # fmt: skip
    return found


_OF_BOUNDS = tuple(
    f"{much}_{side}{what}"
    for much in ("few", "many")
    for side in ("keep", "ignore")
    for what in ("", "_seen", "_test", "_gap")
)

MEASURES |= {
    "two tasks": Measure(
        "test scores of two tasks on the same pictures, each with the change ignored and kept",
        (
            "what_ignore", "what_keep", "far_ignore", "far_keep", "axis", "off_ignore", "off_keep", "off_mean", "tests",
        ),
        _two_tasks,
        slow=True,
    ),
    "choice": Measure(
        "where gradient descent puts the coordinate, and test scores",
        (
            "axis", "value", "known", "others", "lowered", "fitted", "keep_all", "half", "ignore_all", "steps", "tests",
        ),
        _choice,
        slow=True,
    ),
    "labels": Measure(
        "test scores with few, some and many labels per class, with the change ignored and kept",
        (
            "few", "some", "many", "few_ignore", "few_keep", "some_ignore", "some_keep", "many_ignore", "many_keep",
            "caught", "caught_said", "tests",
        ),
        _labels,
        slow=True,
    ),
    "bound": Measure(
        "certified error, error on the certified images and on others",
        (
            "chance", "tests", "few_n", "many_n", *_OF_BOUNDS,
        ),
        _bound,
        slow=True,
    ),
}  # fmt: skip
