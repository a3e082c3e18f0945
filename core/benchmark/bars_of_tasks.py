"""What must be reached on real tasks: against rivals, under nuisance, in rank and in time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..baselines import OURS, cheating, title_of
from ..certificates.feature_bank import OURS as FITTED
from ..certificates.findings import MARGIN
from ..certificates.survey import Certified
from ..evaluation.tables import Bar
from ..markdown import literal
from ..tasks.task import FINAL
from .lines import ORDER, Line, lacking, line, machines_timed, minus, with_interval
from .real_tasks import FROZEN

Document = Mapping[str, Any]

RANK = Bar(3, 1.5, least=False)
TASKS, WORST = Bar(-1, 3), Bar(-5, 0)
MOVED = Bar(3, 10)
FOREIGN = Bar(0, 3)
MIDDLE = Bar(2, 5)
PROBE = Bar(0.70, 0.85, percent=True)
CORNERS = Bar(5, 20)
TUNED = Bar(10, 30)
WHOLE, ABOVE = Bar(0.80, 0.95, percent=True), 0.25
REGRET = Bar(1, 0.5, least=False)
HOURS = Bar(3, 1, least=False)
CERTIFIED = Bar(4 / 6, 1)


def lines_of_tasks(real: Document) -> list[Line]:
    """The rows about scores; ``real``: what ``real-tasks --json`` has written, or nothing."""
    return [_rank(real), *_gains(real), _probe(real)]


def searched(real: Document) -> list[Line]:
    """The rows about time, where the fit scores no lower; that has to be so in half of the runs at least.

    Times are compared with those of the same machine; where there are several machines, each has its rows.
    """
    machines = machines_timed(real)
    places = [(f", {literal(at)}", found) for at, found in machines] if len(machines) > 1 else [("", real)]
    return [
        _time(found, method, bar, f"time of {what} / of the fit, at no lower score{at}")
        for method, bar, what in (
            ("finetune", TUNED, "fine-tuning from i = 0.5"),
            ("corners", CORNERS, "all 64 corners"),
        )
        for at, found in places
    ]


def lines_of_known(known: Document) -> list[Line]:
    """The rows about known descriptors, of tasks on which nothing was chosen; ``known``: what ``fit --json`` wrote."""
    title, behind = "known tasks, the whole descriptor is right", "the same, test score behind the best corner, points"
    lasting = "all known tasks, fitted and compared with the best corner, hours"
    found = {each["method"]: each for each in known.get("recovered", ()) if each["stage"] == FINAL}
    if OURS not in found:
        return [line(name, bar, None, "", "fit") for name, bar in ((title, WHOLE), (behind, REGRET), (lasting, HOURS))]
    ours = found.pop(OURS)
    spread = with_interval({"value": ours["whole"], "interval": ours["interval"]}, "{:.0%}")
    others = "".join(
        f"; {'best corner on the test images' if name in cheating() else title_of(name)} {each['whole']:.0%}"
        for name, each in found.items()
    )
    measured = f"{spread}, in {ours['runs']} runs on {ours['tasks']} tasks; coins {ours['chance']:.0%}{others}"
    value = ours["whole"] if ours["whole"] - ours["chance"] >= ABOVE else -math.inf
    must = f"{WHOLE.said(WHOLE.must)}, {100 * ABOVE:.0f} points above coins"
    lines = [replace(line(title, WHOLE, value, measured, "fit"), must=must)]
    regret = ours["regret"]
    said = "" if regret is None else with_interval({"value": regret, "interval": ours["regret_interval"]}, "{:.1f}")
    hours = None if known.get("seconds") is None else known["seconds"] / 3600
    took = "" if hours is None else f"{hours:.1f} on {known['cores']} cores"
    return [*lines, line(behind, REGRET, regret, said, "fit"), line(lasting, HOURS, hours, took, "fit")]


def line_of_certificates(certificates: Document) -> Line:
    """Real tasks whose certified error is a promise; ``certificates``: what ``certify --json`` has written, or nothing.

    Of the drawn head with the fitted descriptor, at the most labels, with half of them behind the prior.
    """
    title = f"real tasks certified {100 * MARGIN:.0f} points below the error of one class, with up to 500 labels"
    tasks = [each for each in map(Certified.of, certificates.get("tasks", ())) if each.real]
    if not tasks:
        return line(title, CERTIFIED, None, "", "certify")
    points = [each.best(FITTED).point for each in tasks]
    share = sum(each.bound <= each.chance - MARGIN for each in points) / len(points)
    measured = f"{share * len(points):.0f} of {len(points)}"
    must, aim = f"≥ {CERTIFIED.must * len(points):.0f} of {len(points)}", "all"
    return replace(line(title, CERTIFIED, share, measured, "certify"), must=must, aim=aim)


def labels(real: Document) -> int | None:
    """Labelled images a class, of the rows that are held against bars."""
    return int(real["settings"]["shots"][0]) if real else None


def _rank(real: Document) -> Line:
    title = "real tasks, mean rank of the fit among all rivals"
    groups = [each for each in real.get("ranks", ()) if (each["kind"], each["shots"]) == ("", labels(real))]
    groups.sort(key=lambda each: -len(each["methods"]))
    methods = [each for each in groups[0]["methods"] if each["method"] == OURS] if groups else []
    if not methods:
        return line(title, RANK, None, "", "real-tasks")
    of = f"; of {len(groups[0]['methods'])} methods on {groups[0]['tasks']} tasks"
    return line(title, RANK, methods[0]["value"], with_interval(methods[0], "{:.1f}") + of, "real-tasks")


def _gains(real: Document) -> Iterator[Line]:
    """Differences in points between the fit and what is held against it."""
    shots = f"{labels(real)} labels a class" if real else "few labels a class"
    rows = (
        (f"real tasks, {shots}, fitted descriptor − frozen backbone, points", FROZEN, "", TASKS, WORST),
        ("the same, each task's images moved along one axis", FROZEN, "axis", MOVED, None),
        ("the same, disturbed by what is no axis", FROZEN, "foreign", FOREIGN, None),
        ("the same tasks, fitted − i = 0.5", "i=0.5", "", MIDDLE, None),
    )
    for title, rival, kind, bar, worst in rows:
        wanted = (rival, kind, labels(real))
        found = [e for e in real.get("differences", ()) if (e["rival"], e["kind"], e["shots"]) == wanted]
        must, aim = (f"mean {bar.said(bound)}" for bound in (bar.must, bar.aim))
        if worst:
            must, aim = f"{must}, every task {worst.said(worst.must)}", f"{aim}, every task {worst.said(worst.aim)}"
        if not found:
            yield Line(title, must, aim, *lacking("real-tasks"))
            continue
        lowest = min(found[0]["tasks"], key=lambda task: task["value"])
        marks = [bar.mark(found[0]["value"])] + ([worst.mark(lowest["value"])] if worst else [])
        least = minus(f"{lowest['value']:+.1f}")
        measured = f"{with_interval(found[0], '{:+.1f}')}; lowest {literal(lowest['task'])}, {least}"
        yield Line(title, must, aim, measured, "real-tasks", min(marks, key=ORDER.index))


def _probe(real: Document) -> Line:
    title, found = "linear probe from a folder of images", real.get("probe")
    if not found:
        return line(title, PROBE, None, "", "real-tasks")
    title = f"linear probe of {' and '.join(map(literal, found['images']))}, {found['labels']:,} labels"
    own = found[FROZEN]
    rival = f"; frozen backbone {own['value']:.1%}" if own else ""
    return line(title, PROBE, found["value"], with_interval(found, "{:.1%}") + rival, "real-tasks")


def _time(real: Document, method: str, bar: Bar, title: str) -> Line:
    entries = [each for each in real.get("times", ()) if each["method"] == method]
    if not entries:
        return line(title, bar, None, "", "real-tasks")
    (found,) = entries
    often = f"{found['as_good']} of {found['runs']} runs"
    gains = with_interval(found["gain"], "{:+.1f}")
    ratio = "" if found["value"] is None else f"{with_interval(found, '{:.1f}')} "
    value = found["value"] if 2 * found["as_good"] >= found["runs"] else -math.inf
    return line(title, bar, value, f"{ratio}in {often}; {gains} points over all runs", "real-tasks")
