"""Words of the Adapt page, computed from a fit: how it goes, what the task wants, what the score is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from core.adaptation.preferences import Slice, sentence
from core.baselines import Outcome, title_of
from core.tasks import Task
from dashboard.figures.theme import percent
from dashboard.jobs.snapshot import Snapshot

LEAD = "Six sliders and a small classifier are fitted to these labels; the network itself stays as it is."
PLAY = "Press Play: the sliders move by themselves until the labels are explained best. The verdict comes here."
HAND = "Hold a slider while the fit runs, and let it go. Moved before or afterwards, it gives the score “by hand”."
DIALS = {
    "keep": "0 keeps",
    "ignore": "1 ignores",
    "ends": "0 keeps this kind of change, 1 ignores it",
    "held": "you hold it",
    "fitted": "The fit ended at",
}
NOT_YET = "The verdict comes when the fit has ended."
GONE = (
    "The run that this link names is no longer here: runs end with the server, and old ones make room. A new one "
    "begins here; one that was saved as a file can be opened under “Open a run”."
)
UNCHECKED = "How much each slider matters is not known: its check was stopped."
MEASURING = "Measuring how much each coordinate matters …"
CHECKING = "Checking how much each slider matters, {done} of {total}"
STEP = "Take one step of the fit, and wait."
NO_PROMISE_YET = (
    "Once a fit runs, here is what it promises: how many new images are named wrongly at most, as far as these "
    "labels can prove it, and what has to hold for that."
)
NO_COURSE = "Charts of the score, the sliders, the gradient and the loss come here once a fit runs."
TABS = ("Charts, rows and mistakes", "What it can promise", "Open a run")
STATES = {
    "ready": "not begun", "running": "fitting", "paused": "paused", "done": "done", "stopped": "stopped",
    "failed": "ended by an error",
}  # fmt: skip
SEE_CHOSEN = (
    "The dotted line is the step that was kept, the one that explains the labels best; diamonds are its numbers after "
    "rounding, which is what the sliders, the table, the verdict and the certificate speak of."
)
SEE_UNROUNDED = (
    "The dotted line is the step that was kept, the one that explains the labels best. Rounding would explain them "
    "worse, so its numbers stay as they are: the sliders, the table, the verdict and the certificate speak of them."
)
SEE_SAMPLES = (
    "{labelled:,} labelled + {tests:,} test pictures in {classes:,} classes; the test pictures only give the score."
)
SEE_QUANTITY = (
    "{labelled:,} labelled and {tests:,} test pictures, each with one number to be read off it; the test pictures only "
    "give the score."
)
MORE_CLASSES = "{shown} of {all:,} classes are shown."
OPEN_AGAIN = "Runs of this session stay here until there are more than {most}; the numbers are scores on test pictures."

_FEW = 30
"""Test pictures below which a score says next to nothing."""


class Said(TypedDict):
    """What stands beside a slider: in short, whole, and whether it is told or open."""

    text: str
    whole: str
    kind: str


def headline(seen: Snapshot, task: Task, held: Sequence[str]) -> str:
    """What happens now, in a line.

    Args:
        seen: of the worker.
        task: what is fitted.
        held: names of the axes that a hand holds.
    """
    said = _state(seen, held)
    if seen.steps and seen.status != "done":
        last = seen.steps[-1]
        score = f"R² {last.score:.2f}" if task.regression else f"{percent(last.score)} right"
        said += f" Step {len(seen.steps)}: {score} on labelled pictures that were left out in turn."
    if seen.status == "done" and seen.adapted:
        said += f" {seen.adapted.steps} steps in {seen.adapted.seconds:.1f} s."
    if seen.busy:
        said += f" {seen.busy[0].upper()}{seen.busy[1:]} …"
    if seen.place and seen.status == "done":
        said += f" {_before(seen.place)} first."
    if seen.waiting:
        said += f" Next: {', '.join(seen.waiting)}."
    return said


def _state(seen: Snapshot, held: Sequence[str]) -> str:
    if seen.place and seen.status != "done":
        return f"**Waiting:** {_before(seen.place).lower()} first."
    if held:
        return f"**You hold {' and '.join(held)}.** The fit goes on around your hand."
    return {
        "ready": "**Ready. Press Play.**", "running": "**Fitting …**", "paused": "**Paused.**", "done": "**Done.**",
        "stopped": "**Stopped.** Play goes on from here, Rewind starts again.",
        "failed": "**Stopped by an error.** Rewind to start again.",
    }[seen.status]  # fmt: skip


def _before(place: int) -> str:
    return "One other fit computes" if place == 1 else f"{place} others come"


def beside(cut: Slice) -> Said:
    """What stands beside a slider once it is known how much it matters: where the fit put it, and what that wins."""
    by = f"{_points(cut)}decided by {abs(cut.preference):,.0f} nats"
    if cut.missed:
        text = f"better at {cut.best:g}"
        whole = f"{cut.best:g} explains the labels better than {cut.at:.2f}, by {cut.missed:,.0f} nats"
        return {"text": text, "whole": whole, "kind": "missed"}
    if cut.wants == "untold":
        return {"text": "cannot tell", "whole": "these labels cannot tell whether it matters", "kind": "open"}
    if cut.wants == "between":
        whole = f"best near {cut.best:g}, worse at both ends: between kept and ignored"
        return {"text": "in between", "whole": whole, "kind": "told"}
    if cut.away:
        whole = f"the fit ended at {cut.at:.2f}, and the labels cannot tell that from {cut.end}"
        return {"text": f"no worse than {cut.end}", "whole": whole, "kind": "told"}
    word, other = ("ignored", "keeping") if cut.end else ("kept", "ignoring")
    won = cut.points_won
    gain = f", {won:+.0f} points" if won is not None and won >= 0.5 else ""
    return {"text": f"{word}{gain}", "whole": f"{word}: {by} over {other} it", "kind": "told"}


def _points(cut: Slice) -> str:
    won = cut.points_won
    return "" if won is None else f"{won:+.0f} points on labelled pictures left out in turn, ".replace("-", "−")


def verdict(cuts: Sequence[Slice], labels: int) -> tuple[str, str]:
    """What the task wants, as everywhere; and by how much: the largest gain in points, or else in nats."""
    told = sentence(cuts, labels)
    known = [(won, cut) for cut in cuts if not cut.missed and (won := cut.points_won) is not None]
    if not known:
        return told, ""
    won, cut = max(known, key=lambda pair: pair[0])
    what, other = ("Ignoring", "keeping") if cut.end else ("Keeping", "ignoring")
    if won >= 0.5:
        return told, f"{what} {cut.axis.name} wins most: {won:.0f} points over {other} it, on labelled pictures."
    nats = f"{abs(cut.preference):,.0f} nats"
    return told, (
        f"No choice changes how many labelled pictures are named rightly; {what.lower()} {cut.axis.name} makes their "
        f"labels far more likely ({nats})."
    )


def amount(value: float, regression: bool) -> str:
    """A score as people say it."""
    return f"R² {value:.2f}".replace("-", "−") if regression else percent(value)


def worth(ours: Outcome, rivals: Sequence[Outcome], regression: bool) -> str:
    """What the score is worth: how sure it is, and how far above what is simple."""
    said = f"**{amount(ours.score, regression)}** on {ours.tests:,} test pictures"
    span = ours.judged.interval
    said += f" (95 % interval {100 * span[0]:.0f} to {100 * span[1]:.0f}\u00a0%)" if span else ""
    if ours.tests < _FEW:
        said += ": too few to tell much"
    if not rivals:
        return f"{said}."
    best = max(rivals, key=lambda each: each.score)
    name = title_of(best.method)
    if regression:
        more = ours.score - best.score
        return f"{said}; {name} gets {amount(best.score, True)}." if abs(more) >= 0.005 else f"{said}, as {name} does."
    points = round(100 * ours.score) - round(100 * best.score)  # of the numbers beside it
    if points == 0 or (span and span[0] <= best.score <= span[1]):
        return f"{said}, which does not tell it from {name} ({percent(best.score)})."
    way = "above" if points > 0 else "below"
    return f"{said}, {abs(points)} points {way} the best simple method ({name})."
