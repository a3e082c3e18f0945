"""What tests in Streamlit's own harness share: a page without faults, and the Adapt page of a small model."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Element

from core import Axis
from dashboard.adapt.registry import REGISTRY
from dashboard.adapt.runs import DIALS
from dashboard.jobs.fit_worker import Worker
from dashboard.jobs.snapshot import Snapshot
from dashboard.session import state

SECONDS = 60.0
"""What takes longer will not come any more."""

APP = str(Path(__file__).parents[2] / "dashboard" / "app.py")


def healthy(app: AppTest) -> AppTest:
    """The same page, if its script has ended without an error."""
    assert not app.exception, [each.value for each in app.exception]
    return app


def page_of_a_small_model() -> None:
    """The script under test; it runs in its own namespace."""
    import core
    from core.evaluation.controls import untrained
    from dashboard.views import adapt

    sizes = core.Architecture(core.Compact((8,) * 6, 16), rank=4, hidden=8)
    adapt.render(untrained(sizes))


def places(app: AppTest) -> list[tuple[tuple[int, ...], str]]:
    """Where every element of the page stands, and what it is."""

    def below(block: Block, place: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], str]]:
        for number, child in block.children.items():
            yield (*place, number), child.type
            if isinstance(child, Block):
                yield from below(child, (*place, number))

    return list(below(app.main, ()))


def element(app: AppTest, key: str) -> Element:
    """A widget of any kind by its key."""
    found = app.get_by_key(key)
    assert isinstance(found, Element)
    return found


@contextmanager
def adapt_page() -> Iterator[AppTest]:
    """The Adapt page; its fit ends with it."""
    app = AppTest.from_function(page_of_a_small_model, default_timeout=60)
    yield healthy(app.run())
    if run := REGISTRY.get(app.session_state["adapt.key"]):
        run.worker.stop()


def press(app: AppTest, name: str) -> AppTest:
    """The Adapt page after a click on a button."""
    return healthy(app.button(key=f"adapt.{name}").click().run())


def worker(app: AppTest) -> Worker:
    """The fit of an Adapt page."""
    run = REGISTRY.get(app.session_state["adapt.key"])
    assert run is not None
    return run.worker


def until(worker: Worker, wanted: Callable[[Snapshot], bool]) -> Snapshot:
    """What there is of a fit once something is so; fail if it takes too long."""
    end = time.monotonic() + SECONDS
    while not wanted(seen := worker.snapshot()):
        assert time.monotonic() < end, seen
        time.sleep(0.01)
    return seen


def waited(wanted: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Come back when something is so; fail if it takes too long."""
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.02)


def wait(app: AppTest, wanted: Callable[[], bool]) -> AppTest:
    """The page as it is drawn once something is so."""
    waited(wanted)
    return healthy(app.run())


def prose(app: AppTest) -> str:
    """Everything that a page says in words."""
    kinds = (app.title, app.header, app.markdown, app.caption, app.info, app.warning, app.error, app.latex)
    return "\n".join(each.value for kind in kinds for each in kind)


def start(**parameters: str) -> AppTest:
    """The dashboard as it opens at an address."""
    page = AppTest.from_file(APP, default_timeout=60)
    page.query_params.update(parameters)
    return healthy(page.run())


def headline(page: AppTest) -> str:
    """The sentence above the line-up of the Explore page."""
    return component(page, "neighbours")["alt"]


def touch(app: AppTest, axis: int, value: float, *, held: bool = False) -> AppTest:
    """What the six sliders of the Adapt page report when a hand moves one, and lets it go unless it is held."""
    data = component(app, "dials")
    values = [value if place == axis else old for place, old in enumerate(data["values"])]
    told = {"number": data["ack"] + 1, "axis": axis, "held": held, "values": values}
    app.session_state[DIALS] = {"hand": told}
    return healthy(app.run())


def html(app: AppTest, part: str) -> str:
    """One of our own parts of a page, by its class; "" if it is not there."""
    found = [each.proto.body for each in app.get("html") if f'class="{part}"' in each.proto.body]
    return found[0] if found else ""


def component(page: AppTest, name: str) -> dict[str, Any]:
    """What Python has sent to one of our components."""
    (found,) = [each.proto for each in page.get("bidi_component") if each.proto.component_name.endswith(name)]
    return json.loads(found.json)


def slide(page: AppTest, axis: str, value: float) -> AppTest:
    """What the sliders report when a slider is let go."""
    data = component(page, "sliders")
    values = [value if each["name"] == axis else old for each, old in zip(data["axes"], data["values"], strict=True)]
    page.session_state[state.SLIDERS] = {"value": {"values": values, "number": data["ack"] + 1}}
    return healthy(page.run())


def changed(axis: Axis) -> str:
    """A word of what people say of a picture that was changed along an axis."""
    return {"octaves": "as large", "stops": "as bright"}.get(axis.unit, axis.moved)
