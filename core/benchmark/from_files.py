"""How long a person waits for a task: from files of pictures to the fitted descriptor and head."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import torch
from PIL import Image

from ..adaptation import adapt, prepared
from ..data.pictures import photographs
from ..model.amortised import AmortisedExtractor, to_size
from ..tasks.folders import folder_task

CLASSES, SHOTS, SIDE = 10, 20, 512
"""The folder that is timed: classes, pictures of each, pixels of a side."""


def write_folder(folder: Path, classes: int = CLASSES, shots: int = SHOTS, side: int = SIDE, seed: int = 0) -> Path:
    """JPEG files in a folder for each class: random pieces of one half of a shipped photograph."""
    generator = torch.Generator().manual_seed(seed)
    sources = photographs()
    for number in range(classes):
        pixels = sources[number % len(sources)].pixels
        half = pixels.tensor_split(2, -1)[number // len(sources) % 2]
        place = folder / f"class {number}"
        place.mkdir(parents=True)
        for shot in range(shots):
            size = int(half.shape[-1] * (0.4 + 0.6 * float(torch.rand((), generator=generator))))
            top, left = (int(torch.randint(room - size + 1, (), generator=generator)) for room in half.shape[-2:])
            piece = to_size(half[None, :, top : top + size, left : left + size], side)[0]
            Image.fromarray((piece * 255).round().byte().permute(1, 2, 0).numpy()).save(
                place / f"{shot}.jpg", quality=90
            )
    return folder


def milliseconds(model: AmortisedExtractor, repeats: int = 3) -> float:
    """Median time from the files of :func:`write_folder` to a fit, as the Adapt page makes it of a person's folder."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        root = write_folder(Path(folder) / "pictures")
        for _ in range(repeats):
            begun = time.perf_counter()
            source = folder_task(root, side=model.input_size)
            adapt(model, prepared(model, source.with_shots(SHOTS, 0)))
            found.append(1000 * (time.perf_counter() - begun))
    return statistics.median(found)
