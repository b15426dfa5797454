"""Expressions: what they give, what they refuse and where, and that hostile ones end soon."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import pytest

from wfnb.errors import ExpressionError
from wfnb.model.expression import is_expression, parse, reference, rename_in

VALUES: dict[str, Any] = {
    "page": "hello",
    "mark": 0.5,
    "rows": [3, 1, 2],
    "row": {"name": "a", "tags": ["x", "y"]},
    "the id": 7,
    "len2": 2,
}
INPUT: dict[str, Any] = {"url": "https://example.org", "limit": 3}


def value(source: str) -> Any:
    return parse(source).evaluate(VALUES, INPUT)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("page", "hello"),
        ("=page", "hello"),
        (" page ", "hello"),
        ("len(page) > 10", False),
        ("mark > 0.4 and not mark > 0.6", True),
        ("input.url", "https://example.org"),
        ("input['limit'] + 1", 4),
        ("len(input)", 2),
        ("values['the id'] * 2", 14),
        ("values['page']", "hello"),
        ("row.name", "a"),
        ("row['tags'][-1]", "y"),
        ("row.tags[0:1]", ["x"]),
        ("[x * 2 for x in rows if x > 1]", [6, 4]),
        ("{x for x in rows}", {1, 2, 3}),
        ("{k: v for k, v in items(row)}", {"name": "a", "tags": ["x", "y"]}),
        ("sum(x for x in rows)", 6),
        ("any(x > 2 for x in rows)", True),
        ("all(x > 2 for x in rows)", False),
        ("sorted(rows, reverse=True)", [3, 2, 1]),
        ("max([], default=0)", 0),
        ("1 if mark < 1 else 2", 1),
        ("1 < 2 < 3", True),
        ("2 in rows", True),
        ("None is None", True),
        ("f'{page}!{mark}'", "hello!0.5"),
        ("f'{page!r}'", "'hello'"),
        ("join('-', split('a b'))", "a-b"),
        ("replace(page, 'l', 'L')", "heLLo"),
        ("upper(strip(' a '))", "A"),
        ("startswith(page, 'he') and endswith(page, 'lo')", True),
        ("get(row, 'absent', 5)", 5),
        ("keys(row)", ["name", "tags"]),
        ("enumerate(['a'], start=1)", [(1, "a")]),
        ("zip([1, 2], ['a', 'b', 'c'])", [(1, "a"), (2, "b")]),
        ("list(range(3))", [0, 1, 2]),
        ("round(2.567, 1)", 2.6),
        ("round(2.567)", 3),
        ("2 ** 10 % 7 // 2 - -1", 2),
        ("7 / 2", 3.5),
        ("1 << 4 | 1", 17),
        ("{**row, 'name': 'b'}", {"name": "b", "tags": ["x", "y"]}),
        ("(1,\n 2)", (1, 2)),
        ("[page for page in rows]", [3, 1, 2]),
        ("[[y for y in [x]] for x in rows]", [[3], [1], [2]]),
        ("True", True),
        ("'='", "="),
        ("len2", 2),
    ],
)
def test_gives(source: str, expected: Any) -> None:
    found = value(source)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("source", "message", "column"),
    [
        ("", "an expression is empty", 0),
        ("=", "an expression is empty", 0),
        ("a +", "'a +' is not an expression: invalid syntax at column 4", 3),
        ("= a b", "'= a b' is not an expression: invalid syntax at column 5", 4),
        ("page.upper()", "calls the method '.upper()', which is not allowed at column 1", 0),
        ("1 + lambda: 1", "is not an expression: invalid syntax at column 5", 4),
        ("[lambda: 1]", "uses lambda, which is not allowed at column 2", 1),
        ("(x := 1)", "uses :=, which is not allowed at column 2", 1),
        ("[await x]", "uses await, which is not allowed at column 2", 1),
        ("[*rows]", "uses *, which is not allowed at column 2", 1),
        ("max(*rows)", "uses *, which is not allowed at column 5", 4),
        ("dict(**row)", "uses **, which is not allowed at column 1", 0),
        ("page.__class__", "reaches for '.__class__', which is not allowed at column 1", 0),
        ("1 + page._x", "reaches for '._x', which is not allowed at column 5", 4),
        ("__import__('os')", "calls '__import__', which is no function of expressions at column 1", 0),
        ("__name__", "names '__name__', which is not allowed at column 1", 0),
        ("len", "uses the function 'len' without calling it at column 1", 0),
        ("values", "uses 'values' without naming one at column 1", 0),
        ("values[page]", "computes which value it reads at column 1", 0),
        ("page @ page", "uses @, which is not allowed at column 1", 0),
        ("sorted(rows, key=len)", "passes 'key=' to 'sorted', which is not allowed at column 1", 0),
        ("f'{mark:>99999999}'", "uses a format specification, which is not allowed", None),
        ("[_x for _x in rows]", "binds '_x', which is not allowed at column 9", 8),
        ("[len for len in rows]", "binds 'len', which is not allowed at column 10", 9),
        ("[x async for x in rows]", "uses async, which is not allowed", None),
        ("[x for x.y in rows]", "binds something else than names", None),
        ("b'x'", "uses b'x', which is no JSON value at column 1", 0),
        ("1 + 2j", "uses 2j, which is no JSON value at column 5", 4),
        ("...", "uses Ellipsis, which is no JSON value at column 1", 0),
        ("lenn(page)", "Did you mean 'len'?", 0),
        ("page.lower()", "write lower(...) as a function", 0),
        ("[x(1) for x in rows]", "calls 'x', which is no function", None),
        ("é + page._x", "'é + page._x' reaches for '._x', which is not allowed at column 5", 4),
        ("(1,\n page._x)", "at column 6", 5),
        ("'\ud800'", "can not be parsed", None),
        ("x" * 10_001, "longer than 10000", None),
        ("(" * 61 + "1" + ")" * 61, "nested deeper than 60", None),
        ("-" * 61 + "1", "nested deeper than 60", None),
        ("not " * 61 + "1", "nested deeper than 60", None),
        ("1" + "+1" * 300, "too large", None),
        ("1" + "+1" * 4_900, "", None),
        ("a" + ".b" * 4_000, "", None),
        ("a" + "[0]" * 3_000, "", None),
        ("1" + " if 1 else 1" * 800, "", None),
        ("[" + "[]," * 3_000 + "]", "too large", None),
    ],
)
def test_refuses_and_says_where(source: str, message: str, column: int | None) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(source)
    assert message in str(refused.value)
    if column is not None:
        assert refused.value.column == column


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("absent", "'absent' reads 'absent', which has no value yet\n'absent' must have completed"),
        ("row.nme", "there is no field 'nme'\nknown fields: name, tags. Did you mean 'name'?"),
        ("input['ur']", "there is no field 'ur'\nknown fields: url, limit. Did you mean 'url'?"),
        ("input.ur", "there is no field 'ur'\nknown fields: url, limit. Did you mean 'url'?"),
        ("rows[9]", "'rows[9]' failed: IndexError: list index out of range"),
        ("1 / 0", "'1 / 0' failed: ZeroDivisionError: division by zero"),
        ("page + 1", "failed: TypeError"),
        ("'%s' % page", "% on text formats it"),
        ("mark.real.conjugate", "'.conjugate' is a method"),
        ("[x for x in 5]", "TypeError"),
        ("max([])", "ValueError"),
    ],
)
def test_says_why_evaluation_fails(source: str, message: str) -> None:
    with pytest.raises(ExpressionError) as failed:
        value(source)
    assert message in str(failed.value)


HOSTILE = [
    "9 ** 9 ** 9",
    "2 ** 4000 ** 2",
    "1 << 10 ** 9",
    "10 ** 400 * 10 ** 400 * 10 ** 400 * 10 ** 400 * 10 ** 400",
    "round(5, -1000000000)",
    "'a' * 10 ** 9",
    "[0] * 10 ** 9",
    "'a' * 10 ** 6 * 10 ** 6",
    "list(range(10 ** 12))",
    "[x for x in range(10 ** 8)]",
    "[y for x in range(10 ** 5) for y in range(10 ** 5)]",
    "[max(range(10 ** 6)) for x in range(10 ** 6)]",
    "[sorted(range(10 ** 6)) for x in range(10 ** 6)]",
    "[1 for r in [list(range(10 ** 6))] for x in range(10 ** 6) if -1 in r]",
    "[1 for r in ['a' * 10 ** 6] for x in range(10 ** 6) if 'b' in r]",
    "[1 for a in [[0] * 10 ** 6] for b in [[0] * 10 ** 6] for x in range(10 ** 6) if a == b]",
    "len(str([[[[0] * 1000] * 1000] * 1000] * 1000))",
    "f'{[[[[0] * 1000] * 1000] * 1000] * 1000}'",
    "[[[[0] * 1000] * 1000] * 1000]",
    "[[[x, x, x, x] for x in [[y] * 1000]] * 1000 for y in [[0] * 1000]]",
    "sum([[1] * 1000] * 100000, [])",
    "sum(['a' * 1000] * 100000, '')",
    "join('a' * 10 ** 6, ['b'] * 10 ** 6)",
    "replace('a' * 10 ** 6, 'a', 'b' * 10 ** 6)",
    "[{*()} for x in range(3)]",
    "[a | b for a in [set(range(10 ** 5))] for b in [set(range(10 ** 6))] for x in range(10 ** 5)]",
    "[lower(a) for a in ['a' * 10 ** 6] for x in range(10 ** 6)]",
    "[a[0:] for a in ['a' * 10 ** 6] for x in range(10 ** 6)]",
    "[split(a) for a in ['a ' * 10 ** 6] for x in range(10 ** 6)]",
    "(x for x in rows).gi_frame.f_globals",
    "[zip(range(10 ** 9), range(10 ** 9))]",
    "enumerate(range(10 ** 9))",
    "int('9' * 10 ** 6)",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_a_hostile_expression_ends_soon(source: str) -> None:
    began = time.process_time()
    with pytest.raises(ExpressionError):
        value(source)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("source", [source for source in HOSTILE if "str(" in source or "'a'" in source])
def test_a_hostile_expression_stays_small(source: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ExpressionError):
            value(source)
        assert tracemalloc.get_traced_memory()[1] < 400e6
    finally:
        tracemalloc.stop()


def test_nothing_is_computed_after_the_evaluation() -> None:
    assert type(value("(x for x in rows)")) is list


def test_a_part_of_what_was_read_is_passed_on_as_it_is() -> None:
    big = {"rows": [0] * 20_000_000}
    assert parse("big.rows").evaluate({"big": big}, {}) is big["rows"]


def test_functions_of_python_itself_are_out_of_reach() -> None:
    def function() -> None:
        """Come with `__globals__`."""

    for internal in (function, time, (x for x in [])):
        with pytest.raises(ExpressionError, match="reaches into Python itself"):
            parse("thing.name").evaluate({"thing": internal}, {})


def test_names_what_it_reads() -> None:
    found = parse("=page + values['a b'] + input.url + input['a b'] + f'{len(input)}' + [x + mark for x in rows]")
    assert found.reads == ("page", "a b", "rows", "mark")
    assert found.inputs == ("url", "a b", None)
    assert found.source.startswith("page")


def test_holds_needs_a_truth() -> None:
    class Neither:
        def __bool__(self) -> bool:
            raise ValueError("ambiguous")

    assert parse("rows").holds(VALUES, {}) is True
    assert parse("[]").holds(VALUES, {}) is False
    with pytest.raises(ExpressionError, match="ValueError: ambiguous"):
        parse("x").holds({"x": Neither()}, {})


@pytest.mark.parametrize(
    ("source", "old", "new", "expected"),
    [
        ("page", "page", "text", "text"),
        ("=len(page) > 1", "page", "text", "=len(text) > 1"),
        ("page.page", "page", "text", "text.page"),
        ("page", "page", "the page", "values['the page']"),
        ("values['the id'] + 1", "the id", "id", "id + 1"),
        ("values['page'] + page", "page", "p", "p + p"),
        ("page", "page", "len", "values['len']"),
        ("page", "page", "input", "values['input']"),
        ("input.page", "page", "text", "input.page"),
        ("'page'", "page", "text", "'page'"),
        ("row['page']", "page", "text", "row['page']"),
        ("a b", "a", "c", "a b"),
        ("[page for page in rows]", "page", "text", "[page for page in rows]"),
        ("[page for page in page]", "page", "text", "[page for page in text]"),
        ("[x + page for x in rows]", "page", "x", "[x + values['x'] for x in rows]"),
        ("[x for x in page if page]", "page", "a b", "[x for x in values['a b'] if values['a b']]"),
        ("{x: y for x, y in items(page)}", "page", "p", "{x: y for x, y in items(p)}"),
        ("other", "page", "text", "other"),
        (
            "=reached('page') and error('page') == page",
            "page",
            "the text",
            "=reached('the text') and error('the text') == values['the text']",
        ),
        ("signal('page') or reached('other')", "page", "text", "signal('page') or reached('other')"),
        ("reached('page') or signal('page') == 'page'", "page", "text", "reached('text') or signal('page') == 'page'"),
        ("len(values['len']) + len('len')", "len", "n", "len(n) + len('len')"),
        ("sorted(rows, reverse=page)", "page", "text", "sorted(rows, reverse=text)"),
    ],
)
def test_rename_in(source: str, old: str, new: str, expected: str) -> None:
    assert rename_in(source, old, new) == expected


@pytest.mark.parametrize("id", ["page", "the id", "len", "input", "None", "class", "x'y", "ä", 'quo"te', "\\"])
def test_reference_names_the_value_of_any_id(id: str) -> None:
    assert parse(reference(id)).evaluate({id: 1}, {}) == 1


def test_only_text_that_starts_with_an_equals_sign_is_an_expression() -> None:
    assert is_expression("=a")
    assert not is_expression("a")
    assert not is_expression(5)
    assert not is_expression(" =a")
