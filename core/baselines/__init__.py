"""What adaptation is compared with: same labels, same seed, the same test images.

Order: :mod:`~core.baselines.outcome` and :mod:`~core.baselines.job` (what every method gives back and is given),
:mod:`~core.baselines.fitted`, :mod:`~core.baselines.fixed`, :mod:`~core.baselines.averaged` and
:mod:`~core.baselines.networks` (the methods), :mod:`~core.baselines.methods` (the list of them). Imports adaptation,
tasks, measures, the model and its backbone.
"""

from .fitted import OURS, outcome_of
from .fixed import head_at
from .job import Budget, Job, Read, by_evidence, by_ridge
from .methods import BY_HAND, METHODS, Method, baselines, called, cheating, chosen_methods, run_method, title_of
from .outcome import Origin, Outcome, OutOfReach, Stop, Stopped

__all__ = [
    "BY_HAND",
    "METHODS",
    "OURS",
    "Budget",
    "Job",
    "Method",
    "Origin",
    "OutOfReach",
    "Outcome",
    "Read",
    "Stop",
    "Stopped",
    "baselines",
    "by_evidence",
    "by_ridge",
    "called",
    "cheating",
    "chosen_methods",
    "head_at",
    "outcome_of",
    "run_method",
    "title_of",
]
