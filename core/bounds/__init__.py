"""Bounds on the risk of a fit, each with its statement, its constants and its conditions. Imports the head only.

Reading order: :mod:`core.bounds.kl` (the inverse that turns nats into risk), :mod:`core.bounds.holdout`
(the yardstick), :mod:`core.bounds.occam`, :mod:`core.bounds.rademacher` (the papers' form),
:mod:`core.bounds.pacbayes` (the theorem), :mod:`core.bounds.gibbs` (its empirical risk, exactly),
:mod:`core.bounds.posterior` and :mod:`core.bounds.certificate` (head and descriptor certified),
:mod:`core.bounds.gaussian_weights` (networks), :mod:`core.bounds.operating_points` (fit against complexity).
What is certified with them is in :mod:`core.certificates`.
"""

from .certificate import Certificate, certify
from .holdout import chernoff, clopper_pearson
from .kl import bernoulli_kl, kl_upper
from .occam import bits_to_nats, occam, occam_gap
from .operating_points import OperatingPoint, contours, point_of
from .pacbayes import Divergence, Grid, pac_bayes
from .rademacher import UniformBound, finite_descriptors, margin_bound

__all__ = [
    "Certificate",
    "Divergence",
    "Grid",
    "OperatingPoint",
    "UniformBound",
    "bernoulli_kl",
    "bits_to_nats",
    "certify",
    "chernoff",
    "clopper_pearson",
    "contours",
    "finite_descriptors",
    "kl_upper",
    "margin_bound",
    "occam",
    "occam_gap",
    "pac_bayes",
    "point_of",
]
