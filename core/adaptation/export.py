"""A fitted task as a folder that works without this project: network, labels, model card, predict.py."""

from __future__ import annotations

import inspect
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..data import decode
from ..files import save_text
from ..model.amortised import AmortisedExtractor
from ..tasks.task import Task
from . import Adapted
from .confidence import confidence_of
from .inputs import prepared
from .model_card import card
from .network_file import ONNX, WEIGHTS, Fitted, load_fitted, save_fitted, write_onnx
from .policy import Policy
from .records import Settings

LABELS, CARD, PREDICT, AUGMENT = "labels.json", "README.md", "predict.py", "augment.py"

__all__ = ["Fitted", "fitted_module", "load_fitted", "made_with", "predict_text", "save_bundle", "zipped"]


def fitted_module(model: AmortisedExtractor, adapted: Adapted, sharpness: float | None = None) -> Fitted:
    """The module, independent of the hypernetwork.

    Args:
        model, adapted: the fit.
        sharpness: what makes confidences of its outputs, see :func:`core.adaptation.confidence.confidence_of`.
    """
    extractor = model.freeze(adapted.descriptor)
    return Fitted(extractor, adapted.head, sharpness).to(next(extractor.parameters()).device).eval()


def save_bundle(
    folder: Path,
    model: AmortisedExtractor,
    task: Task,
    adapted: Adapted,
    settings: dict[str, Any] | None = None,
    policy: Policy | None = None,
    onnx: Callable[[Fitted, Path], None] = write_onnx,
) -> Fitted:
    """Write the folder; it is made if it does not exist, and an earlier model in it is written over.

    Args:
        folder: where to.
        model, task, adapted: the fit.
        settings: how it was fitted, for the model card.
        policy: the same as augmentation, which becomes a file too.
        onnx: writes the ONNX file; see :mod:`core.adaptation.network_file` for programs with threads.

    Returns:
        The module that was written.

    Raises:
        ValueError: a file or somebody else's files are in the way, or what ONNX needs is not installed.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file. Give a folder to write the model into.")
    folder.mkdir(parents=True, exist_ok=True)
    theirs = [name for name in (WEIGHTS, ONNX, LABELS, CARD, PREDICT, AUGMENT) if (folder / name).exists()]
    if theirs and not (folder / WEIGHTS).exists():
        raise ValueError(f"{folder} holds files that would be written over ({', '.join(theirs)}). Give another folder.")
    task = prepared(model, task)
    confidence = None if task.regression else confidence_of(model, task, adapted)
    module = fitted_module(model, adapted, None if confidence is None else confidence.sharpness)
    save_fitted(module, folder / WEIGHTS)
    save_text(folder / LABELS, json.dumps(list(task.classes), ensure_ascii=False) + "\n")
    save_text(folder / CARD, card(model, task, adapted, confidence, settings or {}, policy))
    save_text(folder / PREDICT, predict_text(model.input_size))
    if policy is not None:
        save_text(folder / AUGMENT, policy.code)
    onnx(module, folder / ONNX)
    return module


def made_with(settings: Settings, shots: int, seed: int) -> dict[str, Any]:
    """How a classifier was fitted, as its card says it."""
    return {"fitted to": settings.objective, "labelled images per class": shots, "seed of the images": seed}


def zipped(folder: Path, name: str) -> bytes:
    """A folder of files as a zip archive, in which they lie in a folder of that name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"{name}/{path.name}")
    return buffer.getvalue()


_HEAD = """# Predict: python predict.py IMAGE ...
# It prints for each image what it is called and how sure that is, and says why for each that cannot be read.
# The first part is the very text by which the images for the fit were read.

"""

_TAIL = f'''

import json  # noqa: E402
import sys  # noqa: E402

SIDE = 0


def main(names: list[str]) -> int:
    """Print a line for each image; 1 if one could not be read."""
    import onnxruntime

    folder = Path(__file__).parent
    labels = json.loads((folder / "{LABELS}").read_text(encoding="utf-8"))
    session = onnxruntime.InferenceSession(folder / "{ONNX}", providers=["CPUExecutionProvider"])
    missed = 0
    for name in names:
        try:
            pixels = central_square(read_picture(name, name), SIDE)
        except Unreadable as error:
            print(error, file=sys.stderr)
            missed = 1
            continue
        outputs, *sure = session.run(None, {{"images": pixels[None].astype(np.float32) / 255}})
        if labels:
            best = int(outputs[0].argmax())
            print(f"{{name}}: {{labels[best]}} ({{sure[0][0][best]:.4f}})")
        else:
            print(f"{{name}}: {{outputs[0][0]:.4f}}")
    return missed


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # a screen may lack a letter of a name
    if len(sys.argv) < 2:
        sys.exit("Give one or more images: python predict.py IMAGE ...")
    sys.exit(main(sys.argv[1:]))
'''


def predict_text(side: int) -> str:
    """The program ``predict.py``: :mod:`core.data.decode` as it stands, and what runs a network of that ``side``."""
    return _HEAD + inspect.getsource(decode) + _TAIL.replace("SIDE = 0", f"SIDE = {side}")
