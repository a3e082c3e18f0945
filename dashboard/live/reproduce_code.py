"""The page's numbers as a table, and the lines of Python that compute them without the page."""

from __future__ import annotations

import pandas as pd

from core.inspect import grid
from dashboard.live.measured import Shown
from dashboard.session import url
from dashboard.session.settings import UPLOAD


def table(shown: Shown) -> pd.DataFrame:
    """One row per descriptor, transformation and strength."""
    rows = []
    for label, reading in shown.readings.items():
        for axis, moved, alike in zip(shown.scene.axes, reading.movement, reading.similarity, strict=True):
            for strength, movement, similarity in zip(grid.curve_strengths(axis), moved, alike, strict=True):
                rows.append(
                    {
                        "descriptor": label,
                        "coordinates": url.write_values(shown.descriptor(label).values),
                        "transformation": axis.name,
                        "strength": float(strength),
                        "unit": axis.unit,
                        "movement": float(movement),
                        "similarity": float(similarity),
                        "effective_rank": reading.ground.rank,
                        "picture": shown.picture.name,
                        "seed": shown.study.seed,
                        "checkpoint": shown.model.metadata["digest"],
                    }
                )
    return pd.DataFrame(rows)


def code(shown: Shown) -> str:
    """Python that needs ``core`` alone and ends with the page's curves in ``curves`` and its line-up in ``nearest``."""
    study, scene = shown.study, shown.scene
    descriptors = {label: str(shown.descriptor(label)) for label in shown.readings}
    if study.picture == UPLOAD:
        picture = 'core.data.pictures.square(core.decode_image(open("YOUR_PICTURE", "rb").read()))'
    else:
        picture = f"pictures[{study.picture!r}]"
    own = '\npictures = {p.name: p.pixels for p in read_gallery([("ZIP", open("YOUR_ZIP", "rb").read())]).pictures}'
    gallery = own if study.gallery else ""
    imports = "\nfrom core.inspect.gallery import read_gallery" if study.gallery else ""
    return f"""import core
from core.inspect.picture_report import look{imports}

model = core.load_checkpoint()  # digest {shown.model.metadata["digest"]}
descriptors = {descriptors!r}
pictures = {{photo.name: photo.pixels for photo in core.photographs()}}
picture = {picture}{gallery}
pictures[{shown.picture.name!r}] = picture
axis = model.transforms[{scene.number}]  # {scene.axis.name}

# Everything that the page shows of the picture under one descriptor, as plain numbers.
found = {{
    label: look(model, pictures, {shown.picture.name!r}, text, axis, at={study.at}, seed={study.seed})
    for label, text in descriptors.items()
}}

# How far features move along every axis: 0 = not at all, 1 = as far as another picture.
curves = {{(label, curve["axis"]): curve["movement"] for label, each in found.items() for curve in each["curves"]}}

# What is most alike to the picture after one change.
nearest = {{
    label: [(near["picture"], near["strength"]) for near in each["nearest"][:{grid.NEAREST}]]
    for label, each in found.items()
}}
"""
