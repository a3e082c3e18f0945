"""The live route: numbers for a descriptor while its slider is being dragged.

Streamlit runs a script per change, which takes too long to follow a hand. The route answers from a
scene that the script has prepared. It has no session and no login, so it only reads, checks all it
is sent, and tells nothing but numbers about scenes whose key the asker knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from core import AmortisedExtractor, Descriptor
from core.inspect import grid
from dashboard import cache
from dashboard.cache.scenes import LiveScene
from dashboard.live.lineup import at_frame, sentences
from dashboard.live.messages import as_json, bands_json
from dashboard.session import url
from dashboard.session.codec import whole

PATH = "/live"


def live(request: Request) -> JSONResponse:
    """``?scene=KEY&a=0.1-0.2-…``: a sketch of one descriptor's numbers; with ``&bands``, those of other pictures.

    With ``&b``, where B is pinned, the sentences are about both, and with ``&both`` its numbers come too, and all of A.
    With ``&at``, everything is for another frame, and its pictures come with it.
    """
    start = perf_counter()
    asked = request.query_params
    scene = cache.find_scene(asked.get("scene", ""))
    if scene is None:
        return _refusal("This scene is no longer at hand. Reload the page.", 404)
    try:
        model = cache.model()
        found = _measured(model, scene, asked)
    except LookupError as error:
        return _refusal(str(error.args[0]), 404)
    except (ValueError, FileNotFoundError) as error:
        return _refusal(f"These values cannot be used: {error}.", 400)
    return JSONResponse({**found, "ms": 1000 * (perf_counter() - start)}, headers={"Cache-Control": "no-store"})


def _measured(model: AmortisedExtractor, scene: LiveScene, asked: Mapping[str, str]) -> dict[str, Any]:
    count = len(scene.axes)
    texts = {label: asked.get(label.lower(), "") for label in "AB"}
    points = {
        label: Descriptor(url.read_values(text, count), model.transforms)
        for label, text in texts.items()
        if text or label == "A"
    }
    if "bands" in asked:
        return bands_json(*cache.bands(model, points["A"], scene))
    if "at" in asked:
        view = scene.sibling(whole(asked["at"], 0, grid.FRAMES - 1))
        return at_frame(view, {label: cache.reading(model, point, view.scene) for label, point in points.items()})
    read = {"A": cache.reading if "both" in asked else cache.sketch, "B": cache.reading}
    found = {label: read[label](model, point, scene) for label, point in points.items()}
    pinned = {"pinned": as_json(scene, found["B"])} if "both" in asked and "B" in found else {}
    return {**as_json(scene, found["A"]), **pinned, **sentences(scene, found)}


def _refusal(sentence: str, status: int) -> JSONResponse:
    return JSONResponse({"error": sentence}, status, headers={"Cache-Control": "no-store"})
