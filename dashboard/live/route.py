"""The live route: numbers for a descriptor while its slider is being dragged.

Streamlit runs a script per change, which takes too long to follow a hand. The route answers from a
scene that the script has prepared. It has no session and no login, so it only reads, checks all it
is sent, and tells nothing but numbers about scenes whose key the asker knows.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from core import AmortisedExtractor, Descriptor
from dashboard import cache
from dashboard.cache.scenes import LiveScene
from dashboard.live.messages import as_json, bands_json
from dashboard.session import url

PATH = "/live"


def live(request: Request) -> JSONResponse:
    """``?scene=KEY&a=0.1-0.2-…``: one descriptor's numbers; with ``&bands``, those of other pictures."""
    start = perf_counter()
    asked = request.query_params
    scene = cache.find_scene(asked.get("scene", ""))
    if scene is None:
        return _refusal("This scene is no longer at hand. Reload the page.", 404)
    try:
        values = url.read_values(asked.get("a", ""), len(scene.axes))
        model = cache.model()
        found = _measured(model, scene, Descriptor(values, model.transforms), "bands" in asked)
    except (ValueError, FileNotFoundError) as error:
        return _refusal(f"These values cannot be used: {error}.", 400)
    return JSONResponse({**found, "ms": 1000 * (perf_counter() - start)}, headers={"Cache-Control": "no-store"})


def _measured(model: AmortisedExtractor, scene: LiveScene, descriptor: Descriptor, bands: bool) -> dict[str, Any]:
    if bands:
        return bands_json(*cache.bands(model, descriptor, scene))
    return as_json(scene, cache.reading(model, descriptor, scene))


def _refusal(sentence: str, status: int) -> JSONResponse:
    return JSONResponse({"error": sentence}, status, headers={"Cache-Control": "no-store"})
