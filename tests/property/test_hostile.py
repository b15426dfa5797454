"""Random damage: whatever is read, checked, compiled or evaluated is refused in our own words, or is right."""

from __future__ import annotations

import copy
import json
import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfnb.errors import CompileError, DecodeError, ExpressionError
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.wellformed import diagnose
from wfnb.model.activity import describe
from wfnb.model.codec import decode, definition_hash, encode
from wfnb.model.expression import parse
from wfnb.model.facts import Facts
from wfnb.model.workflow import Workflow
from wfnb.testing.workflows import documents, workflows


def work(id: str) -> str:
    """An activity."""
    return id


ACTIVITIES = {"work": describe(work)}
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    1e308,
    "",
    "=",
    "=x",
    "t1",
    "c1",
    "f1",
    "j1",
    "start",
    "end",
    "*",
    "\u202e",
    "é" * 300,
    "=values['t1']",
    "=input.a",
    "reached('t1')",
    "signal('s') > 1",
    "=t1.__class__",
    [],
    {},
    [[]],
    {"": {}},
    ["t1"],
    "2030-01-31T12:00:00Z",
    "task",
    "wait",
    "group",
    "fork",
    "join",
    "map",
    "call",
    "all",
    "any",
    "cancel",
)
FIELDS = (
    "when",
    "otherwise",
    "error",
    "after",
    "until",
    "on",
    "spawn",
    "source",
    "target",
    "kind",
    "id",
    "join",
    "need",
    "rest",
    "members",
    "cancel",
    "lock",
    "workflow",
    "workflows",
    "items",
    "activity",
    "arguments",
    "terminate",
    "signals",
    "requires",
    "compensate",
    "retry",
    "timeout",
    "output",
    "inputs",
    "nodes",
    "edges",
    "width",
    "failure",
    "prompt",
    "form",
)


