"""Errors in a source, with their place."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from wfnb.errors import SourceError


def at_node(message: str, node: ast.AST, lines: Sequence[str]) -> SourceError:
    """An error that concerns a part of the source."""
    line = getattr(node, "lineno", 1)
    text = lines[line - 1] if line <= len(lines) else ""
    start = _characters(text, getattr(node, "col_offset", 0))
    ends_here = getattr(node, "end_lineno", line) == line
    end = _characters(text, getattr(node, "end_col_offset", 0)) if ends_here else len(text)
    return located(message, line, start, end if end > start else None)


def located(message: str, line: int, column: int = 0, end: int | None = None) -> SourceError:
    """An error whose message begins with its line."""
    return SourceError(f"line {line}: {message}", line, column, end)


def _characters(text: str, offset: int) -> int:
    """A position that `ast` counts in bytes, in characters."""
    return len(text.encode()[:offset].decode(errors="ignore"))
