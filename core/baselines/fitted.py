"""The fit as a method among others, and what a fit that has ended says as an outcome, whoever has run it."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor

from ..adaptation import Adapted, Fit, Settings, Step, predict, run
from ..model.amortised import AmortisedExtractor
from ..tasks.task import Task
from .outcome import Outcome, Stop, going

OURS = "ours"
"""Key of the fit in files and commands."""


def outcome_of(task: Task, adapted: Adapted, steps: Iterable[Step], outputs: Tensor) -> Outcome:
    """A fit that has ended, as a row among the baselines.

    Args:
        task: that was fitted.
        adapted: the end.
        steps: in order; the curve goes on from them to the end, which snaps the descriptor and refits the head.
        outputs: (M, C) of the fitted head on the test images.
    """
    curve = (*((step.seconds, step.score) for step in steps), (adapted.seconds, adapted.score))
    parameters = adapted.head.parameters + len(adapted.descriptor)
    return Outcome.of(task.judge(outputs), adapted.seconds, parameters, adapted.descriptor, curve, OURS)


def fitted(model: AmortisedExtractor, task: Task, settings: Settings, stop: Stop) -> Outcome:
    """Descriptor and head fitted to the labelled images."""
    fit = Fit(model, task, settings)
    steps = list(going(run(fit), stop))
    adapted = fit.finish()
    return outcome_of(task, adapted, steps, predict(model, adapted, task.test))
