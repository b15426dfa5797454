"""What may become a workflow of its own, or a part of the one that calls it, without a run giving anything else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NoReturn

from wfnb.author.changes import named
from wfnb.author.expressions import SCOPE
from wfnb.author.ways import VALUED, Ways, expressions, reads_whole_input
from wfnb.errors import EditError
from wfnb.model.workflow import Edge, End, Fork, Group, Join, Map, Node, Start, Task, Workflow


def refuse(what: str, cure: str) -> NoReturn:
    """Say why not, and what to do about it.

    Raises:
        EditError: always.
    """
    raise EditError(f"{what}\n{cure}")


def only(nodes: Iterable[Node], edges: Iterable[Edge]) -> Workflow:
    """A part of a workflow, for asking what its expressions read."""
    return Workflow(nodes=tuple(nodes), edges=tuple(edges))


def movable(inside: Workflow, outside: Workflow) -> None:
    """Refuse what means something else in a run of its own.

    Args:
        inside: what moves between two workflows, without its start and end.
        outside: what stays.

    Raises:
        EditError: it has something that is bound to the run it is in.
    """
    _routed(inside)
    for node in inside.nodes:
        if isinstance(node, Task) and node.compensate is not None:
            refuse(f"'{node.id}' is taken back where the run fails, which ends at a call", "leave it out")
    asked = {name for part in (inside, outside) for name in _prerequisites(part)}
    bound = [node.id for node in inside.nodes if isinstance(node, Task) and (node.activity in asked)]
    bound += [node.id for node in inside.nodes if isinstance(node, Task) and node.prerequisites]
    if bound:
        refuse(f"prerequisites hold within one run, and {named(bound)} would be in another", "leave it out")
    shared = _locks(inside) & _locks(outside)
    if shared:
        refuse(f"the lock {named(sorted(shared))} is used inside and outside", "take all that use it, or none")
    if reads_whole_input(inside):
        refuse("an expression reads `input` as a whole", "read the inputs one by one: input.name")
    inner, outer = {node.id for node in inside.nodes}, {node.id for node in outside.nodes}
    crossing = sorted((_asked(inside) & outer) | (_asked(outside) & inner))
    if crossing:
        refuse(f"an expression on the other side asks whether {named(crossing)} was reached or failed", "leave it out")


def _routed(inside: Workflow) -> None:
    ids = {node.id for node in inside.nodes}
    for node in inside.nodes:
        if isinstance(node, Start | End):
            refuse(f"'{node.id}' begins or ends the run", "leave starts and ends out")
        if isinstance(node, Fork) and node.join and node.join not in ids:
            refuse(f"fork '{node.id}' is paired with join '{node.join}', which is not among them", "take both")
    for edge in inside.edges:
        if edge.on is not None:
            refuse(f"'{edge.source}' waits for signal '{edge.on}', which comes to the run alone", "leave it out")
        if edge.spawn:
            refuse(f"the edge from '{edge.source}' to '{edge.target}' starts children of the run", "leave it out")


def one_token(inner: Workflow) -> None:
    """Refuse a workflow that a token may leave while another is still in it.

    Raises:
        EditError: it is one.
    """
    if not Ways(inner).is_one_token():
        refuse("several tokens may be inside when one leaves", "take whole branches, from their fork to their join")


def joined(ways: Ways, id: str, count: int) -> None:
    """Refuse to make several edges into a join one, or one several.

    Raises:
        EditError: the node is a join, and there are several.
    """
    if count > 1 and isinstance(ways.nodes.get(id), Join):
        refuse(f"join '{id}' waits for each of {count} ways", "take it with all of its ways, or leave it out")


def unhidden(inside: Workflow, values: Iterable[str]) -> None:
    """Refuse to rename what the arguments of a map hide.

    Raises:
        EditError: a value is called as what a map gives its children.
    """
    hidden = SCOPE.intersection(values)
    if hidden and any(isinstance(node, Map) for node in inside.nodes):
        refuse(f"a map hides the value {named(sorted(hidden))}", "rename the node")


def reads(part: Workflow) -> set[str]:
    """The values that a part reads."""
    return {name for expression, hidden in expressions(part) for name in expression.reads if name not in hidden}


def inputs_read(part: Workflow) -> list[str]:
    """The inputs that a part reads, in the order in which it does."""
    found = (name for expression, _ in expressions(part) for name in sorted(n for n in expression.inputs if n))
    return list(dict.fromkeys(found))


def lasts(ways: Ways, inside: Collection[str], ends: Collection[str]) -> set[str]:
    """The nodes inside that give the value which a token has at one of these ends, or behind them."""
    from_inside = (id for id in inside if isinstance(ways.nodes[id], VALUED))
    return {id for id in from_inside if _next_without_value(ways, id) & set(ends)}


def _next_without_value(ways: Ways, id: str) -> set[str]:
    """The nodes that a token comes to with the value of node `id`."""
    seen: set[str] = set()
    frontier = [id]
    while frontier:
        for edge in ways.out[frontier.pop()]:
            if edge.target not in seen and not isinstance(ways.nodes[edge.target], VALUED):
                seen.add(edge.target)
                frontier.append(edge.target)
    return seen


def _asked(part: Workflow) -> set[str]:
    return {
        about for expression, _ in expressions(part) for function, about in expression.facts if function != "signal"
    }


def _prerequisites(part: Workflow) -> set[str]:
    return {name for node in part.nodes if isinstance(node, Task) for name in node.prerequisites}


def _locks(part: Workflow) -> set[str]:
    return {node.lock for node in part.nodes if isinstance(node, Task | Group) and node.lock}
