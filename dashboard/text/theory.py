"""The sentences of the Theory page that can be true or false, computed from the rows; and its longer fixed ones."""

from __future__ import annotations

from collections.abc import Sequence

from core.bounds.operating_points import OperatingPoint
from core.certificates.feature_bank import HEAD, OURS, Row
from core.certificates.labelled_images import CertifiedFit
from dashboard.figures.theme import percent

LEAD = (
    "A fit makes a promise: *on new images it is wrong at most so often*. What it may promise depends on how well it "
    "fits the labels and on how much of them it used up. Move the number of labels and watch the promise change."
)
PRIORS = {"initial": "no label", "half": "half of the labels"}
_PRIOR = (
    "what the promise is measured from. *No label*: all labels are certified, and every bit that was learned from them "
    "is paid for. *Half of the labels*: they choose descriptor and head for free, and the other half is certified."
)
TERMS = {
    "Labelled images": "how many there are in all, for fitting and for certifying.",
    "Already known before the certified labels": _PRIOR,
    "Draw (seed)": "which images are drawn. 0 is stored; others are computed here, a few seconds for a hundred labels.",
}
"""Names of the page's settings and what they mean."""
CAPTION = (
    "What to see: further left, less was learned from the certified labels; further down, they are fitted better. Both "
    "together decide the promise: on a line the certified error is the same. The open mark is the error on {tests} "
    "images that nothing else used; the promise holds where it lies below the certified error. In the grey part the "
    "promise is vacuous: naming one class for all is promised as much."
)
GROWTH = (
    "What to see: how the promise of the fitted descriptor falls with the number of labels, beside the error on fresh "
    "images that it is a promise about. Above the dotted line it says nothing."
)
NETWORKS = (
    "Networks whose weights are fitted to the same labels, priced in the same currency. It takes minutes here, and the "
    "rest of the page goes on."
)
MEANING = r"""
- $\hat R$: how often the classifier errs on the $n$ certified images; $R$: how often on new ones. It is *stochastic*: a
  head is drawn anew for each image.
- $\mathrm{KL}$: nats that were learned from the certified images: for the descriptor, the logarithm of how many there
  were to choose from; for the head, how far it moved from where it was before.
- $\mathrm{kl}$: the distance between two coins that fall on one side with probability $\hat R$ and $R$. The promise is
  the largest $R$ that is not too far.
- $\delta$: how often such a promise may fail, each by itself; $J$: how many priors there were to choose from.
"""
SOURCE = (
    "PAC-Bayes theorem of Langford and Seeger (2001) with Maurer's constant (arXiv cs/0411099, 2004); the error of the "
    "drawn head is computed exactly, by quadrature."
)
PAID = (
    "This fit chose its descriptor with **all** labels, the certified ones too. So the descriptor is rounded to steps "
    "of {step:g}, and its choice among {count:,} is paid for: {nats:.1f} nats. The head is fitted anew on one half of "
    "the labels, and the other half is certified."
)
NO_PROMISE = "No certificate: {why}"


def share(value: float) -> str:
    """A rate for people, to a tenth of a per cent."""
    return f"{100 * value:.1f}\u00a0%"


def verdict(point: OperatingPoint) -> str:
    """The certificate in one sentence."""
    says = (
        f"with probability {percent(1 - point.delta)}, at most **{share(point.bound)}** of new images are named "
        f"wrongly; naming one class for all is wrong on {share(point.chance)}."
    )
    return f"**Vacuous**: {says}" if point.vacuous else f"{says[0].upper()}{says[1:]}"


def yardstick(row: Row) -> str:
    """What the same images promise when they are kept as a test set."""
    if row.held_out_bound is None:
        return "There is no hold-out yardstick here: no label was kept aside."
    certified, plain = row.point.bound, row.held_out_bound
    compare = "lower than" if plain < certified else "higher than" if plain > certified else "the same as"
    return (
        f"The yardstick: kept as a plain test set, the same {row.point.n} images promise **{share(plain)}** for an "
        f"ordinary head (Clopper and Pearson), {compare} the certificate of {share(certified)}."
    )


def against_head(rows: Sequence[Row]) -> str:
    """Whether fitting the descriptor paid for itself."""
    ours, head = _of(rows, OURS), _of(rows, HEAD)
    if ours is None or head is None:
        return ""
    one, two = ours.point.bound, head.point.bound
    if abs(one - two) < 5e-4:
        end = "the same"
    else:
        end = f"{'lower' if one < two else 'higher'} by {100 * abs(one - two):.1f} points"
    return (
        f"The fitted descriptor is certified at {share(one)}, i = 0.5 on every axis at {share(two)}: "
        f"with these labels, fitting makes it {end}."
    )


def telling(rows: Sequence[Row]) -> str:
    """Which methods' certificates say something."""
    told = [row.point.method for row in rows if not row.point.vacuous]
    if len(told) == len(rows):
        return "No certificate shown is vacuous."
    if not told:
        return "Every certificate shown is vacuous."
    verb = "is the only one whose certificate is" if len(told) == 1 else "are those whose certificates are"
    return f"{' and '.join(told)} {verb} not vacuous.".capitalize()


def papers(rows: Sequence[Row]) -> str:
    """The uniform bound beside it."""
    row = _of(rows, OURS)
    if row is None or row.uniform is None:
        return ""
    vacuous = row.uniform >= row.point.chance
    says = f"vacuous: naming one class for all is wrong on {share(row.point.chance)}" if vacuous else "not vacuous"
    return (
        "The papers' own kind of bound, Rademacher complexity with a finite set of descriptors, in its margin "
        f"version, promises {share(row.uniform)} at all {row.labels} labels: {says}."
    )


def formula(point: OperatingPoint) -> str:
    """The theorem with the numbers of a point in it, as LaTeX; for methods whose fit is computed exactly."""
    return (
        rf"\mathrm{{kl}}\big({point.gibbs_upper:.3f}\,\big\|\,R\big)\le\frac{{{point.kl:.1f}+\ln\big(2\sqrt{{{point.n}}}"
        rf"\cdot{point.priors}/{point.delta:g}\big)}}{{{point.n}}}"
    )


def fit_verdict(fit: CertifiedFit) -> str:
    """The certificate of the Adapt page's fit."""
    found = fit.certificate
    sure = percent(1 - found.delta)
    says = f"at most **{share(found.bound)}** of new images are named wrongly, with probability {sure}."
    chance = f"Naming one class for all is wrong on {share(found.chance)}"
    if found.vacuous:
        return f"**Vacuous**: {says} {chance}, so this promises nothing; more labels would."
    return f"{says[0].upper()}{says[1:]} {chance}."


def _of(rows: Sequence[Row], method: str) -> Row | None:
    return next((row for row in rows if row.point.method == method), None)
