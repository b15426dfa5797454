"""Discovery: what is found behind words that are known, that it is sound, and that every case fits it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings

from tests.corpus import event_logs, needs_event_logs
from tests.unit.history.mining.trees import Words, log_of_words, random_tree, trees, words
from wfnb.formats import xes
from wfnb.history.log import EventLog, log_of
from wfnb.history.mining.conformance import Conformance
from wfnb.history.mining.discovery import discover
from wfnb.history.mining.drawing import workflow_of
from wfnb.history.mining.follows import coded_variants, follows, variants
from wfnb.history.mining.inductive import discover_tree
from wfnb.history.mining.played import Played
from wfnb.history.mining.tree import (
    Exclusive,
    Leaf,
    Loop,
    Parallel,
    Sequence,
    Silent,
    Tree,
    accepts_nothing,
    exclusive,
    loop,
    parallel,
    sequence,
)
from wfnb.machine.check import check
from wfnb.model.workflow import Workflow

A, B, C, D = map(Leaf, "abcd")
TAU = Silent()


def of(*texts: str) -> EventLog:
    """The log of some words, a letter an activity."""
    return log_of_words(tuple(text) for text in texts)


def found(*texts: str, noise: float = 0.0) -> Tree:
    log = of(*texts)
    return discover_tree(coded_variants(log), log.activities, noise)


@pytest.mark.parametrize(
    ("texts", "tree"),
    [
        (("a",), A),
        (("abc",), Sequence((A, B, C))),
        (("a", "b"), Exclusive((A, B))),
        (("ab", "ba"), Parallel((A, B))),
        (("a", "aba", "ababa"), Loop(A, (B,))),
        (("a", "aa", "aaa"), Loop(A, (TAU,))),
        (("", "a"), Exclusive((TAU, A))),
        (("ac", "abc"), Sequence((A, Exclusive((TAU, B)), C))),
        (("abcd", "acbd"), Sequence((A, Parallel((B, C)), D))),
        (("ad", "abcd"), Sequence((A, Exclusive((TAU, Sequence((B, C)))), D))),
        (("ab", "ba", "abcab", "bacba", "abcba", "bacab"), Loop(Parallel((A, B)), (C,))),
    ],
)
def test_small_logs_have_the_tree_that_people_would_draw(texts: tuple[str, ...], tree: Tree) -> None:
    assert found(*texts) == tree


def test_parallel_to_a_loop_is_not_a_loop_around_parallel() -> None:
    tree = Parallel((A, Loop(B, (C,))))
    log = log_of_words(sorted(words(tree, 6)))
    assert words(discover_tree(coded_variants(log), log.activities), 6) == words(tree, 6)


def test_noise_is_left_out_where_it_hides_a_block() -> None:
    usual, rare = ["abcd"] * 50 + ["acbd"] * 50, ["dbca"]
    assert found(*usual, *rare, noise=0.2) == Sequence((A, Parallel((B, C)), D))
    assert found(*usual, *rare) != Sequence((A, Parallel((B, C)), D))


def language(workflow: Workflow, longest: int) -> Words:
    """Every word of at most so many activities that leads a workflow's net to its end, by trying everything."""
    played = Played(workflow)
    seen = {(played.net.initial, ())}
    waiting, accepted = list(seen), set()
    while waiting:
        marking, word = waiting.pop()
        if played.net.ended(marking):
            accepted.add(word)
        for move in played.moves(marking):
            label = played.labels[move.transition]
            after = (move.marking, word if label is None else (*word, label))
            if after not in seen and len(after[1]) <= longest:
                seen.add(after)
                waiting.append(after)
    return frozenset(accepted)


BUSY = Sequence((Loop(Parallel((Exclusive((TAU, A)), B)), (Exclusive((TAU, C)),)), Leaf("d")))
"""Goes round by routing alone but for one branch, for which the join waits at every turn."""


@given(trees(most=4))
@example(BUSY)
@settings(max_examples=60, deadline=None)
def test_the_drawing_of_a_tree_has_its_language_and_is_sound(tree: Tree) -> None:
    workflow = workflow_of(tree, "x")
    assert check(workflow).properties["sound"].verdict == "proved"
    assert language(workflow, 4) == words(tree, 4)


