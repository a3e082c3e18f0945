"""Fitting a descriptor and a linear head to a task, step by step."""

from .fit import Fit, adapt, predict, run
from .inputs import features_of, prepared
from .records import Adapted, Diverged, Settings, State, Step

__all__ = [
    "Adapted",
    "Diverged",
    "Fit",
    "Settings",
    "State",
    "Step",
    "adapt",
    "features_of",
    "predict",
    "prepared",
    "run",
]
