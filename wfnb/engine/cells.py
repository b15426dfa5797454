"""Cells of a notebook in a traceback: by the number that they have on the page, not by a file that nobody sees."""

from __future__ import annotations

import re
import sys
from typing import Any

FRAME = re.compile(r'^(\s*)File "([^"\n]+)", line (\d+)', re.MULTILINE)


def by_cell(text: str) -> str:
    """The text of a traceback with `Cell In[3], line 2` for each frame in a cell of the kernel that this runs in."""
    name_of = _names()
    if name_of is None:
        return text

    def named(frame: re.Match[str]) -> str:
        indent, file, line = frame.groups()
        name = name_of(file)
        return f"{indent}{' '.join(name)}, line {line}" if name else frame[0]

    return FRAME.sub(named, text)


def _names() -> Any:
    """What IPython calls the code of a cell, as its own tracebacks do; None outside of a kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    return getattr(getattr(shell, "compile", None), "format_code_name", None)
