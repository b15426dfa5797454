"""What guards read, what is known of it, and the runs in which it has given values."""

from __future__ import annotations

from typing import Any

import pytest

from wfnb.machine.guards.terms import Path, kind_of, read_guard, written
from wfnb.machine.guards.trial import Stand, built, looked_up


@pytest.mark.parametrize(
    ("guard", "terms"),
    [
        ("amount > 3 and amount < b", {("values", "amount"): "amount", ("values", "b"): "b"}),
        ("values['x y'] == input.z", {("values", "x y"): "values['x y']", ("input", "z"): "input.z"}),
        ("input['a b'].c", {("input", "a b", "c"): "input['a b'].c"}),
        ("page.a['b'][0][-1] > 1", {("values", "page", "a", "b", 0, -1): "page.a['b'][0][-1]"}),
        ("page.k > page['k']", {("values", "page", "k"): "page.k"}),
        ("len(page) > 1", {("values", "page"): "page"}),
        ("page[x] == 1", {("values", "page"): "page", ("values", "x"): "x"}),
        ("page[True] == 1", {("values", "page"): "page"}),
        (
            "reached('a') and signal('go').x",
            {("reached", "a"): "reached('a')", ("signal", "go", "x"): "signal('go').x"},
        ),
        ("values['len'] > 1", {("values", "len"): "values['len']"}),
    ],
)
def test_what_a_guard_reads(guard: str, terms: dict[Path, str]) -> None:
    reading = read_guard(guard)
    assert not reading.beyond
    assert dict(reading.terms) == terms


@pytest.mark.parametrize(
    ("path", "kinds", "kind"),
    [
        (("values", "a"), {"a": "int"}, "int"),
        (("values", "x y"), {"values['x y']": "int"}, "int"),
        (("input", "a"), {"input.a": "int"}, "int"),
        (("input", "x y"), {"input['x y']": "int"}, "int"),
        (("values", "a", "b"), {"a.b": "int"}, "int"),
        (("values", "a", "b"), {"a['b']": "int"}, "int"),
        (("values", "a", "b", "c"), {"a": "dict[str, dict[str, int]]"}, "int"),
        (("values", "a", 0), {"a": "list[str] | None"}, "str"),
        (("values", "a", 0), {"a": "dict[int, str]"}, "any"),
        (("values", "a", "b"), {"a": "Page"}, "any"),
        (("reached", "a"), {}, "bool"),
        (("signal", "a"), {"signal('a')": "int | None"}, "int | None"),
        (("signal", "a"), {}, "any"),
        (("values", "a"), {"input.a": "int"}, "any"),
    ],
)
def test_the_type_of_a_term(path: Path, kinds: dict[str, str], kind: str) -> None:
    assert kind_of(path, written(path), kinds) == kind


@pytest.mark.parametrize(
    ("assigned", "values", "inputs"),
    [
        ({("values", "a"): 1, ("input", "b"): "x"}, {"a": 1}, {"b": "x"}),
        ({("values", "a", "b", "c"): 1}, {"a": {"b": {"c": 1}}}, {}),
        ({("values", "a", "b"): 1, ("values", "a", "c"): 2}, {"a": {"b": 1, "c": 2}}, {}),
        ({("values", "a", 2): 1}, {"a": [None, None, 1]}, {}),
        ({("values", "a", -2): 1}, {"a": [1, None]}, {}),
        ({("values", "a"): None, ("values", "a", "b"): 1}, {"a": None}, {}),
        ({("values", "a"): Stand.OBJECT, ("values", "a", "b"): 1}, {"a": {"b": 1}}, {}),
        ({("values", "a"): [], ("values", "a", 0): 1}, {"a": []}, {}),
        ({("values", "a"): [0, 0], ("values", "a", 0): 1}, {"a": [1, 0]}, {}),
        ({("values", "a"): {}, ("values", "a", "b"): 1}, {"a": {}}, {}),
    ],
)
def test_a_run_in_which_terms_have_values(
    assigned: dict[Path, Any], values: dict[str, Any], inputs: dict[str, Any]
) -> None:
    assert built(assigned)[:2] == (values, inputs)


def test_a_run_with_facts() -> None:
    assigned = {("reached", "a"): True, ("reached", "b"): False, ("signal", "go", "x"): 1, ("error", "t"): None}
    _, _, facts = built(assigned)
    assert (facts.reached, facts.signals, facts.errors) == ({"a"}, {"go": {"x": 1}}, {"t": None})


def test_terms_are_shown_as_the_run_has_them() -> None:
    page, status = ("values", "page"), ("values", "page", "status")
    wanted = [(page, "page"), (status, "page.status")]
    assert looked_up({page: None, status: 3}, wanted) == {"page": None}
    assert looked_up({page: Stand.OBJECT, status: 3}, wanted) == {"page.status": 3}
    assert repr(looked_up({page: Stand.OBJECT}, wanted[:1])) == "{'page': ...}"
