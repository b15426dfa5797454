"""The state of a run as another machine has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from wfnb.errors import ReplayMismatch
from wfnb.machine import tokens
from wfnb.machine.inside import leads
from wfnb.machine.machine import RESTING, Kind, Machine
from wfnb.machine.migration.image import Image
from wfnb.model.facts import Facts
from wfnb.model.state import State

T = TypeVar("T")


def migrate(image: Image, state: State) -> State:
    """What RunMigrated does to a state, which is changed in place and returned.

    Its fields are replaced, never changed, so that a copy of the state keeps what it has.  `misfits` says beforehand
    what would be lost.

    Raises:
        ReplayMismatch: a token has no place there.
    """
    new, nodes, edges = image.new, image.nodes, image.edges

    def by_node(found: Mapping[int, T]) -> dict[int, T]:
        return {nodes[node]: value for node, value in found.items() if node in nodes}

    had = {(name, nodes[holder]) for name, holder in state.held.items() if holder in nodes}
    ready = image.resting(state)
    lost = [*(node for node in state.busy if node not in nodes), *(n for n in state.ready if ready.get(n) is None)]
    if lost or not edges.keys() >= {*state.waiting, *state.timers, *state.spawned.values()}:
        what = f"the token at '{image.old.ids[lost[0]]}'" if lost else "a token or a timer on an edge"
        raise ReplayMismatch(
            f"workflow '{new.name}' has no place for {what}\nthe history belongs to another definition, or is damaged"
        )
    state.seq += 1
    state.workflow, state.definition = new.name, new.hash
    state.input = {**dict.fromkeys(new.workflow.inputs), **state.input}
    state.ready = {nodes[node]: edge for node, edge in ready.items() if edge is not None}
    state.waiting = {edges[edge] for edge in state.waiting}
    state.timers = {edges[edge]: due for edge, due in state.timers.items()}
    state.spawned = {run: edges[edge] for run, edge in state.spawned.items()}
    state.busy, state.visits, state.arrived = by_node(state.busy), by_node(state.visits), by_node(state.arrived)
    state.retrying, state.failures = by_node(state.retrying), by_node(state.failures)
    state.asked, state.children = by_node(state.asked), by_node(state.children)
    state.came = by_node({node: edges[edge] for node, edge in state.came.items() if edge in edges})
    state.skipped = {edges[edge] for edge in state.skipped if edge in edges}
    state.gathered = {
        node: tuple(edges[edge] for edge in came if edge in edges) for node, came in by_node(state.gathered).items()
    }
    state.ended = [found for edge in state.ended if (found := image.reached_end(edge)) is not None]
    state.again = {run: (nodes[of[0]], *of[1:]) for run, of in state.again.items() if of[0] in nodes}
    state.done = [(nodes[node], visit, run) for node, visit, run in state.done if node in nodes]
    state.breakpoints = frozenset(nodes[node] for node in state.breakpoints if node in nodes)
    state.inside = tuple(path for path in state.inside if leads(new, path))
    state.pins = {path: value for path, value in state.pins.items() if leads(new, path)}
    state.passed = frozenset(nodes[node] for node in state.passed if node in nodes)
    state.once = frozenset(nodes[node] for node in state.once if node in nodes)
    state.stepping = None if state.stepping is None or state.stepping < 0 else nodes.get(state.stepping)
    state.facts = Facts(set(reached(image, state)), state.facts.signals, state.facts.errors)
    state.held = dict(locks(new, state, had))
    state.fresh = [*state.ready, *state.busy]
    state.spawning = [edges[edge] for edge in state.spawning if edge in edges]
    state.withdrawn = [(nodes[node], visit, attempt) for node, visit, attempt in state.withdrawn if node in nodes]
    state.queued, state.refused = frozenset(), {}
    return state


def reached(image: Image, state: State) -> Iterator[str]:
    """The nodes that were reached, of those that the new machine asks for.

    Of what the old one did not ask for, a node that gives a value was reached if it has one.
    """
    new, known = image.new, image.old.special.milestones
    for id in new.special.milestones:
        kind = new.kinds[new.graph.number[id]] if id in new.graph.number else None
        if id in known:
            if id in state.facts.reached:
                yield id
        elif kind is Kind.START or (kind in RESTING and id in state.values):
            yield id


def locks(machine: Machine, state: State, had: set[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Who has which lock: whoever had it and is still there, and whoever is where it is needed.

    Args:
        machine: the new machine.
        state: a state of it.
        had: name and holder of the locks that are taken.
    """
    found: dict[tuple[str, int], None] = {}
    for node, lock in machine.special.locks.items():
        group = machine.special.groups.get(lock.holder)
        if group is None:
            if node in state.busy:
                found[lock.name, lock.holder] = None
        elif tokens.occupied(group, state):
            entries = {entry for entry, one in machine.special.locks.items() if one == lock}
            at_entries = {*state.ready} & group.nodes <= entries
            only_before = at_entries and not {*state.busy} & group.nodes and state.waiting.isdisjoint(group.edges)
            if (lock.name, lock.holder) in had or not only_before:
                found[lock.name, lock.holder] = None
    yield from found
