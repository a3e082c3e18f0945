"""What adaptation is compared with: same labels, same seed, the same test images."""

from .methods import METHODS, NETWORKS, Outcome, OutOfReach, chosen_methods, run_method
from .outcome import Stop, Stopped

__all__ = ["METHODS", "NETWORKS", "OutOfReach", "Outcome", "Stop", "Stopped", "chosen_methods", "run_method"]
