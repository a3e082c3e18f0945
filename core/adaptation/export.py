"""A fitted task as a folder that works without this project: network, labels, model card, predict.py."""

from __future__ import annotations

import inspect
import json
import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from ..axes.descriptor import Descriptor
from ..backbones import Backbone, Extractor
from ..data import decode
from ..files import save_text, whole
from ..markdown import literal
from ..model.amortised import AmortisedExtractor
from ..tasks.task import Task
from . import Adapted
from .head import Head

WEIGHTS, ONNX, LABELS, CARD, PREDICT = "model.safetensors", "model.onnx", "labels.json", "README.md", "predict.py"


class Fitted(nn.Module):
    """The extractor at a fitted descriptor with its head, as one plain module."""

    def __init__(self, extractor: Extractor, head: Head) -> None:
        super().__init__()
        self.extractor = extractor
        self.head = nn.Linear(*head.weight.shape)
        self.head.weight = nn.Parameter(head.weight.T.contiguous(), requires_grad=False)
        self.head.bias = nn.Parameter(head.bias.clone(), requires_grad=False)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, S, S) in [0, 1] -> (N, outputs)."""
        return self.head(self.extractor(images))


def fitted_module(model: AmortisedExtractor, adapted: Adapted) -> Fitted:
    """The module, independent of the hypernetwork."""
    extractor = model.freeze(adapted.descriptor)
    return Fitted(extractor, adapted.head).to(next(extractor.parameters()).device).eval()


def save_bundle(
    folder: Path, model: AmortisedExtractor, task: Task, adapted: Adapted, settings: dict[str, Any] | None = None
) -> Fitted:
    """Write the folder; it is made if it does not exist, and an earlier model in it is written over.

    Args:
        folder: where to.
        settings: how it was fitted, for the model card.

    Returns:
        The module that was written.

    Raises:
        ValueError: a file or somebody else's files are in the way, or what ONNX needs is not installed.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file. Give a folder to write the model into.")
    folder.mkdir(parents=True, exist_ok=True)
    theirs = [name for name in (WEIGHTS, ONNX, LABELS, CARD, PREDICT) if (folder / name).exists()]
    if theirs and not (folder / WEIGHTS).exists():
        raise ValueError(f"{folder} holds files that would be written over ({', '.join(theirs)}). Give another folder.")
    module = fitted_module(model, adapted)
    with whole(folder / WEIGHTS) as partial:
        save_file({name: value.contiguous() for name, value in module.state_dict().items()}, partial)
    save_text(folder / LABELS, json.dumps(list(task.classes), ensure_ascii=False) + "\n")
    save_text(folder / CARD, _card(module, model, task, adapted, settings or {}))
    save_text(folder / PREDICT, predict_text(model.input_size))
    _write_onnx(module, model.backbone, folder / ONNX)
    return module


def _write_onnx(module: Fitted, backbone: Backbone, path: Path) -> None:
    try:
        import onnxscript  # noqa: F401, torch's exporter needs it and would fail with a longer message
    except ImportError:
        raise ValueError(
            "Writing ONNX needs two more packages. Install them with: pip install onnx onnxscript; "
            "everything else has been written."
        ) from None
    example = torch.rand(2, 3, backbone.input_size, backbone.input_size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about its own internals
        program = torch.onnx.export(
            module,
            (example,),
            input_names=["images"],
            output_names=["outputs"],
            dynamic_shapes={"images": {0: torch.export.Dim("images")}},
            dynamo=True,
            verbose=False,
        )
        assert program is not None  # as it is without dynamo=True
        with whole(path) as partial:
            program.save(str(partial))


def _card(module: Fitted, model: AmortisedExtractor, task: Task, adapted: Adapted, settings: dict[str, Any]) -> str:
    where = module.head.weight.device
    with torch.inference_mode():
        outputs = torch.cat([module(each.to(where)).cpu() for each in task.test.pixels.split(256)])
    judged = task.judge(outputs).sentence(task.score_name)
    lines = [
        f"# {literal(task.title)}",
        "",
        f"A {model.input_size} x {model.input_size} image in, {_output(task)} out. Made with HyperInvariances "
        f"from checkpoint `{model.metadata.get('digest', 'without a digest')}`.",
        "",
        f"{literal(judged)} No choice was made on these images.",
        "",
        *(f"{literal(note)}\n" for note in task.notes),
        "| | |",
        "|---|---|",
        f"| {task.score_name} on labelled images, each left out in turn | {adapted.score:.3f} |",
        f"| labelled images | {len(task.labelled)} |",
        f"| descriptor (0 keeps, 1 ignores) | {Descriptor(adapted.descriptor, model.transforms)} |",
        f"| parameters fitted | {adapted.head.parameters + len(adapted.descriptor)} |",
        f"| seconds | {adapted.seconds:.1f} |",
        *(f"| {name} | {literal(str(value))} |" for name, value in settings.items()),
        "",
        "`python predict.py IMAGE ...` prints a prediction for each image. It needs onnxruntime, numpy and Pillow 10.1 "
        "or newer.",
        f"`{WEIGHTS}` holds the same weights, named as in the network's layers.",
        "",
        "Limits: it knows these classes only and names one of them for every image; it was measured on "
        "images from the same source as those it was fitted to.",
    ]
    return "\n".join(lines) + "\n"


def _output(task: Task) -> str:
    return "a number" if task.regression else f"one of {len(task.classes)} classes"


_HEAD = """# Predict: python predict.py IMAGE ...
# It prints a prediction for each image, and says why for each that cannot be read.
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
        outputs = session.run(None, {{"images": pixels[None].astype(np.float32) / 255}})[0][0]
        print(name, labels[outputs.argmax()] if labels else f"{{outputs[0]:.4f}}")
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
