"""Tables of a history as people read them in a shell: what fits on a line, and nothing that is empty everywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wfnb.cli.parts import plain

if TYPE_CHECKING:
    from pandas import DataFrame

LEFT_OUT: Mapping[str, frozenset[str]] = {
    "runs": frozenset({"parent", "origin", "ended", "definition"}),
    "tasks": frozenset({"run", "scheduled", "ended", "retry_at", "rerun"}),
    "events": frozenset({"run"}),
}
"""Columns that only `--json` and `--csv` have, by table: they say what others say too, or little to people."""
WIDEST = 60
"""Characters of a cell."""


def text_of(frame: DataFrame, name: str) -> str:
    """A table as lines; a child run is indented under its parent."""
    if frame.empty:
        return "nothing yet"
    columns = {}
    for column in frame.columns:
        cells = [_cell(value) for value in frame[column]]
        if column not in LEFT_OUT.get(name, ()) and any(cells):
            columns[column] = cells
    if name == "runs":
        columns["run"] = ["  " * run.count("/") + run for run in columns["run"]]
    right = {column for column in columns if frame[column].dtype.kind in "if"}
    heads = {column: f"{column} (UTC)" if frame[column].dtype.kind == "M" else column for column in columns}
    widths = {column: max(len(heads[column]), *map(len, cells)) for column, cells in columns.items()}
    lines = [[*heads.values()], *zip(*columns.values(), strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(widths[column]) if column in right else cell.ljust(widths[column])
            for column, cell in zip(columns, line, strict=True)
        ).rstrip()
        for line in lines
    )


def _cell(value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN and NaT do not equal themselves
        return ""
    if isinstance(value, float):
        text = f"{value:.3f}"
    elif hasattr(value, "strftime"):
        text = value.strftime("%Y-%m-%d %H:%M:%S")
    elif isinstance(value, dict | list | bool):
        text = json.dumps(plain(value), ensure_ascii=False)
    else:
        text = " ".join(str(value).split())
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
