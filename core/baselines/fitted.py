"""The fit as a method among others, and what a fit that has ended says as an outcome, whoever has run it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from torch import Tensor

from ..adaptation import Adapted, Fit, Step, features_of, predict, run
from ..adaptation.reading import weighed
from ..tasks.task import Task
from .job import Job
from .outcome import Outcome, going

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


def fitted(job: Job) -> Outcome:
    """Descriptor and head fitted to the labelled images."""
    fit = Fit(job.model, job.task, job.settings)
    steps = list(going(run(fit), job.stop))
    adapted = fit.finish()
    outcome = outcome_of(job.task, adapted, steps, predict(job.model, adapted, job.task.test))
    if job.read is None:
        return outcome
    found = (features_of(job.model, each, adapted.descriptor) for each in (job.task.labelled, job.task.test))
    labelled, test = (weighed(job.model, each, job.settings.trust) for each in found)
    score = job.task.judge(job.read(labelled, job.task).outputs(test))
    return replace(outcome, score=score.value, majority=score.majority, balanced=score.balanced)
