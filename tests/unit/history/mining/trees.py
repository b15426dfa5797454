"""Random process trees, and the words that a tree accepts, found without any net."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import count

import numpy as np
from hypothesis import strategies as st

from wfnb.history.log import EventLog, LogBuilder
from wfnb.history.mining.tree import Exclusive, Leaf, Loop, Parallel, Sequence, Silent, Tree

Words = frozenset[tuple[str, ...]]


def log_of_words(words: Iterable[tuple[str, ...]]) -> EventLog:
    """A log with a case for each word."""
    built = LogBuilder()
    for number, word in enumerate(words):
        case = built.add_case(f"case {number}")
        for activity in word:
            built.add(case, activity, None)
    return built.log()


def words(tree: Tree, longest: int) -> Words:
    """Every word of a tree that has at most `longest` activities."""
    match tree:
        case Silent():
            return frozenset({()})
        case Leaf(activity):
            return frozenset({(activity,)} if longest else ())
        case Exclusive(parts):
            return frozenset().union(*(words(part, longest) for part in parts))
        case Sequence(parts):
            found: Words = frozenset({()})
            for part in parts:
                following = words(part, longest)
                found = frozenset(a + b for a in found for b in following if len(a) + len(b) <= longest)
            return found
        case Parallel(parts):
            found = frozenset({()})
            for part in parts:
                following = words(part, longest)
                found = frozenset(
                    mixed for a in found for b in following if len(a) + len(b) <= longest for mixed in shuffles(a, b)
                )
            return found
        case Loop(body, back):
            once = words(body, longest)
            around = frozenset(
                a + b for way in back for a in words(way, longest) for b in once if len(a) + len(b) <= longest
            )
            found, new = once, once
            while new:
                new = frozenset(a + b for a in new for b in around if len(a) + len(b) <= longest) - found
                found |= new
            return found


def shuffles(a: tuple[str, ...], b: tuple[str, ...]) -> Words:
    """Every way of mixing two words."""
    if not a or not b:
        return frozenset({a + b})
    return frozenset((a[0], *rest) for rest in shuffles(a[1:], b)) | frozenset(
        (b[0], *rest) for rest in shuffles(a, b[1:])
    )


@st.composite
def trees(draw: st.DrawFn, most: int = 5) -> Tree:
    """A tree whose activities are all different."""
    names = count()

    def leaf() -> Tree:
        return Leaf("abcdefghij"[next(names)])

    def part(size: int) -> Tree:
        if size == 1:
            return draw(st.sampled_from([leaf, leaf, leaf, lambda: Exclusive((Silent(), leaf()))]))()
        first = draw(st.integers(1, size - 1))
        kind = draw(st.sampled_from(["sequence", "exclusive", "parallel", "loop"]))
        left, right = part(first), part(size - first)
        match kind:
            case "sequence":
                return Sequence((left, right))
            case "exclusive":
                return Exclusive((left, right))
            case "parallel":
                return Parallel((left, right))
            case _:
                return Loop(left, (right,))

    return part(draw(st.integers(1, most)))


def random_tree(rng: np.random.Generator, size: int) -> Tree:
    """As `trees`, from a generator of random numbers."""
    names = count()

    def part(size: int) -> Tree:
        if size == 1:
            return Leaf(f"t{next(names)}")
        first = int(rng.integers(1, size))
        left, right = part(first), part(size - first)
        match int(rng.integers(0, 10)):
            case 0 | 1 | 2 | 3:
                return Sequence((left, right))
            case 4 | 5 | 6:
                return Exclusive((left, right))
            case 7 | 8:
                return Parallel((left, right))
            case _:
                return Loop(left, (right,))

    return part(size)


def play(tree: Tree, rng: np.random.Generator) -> tuple[str, ...]:
    """One random word of a tree."""
    match tree:
        case Silent():
            return ()
        case Leaf(activity):
            return (activity,)
        case Exclusive(parts):
            return play(parts[int(rng.integers(len(parts)))], rng)
        case Sequence(parts):
            return tuple(activity for part in parts for activity in play(part, rng))
        case Parallel(parts):
            threads = [list(play(part, rng)) for part in parts]
            order = rng.permutation([at for at, thread in enumerate(threads) for _ in thread]).tolist()
            return tuple(threads[at].pop(0) for at in order)
        case Loop(body, back):
            word = play(body, rng)
            while rng.random() < 0.3:
                word += play(back[int(rng.integers(len(back)))], rng) + play(body, rng)
            return word


def counted(log: EventLog) -> Counter[tuple[str, ...]]:
    """How often each trace is in a log."""
    return Counter(log.traces())
