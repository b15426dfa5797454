"""Process trees: block-structured models, as discovery finds them.

Source: Sander Leemans, Robust Process Mining with Guarantees (2022), chapter 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Silent:
    """Nothing happens."""

    def __str__(self) -> str:
        return "τ"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One activity happens."""

    activity: str

    def __str__(self) -> str:
        return repr(self.activity)


@dataclass(frozen=True, slots=True)
class Sequence:
    """All parts happen, one after the other."""

    parts: tuple[Tree, ...]

    def __str__(self) -> str:
        return f"→({_listed(self.parts)})"


@dataclass(frozen=True, slots=True)
class Exclusive:
    """One of the parts happens."""

    parts: tuple[Tree, ...]

    def __str__(self) -> str:
        return f"×({_listed(self.parts)})"  # noqa: RUF001 - the sign of the literature


@dataclass(frozen=True, slots=True)
class Parallel:
    """All parts happen, side by side."""

    parts: tuple[Tree, ...]

    def __str__(self) -> str:
        return f"∧({_listed(self.parts)})"


@dataclass(frozen=True, slots=True)
class Loop:
    """The body happens, then any number of times one of the ways back and the body again."""

    body: Tree
    back: tuple[Tree, ...]

    def __str__(self) -> str:
        return f"↺({_listed((self.body, *self.back))})"


Tree: TypeAlias = Silent | Leaf | Sequence | Exclusive | Parallel | Loop


def sequence(parts: Iterable[Tree]) -> Tree:
    """All of them in a row, without what does nothing and without a sequence in a sequence."""
    return _joined(Sequence, parts)


def parallel(parts: Iterable[Tree]) -> Tree:
    """All of them side by side, without what does nothing and without nesting."""
    return _joined(Parallel, parts)


def exclusive(parts: Iterable[Tree]) -> Tree:
    """One of them, each once, without nesting."""
    flat: dict[Tree, None] = {}
    for part in parts:
        flat.update(dict.fromkeys(part.parts if isinstance(part, Exclusive) else (part,)))
    if Silent() in flat and any(accepts_nothing(part) for part in flat if not isinstance(part, Silent)):
        del flat[Silent()]
    return next(iter(flat)) if len(flat) == 1 else Exclusive(tuple(flat))


def loop(body: Tree, back: Iterable[Tree]) -> Tree:
    """A loop; a loop that goes back without doing anything is not nested in another such."""
    ways = exclusive(back)
    if isinstance(body, Loop) and ways == Silent() and body.back == (Silent(),):
        return body
    return Loop(body, ways.parts if isinstance(ways, Exclusive) else (ways,))


def accepts_nothing(tree: Tree) -> bool:
    """Whether the tree can come to its end without any activity."""
    match tree:
        case Silent():
            return True
        case Leaf():
            return False
        case Exclusive(parts):
            return any(map(accepts_nothing, parts))
        case Sequence(parts) | Parallel(parts):
            return all(map(accepts_nothing, parts))
        case Loop(body, _):
            return accepts_nothing(body)


def _joined(kind: type[Sequence | Parallel], parts: Iterable[Tree]) -> Tree:
    flat: list[Tree] = []
    for part in parts:
        if isinstance(part, kind):
            flat.extend(part.parts)
        elif not isinstance(part, Silent):
            flat.append(part)
    if not flat:
        return Silent()
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _listed(parts: Iterable[Tree]) -> str:
    return ", ".join(map(str, parts))
