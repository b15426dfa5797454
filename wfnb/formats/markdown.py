"""The Markdown of notes, as lines of words: headings, lists, quotes, code, emphasis and links.

Nothing of it is ever HTML.  The twin of `extension/src/canvas/ground/markdown.ts`, which the canvas shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["text", "heading", "item", "code", "quote", "rule", "gap"]


@dataclass(frozen=True, slots=True)
class Span:
    """Words that look alike."""

    text: str = ""
    bold: bool = False
    italic: bool = False
    code: bool = False
    href: str = ""
    """Where a link leads: `https:`, `http:` or `mailto:`; empty where it is none."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a note."""

    kind: Kind
    spans: tuple[Span, ...] = ()
    level: int = 0
    """1 to 3 of a heading, the depth of an item from 0."""
    mark: str = ""
    """What stands before an item: a bullet, or its number."""


_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_ITEM = re.compile(r"^(\s*)([-*+]|\d{1,4}[.)])\s+(.*)$")
_QUOTE = re.compile(r"^>\s?(.*)$")
_RULE = re.compile(r"^\s*([-*_])(\s*\1){2,}\s*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
_SAFE = re.compile(r"^(https?://|mailto:)[^\s<>\"]+$", re.IGNORECASE)
_INLINE = re.compile(
    r"`([^`]+)`|!?\[([^\]]*)\]\(([^()\s]*)\)|\*\*(\S(?:.*?\S)?)\*\*|__(\S(?:.*?\S)?)__"
    r"|\*(\S(?:[^*]*\S)?)\*|\b_(\S(?:[^_]*\S)?)_\b"
)


def markdown(text: str) -> list[Line]:
    """The lines of a note; a line of its text stays a line."""
    lines: list[Line] = []
    fence = ""
    for raw in re.sub(r"\r\n?", "\n", text).split("\n"):
        found = _FENCE.match(raw)
        mark = found[1] if found else ""
        if (mark == fence) if fence else mark:
            fence = "" if fence else mark
        elif fence:
            lines.append(Line("code", (Span(raw, code=True),)))
        else:
            lines.append(_line(raw))
    return lines


def _line(raw: str) -> Line:
    if not raw.strip():
        return Line("gap")
    if _RULE.match(raw):
        return Line("rule")
    if found := _HEADING.match(raw):
        return Line("heading", _inline(found[2], Span()), min(3, len(found[1])))
    if found := _ITEM.match(raw):
        space, mark, rest = found.groups()
        depth = min(3, len(space.replace("\t", "  ")) // 2)
        return Line("item", _inline(rest, Span()), depth, mark if mark[0].isdigit() else "•")
    if found := _QUOTE.match(raw):
        return Line("quote", _inline(found[1], Span()))
    return Line("text", _inline(raw.strip(), Span()))


def _inline(text: str, style: Span) -> tuple[Span, ...]:
    spans: list[Span] = []
    at = 0
    for found in _INLINE.finditer(text):
        if found.start() > at:
            spans.append(replace(style, text=text[at : found.start()]))
        spans += _marked(found, style)
        at = found.end()
    if at < len(text):
        spans.append(replace(style, text=text[at:]))
    return tuple(spans)


def _marked(found: re.Match[str], style: Span) -> tuple[Span, ...]:
    code, label, address, strong, strong2, soft, soft2 = found.groups()
    if code is not None:
        return (replace(style, text=code, code=True),)
    if label is not None and address is not None:
        words = label or address
        # A picture would be asked for from elsewhere: its words stand for it.
        if found[0].startswith("!") or not _SAFE.match(address):
            return (replace(style, text=words),)
        return _inline(words, replace(style, href=address))
    if (bold := strong if strong is not None else strong2) is not None:
        return _inline(bold, replace(style, bold=True))
    return _inline(soft if soft is not None else soft2 or "", replace(style, italic=True))
