"""Measures of invariance that a collapsed or rescaled extractor cannot win.

M1 :func:`intraclass`, M2 :func:`cosine_invariance`, M3 :func:`decodability`, M4
:func:`identity_retrieval`, the warning :func:`effective_rank`, :func:`control`, which asks
whether coordinate k of a descriptor controls transformation k, and :func:`onset`, which asks
whether it ignores changes up to the size that it says.
"""

from .control import Control, control
from .cosine import CosineInvariance, cosine_invariance
from .decodability import decodability
from .intraclass import Intraclass, effective_rank, intraclass
from .onset import Onset, ladder, onset
from .probe import linear_probe
from .response import Moved, move
from .retrieval import identity_retrieval

__all__ = [
    "Control",
    "CosineInvariance",
    "Intraclass",
    "Moved",
    "Onset",
    "control",
    "cosine_invariance",
    "decodability",
    "effective_rank",
    "identity_retrieval",
    "intraclass",
    "ladder",
    "linear_probe",
    "move",
    "onset",
]
