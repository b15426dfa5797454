"""Changes of a workflow that change no result, and what they are made with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from wfnb.author.renames import without
from wfnb.author.ways import VALUED, Ways, expressions
from wfnb.model.workflow import Edge, End, Join, Node, Workflow


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a workflow.

    Attributes:
        what: what was changed.
        why: why the workflow gives the same as before.
        nodes: the nodes concerned, by the ids that they had.
    """

    what: str
    why: str
    nodes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"{self.what}: {self.why}"


SHOWN = 12
"""How many things a sentence lists."""
Improved: TypeAlias = tuple[Workflow, list[Change]]


def named(ids: Iterable[str]) -> str:
    """Ids in a sentence: `'a', 'b' and 'c'`; of many the first."""
    quoted = [f"'{id}'" for id in ids]
    *most, last = quoted if len(quoted) <= SHOWN else [*quoted[:SHOWN], f"{len(quoted) - SHOWN} more"]
    return f"{', '.join(most)} and {last}" if most else last


def dropped(workflow: Workflow, ids: Iterable[str], edges: Iterable[Edge]) -> Workflow:
    """The workflow without these nodes, and with these edges."""
    gone = set(ids)
    nodes: list[Node] = []
    for node in workflow.nodes:
        if node.id in gone:
            continue
        kept = node
        for id in gone:
            kept = without(kept, id)
        nodes.append(kept)
    return msgspec.structs.replace(
        workflow,
        nodes=tuple(nodes),
        edges=tuple(dict.fromkeys(edges)),
        layout={id: at for id, at in workflow.layout.items() if id not in gone},
    )


def asked_about(workflow: Workflow) -> set[str]:
    """The nodes that some expression asks about: whether they were reached, or what failed there."""
    return {
        name for expression, _ in expressions(workflow) for function, name in expression.facts if function != "signal"
    }


def ends_fed_by(ways: Ways, id: str) -> set[str]:
    """The ends without an output of their own that give the value which a token has behind node `id`."""
    found: set[str] = set()
    seen: set[str] = set()
    frontier = [id]
    while frontier:
        for edge in ways.out[frontier.pop()]:
            node = ways.nodes.get(edge.target)
            if isinstance(node, End) and not node.error and node.output is None:
                found.add(node.id)
            if node is not None and node.id not in seen and not isinstance(node, VALUED):
                seen.add(node.id)
                frontier.append(node.id)
    return found


def straight_to_ends(ways: Ways, id: str) -> bool:
    """Whether nothing else comes to the ends that node `id` feeds, nor between."""
    frontier = [id]
    seen: set[str] = set()
    while frontier:
        for edge in ways.out[frontier.pop()]:
            node = ways.nodes[edge.target]
            if isinstance(node, VALUED) or edge.target in seen:
                continue
            seen.add(edge.target)
            if isinstance(node, Join) or len(ways.into[edge.target]) != 1:
                return False
            frontier.append(edge.target)
    return True


def with_outputs(workflow: Workflow, outputs: Mapping[str, str]) -> Workflow:
    """The workflow with outputs at ends that had none."""
    nodes = tuple(
        msgspec.structs.replace(node, output=outputs[node.id]) if node.id in outputs else node
        for node in workflow.nodes
    )
    return msgspec.structs.replace(workflow, nodes=nodes)
