"""What adaptation is compared with: same labels, same seed, the same test images."""

from core.baselines.methods import METHODS, Outcome, OutOfReach, chosen_methods, run_method

__all__ = ["METHODS", "OutOfReach", "Outcome", "chosen_methods", "run_method"]
