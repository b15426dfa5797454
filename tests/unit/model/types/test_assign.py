"""Which types go where."""

from __future__ import annotations

import pytest

from wfnb.model.types import Fit, Instance, Record, Type, accepts, element, fits, read_type

BASE = Record("Base", (), "object", bases=("Base",))
CHILD = Record("Child", (), "object", bases=("Child", "Base"))
OTHER = Record("Other", (), "object", bases=("Other",))
KNOWN: dict[str, Type] = {
    "Base": BASE,
    "Child": CHILD,
    "Other": OTHER,
    "Number": Instance("Number", ("Number", "float")),
    "Scalar": Instance("Scalar", ("Scalar", "generic")),
    "Thing": Instance("Thing", ("Thing",)),
    "Mode": Instance("Mode", ("Mode", "str", "Enum")),
}


def of(text: str) -> Type:
    return read_type(text, KNOWN).type


@pytest.mark.parametrize(
    ("target", "yes", "maybe", "no"),
    [
        ("any", ["int", "any", "None", "list[int]", "Thing"], [], []),
        ("int", ["int", "Literal[1]", "Never"], ["any", "float", "int | str", "Scalar", "Widget"],
            ["str", "bool", "None", "list", "Thing", "{'a': int}", "Literal['a']"]),
        ("float", ["int", "float", "Number", "int | float"], ["float | None"], ["bool", "str"]),
        ("str", ["str", "Literal['a', 'b']"], ["str | None", "Sequence[str]"], ["int", "bytes", "list[str]"]),
        ("int | None", ["int", "None", "int | None"], ["float", "any"], ["str"]),
        ("Literal['a', 'b']", ["Literal['a']", "Literal['b', 'a']"], ["str", "Literal['a', 'c']"],
            ["int", "Literal['c']", "None"]),
        ("list[int]", ["list[int]", "tuple[int, int]", "tuple[int, ...]"], ["list", "Sequence[int]", "list[float]"],
            ["list[str]", "set[int]", "str", "dict[int, int]", "int"]),
        ("list", ["list[int]", "list[str | None]", "tuple[int]"], ["Iterable"], ["set", "str", "None"]),
        ("tuple[int, str]", ["tuple[int, str]"], ["tuple[int | str, ...]", "tuple"],
            ["tuple[int]", "tuple[str, str]", "tuple[int, ...]", "tuple[str, ...]", "int"]),
        ("set[int]", ["set[int]"], ["list[int]"], ["set[str]", "list[str]", "dict[int, int]"]),
        ("Iterable[str]", ["list[str]", "set[str]", "str", "dict[str, int]", "Iterable[str]", "{'a': int}"],
            ["list", "Thing"], ["list[int]", "int", "None"]),
        ("dict[str, int]", ["dict[str, int]", "{'a': int}", "{}"], ["dict", "dict[str, float]", "{'a': float}"],
            ["dict[str, str]", "dict[int, int]", "{'a': str}", "Base", "list"]),
        ("{'a': int, 'b?': str}", ["{'a': int}", "{'a': int, 'b': str, 'c': int}"],
            ["dict[str, int]", "dict", "{'a': float}"], ["{}", "{'a': str}", "{'a': int, 'b': int}", "int", "Base"]),
        ("Base", ["Base", "Child"], ["dict", "Widget"], ["Other", "Thing", "int", "list"]),
        ("Child", ["Child"], ["Base"], ["Other"]),
        ("Mode", ["Mode"], ["str", "Literal['fast']"], ["int", "None"]),
        ("Scalar", ["Scalar"], ["float", "int"], ["None", "list[int]"]),
        ("Thing", ["Thing"], ["Widget", "any"], ["int", "DataFrame", "list[int]", "Base"]),
        ("Widget", ["Widget"], ["int", "Thing", "list", "None"], []),
        ("DataFrame", ["DataFrame"], [], ["str", "Series", "None", "list[int]"]),
        ("ndarray", ["ndarray"], ["list[float]"], ["str", "DataFrame"]),
        ("date", ["date", "datetime"], ["str", "float"], ["None", "bool", "list[int]"]),
        ("datetime", ["datetime"], ["date"], ["None"]),
        ("Never", ["Never"], [], ["int"]),
    ],
)  # fmt: skip
def test_accepts(target: str, yes: list[str], maybe: list[str], no: list[str]) -> None:
    expected = {**dict.fromkeys(yes, Fit.YES), **dict.fromkeys(maybe, Fit.MAYBE), **dict.fromkeys(no, Fit.NO)}
    assert {given: accepts(of(target), of(given)) for given in expected} == expected


@pytest.mark.parametrize(
    ("given", "item"),
    [
        ("list[int]", "int"),
        ("tuple[int, str]", "int | str"),
        ("dict[str, int]", "str"),
        ("{'a': int}", "str"),
        ("str", "str"),
        ("bytes", "int"),
        ("Literal['a']", "str"),
        ("any", "any"),
        ("Thing", "any"),
        ("list[int] | None", "int"),
        ("int", "None"),
        ("Base", "None"),
    ],
)
def test_items(given: str, item: str) -> None:
    assert str(element(of(given))) == item


def test_records_take_dicts_and_objects_with_their_fields() -> None:
    class Base:
        pass

    class Child(Base):
        pass

    class Ducks:
        a = 1

    class Strangers:
        pass

    wanted = of("{'a': int}")
    assert isinstance(wanted, Record)
    named = Record("Base", wanted.fields, "object", bases=("Base",))
    assert fits(named, Base())
    assert fits(named, Child())
    assert fits(named, {"a": 1})
    assert fits(named, Ducks())
    assert not fits(named, Strangers())
    assert not fits(named, {"a": "x"})
    assert not fits(named, [1])


def test_plain_data_in_the_place_of_objects() -> None:
    assert fits(of("Mode"), "fast")
    assert not fits(of("Mode"), 1)
    assert fits(of("Scalar"), 1.5)
    assert not fits(of("Scalar"), None)
    assert not fits(of("Thing"), "x")
