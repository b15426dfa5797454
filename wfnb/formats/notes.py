"""Notes of a drawing as static pictures have them: rows of words, as wide as an estimate says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape

from wfnb.formats.markdown import Line, Span, markdown
from wfnb.model.workflow import Note

WIDTH = 204.0
"""Pixels, where a note does not say; as on the canvas."""
NARROWEST, WIDEST = 96.0, 960.0
"""Pixels; whatever a note says.  It is no higher than it may be wide, unless its text is."""
_PAD = 12.0
_MOST_ROWS = 40
_HEADINGS = ((14.0, 22.0), (12.5, 19.0), (11.5, 18.0))
_BODY = (10.5, 16.0)
_LETTER = 0.56
"""Width of a letter by its height, on the average and rather too wide."""
_MONO_LETTERS = 0.92
"""So many letters of code are as wide as one other letter is on the average."""
_MONO = "ui-monospace, 'DejaVu Sans Mono', monospace"


@dataclass(frozen=True, slots=True)
class _Row:
    line: Line
    spans: tuple[Span, ...]
    mark: str
    indent: float
    size: float
    height: float


def size_of_note(note: Note) -> tuple[float, float]:
    """Width and height of a note."""
    width = WIDTH if note.width is None else min(max(note.width, NARROWEST), WIDEST)
    text = max(_BODY[1], sum(row.height for row in _rows(note.text, width))) + 20
    return width, max(text, min(note.height or 0, WIDEST))


def drawn_note(note: Note, x: float, y: float) -> str:
    """A note around a point, as SVG; its words are text, whatever they say."""
    width, height = size_of_note(note)
    left, top = x - width / 2, y - height / 2
    size, look = f'width="{width:.0f}" height="{height:.1f}"', 'rx="3" fill="#fff8dc" stroke="#e5d9a8"'
    made = [f'<rect x="{left:.1f}" y="{top:.1f}" {size} {look}/>']
    top += 10
    for row in _rows(note.text, width):
        base = top + row.height / 2 + row.size * 0.36
        at = left + _PAD + row.indent
        weight = ' font-weight="600"' if row.line.kind == "heading" else ""
        look = f'y="{base:.1f}" font-size="{row.size:g}"{weight}'
        if row.mark:
            made.append(f'<text x="{at - 11:.1f}" {look}>{escape(row.mark)}</text>')
        if row.spans:
            words = "".join(map(_words, row.spans))
            made.append(f'<text x="{at:.1f}" {look} xml:space="preserve">{words}</text>')
        top += row.height
    return "".join(made)


def _words(span: Span) -> str:
    look = ' font-weight="600"' if span.bold else ""
    look += ' font-style="italic"' if span.italic else ""
    look += f' font-family="{_MONO}"' if span.code else ""
    look += ' fill="#0b57a4" text-decoration="underline"' if span.href else ""
    return f"<tspan{look}>{escape(span.text)}</tspan>"


def _rows(text: str, width: float) -> list[_Row]:
    rows = [row for line in markdown(text) for row in _wrapped(line, width)]
    if len(rows) <= _MOST_ROWS:
        return rows
    return [*rows[: _MOST_ROWS - 1], _Row(Line("text"), (Span("…"),), "", 0, *_BODY)]


def _wrapped(line: Line, width: float) -> list[_Row]:
    if line.kind in ("gap", "rule"):
        return [_Row(line, (), "", 0, _BODY[0], 8 if line.kind == "gap" else 11)]
    size, height = _HEADINGS[line.level - 1] if line.kind == "heading" else _BODY
    indent = {"quote": 10.0, "code": 4.0, "item": 13.0 * (line.level + 1)}.get(line.kind, 0.0)
    room = int((width - 2 * _PAD - indent) / (size * _LETTER))
    rows: list[list[Span]] = [[]]
    used = 0
    for span in line.spans:
        for whole in _split(span.text):
            word = _within(whole, int(room * _MONO_LETTERS) if span.code else room)
            if not word.strip() and line.kind != "code" and not 0 < used <= room:
                continue  # a row begins with no space, and none makes a row of its own
            if used and used + len(word.rstrip()) > room:
                rows.append([])
                used = 0
            last = rows[-1][-1] if rows[-1] else None
            if last is not None and replace(last, text="") == replace(span, text=""):
                rows[-1][-1] = replace(span, text=last.text + word)
            else:
                rows[-1].append(replace(span, text=word))
            used += len(word)
    return [_Row(line, tuple(row), "" if i else line.mark, indent, size, height) for i, row in enumerate(rows)]


def _within(word: str, room: int) -> str:
    """A word that has room in a row, if need be without its end."""
    return word if len(word.rstrip()) <= room else f"{word[: room - 1]}…"


def _split(text: str) -> list[str]:
    """Words, each with the space behind it."""
    *most, last = text.split(" ")
    return [word for word in (*(f"{word} " for word in most), last) if word]
