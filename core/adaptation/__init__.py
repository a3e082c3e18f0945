"""Fitting a descriptor and a linear head to a task, step by step."""

from core.adaptation.fit import Fit, adapt, features_of, predict, run
from core.adaptation.records import Adapted, Diverged, Settings, State, Step

__all__ = ["Adapted", "Diverged", "Fit", "Settings", "State", "Step", "adapt", "features_of", "predict", "run"]
