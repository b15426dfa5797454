"""What only some workflows have: triggers, groups, locks, partial joins, inclusive forks, compensation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from wfnb.machine import regions
from wfnb.machine.dominance import immediate_dominators
from wfnb.machine.graph import Effort, Graph
from wfnb.machine.machine import RESTING, STARTED, Kind, Lock, Machine, Region, Special, TaskPlan
from wfnb.model.expression import Expression
from wfnb.model.workflow import Approval, Call, End, Fork, Group, Join, Map, Start, Task, Wait

_NONE = Special()


def special_of(
    drawn: Graph,
    kinds: tuple[Kind, ...],
    parsed: Mapping[str, Expression],
    compensations: Mapping[int, TaskPlan],
    spawns: Mapping[int, Machine],
) -> Special:
    """What is special about a drawing; nothing is computed for one that is plain.

    Raises:
        TooEntangled: what cancelling joins withdraw overlaps too much.
    """
    milestones = frozenset(
        name for expression in parsed.values() for function, name in expression.facts if function == "reached"
    )
    if not (drawn.triggered or compensations or milestones or _has_special_nodes(drawn)):
        return _NONE
    edges, source = drawn.edges, drawn.source
    groups = regions.group_regions(drawn)
    by_trigger = _by_trigger(drawn)
    locks = _locks(drawn, groups)
    timers = _joined(by_trigger["after"], by_trigger["until"])
    listeners: dict[str, list[int]] = {}
    for index in drawn.triggered:
        signal = edges[index].on
        if signal is not None:
            listeners.setdefault(signal, []).append(index)
    conditions = {
        number: found
        for number in drawn.of(Wait)
        if (found := tuple(edge for edge in drawn.out[number] if not edges[edge].trigger))
    }
    joins, inclusive = dict(_partial_joins(drawn)), _inclusive(drawn)
    made = Special(
        needs={number: node.need if isinstance(node.need, int) else 1 for number, node in joins.items()},
        rests=_rests(drawn, [number for number, node in joins.items() if node.rest == "cancel"]),
        inclusive=inclusive,
        catches=_catches(kinds, by_trigger["error"], groups),
        timers=timers,
        listeners={name: tuple(found) for name, found in listeners.items()},
        conditions=conditions,
        empties=regions.emptied_by(drawn, groups),
        groups=groups,
        locks=locks,
        outside=_outside(drawn, groups, locks),
        compensations=compensations,
        milestones=milestones,
        terminates=frozenset(n for n in drawn.of(End) if _terminates(drawn, n)),
        spawns=spawns,
        listening=frozenset(source[index] for found in listeners.values() for index in found),
        watched=frozenset(
            number
            for number, kind in enumerate(kinds)
            if kind in RESTING
            and (
                kind not in (Kind.TASK, Kind.WAIT)
                or number in timers
                or number in locks
                or number in compensations
                or drawn.nodes[number].id in milestones
            )
        )
        | frozenset(source[index] for index in drawn.triggered if source[index] in timers),
        gathering=_gathering(drawn, {*joins, *(drawn.target[end] for ways in inclusive.values() for _, end in ways)}),
        traced=frozenset(
            number
            for number in (source[index] for index in drawn.triggered)
            if kinds[number] in STARTED and len(drawn.into[number]) > 1
        ),
    )
    if not made.moves_plainly:
        return made
    return replace(made, direct=frozenset(i for i in drawn.triggered if kinds[drawn.target[i]] in RESTING))


def _has_special_nodes(drawn: Graph) -> bool:
    if any(kind in drawn.kinds for kind in (Wait, Approval, Map, Call, Group)):
        return True
    nodes = drawn.nodes
    return (
        any(getattr(nodes[number], "lock", "") for number in drawn.of(Task))
        or any(getattr(nodes[number], "need", "all") != "all" for number in drawn.of(Join))
        or any(getattr(nodes[number], "join", "") for number in drawn.of(Fork))
        or any(_terminates(drawn, number) for number in drawn.of(End))
    )


def _terminates(drawn: Graph, number: int) -> bool:
    node = drawn.nodes[number]
    return isinstance(node, End) and (node.terminate or bool(node.error))


def _by_trigger(drawn: Graph) -> dict[str, dict[int, list[int]]]:
    """Edges by trigger and source."""
    found: dict[str, dict[int, list[int]]] = {"error": {}, "after": {}, "until": {}, "on": {}}
    for index in drawn.triggered:
        trigger = drawn.edges[index].trigger
        if trigger:
            found[trigger].setdefault(drawn.source[index], []).append(index)
    return found


def _joined(*several: Mapping[int, list[int]]) -> dict[int, tuple[int, ...]]:
    """By node, in the nodes' order: what each says of it, in document order."""
    nodes = sorted({node for one in several for node in one})
    return {node: tuple(sorted(edge for one in several for edge in one.get(node, ()))) for node in nodes}


