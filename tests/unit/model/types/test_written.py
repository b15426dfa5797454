"""Types as people write them."""

from __future__ import annotations

import pytest

from wfnb.model.types import ANY, INT, NONE, STR, Exactly, Instance, ListOf, OneOf, Record, read_type, union

HOW = "write a type such as str, list[float], int | None or any"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("", "any"),
        ("any", "any"),
        ("Any", "any"),
        ("object", "any"),
        ("int", "int"),
        (" str ", "str"),
        ("None", "None"),
        ("'int'", "int"),
        ("typing.Optional[int]", "int | None"),
        ("None | int", "int | None"),
        ("Union[int, str, None]", "int | str | None"),
        ("int | int", "int"),
        ("int | any", "any"),
        ("list", "list"),
        ("list[int]", "list[int]"),
        ("List['int']", "list[int]"),
        ("[int]", "list[int]"),
        ("dict", "dict"),
        ("dict[str, list[int | None]]", "dict[str, list[int | None]]"),
        ("Mapping[str, float]", "dict[str, float]"),
        ("Counter[str]", "dict[str, int]"),
        ("tuple", "tuple"),
        ("tuple[int, str]", "tuple[int, str]"),
        ("tuple[int, ...]", "tuple[int, ...]"),
        ("tuple[()]", "tuple[()]"),
        ("set[str]", "set[str]"),
        ("frozenset", "set"),
        ("Sequence[int]", "Sequence[int]"),
        ("collections.abc.Iterable", "Iterable"),
        ("Literal['a', 'b']", "Literal['a', 'b']"),
        ("Literal[-1, True, None]", "Literal[-1, True] | None"),
        ("Literal['a'] | str", "str"),
        ("Literal[True, False]", "bool"),
        ("Annotated[int, 'seconds']", "int"),
        ("Awaitable[int]", "int"),
        ("Coroutine[Any, Any, str]", "str"),
        ("pd.DataFrame", "DataFrame"),
        ("Callable[[int], str]", "Callable"),
        ("{'amount': float, 'note?': str}", "{'amount': float, 'note?': str}"),
        ("{amount: float}", "{'amount': float}"),
    ],
)
def test_what_is_understood(text: str, printed: str) -> None:
    found = read_type(text)
    assert (str(found.type), found.problem) == (printed, "")
    assert read_type(str(found.type)).type == found.type  # and so is what it prints


@pytest.mark.parametrize(
    ("text", "problem", "cure"),
    [
        ("list[", "'list[' is no type", HOW),
        ("1 + 1", "'1 + 1' is no type", HOW),
        ("strr", "'strr' is no known type", "Did you mean 'str'?"),
        ("Widget", "'Widget' is no known type", HOW),
        ("dict[str, flaot]", "'flaot' is no known type", "Did you mean 'float'?"),
        ("{**x}", "a field of a record has no name", "write such as {'amount': float}"),
        ("__import__('os')", "'__import__('os')' is no type", HOW),
        ("[" * 40 + "]" * 40, "a text of 80 characters is no type", HOW),
        ("int |" * 600, "a text of 3000 characters is no type", HOW),
    ],
)  # fmt: skip
def test_what_is_not_understood(text: str, problem: str, cure: str) -> None:
    found = read_type(text)
    assert (found.problem, found.cure) == (problem, cure)


def test_a_name_that_is_not_known_still_is_a_class() -> None:
    assert read_type("Widget | None").type == union(Instance("Widget"), NONE)


def test_names_that_others_know() -> None:
    order = Record("Order", ())
    assert read_type("list[Order]", {"Order": order}).type == ListOf(order)
    assert read_type("shop.Order", {"Order": order}).problem == ""
    assert read_type("int", {"int": order}).type == INT  # but not those of Python


def test_unions_are_flat_and_say_nothing_twice() -> None:
    assert union() == read_type("Never").type
    assert union(STR, union(INT, STR), NONE) == OneOf((STR, INT, NONE))
    assert union(Exactly("a"), STR) == STR
    assert union(Exactly(1), Exactly(True)) == OneOf((Exactly(1), Exactly(True)))
    assert union(INT, ANY) == ANY
    assert union(ListOf(union()), ListOf(INT)) == ListOf(INT)
    assert union(*map(Exactly, range(40))) == INT
