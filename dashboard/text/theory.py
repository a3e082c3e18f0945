"""The sentences of the Theory page that can be true or false, computed from the rows; and its longer fixed ones."""

from __future__ import annotations

from collections.abc import Sequence

from core.bounds.operating_points import OperatingPoint
from core.certificates.feature_bank import FIXED, OURS, Row
from core.certificates.findings import WHY_THE_OTHERS
from core.certificates.labelled_images import CertifiedFit
from dashboard.figures.theme import percent

LEAD = (
    "Labels buy a promise: *on new images it is wrong at most so often*. Move the number of labelled images and watch "
    "how much is promised, and how far above what is measured."
)
PRIORS = {"half": "half of the labels", "initial": "no label"}
_PRIOR = (
    "what the promise is measured from. *No label*: all labels are certified, and every bit that was learned from them "
    "is paid for. *Half of the labels*: they choose a head for free, and the other half is certified. In both, the "
    "descriptor is fitted to all the labels; so it is rounded, and its choice is paid for."
)
TERMS = {
    "Labelled images": "how many there are in all, for fitting and for certifying.",
    "Already known before the certified labels": _PRIOR,
    "Draw (seed)": "which images are drawn. 0 is stored; others are computed here, where the task's images are on this "
    "machine, a few seconds for a hundred labels.",
}
"""Names of the page's settings and what they mean."""
CAPTION = (
    "What to see: further left, less was learned from the certified labels; further down, they are fitted better. Both "
    "together decide the promise: on a line it is the same. The open mark is the error on {tests} images that nothing "
    "else used; the promise holds where it lies below the promised error. In the grey part nothing is promised."
)
GROWTH = (
    "What to see: promises fall with the number of labels. What is promised of the drawn head stays above what is "
    "measured of it on {tests} new images; of one classifier, the drawn heads' majority vote, only twice that is "
    "promised. The upright line is where the slider stands; in the grey part nothing is promised, because one class "
    "for all is named wrongly as seldom."
)
SERIES = {
    "holdout": "hold-out bound",
    "alone": "descriptor alone",
    "drawn": "drawn head",
    "fresh": "measured on new images",
    "fixed": "drawn head, sliders at {value:g}",
}
"""Lines of the chart; all but the last are about the fitted descriptor."""
METHODS = {method: f"every slider at {value:g}" for method, value in FIXED.items()}
"""Names of methods where they are not plain."""
NO_DRAWS = "The images of this task are not on this machine, so its stored draw is the only one."
NO_NETWORKS = "Networks cannot be certified for this task, because its images are not on this machine."
NATS = "In nats: the table, the formula, the conditions"
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
    """The certificate in one sentence, with what it means for a classifier that stays the same."""
    return _promise(point.bound, point.chance)


def surety(point: OperatingPoint) -> str:
    """How often the promise may fail, and what is trivial."""
    return (
        f"The promise may fail for {percent(point.delta)} of all samples of labels. Naming one class for all is wrong "
        f"on {share(point.chance)}."
    )


def vote(bound: float) -> float:
    """What is promised of the majority vote of the heads: twice the error of a drawn one, at most 1."""
    return min(1.0, 2 * bound)


def _promise(bound: float, chance: float) -> str:
    if bound >= chance:
        return f"This promises **nothing**: only that at most {share(bound)} are named wrongly. More labels would."
    if vote(bound) >= chance:
        twice = "that would be twice as many, which promises **nothing**"
    else:
        twice = f"the guarantee is twice that before rounding, **{share(vote(bound))}**"
    return (
        f"At most **{share(bound)}** of new images are named wrongly by a head drawn at random around the fitted one; "
        f"for one classifier to take home, their majority vote, {twice}."
    )


def method(name: str) -> str:
    """A method's name for people."""
    return METHODS.get(name, name)


def promised(name: str, point: OperatingPoint) -> str:
    """A method with what it promises."""
    return f"{method(name)}: {'nothing' if point.vacuous else f'at most {share(point.bound)}'}"


def yardstick(row: Row) -> str:
    """The hold-out bound, which of the others it is lower than, and why one would still want those."""
    if row.held_out_bound is None:
        return "There is no test set to compare with: no label was kept aside."
    plain = row.held_out_bound
    compared = [f"{_beside(plain, row.point.bound)} of the drawn head"]
    if row.alone:
        compared.append(f"{_beside(plain, row.alone.bound)} of the descriptor alone")
    return (
        "The yardstick is the hold-out bound: descriptor and head fitted to one half of the labels, with the other "
        f"{row.point.n} images as a plain test set, promise **{share(plain)}**, {' and '.join(compared)}. "
        f"{WHY_THE_OTHERS}"
    )


def _beside(plain: float, other: float) -> str:
    compare = "lower than" if plain < other else "higher than" if plain > other else "the same as"
    return f"{compare} the {share(other)}"


def alone(row: Row) -> str:
    """The certificate of the descriptor alone, with what it is made of."""
    found = row.alone
    if found is None:
        return ""
    return (
        "The descriptor as the only complexity, as in the papers: the head is the nearest class mean of one half of "
        f"the labels, for which nothing is searched. It names {found.errors} of the {found.n} certified images "
        f"wrongly; the choice of the descriptor costs {found.nats:.1f} nats, and so at most **{share(found.bound)}** "
        "of new images are named wrongly by this one classifier (Occam's razor bound)."
    )


def against_fixed(rows: Sequence[Row]) -> str:
    """Whether fitting the descriptor paid for itself, against each one that was fixed beforehand."""
    ours = _of(rows, OURS)
    others = [(method, row) for method in FIXED if (row := _of(rows, method))]
    return " ".join(_against(ours.point.bound, row.point.bound, method) for method, row in others) if ours else ""


def _against(ours: float, other: float, name: str) -> str:
    apart = abs(round(100 * ours, 1) - round(100 * other, 1))  # as they are written
    if apart < 0.05:
        end = "neither stronger nor weaker"
    else:
        end = f"{'stronger' if ours < other else 'weaker'} by {apart:.1f} points"
    return (
        f"With {method(name)} instead of fitted, at most {share(other)} would be named wrongly by a drawn head: "
        f"fitting makes the promise {end}."
    )


def telling(rows: Sequence[Row]) -> str:
    """Which methods promise something, unless all do."""
    told = [row.point.method for row in rows if not row.point.vacuous]
    if len(told) == len(rows):
        return ""
    if not told:
        return "Nothing shown here promises anything."
    verb = "alone promises" if len(told) == 1 else "promise"
    return f"{' and '.join(map(method, told))} {verb} anything.".capitalize()


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
    """The certificate of the Adapt page's fit, with its yardstick."""
    found = fit.certificate
    sure = percent(1 - found.delta)
    chance = f"Naming one class for all is wrong on {share(found.chance)}."
    said = f"{_promise(found.bound, found.chance)} This holds with probability {sure}. {chance}"
    return said if found.held_out_exact is None else f"{said} {_fit_yardstick(found.held_out_exact, found.bound)}"


def _fit_yardstick(plain: float, certified: float) -> str:
    return (
        "The yardstick is the hold-out bound: an ordinary head at the same descriptor, fitted to one half of the "
        "labels, with the other half as a plain test set and the choice of the descriptor paid for here, too, is wrong "
        f"on at most **{share(plain)}**, {_beside(plain, certified)} of the drawn head. What the drawn head has over "
        "it: all the labels may shape it, and the ordinary one is fitted to half of them."
    )


def _of(rows: Sequence[Row], method: str) -> Row | None:
    return next((row for row in rows if row.point.method == method), None)
