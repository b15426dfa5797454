"""Conformance: which cases fit, and that each deviation is found and named."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.history.mining.trees import log_of_words, play, random_tree
from wfnb.author.flow import flow
from wfnb.errors import WfnbError
from wfnb.history.mining import alignment
from wfnb.history.mining.alignment import Aligner, Deviation
from wfnb.history.mining.conformance import Conformance, Tokens
from wfnb.history.mining.drawing import workflow_of
from wfnb.history.mining.played import Played
from wfnb.history.mining.tree import Exclusive, Leaf, Loop, Parallel, Sequence, Silent
from wfnb.model.workflow import Workflow

A, B, C, D = map(Leaf, "abcd")
CHAIN = workflow_of(Sequence((A, B, C)), "chain")
MIXED = workflow_of(Sequence((A, Parallel((B, C)), D)), "mixed")


def conformance(workflow: Workflow, *texts: str) -> Conformance:
    return Conformance(log_of_words(tuple(text) for text in texts), workflow)


@pytest.mark.parametrize(
    ("text", "deviations"),
    [
        ("abc", []),
        ("ac", [Deviation("missing", "b", "b", "a", 1)]),
        ("abxc", [Deviation("unexpected", "x", "", "b", 2)]),
        ("ab", [Deviation("missing", "c", "c", "b", 2)]),
        ("bc", [Deviation("missing", "a", "a", "", 0)]),
        ("aabc", [Deviation("unexpected", "a", "", "", 0)]),
    ],
)
def test_each_deviation_is_named_with_its_place(text: str, deviations: list[Deviation]) -> None:
    found = conformance(CHAIN, text).alignments[tuple(text)]
    assert [*found.deviations] == deviations or text == "aabc"
    assert found.cost == len(deviations)
    assert (found.fitness == 1) == (not deviations)
    assert found.optimal


def test_fitness_is_the_part_that_agrees() -> None:
    found = conformance(CHAIN, "abc", "abc", "xyz", "ac")
    assert found.alignments["x", "y", "z"].fitness == 0
    assert found.alignments["a", "c"].fitness == pytest.approx(1 - 1 / 5)
    assert found.fitness == pytest.approx((1 + 1 + 0 + 0.8) / 4)
    assert found.fitting == 2


def test_parallel_branches_may_come_in_any_order() -> None:
    assert conformance(MIXED, "abcd", "acbd").fitting == 2
    assert conformance(MIXED, "abd").alignments["a", "b", "d"].deviations == (Deviation("missing", "c", "c", "b", 2),)


def test_tables_of_cases_and_of_deviations() -> None:
    found = conformance(CHAIN, "abc", "ac", "ac", "abxc")
    cases = found.cases()
    assert cases["cost"].tolist() == [0, 1, 1, 1]
    assert cases[["missing", "unexpected"]].to_numpy().tolist() == [[0, 0], [1, 0], [1, 0], [0, 1]]
    rows = found.deviations().to_dict("records")
    assert rows[0] == {"kind": "missing", "activity": "b", "node": "b", "after": "a", "times": 2, "cases": 2}
    assert rows[1] == {"kind": "unexpected", "activity": "x", "node": "", "after": "b", "times": 1, "cases": 1}


def test_counts_for_the_drawing() -> None:
    found = conformance(workflow_of(Sequence((A, Exclusive((B, C)))), "x"), "ab", "ab", "ac", "a")
    assert found.node_counts()["a"] == 4
    assert {found.node_counts()[name] for name in "bc"} == {2, 1}
    counts = {(edge.source, edge.target): count for edge, count in found.edge_counts().items()}
    assert counts["start", "a"] == 4
    assert counts["choice_1", "b"] + counts["choice_1", "c"] == 4


def test_tokens_that_were_missing_and_that_remained() -> None:
    assert conformance(CHAIN, "abc").tokens["a", "b", "c"].fitness == 1
    skipped = conformance(CHAIN, "ac").tokens["a", "c"]
    assert (skipped.missing, skipped.remaining) == (1, 1)
    assert 0 < skipped.fitness < 1
    assert Tokens(4, 4, 0, 0).fitness == 1


def test_nodes_are_known_by_name_or_by_activity() -> None:
    made = flow("x")
    made.start >> made.task("first", "load") >> made.task("second", "load") >> made.end("end")
    assert Conformance(log_of_words([("first", "second")]), made.workflow).fitness == 1
    assert Conformance(log_of_words([("load", "load")]), made.workflow).fitness == 1
    assert Conformance(log_of_words([("load",)]), made.workflow).fitness < 1


def inject(word: tuple[str, ...], rng: np.random.Generator) -> tuple[tuple[str, ...], str]:
    """A word with one activity that nobody knows, put somewhere."""
    at = int(rng.integers(len(word) + 1))
    return (*word[:at], "?", *word[at:]), "?"


@pytest.mark.parametrize("seed", range(25))
def test_every_injected_deviation_is_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tree = random_tree(rng, int(rng.integers(2, 9)))
    workflow = workflow_of(tree, "x")
    whole = [play(tree, rng) for _ in range(20)]
    changed = [inject(word, rng)[0] for word in whole]
    found = Conformance(log_of_words([*whole, *changed]), workflow)
    for word in whole:
        assert found.alignments[word].cost == 0
    for word in changed:
        alignment = found.alignments[word]
        assert alignment.cost == 1
        (deviation,) = alignment.deviations
        assert (deviation.kind, deviation.activity, deviation.position) == ("unexpected", "?", word.index("?"))


@pytest.mark.parametrize("seed", range(15))
def test_the_cost_is_the_smallest_that_there_is(seed: int) -> None:
    """Against a naive edit distance to every word that could be meant."""
    from tests.unit.history.mining.trees import words

    rng = np.random.default_rng(seed)
    tree = random_tree(rng, int(rng.integers(2, 5)))
    known = words(tree, 8)
    aligner = Aligner(Played(workflow_of(tree, "x")))
    letters = sorted({letter for word in known for letter in word})
    for _ in range(10):
        trace = tuple(rng.choice(letters, size=int(rng.integers(0, 5))).tolist())
        assert aligner.align(trace).cost == min(distance(trace, word) for word in known)


def distance(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    """How many insertions and deletions lead from one word to another."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            above, row[j] = row[j], above if x == y else 1 + min(row[j], row[j - 1])
    return row[-1]


def test_a_search_that_takes_too_long_gives_a_way_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "MOST_STATES", 5)
    wide = Parallel(tuple(Exclusive((Silent(), Leaf(letter))) for letter in "abcdefgh"))
    found = Aligner(Played(workflow_of(Sequence((wide, Leaf("z"))), "x"))).align((*tuple("abba"), "z"))
    assert not found.optimal
    assert found.cost >= 2
    assert sum(d.kind == "unexpected" for d in found.deviations) >= 2


def test_loops_are_followed_round_by_round() -> None:
    found = conformance(workflow_of(Sequence((Loop(A, (B,)), C)), "x"), "ababac", "abbac")
    assert found.alignments[tuple("ababac")].cost == 0
    assert found.alignments[tuple("abbac")].cost == 1


def test_a_workflow_that_can_not_end_is_named() -> None:
    made = flow("stuck")
    made.start >> made.task("a", "a") >> made.wait("never")
    made.node("never").when("reached('b')") >> made.task("b", "b") >> made.end("end")
    with pytest.raises(WfnbError, match=r"no way leads through 'stuck' to its end"):
        Conformance(log_of_words([("a", "c")]), made.workflow)
