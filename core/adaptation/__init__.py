"""Fitting a descriptor and a linear head to a task, step by step."""

from .fit import Fit, adapt, features_of, predict, run
from .records import Adapted, Diverged, Settings, State, Step

__all__ = ["Adapted", "Diverged", "Fit", "Settings", "State", "Step", "adapt", "features_of", "predict", "run"]
