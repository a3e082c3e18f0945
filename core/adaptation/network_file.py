"""A fitted network as a file: safetensors that can be opened again, and ONNX made from them.

Tracing a network for ONNX changes how every module of the process is called while it lasts, so a program with threads
has it done by a process of its own: ``python -m core.adaptation.network_file FOLDER`` makes the one from the other.
"""

from __future__ import annotations

import json
import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ..backbones import Extractor, backbone_of
from ..files import whole
from .head import Head

WEIGHTS, ONNX = "model.safetensors", "model.onnx"
_MARK = "extractor.stem.fingerprint"  # by which a hypernetwork knows its stem; no part of the network
_MISSING = (
    "Writing ONNX needs two more packages. Install them with: pip install onnx onnxscript; "
    "everything else has been written."
)


class Fitted(nn.Module):
    """The extractor at a fitted descriptor with its head, as one plain module.

    Args:
        extractor: with its own weights.
        head: of as many classes as there are, or of one quantity.
        sharpness: see :class:`core.adaptation.confidence.Confidence`; ``None`` for a quantity.
    """

    sharpness: Tensor | None

    def __init__(self, extractor: Extractor, head: Head, sharpness: float | None = None) -> None:
        super().__init__()
        self.extractor = extractor
        self.head = nn.Linear(*head.weight.shape)
        self.head.weight = nn.Parameter(head.weight.T.contiguous(), requires_grad=False)
        self.head.bias = nn.Parameter(head.bias.clone(), requires_grad=False)
        self.register_buffer("sharpness", None if sharpness is None else torch.tensor(sharpness))

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, S, S) in [0, 1] -> (N, outputs)."""
        return self.head(self.extractor(images))

    def confidences(self, outputs: Tensor) -> Tensor:
        """Outputs (N, C) as probabilities (N, C)."""
        assert self.sharpness is not None
        return (outputs * self.sharpness).softmax(1)


class _Told(nn.Module):
    """What an ONNX file gives: outputs, and confidences where there are classes."""

    def __init__(self, fitted: Fitted) -> None:
        super().__init__()
        self.fitted = fitted

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        outputs = self.fitted(images)
        return (outputs,) if self.fitted.sharpness is None else (outputs, self.fitted.confidences(outputs))


def save_fitted(module: Fitted, path: Path) -> None:
    """Write the weights, with the backbone's name in the header.

    Raises:
        ValueError: the file cannot be written.
    """
    backbone = json.dumps(asdict(cast(Any, module.extractor.backbone)))
    with whole(path) as partial:
        tensors = {name: value.contiguous() for name, value in module.state_dict().items() if name != _MARK}
        save_file(tensors, partial, {"format": "pt", "backbone": backbone})


def load_fitted(path: Path) -> Fitted:
    """The module that :func:`save_fitted` has written.

    Raises:
        ValueError: it is no such file.
    """
    try:
        with safe_open(path, "pt") as file:
            backbone = backbone_of(json.loads((file.metadata() or {})["backbone"]))
        tensors = load_file(path)
        sharpness = tensors.get("sharpness")
        head = Head(tensors["head.weight"].T, tensors["head.bias"], 0.0)
        module = Fitted(Extractor(backbone), head, None if sharpness is None else float(sharpness))
        module.load_state_dict(tensors)
    except (OSError, KeyError, ValueError, RuntimeError, SafetensorError) as error:
        raise ValueError(
            f"{path} cannot be read as a fitted network ({error}). Give the {WEIGHTS} of an export."
        ) from None
    return module.eval()


def write_onnx(module: Fitted, path: Path) -> None:
    """Write the network as ONNX: ``images`` (N, 3, S, S) in; ``outputs`` and, of classes, ``confidences`` out.

    Raises:
        ValueError: the packages for it are missing, or the file cannot be written.
    """
    try:
        import onnxscript  # noqa: F401, torch's exporter needs it and would fail with a longer message
    except ImportError:
        raise ValueError(_MISSING) from None
    side = module.extractor.backbone.input_size
    where = next(module.parameters())
    example = torch.rand(2, 3, side, side, dtype=where.dtype, device=where.device)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about its own internals
        program = torch.onnx.export(
            _Told(module).eval(),
            (example,),
            input_names=["images"],
            output_names=["outputs"] if module.sharpness is None else ["outputs", "confidences"],
            dynamic_shapes={"images": {0: torch.export.Dim("images")}},
            dynamo=True,
            verbose=False,
        )
        assert program is not None  # as it is without dynamo=True
        with whole(path) as partial:
            program.save(str(partial))


def process(folder: Path) -> list[str]:
    """The command line of a process that makes a folder's ONNX file from its weights."""
    return [sys.executable, "-m", f"{__package__}.{Path(__file__).stem}", str(folder)]


def _main(folder: Path) -> int:
    """1, with a sentence on the standard error, if it could not be made."""
    try:
        write_onnx(load_fitted(folder / WEIGHTS), folder / ONNX)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.exit(_main(Path(sys.argv[1])))
