"""Measures of invariance that a collapsed or rescaled extractor cannot win.

M1 :func:`intraclass`, M2 :func:`cosine_invariance`, M3 :func:`decodability`, M4
:func:`identity_retrieval`, the lamp :func:`effective_rank`, and :func:`control`, which asks
whether coordinate k of a descriptor controls transformation k.
"""

from core.measures.control import Control, control
from core.measures.cosine import CosineInvariance, cosine_invariance
from core.measures.decodability import decodability
from core.measures.intraclass import Intraclass, effective_rank, intraclass
from core.measures.probe import linear_probe
from core.measures.response import collect
from core.measures.retrieval import identity_retrieval

__all__ = [
    "Control",
    "CosineInvariance",
    "Intraclass",
    "collect",
    "control",
    "cosine_invariance",
    "decodability",
    "effective_rank",
    "identity_retrieval",
    "intraclass",
    "linear_probe",
]
