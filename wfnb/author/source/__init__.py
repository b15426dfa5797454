"""Drawings as Python: the code that builds a workflow, written for people and read without being run."""

from __future__ import annotations

from wfnb.author.source.reading import from_python
from wfnb.author.source.section import check_rewritable, drawn_in, rewritten
from wfnb.author.source.writing import to_python

__all__ = ["check_rewritable", "drawn_in", "from_python", "rewritten", "to_python"]
