r"""Names, sets and alignments in LaTeX that MathJax, KaTeX and LaTeX itself take alike.

Inside `\text` they differ on what a backslash means, so a name is cut: what is plain stands in `\text`, what TeX or
HTML would take for their own stands in mathematics between.  A name can not leave its place, whatever is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NAME_LENGTH = 48
"""Characters of a name that are shown."""
SHOWN = 12
"""Members of a set that are shown."""
_SPECIAL = {
    "\\": r"\backslash ",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "&": r"\&",
    "^": r"\hat{\ }",
    "~": r"\sim ",
    "<": r"{\lt}",  # in braces no relation, which would have space around it
    ">": r"{\gt}",
}


def name(text: str, length: int = NAME_LENGTH) -> str:
    r"""Any text as an upright name; what is too long ends in `\dots`, what can not be printed is a space."""
    shown = text if len(text) <= length else text[: length - 1]
    parts: list[str] = []
    plain = ""
    for character in shown:
        if character in _SPECIAL:
            if plain:
                parts.append(rf"\text{{{plain}}}")
            parts.append(_SPECIAL[character])
            plain = ""
        else:
            plain += character if character.isprintable() else " "
    if plain:
        parts.append(rf"\text{{{plain}}}")
    if shown != text:
        parts.append(r"\dots ")
    return "".join(parts)


def braces(members: Sequence[str], shown: int = SHOWN) -> str:
    r"""A set of names: `\emptyset`, or the first few, and how many there are where some are left out."""
    if not members:
        return r"\emptyset "
    listed = ",\\ ".join(map(name, members[:shown]))
    if len(members) <= shown:
        return rf"\{{{listed}\}}"
    return rf"\{{{listed},\ \dots\}}\ \left({len(members)}\right)"


def aligned(rows: Iterable[str]) -> str:
    """Rows with one `&` each, as a displayed formula."""
    body = " \\\\\n".join(rows)
    return f"$$\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n$$"
