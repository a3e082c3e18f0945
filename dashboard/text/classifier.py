"""Words about a fitted classifier: what it calls a picture and how sure it is, what it confuses, what is taken home."""

from __future__ import annotations

from collections.abc import Sequence

from core.adaptation.classifier import Answer
from core.adaptation.confidence import Reliability
from core.adaptation.policy import Policy
from dashboard.figures.theme import percent
from dashboard.text.markdown import literal

HOME = "Take it home"
HOME_CAPTION = (
    "The classifier (zip) works alone: the network as safetensors and ONNX, its labels, a model card and "
    "`predict.py`. The run opens here again; the report opens in any browser."
)
HOME_EARLIER = "Before the fit has ended there is the run so far; the classifier comes with its end."
PACK, SAVE = "Classifier: pack it", "Classifier: save it ({size:.0f} MB)"
CANCEL = "Cancel"
POLICY, RUN, REPORT = "Augmentation policy (Python)", "Run (JSON)", "Report (HTML)"
POLICY_TITLE = "What these labels ignore, as an augmentation policy"
POLICY_CAPTION = (
    "For a network that is trained from scratch: only what these labels show to be ignored, and as far as the fitted "
    "classifier gives the same answers (to 95 % of some labelled pictures)."
)

TRY = "Try a picture"
TRY_LABEL = "One or several pictures; they stay on this computer."
TRY_CAMERA = "Take a picture; it stays on this computer."
TRY_CAPTION = (
    "What to see: bars are confidences, which sum to 100 % over all classes; below them, how often it was right on "
    "test pictures when it was about as sure. It knows its own classes only, and names one of them for any picture."
)
TRY_NUMBER = "What to see: the number that the head gives; it gives one for any picture, whatever it shows."
STRANGE = (
    "This picture is less like the labelled ones than 95 % of these are like each other, so the answer means little: "
    "it names one of its classes for any picture."
)
MOST_PICTURES = 8
TOO_MANY = "{count} pictures were given; the first {most} are shown. Take some away to see others."
GIVEN = "What the network gets: the central square, {side} × {side} pixels"
NEAREST = "Nearest labelled pictures, as this classifier sees alike"
OTHERS = "{count} other classes"

WRONG = "Where it is wrong"
CONFUSION_CAPTION = (
    "What to see: each row is a class, each column what its test pictures were called; a number opens its pictures. "
    "The stronger its ground, the larger its share of the row; named rightly is with its 95 % interval."
)
CONFUSION = {
    "corner": "is ↓ called →",
    "recall": "named rightly",
    "count": "test pictures",
    "cell": "{count} of {is} called {called}: show them",
    "alt": "Confusion table: rows are classes, columns what their test pictures were called",
}
ELSE = "any other"
FEWER_CLASSES = "Of {count} classes, those {shown} are shown that are confused most."
WORST = "The worst mistakes among the test pictures, as the network sees them, the worst first."
RIGHT = "No test picture is called wrongly."
MOST_SHOWN = "the {shown} it was surest of are shown"


def called(answer: Answer, classes: Sequence[str]) -> str:
    """What a picture is called, and how sure that is."""
    if not answer.shares:
        return f"**{answer.outputs[0]:+.2f}**".replace("-", "−")
    best = max(range(len(classes)), key=lambda place: answer.shares[place])
    return f"**{literal(classes[best])}**, {percent(answer.shares[best])} sure"


def measured(answer: Answer, found: Reliability | None) -> str:
    """How often it was right on test pictures when it was as sure."""
    if found is None:
        return ""
    band = found.about(max(answer.shares))
    if band is None:
        return "Too few test pictures were as sure as that to measure how often it is right then: uncalibrated."
    return (
        f"When it was that sure of a test picture ({100 * band.low:.0f} to {percent(band.high)}), it was right in "
        f"{band.right:,} of {band.count:,}."
    )


def how_sure(found: Reliability) -> str:
    """Where confidences come from, and how well they hold on test pictures."""
    return (
        "Confidences are the softmax of the head's outputs times one number, chosen on the labelled pictures. On "
        f"{found.tests:,} test pictures they say {percent(found.mean)} on average; {percent(found.accuracy)} are named "
        "rightly."
    )


def cell(count: int, true: str, named: str, shown: int) -> str:
    """What a cell of the confusion table holds."""
    pictures = "picture" if count == 1 else "pictures"
    was = "was" if count == 1 else "were"
    rest = "" if shown == count else f" ({MOST_SHOWN.format(shown=shown)})"
    return f"**{count:,} test {pictures} of “{literal(true)}”** {was} called **“{literal(named)}”**{rest}."


def policy(found: Policy) -> str:
    """What an augmentation policy changes, in one sentence."""
    changed = [
        f"{axis.name} ({percent(share)} of its range)"
        for axis, share in zip(found.axes, found.shares, strict=True)
        if share >= 0.05
    ]
    if not changed:
        return "Nothing can be changed at random: these labels show of no change that it is ignored."
    alone = len(found.axes) - len(changed)
    rest = f"; the other {alone} are left alone, each with its reason" if alone else ""
    return f"It changes {', '.join(changed)} at random{rest}."
