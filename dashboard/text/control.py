"""The sentences of the control matrix."""

from __future__ import annotations

from core.evaluation.stored import Evidence
from dashboard.figures.theme import percent
from dashboard.text.explore import two


def said(evidence: Evidence) -> str:
    """What the control matrix says."""
    own = evidence.matrix.diagonal()
    best, worst = evidence.axes[int(own.argmax())], evidence.axes[int(own.argmin())]
    return (
        f"The slider of **{best}** takes most of its transformation away ({two(float(own.max()))}), "
        f"that of **{worst}** least ({two(float(own.min()))}); "
        f"{percent(evidence.leakage)} of all change leaks to other transformations."
    )


def lamps(evidence: Evidence, valid: bool) -> str:
    """Whether the matrix means anything."""
    rank = f"effective rank {evidence.rank:.1f} at the worst of all corners"
    if not valid:
        return f":material/warning: Drawn in grey: {rank}, so different pictures look alike there."
    return (
        f":material/check_circle: Different pictures stay apart ({rank}), and with everything ignored "
        f"{percent(evidence.recognised)} of pictures are still recognised."
    )


def measured(evidence: Evidence) -> tuple[str, str]:
    """Where the figures come from, in two lines under the figure."""
    return (
        "Change of the share of variance, whitened;",
        f"{evidence.count} images of the folder {evidence.images}, seed {evidence.seed}, {evidence.date}, "
        f"checkpoint {evidence.digest}",
    )
