"""What a docstring says, for the forms of a designer: its first paragraph, and a text for each argument."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_SPHINX = re.compile(r":(?:param|arg|argument|parameter)\s+(?:[^:]*\s)?\*{0,2}(\w+)\s*:\s*(.*)")
_GOOGLE = re.compile(r"\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)")
_NUMPY = re.compile(r"\*{0,2}(\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::\s.*|:)?")
_HEADING = re.compile(
    r"(?:args|arguments|parameters|params|keyword args|keyword arguments|other parameters)\s*(:?)", re.IGNORECASE
)
_SECTION = re.compile(r"[A-Z][A-Za-z ]*:")


@dataclass(frozen=True, slots=True)
class Told:
    """What a docstring says.

    Attributes:
        summary: its first paragraph, in one line.
        arguments: the text of each argument, in one line.
    """

    summary: str
    arguments: dict[str, str] = field(default_factory=dict)


def told(doc: str) -> Told:
    """Read a docstring whose indentation is cleaned (`inspect.getdoc`), in the manner of Google, NumPy or Sphinx."""
    lines = doc.splitlines()
    summary: list[str] = []
    for line in lines:
        if not line.strip():
            if summary:
                break
        elif _HEADING.fullmatch(line.strip()) or _SPHINX.match(line.strip()):
            break
        else:
            summary.append(line.strip())
    return Told(" ".join(summary), {**_sections(lines), **_sphinx(lines)})


def _sphinx(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in lines:
        match = _SPHINX.match(line.strip())
        if match:
            name = match[1]
            found[name] = match[2].strip()
        elif name and line.strip() and _indent(line) and not line.strip().startswith(":"):
            found[name] = f"{found[name]} {line.strip()}".strip()
        else:
            name = ""
    return found


def _sections(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for at, line in enumerate(lines):
        heading = _HEADING.fullmatch(line.strip())
        under = lines[at + 1].strip() if at + 1 < len(lines) else ""
        if not heading or _indent(line):
            continue
        if set(under) == {"-"}:
            found.update(_numpy(lines[at + 2 :]))
        elif heading[1]:
            found.update(_google(lines[at + 1 :]))
    return found


def _google(lines: list[str]) -> dict[str, str]:
    """Rows of `name (type): text`, indented; what is indented deeper goes on with the text before."""
    found: dict[str, str] = {}
    name, depth = "", 0
    for line in lines:
        if not line.strip():
            continue
        if not _indent(line):
            break
        match = _GOOGLE.fullmatch(line.strip())
        depth = depth or _indent(line)
        if match and _indent(line) <= depth:
            name = match[1]
            found[name] = match[2].strip()
        elif name:
            found[name] = f"{found[name]} {line.strip()}".strip()
    return found


def _numpy(lines: list[str]) -> dict[str, str]:
    """Rows of `name : type`, with the text indented below; several names may share one."""
    found: dict[str, str] = {}
    names: list[str] = []
    for at, line in enumerate(lines):
        under = lines[at + 1].strip() if at + 1 < len(lines) else ""
        if line.strip() and set(under) == {"-"}:
            break
        match = _NUMPY.fullmatch(line.strip())
        if not _indent(line) and line.strip():
            if match is None or _SECTION.fullmatch(line.strip()):
                break
            names = [name.strip().lstrip("*") for name in match[1].split(",")]
            found.update(dict.fromkeys(names, ""))
        elif line.strip():
            found.update({name: f"{found[name]} {line.strip()}".strip() for name in names})
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
