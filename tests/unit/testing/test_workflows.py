"""The strategies for workflows: they keep to the size, and draw what they say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from wfnb.model.codec import decode, encode
from wfnb.model.workflow import Approval, Call, Edge, End, Fork, Group, Join, Map, Task, Wait, Workflow
from wfnb.testing.constructs import CHILD, CONSTRUCTS, SIGNAL, Construct
from wfnb.testing.workflows import workflows


@given(st.integers(3, 20).flatmap(lambda size: st.tuples(st.just(size), workflows(size=size, constructs=CONSTRUCTS))))
@settings(max_examples=50)
def test_a_workflow_has_no_more_nodes_than_asked_for(drawn: tuple[int, Workflow]) -> None:
    size, workflow = drawn
    assert 3 <= len(workflow.nodes) <= size
    assert decode(encode(workflow)) == workflow


def nodes(workflow: Workflow, fits: Callable[[object], bool]) -> bool:
    return any(fits(node) for node in workflow.nodes)


def edges(workflow: Workflow, fits: Callable[[Edge], bool]) -> bool:
    return any(fits(edge) for edge in workflow.edges)


def sources(workflow: Workflow, trigger: str) -> set[str]:
    return {workflow.node(edge.source).kind for edge in workflow.edges if edge.trigger == trigger}


SEEN: dict[Construct, Callable[[Workflow], bool]] = {
    "inclusive": lambda w: nodes(w, lambda n: isinstance(n, Fork) and bool(n.join)),
    "partial": lambda w: nodes(w, lambda n: isinstance(n, Join) and n.need != "all"),
    "wait": lambda w: nodes(w, lambda n: isinstance(n, Wait)) and edges(w, lambda e: e.on == SIGNAL),
    "approval": lambda w: nodes(w, lambda n: isinstance(n, Approval)),
    "error": lambda w: "task" in sources(w, "error"),
    "timer": lambda w: "task" in sources(w, "after"),
    "race": lambda w: nodes(w, lambda n: isinstance(n, Group) and n.cancel),
    "deadline": lambda w: "group" in sources(w, "after"),
    "rescue": lambda w: "group" in sources(w, "error"),
    "terminate": lambda w: nodes(w, lambda n: isinstance(n, End) and n.terminate),
    "failing": lambda w: nodes(w, lambda n: isinstance(n, End) and bool(n.error)),
    "map": lambda w: nodes(w, lambda n: isinstance(n, Map)),
    "call": lambda w: nodes(w, lambda n: isinstance(n, Call) and n.workflow == CHILD) and CHILD in w.workflows,
    "lock": lambda w: nodes(w, lambda n: isinstance(n, Task) and bool(n.lock)),
    "critical": lambda w: nodes(w, lambda n: isinstance(n, Group) and bool(n.lock)),
    "milestone": lambda w: edges(w, lambda e: e.when is not None and e.when.startswith("reached(")),
    "spawn": lambda w: edges(w, lambda e: e.spawn),
    "condition": lambda w: nodes(w, lambda n: isinstance(n, Task) and bool(n.ensures)),
    "compensation": lambda w: nodes(w, lambda n: isinstance(n, Task) and n.compensate is not None),
}


@pytest.mark.parametrize("construct", sorted(CONSTRUCTS))
def test_every_construct_occurs(construct: Construct) -> None:
    found = find(workflows(size=12, constructs=[construct]), SEEN[construct], settings=settings(database=None))
    assert SEEN[construct](found)


def test_without_constructs_there_are_plain_ones_only() -> None:
    @given(workflows())
    @settings(max_examples=50, database=None)
    def plain(workflow: Workflow) -> None:
        assert {node.kind for node in workflow.nodes} <= {"start", "end", "task", "choice", "fork", "join"}
        assert not any(edge.trigger or edge.spawn for edge in workflow.edges)

    plain()
