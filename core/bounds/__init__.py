"""Bounds on the risk of a fit, each with its statement, its constants and its conditions.

Reading order: :mod:`core.bounds.kl` (the inverse that turns nats into risk), :mod:`core.bounds.holdout`
(the yardstick), :mod:`core.bounds.occam`, :mod:`core.bounds.rademacher` (the papers' form),
:mod:`core.bounds.pacbayes` (the theorem), :mod:`core.bounds.gibbs` (its empirical risk, exactly),
:mod:`core.bounds.posterior` and :mod:`core.bounds.certificate` (head and descriptor certified),
:mod:`core.bounds.chart` (fit against complexity), :mod:`core.bounds.images` (from images),
:mod:`core.bounds.weights` and :mod:`core.bounds.comparators` (other methods in the same currency),
:mod:`core.bounds.samples` and :mod:`core.bounds.rows` (which images of a task a certificate may be about, at how
many labels), :mod:`core.bounds.survey` and :mod:`core.bounds.sheet` (several tasks, and their file),
:mod:`core.bounds.current` (a fit that has used all labels).
"""

from .certificate import Certificate, certify
from .chart import OperatingPoint, contours, point_of
from .comparators import Effort, Labelled, operating_points
from .holdout import chernoff, clopper_pearson
from .images import CertifiedFit, certify_images, choose_descriptor, halves
from .kl import bernoulli_kl, kl_upper
from .occam import bits_to_nats, occam, occam_gap
from .pacbayes import Divergence, Grid, pac_bayes
from .rademacher import UniformBound, finite_descriptors, margin_bound

__all__ = [
    "Certificate",
    "CertifiedFit",
    "Divergence",
    "Effort",
    "Grid",
    "Labelled",
    "OperatingPoint",
    "UniformBound",
    "bernoulli_kl",
    "bits_to_nats",
    "certify",
    "certify_images",
    "chernoff",
    "choose_descriptor",
    "clopper_pearson",
    "contours",
    "finite_descriptors",
    "halves",
    "kl_upper",
    "margin_bound",
    "occam",
    "occam_gap",
    "operating_points",
    "pac_bayes",
    "point_of",
]
