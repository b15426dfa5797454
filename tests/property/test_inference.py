"""Types of expressions against what the expressions give: a value is of the type that was inferred for it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from wfnb.errors import ExpressionError
from wfnb.machine.inference.expression import infer_type, narrow
from wfnb.machine.inference.notes import Notes
from wfnb.machine.inference.scope import Scope
from wfnb.model.expression import parse
from wfnb.model.types import Type, fits, misfit, read_type

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")  # of Python, about what these expressions compute

small = st.integers(-3, 3)
reals = st.floats(-4, 4, allow_nan=False)
texts = st.text("ab ", max_size=3)
TYPES: dict[str, st.SearchStrategy[Any]] = {
    "int": small,
    "float": reals,
    "str": texts,
    "bool": st.booleans(),
    "None": st.none(),
    "int | None": small | st.none(),
    "str | None": texts | st.none(),
    "Literal['a', 'b']": st.sampled_from("ab"),
    "Literal[0, 1, None]": st.sampled_from((0, 1, None)),
    "list[int]": st.lists(small, max_size=3),
    "list[str | None]": st.lists(texts | st.none(), max_size=3),
    "tuple[int, str]": st.tuples(small, texts),
    "set[int]": st.sets(small, max_size=3),
    "dict[str, int]": st.dictionaries(st.sampled_from("ab"), small, max_size=2),
    "{'a': int, 'b?': str}": st.fixed_dictionaries({"a": small}, optional={"b": texts}),
    "{'a': {'b': float}} | None": st.fixed_dictionaries({"a": st.fixed_dictionaries({"b": reals})}) | st.none(),
    "list[{'a': int}]": st.lists(st.fixed_dictionaries({"a": small}), max_size=2),
    "int | str": small | texts,
    "any": small | texts | st.none() | st.lists(small, max_size=2),
}
NAMES = ("x", "y", "z")
FUNCTIONS = (
    "len", "abs", "sorted", "any", "all", "str", "int", "float", "bool", "list", "tuple", "set", "dict", "range",
    "round", "lower", "upper", "strip", "split", "keys", "items", "enumerate", "zip", "sum", "min", "max",
)  # fmt: skip
_BINARY = ("+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>")
_COMPARED = ("==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not")


LEAVES = (
    *NAMES,
    "w",
    "input.i",
    "input['i']",
    "0",
    "1",
    "2",
    "-1",
    "1.5",
    "'a'",
    "''",
    "None",
    "True",
    "[]",
    "x.a",
    "y['a']",
)
FORMS = (
    *(f"(E {operator} E)" for operator in (*_BINARY, *_COMPARED, "and", "or")),
    *(f"{function}(E)" for function in FUNCTIONS),
    *(f"{function}(E, E)" for function in ("get", "min", "max", "zip", "startswith", "join", "round", "range", "sum")),
    "(not E)", "(-E)", "(~E)", "(E if E else E)", "(E).a", "(E).b", "(E)[E]", "(E)[E:E]", "get(E, E, E)",
    "min(E, default=E)", "[E, E]", "(E, E)", "{'a': E, 'b': E}", "{E: E}", "{E}", "[E for w in E if E]",
    "[w + 1 for w in E]", "{v: E for v, w in E}", "(x is not None and E)", "(y is None or E)",
    "(z in ('a', None) and E)", "str(f'{x}') + E",
)  # fmt: skip


@st.composite
def expressions(draw: st.DrawFn) -> str:
    """An expression of up to four levels, that is one of Python's, and often of no type."""

    def part(depth: int) -> str:
        if depth == 0 or draw(st.integers(0, 3)) == 0:
            return draw(st.sampled_from(LEAVES))
        form, *others = draw(st.sampled_from(FORMS)).split("E")
        return form + "".join(part(depth - 1) + other for other in others)

    return part(draw(st.integers(1, 4)))


kinds = st.fixed_dictionaries(dict.fromkeys((*NAMES, "i"), st.sampled_from(tuple(TYPES))))


def scope_of(declared: dict[str, str]) -> Scope:
    types: dict[str, Type] = {name: read_type(kind).type for name, kind in declared.items()}
    return Scope({name: types[name] for name in NAMES}, {"i": types["i"]}, {}, {}, {})


@given(expressions(), kinds, st.data())
@settings(max_examples=400)
def test_a_value_is_of_the_type_inferred(source: str, declared: dict[str, str], data: Any) -> None:
    judge(source, declared, data)


def judge(source: str, declared: dict[str, str], data: Any) -> None:
    try:
        expression = parse(source)
    except ExpressionError:
        assume(False)
    notes = Notes()
    kind = infer_type(expression, scope_of(declared), notes)
    values = {name: data.draw(TYPES[text]) for name, text in declared.items()}
    try:
        found = expression.evaluate({**values, "w": 1}, {"i": values["i"]})
    except (ExpressionError, TypeError, ValueError):
        return
    # What was called surely wrong does not give anything; of what may be wrong, the rest has to be right.
    refused = [note for note in notes.found if note.severity == "error"]
    assert misfit(kind, found) is None, f"{source} with {declared} gives {found!r}, no {kind}"
    assert not refused or _skipped(source), f"{source} with {declared} gives {found!r}, in spite of {refused[0].what}"


def _skipped(source: str) -> bool:
    """Whether a part that is wrong may not have been evaluated, as where there are no items."""
    return any(word in source for word in (" if ", " and ", " or ", " for ", "get(", "<", ">", "sum(", "join(", "zip("))


@given(expressions(), kinds, st.data())
@settings(max_examples=250)
def test_what_is_known_behind_a_condition_is_so(source: str, declared: dict[str, str], data: Any) -> None:
    try:
        expression = parse(source)
    except ExpressionError:
        assume(False)
    scope = scope_of(declared)
    values = {name: data.draw(TYPES[text]) for name, text in declared.items()}
    try:
        holds = expression.holds({**values, "w": 1}, {"i": values["i"]})
    except (ExpressionError, TypeError, ValueError):
        return
    for path, kind in narrow(expression, scope, holds=holds).facts.items():
        found: Any = values.get(path[1], 1)
        for field in path[2:]:
            if not isinstance(found, dict) or field not in found:
                break  # a part that was not looked at
            found = found[field]
        else:
            assert fits(kind, found), f"{path} is {found!r}, no {kind}, where {source} is {holds}"


@pytest.mark.long
@given(expressions(), kinds, st.data())
@settings(max_examples=40_000)
@pytest.mark.timeout(900)
def test_many_more(source: str, declared: dict[str, str], data: Any) -> None:
    judge(source, declared, data)
