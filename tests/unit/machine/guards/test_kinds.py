"""Types as people write them, and the values they stand for."""

from __future__ import annotations

import pytest

from wfnb.machine.guards.kinds import JSON, Kind, read_kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("int", Kind(ints=True)),
        ("int | None", Kind(ints=True, none=True)),
        ("Optional[str]", Kind(texts=True, none=True)),
        ("Union[int, float, bool]", Kind(ints=True, floats=True, bools=True)),
        ("Literal['a', 'b|c', 3, None]", Kind(literals=("a", "b|c", 3, None))),
        ("typing.Literal['a'] | Literal[True]", Kind(literals=("a", True))),
        ("list[int | None]", Kind(items="int | None")),
        ("List", Kind(items="any")),
        ("dict[str, list[int]]", Kind(entries=("str", "list[int]"))),
        ("Page | None", Kind(objects=("Page",), none=True)),
        ("pd.DataFrame", Kind(objects=("pd.DataFrame",))),
        ("tuple[int, str]", Kind(objects=("tuple[int, str]",))),
        ("Literal[a]", Kind(objects=("Literal[a]",))),
        ("int[", Kind(objects=("int[",))),
        ("any", JSON),
        ("int | Any", JSON),
        ("", JSON),
    ],
)
def test_what_a_type_stands_for(text: str, kind: Kind) -> None:
    assert read_kind(text) == kind


def test_what_can_be_counted_through() -> None:
    assert read_kind("Literal['a', 'b'] | bool | None").finite
    assert not read_kind("Literal['a'] | str").finite
    assert not read_kind("Page").finite


def test_what_may_have_no_fields() -> None:
    assert read_kind("Page | None").bare
    assert not read_kind("Page | dict[str, int]").bare
    assert not JSON.bare
