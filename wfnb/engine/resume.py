"""What a restart needs to know about a run: what is missing, and which live values are gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from wfnb.errors import did_you_mean
from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.machine import RESTING, ChildPlan, Kind, Machine
from wfnb.model.activity import Activity
from wfnb.model.event import Record, TaskStarted, Unstored
from wfnb.model.expression import Expression
from wfnb.model.state import State


@dataclass(frozen=True, slots=True)
class Lost:
    """A task whose live result went with its process, and the number of its next attempt."""

    node: int
    attempt: int


def missing(
    run: str, machine: Machine, state: State, activities: Mapping[str, Activity], lost: Sequence[Lost]
) -> list[Diagnostic]:
    """What keeps a run from being resumed: activities that are not defined, inputs that were not recorded."""
    ahead = _ahead(machine, state) | {item.node for item in lost}
    found = [
        Diagnostic(
            "WF201",
            "error",
            f"run '{run}': task '{id}' calls unknown activity '{activity}'",
            "run the cell that defines it, then resume() again." + did_you_mean(activity, activities),
            (id,),
            field="activity",
        )
        for id, activity in _needed(machine, sorted(ahead), {number for number, _ in state.done})
        if activity not in activities
    ]
    for name, value in state.input.items():
        if isinstance(value, Unstored):
            found.append(
                Diagnostic(
                    "WF210",
                    "error",
                    f"run '{run}': its input '{name}' ({value.type}) was not recorded",
                    "cancel it with wf.run(...).cancel() and start it again, or resume(skip_missing=True)",
                )
            )
    return found


def _needed(machine: Machine, nodes: Iterable[int], done: set[int]) -> Iterator[tuple[str, str]]:
    """Ids of tasks ahead, those of children included, and the activities that they need."""
    for node in nodes:
        if node in machine.plans:
            yield machine.ids[node], machine.plans[node].activity
        child = machine.children.get(node)
        inner = [child.machine] if child is not None else []
        inner += [machine.special.spawns[edge] for edge in machine.graph.out[node] if edge in machine.special.spawns]
        for one in inner:
            yield from _needed(one, range(len(one.ids)), set())
        if node in machine.special.compensations:
            yield machine.ids[node], machine.special.compensations[node].activity
    for node in done:
        yield machine.ids[node], machine.special.compensations[node].activity


def lost_values(machine: Machine, state: State, records: Sequence[Record]) -> list[Lost]:
    """Completed tasks that must run again because something ahead reads their result, producers first."""
    if not any(isinstance(value, Unstored) for value in state.values.values()):
        return []
    number = machine.graph.number
    gone = {id for id, value in state.values.items() if isinstance(value, Unstored)}
    needed: set[str] = set()
    frontier = [id for id in _reads(machine, state) if id in gone]
    while frontier:
        id = frontier.pop()
        if id not in needed and number[id] in machine.plans:
            needed.add(id)
            computed = machine.plans[number[id]].computed
            frontier.extend(read for _, expression in computed for read in expression.reads if read in gone)
    attempts = {r.event.node: r.event.attempt for r in records if isinstance(r.event, TaskStarted)}
    order = [id for id in state.values if id in needed]
    return [Lost(number[id], attempts[id] + 1) for id in order]


def _ahead(machine: Machine, state: State) -> set[int]:
    """Every node that a token may still reach, those in progress included."""
    target = machine.graph.target
    starts = {*state.busy, *state.ready, *(target[edge] for edge in (*state.waiting, *state.spawned.values()))}
    return machine.graph.reachable(starts)


def _reads(machine: Machine, state: State) -> set[str]:
    """Ids of tasks whose results something ahead may read."""
    graph = machine.graph
    ahead = _ahead(machine, state)
    read: set[str] = set()
    for node in ahead:
        plan = machine.plans.get(node) or machine.children.get(node)
        for _, expression in plan.computed if plan else ():
            read.update(expression.reads)
        if isinstance(plan, ChildPlan) and isinstance(plan.items, Expression):
            read.update(plan.items.reads)
        for edge in graph.out[node]:
            guard = machine.guards[edge]
            read.update(guard.reads if guard else ())
    ends = ahead | {graph.target[edge] for edge in state.ended}
    for end in ends:
        if machine.kinds[end] is not Kind.END:
            continue
        declared = machine.outputs.get(end)
        if isinstance(declared, Expression):
            read.update(declared.reads)
        elif declared is None:
            read.update(_nearest(machine, end))
    return read


def _nearest(machine: Machine, end: int) -> set[str]:
    found: set[str] = set()
    seen: set[int] = set()
    frontier = machine.graph.before(end)
    while frontier:
        node = frontier.pop()
        if node in seen:
            continue
        seen.add(node)
        if machine.kinds[node] in RESTING:
            found.add(machine.ids[node])
        else:
            frontier.extend(machine.graph.before(node))
    return found
