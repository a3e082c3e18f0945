"""Whose risk is bounded: fits, networks, tasks and samples. Imports bounds, model, adaptation and tasks.

Reading order: :mod:`core.certificates.labelled_images` (random halves), :mod:`core.certificates.independent_images`
(which images of a task a certificate may be about, at how many labels), :mod:`core.certificates.feature_bank` (fixed
descriptors and the fitted one), :mod:`core.certificates.comparators` (networks in the same currency),
:mod:`core.certificates.survey` and :mod:`core.certificates.markdown` (several tasks, and their file),
:mod:`core.certificates.fit_certificate` (a fit that has used all labels).
"""

from .comparators import Effort, Labelled, operating_points
from .feature_bank import FeatureBank, exact_rows
from .fit_certificate import certify_fit
from .independent_images import Sample, sample_of
from .labelled_images import CertifiedFit, halves

__all__ = [
    "CertifiedFit",
    "Effort",
    "FeatureBank",
    "Labelled",
    "Sample",
    "certify_fit",
    "exact_rows",
    "halves",
    "operating_points",
    "sample_of",
]
