"""Plain text where Streamlit reads Markdown; what its page makes of it is in ``test_names_browser``."""

from __future__ import annotations

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.emojis import ALL_EMOJIS
from streamlit.string_util import extract_leading_icon

from dashboard.text.markdown import html, literal, title
from tests.markdown import plain, read
from tests.names import LETTERS, TEXTS

APART = ":small[]"


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_read_as_it_was(text: str) -> None:
    shown, kinds = read(f"e.g. {literal(text)}.")
    assert plain(shown.replace(APART, "")) == plain(f"e.g. {text.strip()}.") and kinds <= {"text_special"}
    assert plain(shown.replace(APART, "")) == plain(read(f"e.g. {title(text)}.")[0].replace(APART, ""))


@pytest.mark.parametrize(
    "text",
    [":smile:", ":+1:", ":material/home:", ":material_home:", ":streamlit:", "http://x.org", "www.x.org", "a@b.org",
     "a -> b", "a <- b", "a <-> b", "a -- b", "a >= b", "a <= b", "a ~= b"],
)  # fmt: skip
def test_what_streamlit_replaces_after_parsing_is_in_two_pieces(text: str) -> None:
    assert literal(text).count(APART) >= 1


def test_ordinary_sentences_stay_legible() -> None:
    said = "3 files are left out: 2 (e.g. cat/a.png) are no pictures; 1 is empty, at 12:30. 50 % of it? Yes!"
    assert literal(said) == said.replace("12:30", "12\\:30")


def test_lines_stay_lines_and_a_title_is_one() -> None:
    assert literal("a\n# b\r\n  c\n") == "a\\\n\\# b\\\n\u00a0\u00a0c"
    assert title("a\n# b") == "a \\# b"


def test_an_emoji_does_not_become_the_icon_of_a_warning() -> None:
    assert len(ALL_EMOJIS) > 1000
    assert [each for each in ALL_EMOJIS if extract_leading_icon(literal(f"{each} cat"))[0]] == []


@given(st.text(LETTERS, max_size=30))
def test_a_sheet_shows_the_same(text: str) -> None:
    """HTML of a lesson's Markdown, with a measured name in it."""
    assert unescape(html(f"x {literal(text)} x")) == plain(f"x {text} x")
    assert "<" not in html(literal(text)) and ">" not in html(literal(text))


def test_emphasis_of_a_lesson_is_kept() -> None:
    assert html("a **b** & *c* *d*") == "a <b>b</b> &amp; <i>c</i> <i>d</i>"
