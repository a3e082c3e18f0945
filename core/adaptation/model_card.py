"""The README of an exported classifier: what it does, how good it is, how sure, how it was made, its limits."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from ..axes.descriptor import Descriptor
from ..markdown import literal
from ..model.amortised import AmortisedExtractor
from ..tasks.task import Task
from .confidence import Confidence, reliability
from .fit import predict
from .network_file import ONNX, WEIGHTS
from .policy import Policy
from .reading import TRUST
from .records import Adapted


def card(
    model: AmortisedExtractor,
    task: Task,
    adapted: Adapted,
    confidence: Confidence | None,
    settings: dict[str, Any],
    policy: Policy | None = None,
) -> str:
    """The text, in Markdown.

    Args:
        model, task, adapted: the fit; quick where the task's images are prepared.
        confidence: of classes; ``None`` for a quantity.
        settings: how it was fitted, for the table.
        policy: the same as augmentation, if that is in the folder too.
    """
    outputs = predict(model, adapted, task.test)
    fitted = adapted.head.parameters + len(adapted.descriptor)
    lines = [
        f"# {literal(task.title)}",
        "",
        f"A {model.input_size} x {model.input_size} image in, {_output(task)} out. Made with HyperInvariances "
        f"from checkpoint `{model.metadata.get('digest', 'without a digest')}`.",
        "",
        f"{literal(task.judge(outputs).sentence(task.score_name))} No choice was made on these images.",
        "",
        *(f"{literal(note)}\n" for note in task.notes),
        "| | |",
        "|---|---|",
        f"| {task.score_name} on labelled images, each left out in turn | {adapted.score:.3f} |",
        f"| labelled images | {len(task.labelled):,} |",
        f"| descriptor (0 keeps, 1 ignores) | {Descriptor(adapted.descriptor, model.transforms).brief} |",
        f"| numbers fitted | {fitted:,} |",
        *_head(model),
        f"| seconds | {adapted.seconds:.1f} |",
        *(f"| {name} | {literal(str(value))} |" for name, value in settings.items()),
        "",
        *([] if confidence is None else _sure(confidence, outputs, task)),
        "`python predict.py IMAGE ...` prints a prediction for each image, and how sure it is. It needs onnxruntime, "
        "numpy and Pillow 10.1 or newer.",
        "",
        f"`{ONNX}` takes `images` (N, 3, {model.input_size}, {model.input_size}) in [0, 1] and gives `outputs`"
        + ("" if task.regression else " and `confidences`")
        + f"; both contain the whole network. `{WEIGHTS}` holds the same weights, named as in the network's layers.",
        *(["", "`augment.py` is what this fit says for a network that is trained from scratch."] if policy else []),
        "",
        _limits(task),
    ]
    return "\n".join(lines) + "\n"


def _head(model: AmortisedExtractor) -> list[str]:
    if model.beside is None:
        return []
    return [f"| head | ridge regression; prior variance of weights on the branch {TRUST:g} times that of others |"]


def _output(task: Task) -> str:
    return "a number" if task.regression else f"one of {len(task.classes)} classes"


def _limits(task: Task) -> str:
    knows = "it gives a number for every image" if task.regression else (
        "it knows these classes only and names one of them for every image"
    )  # fmt: skip
    return f"Limits: {knows}; it was measured on images from the same source as those it was fitted to."


def _sure(confidence: Confidence, outputs: Tensor, task: Task) -> list[str]:
    """How often it was right when it was how sure, as a table with a sentence."""
    found = reliability(confidence, outputs, task.test.targets)
    rows = [
        f"| {100 * each.low:.0f} to {100 * each.high:.0f} % | {each.count:,} | "
        + (f"{100 * each.right / each.count:.0f} %" if each.count else "")
        + " |"
        for each in found.bands
    ]
    return [
        f"A confidence is the softmax of {confidence.sharpness:.2f} times the outputs; that number was chosen on the "
        f"labelled images, each left out in turn. On {found.tests:,} test images it says {100 * found.mean:.1f} % on "
        f"average, and {100 * found.accuracy:.1f} % are named rightly:",
        "",
        "| confidence | test images | named rightly |",
        "|---|---|---|",
        *rows,
        "",
    ]
