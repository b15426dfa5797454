"""`%%wfsql`: SQL in a cell."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from IPython.core.interactiveshell import InteractiveShell

import wfnb as wf


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    wf.connect()
    made = InteractiveShell.instance()
    wf.load_ipython_extension(made)
    yield made
    InteractiveShell.clear_instance()
    wf.close()


def test_a_cell_gives_a_table_and_names_it(shell: InteractiveShell) -> None:
    shell.user_ns |= {"low": 2, "run": SimpleNamespace(id="x")}
    found = shell.run_cell_magic("wfsql", "kept", "select $low + 1 as n, $run.id as id, '$low' as text -- $nothing\n")
    assert found.to_dict("records") == [{"n": 3, "id": "x", "text": "$low"}]
    assert shell.user_ns["kept"] is found
    assert shell.run_line_magic("wfsql", "select count(*) as n from events")["n"].tolist() == [0]


def test_what_is_wrong_is_said(shell: InteractiveShell) -> None:
    with pytest.raises(wf.WfnbError, match="there is no variable 'absent'"):
        shell.run_line_magic("wfsql", "select $absent")
    with pytest.raises(wf.WfnbError, match="'two words' is no name of a variable"):
        shell.run_cell_magic("wfsql", "two words", "select 1")