def examined(text: str | bytes) -> None:
    """Read, check and compile: nothing but our own errors, and both say the same."""
    try:
        workflow = decode(text)
    except DecodeError:
        return
    found = [problem for problem in diagnose(workflow, ACTIVITIES) if problem.severity == "error"]
    assert all(problem.message for problem in found)
    refused: tuple[Any, ...] = ()
    with suppress(CompileError):
        try:
            machine = compile_workflow(workflow, ACTIVITIES)
        except CompileError as error:
            refused = error.diagnostics
            raise
        assert not found
        assert machine.hash == definition_hash(decode(encode(workflow)))
        return
    assert refused
    assert list(refused) == found or not found


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container in a JSON value with one of its keys."""
    found: list[tuple[Any, Any]] = []
    frontier = [value]
    while frontier:
        one = frontier.pop()
        keys: Any = one if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        found += [(one, key) for key in keys]
        frontier += [one[key] for key in keys]
    return found


def damaged(document: Any, chance: random.Random) -> Any:
    """The document with a few things in it replaced, added, doubled, exchanged or left out."""
    document = copy.deepcopy(document)
    for _ in range(chance.randint(1, 4)):
        where, key = chance.choice(places(document))
        other, from_ = chance.choice(places(document))
        match chance.randrange(6):
            case 0:
                where[key] = copy.deepcopy(chance.choice(ODD))
            case 1 if isinstance(where, dict):
                where[chance.choice(FIELDS)] = copy.deepcopy(chance.choice(ODD))
            case 2 if isinstance(where, list):
                where.insert(key, copy.deepcopy(where[key]))
            case 3:
                where[key] = copy.deepcopy(other[from_])
            case 4 if isinstance(where[key], dict):
                where[key][chance.choice(FIELDS)] = copy.deepcopy(other[from_])
            case _:
                del where[key]
                if not places(document):
                    return {}
    return document


def damaged_bytes(data: bytes, chance: random.Random) -> bytes:
    """The bytes with a few of them changed, left out or repeated."""
    for _ in range(chance.randint(1, 4)):
        at, to = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        to = min(to, at + 20)
        with_ = chance.choice(
            [b"", data[at:to] * 2, bytes([chance.randrange(256)]), b'"', b"[", b"}", b"\\", b"\xed\xa0\x80"]
        )
        data = data[:at] + with_ + data[to:]
    return data


@given(documents(), st.integers(0, 2**32))
@settings(max_examples=40)
def test_any_document(workflow: Workflow, seed: int) -> None:
    text = encode(workflow)
    examined(text)
    chance = random.Random(seed)
    examined(json.dumps(damaged(json.loads(text), chance)))
    examined(damaged_bytes(text.encode(), chance))


@given(workflows(sound=False), st.integers(0, 2**32))
@settings(max_examples=60)
def test_a_workflow_with_damage(workflow: Workflow, seed: int) -> None:
    text = encode(workflow)
    examined(text)
    chance = random.Random(seed)
    for _ in range(5):
        examined(json.dumps(damaged(json.loads(text), chance)))


@pytest.mark.long
@given(workflows(sound=False) | documents(), st.integers(0, 2**32))
@settings(max_examples=5_000)
@pytest.mark.timeout(900)
def test_many_more(workflow: Workflow, seed: int) -> None:
    document = json.loads(encode(workflow))
    chance = random.Random(seed)
    for _ in range(20):
        examined(json.dumps(damaged(document, chance)))


TOKENS = st.sampled_from(
    [
        "a",
        "input",
        "values",
        "_",
        "__class__",
        ".x",
        ".__class__",
        ".f()",
        "['k']",
        "[0]",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        ",",
        ":",
        "+",
        "-",
        "*",
        "**",
        "%",
        "@",
        "//",
        "<<",
        "~",
        "not ",
        "and ",
        "or ",
        "if ",
        " else ",
        "for x in ",
        " in ",
        " is ",
        "lambda: ",
        "yield ",
        "await ",
        ":=",
        "==",
        "<",
        "1",
        "9" * 30,
        "1e308",
        "'s'",
        "f'{a}'",
        "f'{a:>9}'",
        "f'{a!r}'",
        "len(",
        "range(",
        "sorted(",
        "str(",
        "reached('a')",
        "signal('s')",
        "error('a')",
        "reached(",
        "join('', ",
        "print(",
        "open(",
        "eval(",
        "\n",
        "\\",
        "\ud800",
        "\u0000",
        "# ",
        "é",
        "\t",
    ]
)


@given(st.lists(TOKENS, max_size=12).map("".join) | st.text(max_size=30))
@settings(max_examples=500)
def test_any_expression(source: str) -> None:
    with suppress(ExpressionError):
        expression = parse(source)
        for part in [expression, *expression.parts()]:
            for evaluate in (part.holds, part.evaluate):
                with suppress(ExpressionError):
                    evaluate({"a": [1, {"x": "y"}]}, {"x": 3}, Facts({"a"}, {"s": 4}, {"a": {"type": "E"}}))


@pytest.mark.parametrize("count", [10, 100, 1_000, 3_000])
@pytest.mark.parametrize(
    "repeated",
    [
        ("(", "a", ")"),
        ("[", "a", "]"),
        ("{1:", "a", "}"),
        ("-", "a", ""),
        ("- ", "a", ""),
        ("not ", "a", ""),
        ("~ ", "a", ""),
        ("a**", "a", ""),
        ("a if a else ", "a", ""),
        ("", "a", ".b"),
        ("", "a", "[0]"),
        ("len(", "a", ")"),
        ("lambda:", "a", ""),
        ("a and ", "a", ""),
        ("a or not ", "a", ""),
        ("a<", "a", ""),
        ("f'{", "a", "}'"),
        ("[x for x in ", "a", "]"),
        ("'\\'' + (", "a", ")"),
        ("a*", "a", ""),
        ("(a:=", "a", ")"),
        ("await ", "a", ""),
        ("*", "a", ""),
        ("reached(", "'a'", ")"),
        ("signal('a') and ", "a", ""),
        ("'", "a", "'"),
        ("9", "9", "9"),
        ("a,", "a", ",a"),
    ],
)
def test_an_expression_that_goes_on_and_on(repeated: tuple[str, str, str], count: int) -> None:
    before, middle, after = repeated
    with suppress(ExpressionError):
        expression = parse(before * count + middle + after * count)
        assert expression.parts()
        expression.holds({"a": 1}, {})
