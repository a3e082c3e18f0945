"""Fitting a descriptor and a linear head to a task, step by step."""

from .fit import Fit, adapt, check_labels, predict, run
from .inputs import features_of, labelled_alone, prepared
from .records import Adapted, Diverged, Settings, State, Step

__all__ = [
    "Adapted",
    "Diverged",
    "Fit",
    "Settings",
    "State",
    "Step",
    "adapt",
    "check_labels",
    "features_of",
    "labelled_alone",
    "predict",
    "prepared",
    "run",
]
