"""A fit made into something to take home, beside the page: the classifier as a zip, and the augmentation policy.

ONNX is traced by a process of its own, see :mod:`core.adaptation.network_file`; one classifier is packed at a time.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

import torch

from core.adaptation import Adapted
from core.adaptation.classifier import check_outputs
from core.adaptation.export import save_bundle, zipped
from core.adaptation.network_file import Fitted, process
from core.adaptation.policy import Policy, policy_of
from core.adaptation.preferences import Slice
from core.model.amortised import AmortisedExtractor
from dashboard.jobs.background import Progress, Stream
from dashboard.jobs.preparing import Preparing
from dashboard.jobs.turns import in_turn

_ROOT = Path(__file__).parents[2]
_POLL_S = 0.2
_USUAL_S = 12.0
"""How long tracing takes here; the bar nears its end more slowly where it takes longer."""

_turn = Lock()


class PolicyJob(Stream[Policy]):
    """The augmentation policy of a fit.

    Args:
        model, task, adapted, cuts: see :func:`core.adaptation.policy.policy_of`.
        idle: see :class:`dashboard.jobs.background.Stream`.
    """

    def __init__(
        self,
        model: AmortisedExtractor,
        task: Preparing,
        adapted: Adapted,
        cuts: Sequence[Slice],
        idle: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__("Measuring what is ignored", partial(_measured, model, task, adapted, cuts), 1, idle)

    @property
    def kept(self) -> list[str]:
        """What it holds that takes room."""
        return [each.code for each in self.found()]


class BundleJob(Stream[bytes]):
    """The zip of a fitted classifier.

    Args:
        model, task, adapted: the fit.
        outputs: (M, C) on the test images, as the page shows them.
        cuts: of the evidence, see :func:`core.adaptation.policy.policy_of`.
        settings: for the card.
        name: of the folder in the zip.
        idle: see :class:`dashboard.jobs.background.Stream`.
    """

    def __init__(
        self,
        model: AmortisedExtractor,
        task: Preparing,
        adapted: Adapted,
        outputs: torch.Tensor,
        cuts: Sequence[Slice],
        settings: dict[str, Any],
        name: str,
        idle: Callable[[], None] = lambda: None,
    ) -> None:
        make = partial(_packed, model, task, adapted, outputs, cuts, settings, name)
        super().__init__("Packing the classifier", make, 1, idle)

    @property
    def kept(self) -> tuple[bytes, ...]:
        """What it holds that takes room."""
        return self.found()


def _measured(
    model: AmortisedExtractor, task: Preparing, adapted: Adapted, cuts: Sequence[Slice], heard: Progress
) -> Iterator[Policy]:
    def waiting() -> None:
        heard("waiting until fits have ended", 0.0)
        time.sleep(_POLL_S)

    yield in_turn(object(), lambda: policy_of(model, task.labelled(), adapted, cuts), waiting)


def _packed(
    model: AmortisedExtractor,
    task: Preparing,
    adapted: Adapted,
    outputs: torch.Tensor,
    cuts: Sequence[Slice],
    settings: dict[str, Any],
    name: str,
    heard: Progress,
) -> Iterator[bytes]:
    torch.set_num_threads(1)
    while not _turn.acquire(timeout=_POLL_S):
        heard("waiting until another one is packed", 0.0)
    try:
        whole = task.whole(lambda done, total: heard("preparing pictures", 0.2 * done / max(total, 1)))
        check_outputs(model, whole, adapted, outputs)
        heard("measuring what is ignored", 0.2)
        policy = policy_of(model, whole, adapted, cuts) if cuts else None
        heard("writing the weights", 0.3)
        with TemporaryDirectory(prefix="classifier-") as folder:
            place = Path(folder) / name
            save_bundle(place, model, whole, adapted, settings, policy, partial(_traced, heard))
            heard("closing the zip", 0.95)
            yield zipped(place, name)
    finally:
        _turn.release()


def _traced(heard: Progress, _module: Fitted, path: Path) -> None:
    """Write the ONNX file beside the weights, which are there already.

    Raises:
        ValueError: what the process says went wrong.
        Cancelled: nobody wants it any more.
    """
    begun = time.monotonic()
    work = subprocess.Popen(
        process(path.parent), cwd=_ROOT, encoding="utf-8", errors="replace", stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        while True:
            spent = time.monotonic() - begun
            heard("writing ONNX", 0.3 + 0.6 * spent / (spent + _USUAL_S))
            try:
                _, said = work.communicate(timeout=_POLL_S)
                break
            except subprocess.TimeoutExpired:
                continue
    finally:
        if work.poll() is None:
            work.kill()
            work.communicate()
    if work.returncode:
        last = said.strip().splitlines()[-1:] or [f"its process ended with code {work.returncode}."]
        raise ValueError(f"The ONNX file could not be written: {last[0]}")
