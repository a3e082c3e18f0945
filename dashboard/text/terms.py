"""The agreed terms: one word for one thing, each with one definition; and the words that would mean the same.

Every page takes its explanations of terms from here. ``instead_of`` are words that readers would take for something
else; :mod:`tests.dashboard.text.test_terms` finds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """What it means, as a sentence without its subject, and regular expressions of words that are not used for it."""

    meaning: str
    instead_of: tuple[str, ...] = ()


TERMS: Mapping[str, Term] = {
    "change": Term(
        "what may happen to a picture: it is turned, shifted, magnified, tinted, lit or blurred.", (r"perturbations?",)
    ),
    "extractor": Term(
        "a network that turns a picture into a list of numbers.", (r"encoders?", r"embedders?", r"representers?")
    ),
    "features": Term("the numbers that an extractor gives for a picture.", (r"embeddings?", r"latents?", r"codes")),
    "slider": Term(
        "one number from 0 to 1 for each kind of change, which says how much of it an extractor ignores.",
        (r"dials?", r"knobs?"),
    ),
    "descriptor": Term("the setting of all sliders together; A and B are two of them.", (r"invariance vectors?",)),
    "keep": Term(
        "a slider at 0: the features move when the picture changes, so that the change can be read from them.",
        (r"retains?", r"preserves?"),
    ),
    "ignore": Term(
        "a slider at 1: the features stay where they are, or hardly move, while the picture changes.",
        (r"does not care", r"doesn't care", r"do not care", r"don't care", r"cares about", r"is blind to"),
    ),
    "how far features move": Term(
        "0 % is not at all; 100 % is as far as from one picture to another picture.", (r"drifts?",)
    ),
    "hypernetwork": Term("the network that makes an extractor's weights from a descriptor.", (r"weight generators?",)),
    "head": Term(
        "the small classifier on top of an extractor: a weighted sum of features for each class.",
        (r"read-?outs?", r"linear layers?"),
    ),
    "labelled pictures": Term("pictures whose right answer is given; heads and sliders are fitted to them.", ()),
    "test pictures": Term(
        "other pictures of the same kind, used only to measure a score.",
        (r"held[- ]out", r"holdout", r"unseen (pictures|images)"),
    ),
    "fit": Term("finding the sliders and the head that suit the labelled pictures, step by step.", ()),
    "score": Term(
        "the share of test pictures that is named rightly; for a quantity R², which is 1 if every answer is exact and "
        "0 if it is no better than always saying the mean.",
        (),
    ),
    "points": Term("differences between two shares: from 40 % to 50 % are ten points.", (r"percentage points?",)),
    "certificate": Term(
        "an error that will not be exceeded on new pictures of the same kind; it holds for at least 95 of 100 samples "
        "of labelled pictures.",
        (r"guarantees?",),
    ),
    "seed": Term("a number that decides every random draw: the same seed gives the same result.", ()),
    "map": Term("a plane on which extractors that do nearly the same are near each other.", ()),
    "seen neighbours": Term("the points that lie nearest to a point on a map.", ()),
    "trustworthiness": Term(
        "from 0 to 1: how few of the seen neighbours are far away in truth. A swap among close points costs little.", ()
    ),
}
"""All, in the order in which one needs them."""


def sentences(*names: str) -> dict[str, str]:
    """Definitions by term, for the glossary; all of them if none is named.

    Raises:
        KeyError: there is no such term.
    """
    return {name: TERMS[name].meaning for name in names or TERMS}
