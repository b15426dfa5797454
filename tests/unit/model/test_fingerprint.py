"""A fingerprint changes with what a function does, and with nothing else."""

from __future__ import annotations

import math
from functools import partial
from types import ModuleType
from typing import Any

import pytest

from wfnb.model.fingerprint import Fingerprint, Untold


def defined(source: str, **known: Any) -> Any:
    """The function `f` of a cell."""
    cell: dict[str, Any] = {"__name__": "__main__", "math": math, **known}
    exec(compile(source, "<cell>", "exec"), cell)
    return cell["f"]


def name(source: str, **known: Any) -> str:
    return Fingerprint(lambda _: "").of(defined(source, **known))


BASE = "def f(x):\n    return x + 1"
CHANGED = {
    "a constant": "def f(x):\n    return x + 2",
    "the code": "def f(x):\n    return x - 1",
    "a default": "def f(x=1):\n    return x + 1",
    "a parameter": "def f(x, *, y=None):\n    return x + 1",
    "an inner function": "def f(x):\n    def g():\n        return 1\n    return x + g()",
}
SAME = {
    "comments": "# said\ndef f(x):\n    # more\n\n    return x + 1",
    "another place": "\n\n\ndef f(x):\n    return x + 1",
    "annotations of values": "def f(x):\n    return (x + 1)",
}


@pytest.mark.parametrize("what", CHANGED)
def test_it_changes_with(what: str) -> None:
    assert name(CHANGED[what]) != name(BASE)


@pytest.mark.parametrize("what", SAME)
def test_it_does_not_change_with(what: str) -> None:
    assert name(SAME[what]) == name(BASE)


def test_it_changes_with_a_function_that_is_called() -> None:
    source = "def g(x):\n    return {}\ndef h(x):\n    return g(x)\ndef f(x):\n    return h(x)"
    assert name(source.format("x")) == name(source.format("x"))
    assert name(source.format("x")) != name(source.format("-x"))


def test_it_changes_with_a_global() -> None:
    source = "def f(x):\n    return x * RATE"
    assert name(source, RATE=[1, {"a": 2}]) == name(source, RATE=[1, {"a": 2}])
    assert len({name(source, RATE=rate) for rate in (1, 1.0, True, [1], (1,), {"a": 1})}) == 6


def test_it_changes_with_what_a_closure_holds() -> None:
    source = "def make():\n    held = {}\n    return lambda x: x + held\nf = make()"
    assert name(source.format(1)) != name(source.format(2))


def test_it_changes_with_a_class_that_is_used() -> None:
    source = "class A:\n    n = {}\n    def m(self):\n        return {}\ndef f(x):\n    return A().m()"
    assert name(source.format(1, 1)) == name(source.format(1, 1))
    assert len({name(source.format(*pair)) for pair in ((1, 1), (2, 1), (1, 2))}) == 3


def test_it_changes_with_a_module_of_ones_own() -> None:
    def told(body: str) -> str:
        helpers = ModuleType("helpers")
        exec(f"def g(x):\n    return {body}\ndef other():\n    return 1", vars(helpers))
        helpers.g.__module__ = "helpers"
        return name("def f(x):\n    return helpers.g(x)", helpers=helpers)

    assert told("x") == told("x")
    assert told("x") != told("-x")


def test_a_set_has_one_whatever_its_order() -> None:
    told = Fingerprint(lambda _: "")
    assert told.of({"a", "b", "c"}) == told.of({"c", "b", "a"})
    assert name("def f(x):\n    return x in {'a', 'b', 'c'}") == name("def f(x):\n    return x in {'a', 'b', 'c'}")


def test_a_function_may_call_itself() -> None:
    source = "def f(x):\n    return {} if x else f(x - 1)"
    assert name(source.format(1)) == name(source.format(1))
    assert name(source.format(1)) != name(source.format(2))


def test_partial_functions() -> None:
    def told(n: int) -> str:
        return Fingerprint(lambda _: "").of(partial(defined(BASE), n))

    assert told(1) == told(1)
    assert told(1) != told(2)


def test_libraries_are_known_by_their_version() -> None:
    assert name("def f(x):\n    return math.sqrt(x)") == name("def f(x):\n    return math.sqrt(x)")
    assert name("import json\ndef f(x):\n    return json.dumps(x)")


def test_what_has_a_codec_is_told_by_its_content() -> None:
    class Table:
        def __init__(self, n: int) -> None:
            self.n = n

    told = Fingerprint(lambda value: str(value.n))
    assert told.of(Table(1)) == told.of(Table(1)) != told.of(Table(2))


def test_what_can_not_be_told_is_named() -> None:
    with pytest.raises(Untold, match=r"the global 'client' is a builtins.object, whose content can not be told"):
        name("def f(x):\n    return client", client=object())
