"""Whose risk is bounded: fits, networks, tasks and samples. Imports bounds, model, adaptation and tasks.

Reading order: :mod:`core.certificates.labelled_images` (choose on one half, certify on the other),
:mod:`core.certificates.independent_images` and :mod:`core.certificates.feature_bank` (which images of a task a
certificate may be about, at how many labels), :mod:`core.certificates.comparators` (other methods in the same
currency), :mod:`core.certificates.survey` and :mod:`core.certificates.markdown` (several tasks, and their file),
:mod:`core.certificates.fit_certificate` (a fit that has used all labels).
"""

from .comparators import Effort, Labelled, operating_points
from .labelled_images import CertifiedFit, certify_images, choose_descriptor, halves

__all__ = [
    "CertifiedFit",
    "Effort",
    "Labelled",
    "certify_images",
    "choose_descriptor",
    "halves",
    "operating_points",
]
