"""Rows and cells of a DataFrame, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame


def each(frame: DataFrame) -> Iterator[Any]:
    """Its rows, each with a field a column."""
    return frame.itertuples(index=False)


def known(value: Any) -> bool:
    """Whether a cell has something in it."""
    return value is not None and bool(value == value)  # noqa: PLR0124 - NaN and NaT do not equal themselves
