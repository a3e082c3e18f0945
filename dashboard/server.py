"""The server: the page, the live route, and everything slow done before the first visitor comes.

``python -m streamlit run dashboard/server.py`` from the root of the repository.
"""

from __future__ import annotations

import gc
import math
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from dashboard import cache
from dashboard.adapt.registry import REGISTRY
from dashboard.lessons.reader import known_lessons
from dashboard.live import route
from dashboard.live.measured import shown
from dashboard.pages import PAGES
from dashboard.session.settings import Choices

_SWITCH_S = 0.0005
"""How long a thread may keep Python to itself while others wait, a tenth of what is usual: a network's many short steps
each let go of it and want it back, and would wait that long for it every time."""


@asynccontextmanager
async def warm_up(_: Any) -> AsyncIterator[None]:
    """Read the model and measure the first screen before the server answers."""
    await run_in_threadpool(_first_screen)
    # What is here now stays for good; looking through it for garbage would hold up everybody for a third of a second.
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(_SWITCH_S)
    yield
    REGISTRY.stop()


def _first_screen() -> None:
    try:
        model = cache.model()
    except (FileNotFoundError, ValueError):
        return  # the page says what is wrong
    photographs = cache.photographs()
    choices = Choices(tuple(photographs), model.transforms, PAGES, model.backbone.layers)
    known_lessons(choices)
    study = choices.opening()
    now = shown(study, model, photographs[study.picture])
    for label in now.readings:
        cache.recognised(model, now.descriptor(label), now.scene)
    cache.crowd(model, study.seed).fill_beside(grace=math.inf)


def to_first_page(request: Request) -> RedirectResponse:
    """Streamlit knows its first page by no name but the root, and people type the name that they see."""
    return RedirectResponse(f"/?{request.url.query}")


ROUTES = (Route(route.PATH, route.live), Route(f"/{PAGES[0].name}", to_first_page))
app = st.App("app.py", lifespan=warm_up, routes=list(ROUTES))