def test_a_round_in_which_nothing_happens_rests_somewhere() -> None:
    for tree in (Loop(Exclusive((TAU, A)), (TAU,)), Loop(TAU, (Exclusive((TAU, A)),))):
        workflow = workflow_of(tree, "x")
        report = check(workflow)
        assert [problem.code for problem in report.diagnostics if problem.severity == "error"] == []
        assert report.properties["sound"].verdict == "proved"
        assert language(workflow, 3) == {(), ("a",), ("a", "a"), ("a", "a", "a")}


def test_an_activity_that_is_drawn_twice_has_two_names() -> None:
    workflow = workflow_of(Sequence((A, B, A)), "x")
    assert [(node.id, getattr(node, "activity", "")) for node in workflow.nodes if node.id[0] in "ab"] == [
        ("a", "a"),
        ("b", "b"),
        ("a 2", "a"),
    ]


def discovered_again(seed: int, size: int, longest: int) -> None:
    """Discover a random tree from all of its words up to a length, and compare."""
    rng = np.random.default_rng(seed)
    tree = random_tree(rng, int(rng.integers(1, size + 1)))
    known = words(tree, longest)
    log = log_of_words(sorted(known))
    again = discover(log)
    assert check(again.workflow).properties["sound"].verdict == "proved"
    conformance = Conformance(log, again.workflow)
    assert (conformance.fitness, conformance.token_fitness, conformance.fitting) == (1, 1, len(known))
    assert words(again.tree, longest) == known, (tree, again.tree)


@pytest.mark.parametrize("seed", range(40))
def test_a_workflow_is_discovered_from_its_words(seed: int) -> None:
    discovered_again(seed, 5, 8)


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_many_more_are_discovered_from_their_words() -> None:
    for seed in range(1_000, 2_000):
        discovered_again(seed, 5, 8)


@given(trees())
@settings(max_examples=40, deadline=None)
def test_whatever_is_discovered_is_sound_and_fits(tree: Tree) -> None:
    known = sorted(words(tree, 6))
    if not any(known):
        return
    log = log_of_words(known[::2] + known[:3])
    again = discover(log)
    assert check(again.workflow).properties["sound"].verdict == "proved"
    assert Conformance(log, again.workflow).fitness == 1


@needs_event_logs
@pytest.mark.parametrize("path", event_logs(), ids=lambda path: path.name)
def test_what_is_discovered_in_known_logs_is_sound_and_fits(path) -> None:
    log = xes.read(path)
    again = discover(log)
    assert check(again.workflow).properties["sound"].verdict == "proved"
    conformance = Conformance(log, again.workflow)
    assert conformance.fitness == 1
    assert conformance.token_fitness == event_logs()[path]["im_tbr_log_fitness"] == 1


def test_trees_are_put_together_without_needless_nesting() -> None:
    assert sequence([A, TAU, Sequence((B, C))]) == Sequence((A, B, C))
    assert parallel([TAU, A]) == A
    assert parallel([]) == TAU
    assert exclusive([A, Exclusive((B, A))]) == Exclusive((A, B))
    assert exclusive([TAU, Loop(TAU, (A,))]) == Loop(TAU, (A,))
    assert loop(Loop(A, (TAU,)), [TAU]) == Loop(A, (TAU,))
    assert accepts_nothing(Sequence((TAU, Exclusive((A, TAU)))))
    assert not accepts_nothing(Loop(A, (TAU,)))


def test_the_graph_of_a_log() -> None:
    graph = follows(of("ab", "abb", ""))
    assert graph.pairs == {("a", "b"): 2, ("b", "b"): 1}
    assert (graph.begins, graph.ends) == ({"a": 2}, {"b": 2})
    assert (graph.cases, graph.events) == (3, 5)
    assert graph.frame().to_dict("records")[0] == {"source": "a", "target": "b", "count": 2}
    assert dict(variants(of("ab", "ab", ""))) == {("a", "b"): 2, (): 1}


def test_an_empty_log_has_a_graph_and_no_workflow() -> None:
    empty = log_of((), (), np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64))
    assert follows(empty).pairs == {}
    with pytest.raises(ValueError, match="the log has no events"):
        discover(empty)
    with pytest.raises(ValueError, match="noise is 2"):
        discover(of("a"), noise=2)
