"""Notes are Markdown, and never HTML."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from wfnb.formats.markdown import Line, Span, markdown
from wfnb.formats.notes import NARROWEST, WIDTH, size_of_note
from wfnb.formats.svg import draw
from wfnb.model.workflow import Note, Workflow

EXTENSION = Path(__file__).parents[3] / "extension"

TEXTS = [
    "# Plan\n\nread **all** of it, _then_ `score` it\n- one\n  - two\n12. twelve\n> said\n---",
    "```\n# code **stays**\n<b>\n```\nafter",
    "[page](https://example.org/a?b=1) [mail](mailto:a@b.c) [bad](javascript:alert(1)) [odd](data:text/html,x)",
    "![picture](https://example.org/a.png) <img src=x onerror=alert(1)> <a href='https://x'>x</a>",
    "**bold with `code` and [a *link*](http://x.y)** __b__ *i* a_b_c 2 * 3 * 4 **open",
    "",
    "#no heading\n####### seven\n###### six ##\n\ttab",
    "a\r\nb\rc",
    "~~~\nopen to the end\n```",
]


def test_lines_and_words() -> None:
    assert markdown(TEXTS[0]) == [
        Line("heading", (Span("Plan"),), 1),
        Line("gap"),
        Line(
            "text",
            (
                Span("read "),
                Span("all", bold=True),
                Span(" of it, "),
                Span("then", italic=True),
                Span(" "),
                Span("score", code=True),
                Span(" it"),
            ),
        ),
        Line("item", (Span("one"),), 0, "•"),
        Line("item", (Span("two"),), 1, "•"),
        Line("item", (Span("twelve"),), 0, "12."),
        Line("quote", (Span("said"),)),
        Line("rule"),
    ]


def test_only_safe_links_lead_anywhere_and_no_picture_is_asked_for() -> None:
    hrefs = [span.href for text in TEXTS for line in markdown(text) for span in line.spans if span.href]
    assert set(hrefs) == {"https://example.org/a?b=1", "mailto:a@b.c", "http://x.y"}


def test_the_static_picture_has_it_as_text() -> None:
    picture = draw(Workflow(nodes=(Note("n", text=TEXTS[0] + "\n" + TEXTS[3]),)))
    assert "<img" not in picture
    assert "<a" not in picture
    assert "&lt;img src=x" in picture
    assert '<tspan font-weight="600">all</tspan>' in picture
    assert size_of_note(Note("n", text=TEXTS[0]))[1] > size_of_note(Note("n", text="one line"))[1]


def test_a_note_is_as_large_as_it_says_and_no_smaller_than_its_text() -> None:
    words = "many words " * 20
    plain, wide, narrow = (size_of_note(Note("n", text=words, width=width)) for width in (None, 400.0, 1.0))
    assert plain[0] == WIDTH
    assert wide[0] == 400
    assert wide[1] < plain[1]
    assert narrow[0] == NARROWEST
    assert narrow[1] > plain[1]
    assert size_of_note(Note("n", text=words, height=1.0)) == plain
    assert size_of_note(Note("n", text=words, height=500.0)) == (WIDTH, 500)
    picture = draw(Workflow(nodes=(Note("n", text=words, width=400.0, height=500.0),)))
    assert 'width="400" height="500.0"' in picture


def test_the_page_reads_the_same() -> None:
    node = shutil.which("node")
    if node is None or not (EXTENSION / "node_modules" / "esbuild").exists():
        pytest.skip("no node, or the extension's packages are not installed")
    subprocess.run([node, "tests/run.mjs", "--build"], cwd=EXTENSION, check=True)
    built = EXTENSION / "node_modules" / ".cache" / "wfnb-tests" / "notes.mjs"
    done = subprocess.run([node, str(built)], input=json.dumps(TEXTS), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[_plain(line) for line in markdown(text)] for text in TEXTS]


def _plain(line: Line) -> dict[str, Any]:
    spans = [{k: v for k, v in asdict(span).items() if v} for span in line.spans]
    return {"kind": line.kind, "level": line.level, "mark": line.mark, "spans": spans}
