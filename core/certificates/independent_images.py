"""Labelled images of a task that a certificate may be about: each shows another thing, classes take turns.

A certificate asks for independent examples. Overlapping pieces of one photograph, or one drawing shown twice,
are not; of images that show the same thing only one is kept. What is left is drawn at random, without
replacement and evenly over the classes, from the task's collection. Both are covered: without replacement an
expectation of a convex function of the sum, such as the exponential moment behind every bound here, is at most
what it is with replacement (Hoeffding, JASA 58, 1963), and examples need not be identically distributed (see
:mod:`core.bounds.pacbayes`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..tasks.draws import first_of_each
from ..tasks.task import Split, Task, choose_balanced

LABELS = (100, 200, 800)
"""Numbers of labels at which certificates are compared, as far as a task has so many images."""

LOOKS = {
    "hand signs": (
        "The set of descriptors was not quite fixed beforehand: on these images a rounding to three levels was tried "
        "first. That look is not paid for; who wants it paid for adds ln 2 = 0.7 nats.",
    )
}
"""By task: earlier looks at its images that the price of a descriptor leaves out, as sentences."""

UNKNOWN = "That no two of the images show the same thing"
_NAMED = 4
_FURTHER = 1.25  # all images together are a number of their own if they are so many times the last of LABELS


@dataclass(frozen=True)
class Sample:
    """Images for a certificate, ordered so that the first n of them are a sample too.

    Attributes:
        labelled: images (N, 3, S, S) and classes (N,); classes take turns, at random within each class.
        names: of the classes.
        test: other images, which nothing else uses.
        drawn: how many labelled images the task had; ``drawn - N`` showed the same thing as another.
        about: sentences on what the certificate is about, besides class frequencies.
        looks: see :data:`LOOKS`.
    """

    labelled: Split
    names: tuple[str, ...]
    test: Split
    drawn: int
    about: tuple[str, ...]
    looks: tuple[str, ...] = ()

    @property
    def classes(self) -> int:
        """C."""
        return len(self.names)

    def conditions(self, n: int, prior: str = "half", *, paid: bool = False) -> tuple[str, ...]:
        """What a certificate on the first n images is about, as sentences, with the frequencies it was computed on.

        ``paid``: whether it pays for a descriptor out of a finite set.
        """
        rows = self.halves(n)[1] if prior == "half" else torch.arange(n)
        looks = self.looks if paid else ()
        return (*looks, frequencies(self.labelled.targets[rows], self.names), *self.about)

    def sizes(self) -> tuple[int, ...]:
        """Numbers of labels to certify at: those of :data:`LABELS`, and all; multiples of 2 C, so halves are even."""
        unit = 2 * self.classes
        most = unit * (int(torch.bincount(self.labelled.targets, minlength=self.classes).min()) // 2)
        found = sorted({count // unit * unit for count in LABELS if unit < count <= most})
        return tuple(found if found and most < _FURTHER * found[-1] else [*found, most])

    def halves(self, n: int) -> tuple[Tensor, Tensor]:
        """Rows of the prior images and of the certified ones among the first n: every class is dealt out in turn.

        Raises:
            ValueError: fewer than two images of a class, or more than there are.
        """
        targets = self.labelled.targets[:n]
        counts = torch.bincount(targets, minlength=self.classes)
        if n > len(self.labelled) or int(counts.min()) < 2:
            raise ValueError(
                f"{n} labelled images cannot be parted: a certificate needs at least two of each of the "
                f"{self.classes} classes, and at most the {len(self.labelled)} that there are."
            )
        place = torch.zeros(n, dtype=torch.int64)
        for label in range(self.classes):
            rows = torch.where(targets == label)[0]
            place[rows] = torch.arange(len(rows))
        return torch.where(place % 2 == 0)[0], torch.where(place % 2 == 1)[0]


def sample_of(task: Task, seed: int = 0) -> Sample:
    """The images of a task that can be certified.

    Args:
        seed: of the order.

    Raises:
        ValueError: the task measures a quantity, or a class has fewer than two different images.
    """
    if task.regression:
        raise ValueError(f"{task.name} measures a quantity; certificates here are about classes.")
    generator = torch.Generator().manual_seed(seed)
    labelled, count = task.labelled, len(task.classes)
    rows = torch.randperm(len(labelled), generator=generator)
    if task.shows is not None:
        rows = rows[first_of_each(task.shows[rows])]
    kept = labelled.at(rows)
    kept = kept.at(choose_balanced(kept.targets, len(kept), generator, classes=count))
    about, looks = _about(task, len(kept)), LOOKS.get(task.name, ())
    sample = Sample(kept, task.classes, task.test, len(labelled), about, looks)
    sample.halves(len(kept))
    return sample


def frequencies(targets: Tensor, classes: tuple[str, ...]) -> str:
    """About which class frequencies a certificate on these images (N,) is, as a sentence."""
    counts = torch.bincount(targets, minlength=len(classes))
    if int(counts.max() - counts.min()) <= 1:
        return "The images were drawn evenly over the classes, so it is about classes that are equally frequent."
    order = counts.argsort(descending=True, stable=True).tolist()
    named = [f"{counts[place] / counts.sum():.0%} {classes[place]}" for place in order[:_NAMED]]
    rest = f" and {len(order) - _NAMED} more classes" if len(order) > _NAMED else ""
    return (
        f"It is about images among which the classes are as frequent as among the certified ones ({', '.join(named)}"
        f"{rest}), and not about other frequencies."
    )


def _about(task: Task, kept: int) -> tuple[str, ...]:
    sentences = []
    if task.beyond:
        sentences.append(f"New images are {task.beyond}.")
    if task.caveat or task.shows is None:
        doubt = "That no two of the images show the same thing otherwise" if task.caveat else UNKNOWN
        sentences.append(f"{task.caveat} {doubt} cannot be checked here; it must be so.".strip())
    if kept < (count := len(task.labelled)):
        sentences.append(
            f"Of {count:,} labelled images only {kept:,} were used: the others show the same things, so they "
            "are not independent of these, and a certificate that counted them would not hold."
        )
    return tuple(sentences)
