"""What is said of an expression while it is typed."""

from __future__ import annotations

import pytest

from wfnb.model.expression import parse
from wfnb.model.workflow import End, Map, Note, Start, Task, Workflow
from wfnb.widgets import messages as m
from wfnb.widgets.expressions import KNOWN_FUNCTIONS, looked_at

INNER = Workflow(name="inner", inputs={"page": "str"}, nodes=(Start("start"), Task("mark", activity="f"), End("end")))
DRAWN = Workflow(
    name="outer",
    inputs={"url": "str"},
    nodes=(Start("start"), Task("page", activity="f"), Note("why"), Map("each", items=[], activity="f"), End("end")),
    workflows={"inner": INNER},
)


def look(text: str, *path: str, within_map: bool = False) -> m.LookedAt:
    return looked_at(m.LookAt(client="me", id=7, text=text, path=path, within_map=within_map), DRAWN)


@pytest.mark.parametrize(
    "text", ["=page", "=input.url + page", "=input.amount", "len(page) > 2", "=[x for x in page]", '=reached("page")']
)
def test_nothing_is_said_of_what_can_stand(text: str) -> None:
    assert look(text) == m.LookedAt(client="me", id=7)


@pytest.mark.parametrize(
    ("text", "wrong", "what"),
    [
        ("=page +", "+", "is not an expression"),
        ("=page + pgae", "pgae", "there is no node 'pgae'"),
        ("'é' + pgae", "pgae", "there is no node 'pgae'"),
        ("=url", "url", "there is no node 'url'"),
        ("=input.ulr", "ulr", "there is no input 'ulr'"),
        ("=why", "why", "there is no node 'why'"),
        ("=item", "item", "there is no node 'item'"),
        ("=page.__class__", "page", "which is not allowed"),
        ("=lenn(page)", "lenn", "no function of expressions"),
        ("values['pgae']", "'pgae'", "there is no node 'pgae'"),
    ],
)
def test_the_fault_is_placed(text: str, wrong: str, what: str) -> None:
    found = look(text)
    assert what in found.message
    assert text[found.start : found.end] == wrong
    assert "\n" in found.message


def test_names_are_those_of_the_workflow_in_view() -> None:
    assert look("=mark + input.page", "inner").message == ""
    assert "there is no node 'page'" in look("=page", "inner").message
    assert look("=item + index", within_map=True).message == ""
    assert "write input.url" in look("=url").message


def test_an_empty_text_has_a_place_too() -> None:
    found = look("=")
    assert found.message
    assert 0 <= found.start < found.end <= 1


def test_every_function_that_is_offered_can_be_called() -> None:
    assert {"len", "sum", "reached", "signal", "error"} <= set(KNOWN_FUNCTIONS)
    for name in KNOWN_FUNCTIONS:
        argument = '"page"' if name in ("reached", "signal", "error") else "page"
        assert parse(f"{name}({argument})").source