def _catches(
    kinds: tuple[Kind, ...], own: Mapping[int, list[int]], groups: Mapping[int, Region]
) -> dict[int, tuple[int, ...]]:
    """The edges that may catch an error of a node: its own, then those of the groups around it, inner first."""
    if not own:
        return {}
    within = regions.around(groups)
    found = {}
    for number in sorted({*own, *within}):
        if kinds[number] in STARTED:
            edges = tuple(edge for holder in (number, *within.get(number, ())) for edge in own.get(holder, ()))
            if edges:
                found[number] = edges
    return found


def _partial_joins(drawn: Graph) -> Iterable[tuple[int, Join]]:
    """Joins that do not wait for all of their branches."""
    for number in drawn.of(Join):
        node = drawn.nodes[number]
        if not isinstance(node, Join) or node.need == "all":
            continue
        if (1 if node.need == "any" else node.need) < len(drawn.into[number]):
            yield number, node


def _rests(drawn: Graph, cancelling: list[int]) -> dict[int, Region]:
    if not cancelling:
        return {}
    successors = [drawn.after(number) for number in range(len(drawn.nodes))]
    dominators = immediate_dominators(successors, drawn.of(Start)[0])
    effort = Effort()
    found = {}
    for join in cancelling:
        found[join] = regions.branches_of(drawn, join, dominators[join])
        effort.spend(len(found[join].nodes))
    return found


def _inclusive(drawn: Graph) -> dict[int, tuple[tuple[int, int], ...]]:
    """The branches of each inclusive fork: its edge, and the edge of the join where the branch ends."""
    found = {}
    for number in drawn.of(Fork):
        node = drawn.nodes[number]
        if isinstance(node, Fork) and node.join:
            join = drawn.number[node.join]
            found[number] = tuple((edge, branch.ends[0]) for edge, branch in regions.branches(drawn, number, join))
    return found


def _gathering(drawn: Graph, joins: set[int]) -> frozenset[int]:
    """Those of the joins behind which a run may give what their branches gave."""
    gives = [end for end in drawn.of(End) if getattr(drawn.nodes[end], "output", None) is None]
    return frozenset(joins & drawn.reachable(gives, backward=True)) if joins and gives else frozenset()


def _locks(drawn: Graph, groups: Mapping[int, Region]) -> dict[int, Lock]:
    """The lock that each node takes: its own, or that of the group which it is the entry of."""
    locks: dict[int, Lock] = {}
    for number in drawn.of(Task, Group):
        node = drawn.nodes[number]
        if isinstance(node, Task) and node.lock:
            locks[number] = Lock(node.lock, number)
        elif isinstance(node, Group) and node.lock:
            inside = groups[number].nodes
            for entry in sorted(inside):
                if any(drawn.source[edge] not in inside for edge in drawn.into[entry]):
                    locks[entry] = Lock(node.lock, number)
    return locks


def _outside(drawn: Graph, groups: Mapping[int, Region], locks: Mapping[int, Lock]) -> dict[int, int]:
    """The entries of groups with locks to which nothing inside leads, by group."""
    found = {}
    for entry, lock in locks.items():
        if lock.holder in groups:
            inside = groups[lock.holder].nodes
            sources = {drawn.source[edge] for edge in drawn.into[entry]} - {lock.holder}
            if not any(source in inside or (source in groups and groups[source].nodes <= inside) for source in sources):
                found[lock.holder] = entry
    return found
