"""All comparisons as one Markdown file, in the order in which a reader decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..baselines import METHODS, OURS, cheating, title_of
from ..markdown import code, literal
from ..tasks.task import DEVELOPMENT, FINAL
from .amortisation import TASKS, Amortised, amortised
from .lines import machines_timed, said_commands, with_interval
from .standing import KINDS, sentences, standing, with_span

Document = Mapping[str, Any]

HOW = (
    "Every method has the same labelled and test images, draw by draw, and the same head: ridge regression on "
    "standardised features, its strength chosen by leave-one-out on the labelled images. {trust}Networks are trained "
    "with the draw's number as their seed, so that draws of images and training seeds vary together, and stop by the "
    "validation images, a fifth of the labelled ones; then the same head reads their features. No choice was made on "
    "test images. Intervals are 95 % (Student's t), over tasks where nothing else is said: how far the mean over tasks "
    "can be trusted for tasks of this kind. Six tasks are few."
)
TRUSTED = (
    "Where a branch stands beside the frozen network (any descriptor, fine-tuning from one, plain SimCLR, AugSelf), "
    "weights on the branch have {share:g} times the prior variance of the others, as they have in a fit. "
)


def report(real: Document, known: Document | None = None) -> str:
    """The text.

    Args:
        real: what ``real-tasks --json`` has written.
        known: what ``fit --data known --json`` has written; without it there is no such section.
    """
    first, *others = real["settings"]["shots"]
    parts = ["# How good is it, beside what else one could do?", "", _how(real), "", _made(real, known)]
    parts += _compared(real, "", first, f"Real tasks, {first} labels a class")
    if others:
        parts += _few(real)
    for kind in ("axis", "foreign"):
        parts += _compared(real, kind, first, f"{KINDS[kind]}, {first} labels a class")
    if known:
        parts += _known(known)
    parts += _cost(real)
    ran = {row["method"] for row in real["tasks"]}
    parts += ["## The methods", ""]
    parts += [f"- **{each.title}**: {each.sentence}" for each in METHODS.values() if each.name in ran]
    missing = [each.title for each in METHODS.values() if each.name not in ran and not each.cheats]
    if missing:
        parts += ["", f"Not run here: {', '.join(missing)}."]
    return "\n".join(parts).rstrip() + "\n"


def _how(real: Document) -> str:
    share = real.get("trust", 1.0)
    return HOW.format(trust=TRUSTED.format(share=share) if share < 1 else "")


def _made(real: Document, known: Document | None) -> str:
    machine = real.get("machine", {})
    where = f" on {said_machine(machine)}" if machine else ""
    said = f"Checkpoint {code(str(real['checkpoint']))}{where}: {said_commands(real)}."
    return (
        said if known is None else f"{said} Known descriptors: {code(str(known.get('command', 'fit --data known')))}."
    )


def said_machine(machine: Document) -> str:
    """What trials ran on, as plain text; those of a log may have run elsewhere."""
    trials = {name: count for name, count in machine.get("trials", {}).items() if name}
    if len(trials) > 1:
        return " and ".join(f"{name} ({count:,} trials)" for name, count in trials.items())
    cores = f"{machine['cores']} cores"
    return cores if machine["device"] == "cpu" else f"{cores} and {machine['device']}"


def _compared(real: Document, kind: str, shots: int, title: str) -> Iterator[str]:
    found = standing(real, kind, shots)
    if found is None:
        return
    yield from ("", f"## {title}", "", literal(sentences(found)), "")
    rows = [row for row in real["tasks"] if (row["kind"], row["shots"]) == (kind, shots)]
    yield from _accuracies(rows)
    yield from (
        "",
        "| the fit minus | points [95 % interval over tasks] | tasks | lowest | highest |",
        "|---|---|---|---|---|",
    )
    for each in found.entries:
        ends = (pick(each["tasks"], key=lambda task: task["value"]) for pick in (min, max))
        cells = (f"{literal(end['task'])} {end['value']:+.1f}".replace("-", "−") for end in ends)
        points = f"{with_span(each, '{:+.1f}')} | {len(each['tasks'])}"
        yield f"| {title_of(each['rival'])} | {points} | {' | '.join(cells)} |"


def _accuracies(rows: Sequence[Document]) -> Iterator[str]:
    """Accuracy by method and task, the mean over tasks first; in bold the best of each task of those with all draws."""
    places = list(dict.fromkeys((row["task"], row["by"]) for row in rows))
    methods = list(dict.fromkeys(row["method"] for row in rows))
    scores = {(row["method"], row["task"], row["by"]): row["accuracy"] for row in rows}
    draws = {method: min(len(row["seeds"]) for row in rows if row["method"] == method) for method in methods}
    most = max(draws.values())
    whole = [method for method in methods if draws[method] == most]
    best = {place: max(scores.get((method, *place), 0.0) for method in whole) for place in places}
    heads = [literal(f"{task} ({by})" if by else task) for task, by in places]
    yield f"| accuracy, mean over draws | mean | {' | '.join(heads)} |"
    yield "|---|---|" + "---|" * len(places)
    for method in methods:
        own = [scores.get((method, *place)) for place in places]
        known = [value for value in own if value is not None]
        mean = f"{sum(known) / len(known):.3f}" if len(known) == len(own) else "–"
        cells = [
            _cell(value, best[place] if method in whole else None) for value, place in zip(own, places, strict=True)
        ]
        title = title_of(method) if method in whole else f"{title_of(method)}, {draws[method]} of {most} draws"
        yield f"| {title} | {mean} | {' | '.join(cells)} |"


def _cell(value: float | None, best: float | None) -> str:
    if value is None:
        return "–"
    return f"**{value:.3f}**" if value == best else f"{value:.3f}"


def _few(real: Document) -> Iterator[str]:
    """Points over each rival by labels."""
    shots = sorted(real["settings"]["shots"])
    found = {count: there for count in shots if (there := standing(real, "", count))}
    yield from ("", "## Few labels", "")
    for count, there in found.items():
        yield f"- **{count} a class.** {literal(sentences(there))}"
    yield from (
        "",
        f"| the fit minus, points [95 % interval over tasks] | {' | '.join(f'{n} a class' for n in found)} |",
    )
    yield "|---|" + "---|" * len(found)
    gains = {(count, each["rival"]): each for count, there in found.items() for each in there.entries}
    for method in METHODS.values():
        cells = [gains.get((count, method.name)) for count in found]
        if any(cells):
            said = ("–" if each is None else with_span(each, "{:+.1f}") for each in cells)
            yield f"| {method.title} | {' | '.join(said)} |"


CHOSEN = {DEVELOPMENT: "Development, on which defaults were chosen", FINAL: "Final, on which nothing was chosen"}
BEST = "best corner on the test images"
"""What no method could choose, for comparison."""


def _known(known: Document) -> Iterator[str]:
    """Of tasks whose right descriptor follows from how they are made; those that nothing was chosen on come last."""
    yield from ("", "## Known descriptors", "", literal(known_said(known)), "")
    yield "| tasks | method | coordinates right (a coin: 50 %) | all of a task's right | coins | points behind |"
    yield "|---|---|---|---|---|---|"
    for each in known.get("recovered", ()):
        behind = each["regret"]
        cells = (
            f"{each['tasks']} {each['stage']}", BEST if each["method"] in cheating() else title_of(each["method"]),
            f"{each['coordinates']:.0%}",
            with_interval({"value": each["whole"], "interval": each["interval"]}, "{:.0%}"), f"{each['chance']:.0%}",
            "–" if behind is None else with_interval({"value": behind, "interval": each["regret_interval"]}, "{:.1f}"),
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"
    for each in known.get("recovered", ()):
        if each["method"] == OURS and each.get("names"):
            yield from ("", f"{CHOSEN[each['stage']]}: {', '.join(map(literal, each['names']))}.")


def known_said(known: Document) -> str:
    """What the fit finds of descriptors that are known, beside chance and the best corner, as plain text."""
    final = {each["method"]: each for each in known.get("recovered", ()) if each["stage"] == FINAL}
    ours, best = final.pop(OURS, None), next((each for name, each in final.items() if name in cheating()), None)
    fixed = [each for name, each in final.items() if name not in cheating()]
    if ours is None:
        return "No known task was fitted on which nothing had been chosen."
    said = (
        f"On {ours['tasks']} tasks on which nothing was chosen, the fit has {ours['coordinates']:.0%} of the "
        f"determined coordinates right, and all of a task's in {ours['whole']:.0%} of runs; coins would in "
        f"{ours['chance']:.0%}"
    )
    if fixed:
        often = max(fixed, key=lambda each: float(each["whole"]))
        said += f", and {title_of(often['method'])} on every task has in {often['whole']:.0%}"
    said += "."
    if best is None:
        return said
    ahead = best["whole"] > ours["whole"]
    regret, behind = ours["regret"], ""
    if regret is not None:
        first, second = ("It", "the fit") if regret > 0 else ("The fit", "it")
        behind = f" {first} is {abs(regret):.1f} points ahead of {second} in test score."
    return (
        f"{said} The corner that is best on the test images, which nobody could choose, has all right in "
        f"{best['whole']:.0%}{', more than the fit' if ahead else ''}.{behind}"
    )


def _cost(real: Document) -> Iterator[str]:
    found = amortised(real)
    if not found:
        return
    yield from ("", "## Cost", "", literal(cost_said(real)), "")
    machines = machines_timed(real)
    for at, timed in machines:
        yield from ((f"Times {literal(at)}:", "") if len(machines) > 1 else ())
        yield from (*_times(timed), "")


def _times(timed: Document) -> Iterator[str]:
    spread = " | ".join(f"with its share of pretraining, {count:,} tasks" for count in TASKS[1:])
    yield (
        f"| method | seconds a task, median | {spread} | times the fit's, where the fit scores no lower | runs | pays "
        "from task |"
    )
    yield "|---|---|" + "---|" * len(TASKS[1:]) + "---|---|---|"
    for each in amortised(timed):
        ratio = "–" if each.ratio is None else with_span(each.ratio, "{:.1f}")
        shared = (f"{each.seconds + share:.2f}" for share in each.shares[1:])
        cells = ("", "", "") if each.method == OURS else (ratio, f"{each.as_good} of {each.runs}", _pays(each))
        yield f"| {title_of(each.method)} | {each.seconds:.2f} | {' | '.join((*shared, *cells))} |"


def _pays(each: Amortised) -> str:
    if each.tasks is not None:
        return f"{each.tasks:,}"
    return "the same pretraining" if each.needs_pretraining else "never"


def cost_said(real: Document) -> str:
    """What amortising costs and from when on it pays, as plain text."""
    found, pretraining = amortised(real), real.get("pretraining")
    ours = next((each.seconds for each in found if each.method == OURS), None)
    at = next((place for place, _ in machines_timed(real)), "")
    fit = "" if ours is None else f"A fit takes {ours:.2f} s {at}".rstrip() + ". "
    fit += "".join(map(_said_of, machines_timed({**real, "times": ()})))
    if not pretraining:
        return f"{fit}How long pretraining took was not kept, so nothing is said about when it pays."
    where = f" on {real['pretraining_on']}" if real.get("pretraining_on") else ""
    others = [each for each in found if each.tasks is None and each.method != OURS]
    never = ", ".join(title_of(each.method) for each in others if not each.needs_pretraining)
    shared = ", ".join(title_of(each.method) for each in others if each.needs_pretraining)
    *few, last = (f"{count:,}" for count in TASKS)
    *some, least = (f"{pretraining / count:,.{places}f}" for count, places in zip(TASKS, (0, 1, 2), strict=True))
    said = (
        f"{fit}Pretraining took {pretraining / 60:,.0f} minutes{where}, once; spread over {', '.join(few)} and {last} "
        f"tasks that is {', '.join(some)} and {least} s each. Times of heads and fits leave "
        "out the images' way through the frozen network, which is the same for all of them; those of networks that "
        "change images include it."
    )
    machines = machines_timed(real)
    for at, timed in machines:
        later = [each for each in amortised(timed) if each.tasks is not None]
        pays = ", ".join(f"{title_of(each.method)} from task {each.tasks:,} on" for each in later)
        where = f", at the times {at}," if len(machines) > 1 else ""
        said += f" In time alone{where} it pays against {pays}." if pays else ""
    said += f" Pretraining never pays in time against what takes less than a fit: {never}." if never else ""
    return said + (f" With the same pretraining as the fit: {shared}." if shared else "")


def _said_of(machine: tuple[str, Document]) -> str:
    """How long a fit takes on another machine, and methods that take longer, beside it."""
    at, timed = machine
    found = {each.method: each for each in amortised(timed)}
    longer = [
        f"{title_of(name)} {float(each.ratio['value']):.1f} times"
        for name, each in found.items()
        if each.ratio is not None and each.ratio["value"] > 1
    ]
    said = f"; where the fit scores no lower, {' and '.join(longer)} as long" if longer else ""
    return f"O{at[1:]} it takes {found[OURS].seconds:.2f} s{said}. " if OURS in found else ""
