"""Frames in cells have the cell's number."""

from __future__ import annotations

from types import SimpleNamespace

import IPython
import pytest
from IPython.core.compilerop import CachingCompiler

from wfnb.engine.recording import problem_of

CELL = "def bad():\n    none = 0\n    return 1 / none\n"


def test_a_frame_in_a_cell_is_told_by_the_number_of_the_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = CachingCompiler()
    file = compiler.cache(CELL, 7)
    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(compile=compiler))
    names: dict[str, object] = {}
    exec(compile(CELL, file, "exec"), names)
    try:
        names["bad"]()  # type: ignore[operator]
    except ZeroDivisionError as error:
        told = problem_of(error, "node").traceback
    assert "Cell In[7], line 3, in bad\n    return 1 / none" in told
    assert file not in told
    assert f'File "{__file__}", line' in told, "what is in a file stays so"


def test_outside_of_a_kernel_frames_have_their_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(IPython, "get_ipython", lambda: None)
    try:
        raise ValueError("told")
    except ValueError as error:
        told = problem_of(error, "node").traceback
    assert f'File "{__file__}", line' in told
