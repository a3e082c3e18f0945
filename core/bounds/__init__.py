"""Bounds on the risk of a fit, each with its statement, its constants and its conditions. Imports the head only.

Reading order: :mod:`core.bounds.kl` (the inverse that turns nats into risk), :mod:`core.bounds.holdout`
(the yardstick), :mod:`core.bounds.rademacher` (the papers' form),
:mod:`core.bounds.pacbayes` (the theorem), :mod:`core.bounds.gibbs` (its empirical risk, exactly),

:mod:`core.bounds.nearest_mean` (the descriptor paid for alone), :mod:`core.bounds.posterior`
and :mod:`core.bounds.certificate` (head and descriptor certified),
:mod:`core.bounds.gaussian_weights` (networks), :mod:`core.bounds.operating_points` (fit against complexity).
What is certified with them is in :mod:`core.certificates`.
"""

from .certificate import Certificate, certify
from .holdout import chernoff, clopper_pearson, occam
from .kl import bernoulli_kl, kl_upper
from .nearest_mean import Alone, descriptor_alone
from .operating_points import OperatingPoint, contours, point_of
from .pacbayes import Divergence, Grid, pac_bayes
from .rademacher import UniformBound, margin_bound

__all__ = [
    "Alone",
    "Certificate",
    "Divergence",
    "Grid",
    "OperatingPoint",
    "UniformBound",
    "bernoulli_kl",
    "certify",
    "chernoff",
    "clopper_pearson",
    "contours",
    "descriptor_alone",
    "kl_upper",
    "margin_bound",
    "occam",
    "pac_bayes",
    "point_of",
]
