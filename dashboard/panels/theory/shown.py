"""What one run of the Theory page shows."""

from __future__ import annotations

from dataclasses import dataclass

from core.certificates.feature_bank import Row
from core.certificates.survey import Certified, Survey
from core.model.amortised import AmortisedExtractor
from dashboard.jobs.network_certificates import Comparisons, Key


@dataclass(frozen=True)
class Choice:
    """What the person has chosen: task, number of labels, prior, and the seed of the draw.

    ``here``: whether the task's images are on this machine; otherwise only what is stored can be shown.
    """

    task: str
    labels: int
    prior: str
    seed: int
    here: bool = True

    @property
    def key(self) -> Key:
        """Of the networks for this choice."""
        return self.task, self.seed, self.labels, self.prior


@dataclass(frozen=True)
class Reading:
    """Everything that panels draw.

    Attributes:
        model: that is certified.
        comparisons: what this visitor has had computed.
        choice: what is shown.
        rows: at that choice, heads at fixed descriptors and the fitted one first.
        initial: those of the initial prior at the same labels.
        stored: the task in the stored survey, if the choice is from there.
        survey: all stored certificates, if they are of this model.
        tests: images behind the error beside each certificate.
    """

    model: AmortisedExtractor
    comparisons: Comparisons
    choice: Choice
    rows: tuple[Row, ...]
    initial: tuple[Row, ...]
    stored: Certified | None
    survey: Survey | None
    tests: int
