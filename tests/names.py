"""Names of files, folders and classes that mean something to a terminal, to Markdown, to HTML or to a figure."""

from __future__ import annotations

FILES = (
    "[copy] ~old~ *1*",
    "[red]x[bold]",
    "<b>x",
    "$a$",
    ":smile:",
    ":red[x]",
    ":material_home:",
    "# x",
    "1. x",
    "- x",
    "a_b_c",
    "__a__",
    "`a`",
    "~~a~~",
    "a -- b",
    "[a](b)",
    "![a](b)",
    "&lt;",
    "%{x}",
    "www.example.org",
    "someone@example.org",
    "Kätzchen",
    "قطة",
    "חתול",
    "🐈 cat",
)
"""Such as a folder can have on any computer."""

TEXTS = (
    *FILES,
    "<b>x</b>",
    "[a](http://x)",
    "http://example.org/a",
    ":material/home:",
    "C:\\Users\\me",
    "a|b",
    "> x",
    "    x",
    "a -> b >= c",
    "$$a$$ and $b$",
    "<extra></extra><br>",
    "<script>alert(1)</script>",
    "\"quoted\" 'too'",
    "*",
    "x\\",
)
"""Such as a sentence can hold."""

LETTERS = "ab1 .:-_*~`$<>[](){}#&;|!@/\\+='\"äקط😀%"
"""Of which more can be made up."""
