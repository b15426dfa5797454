"""What a restart needs to know about a run: what is missing, and which live values are gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wfnb.engine.values import Place, places
from wfnb.errors import CompileError, did_you_mean
from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.machine import RESTING, Kind, Machine, TaskPlan
from wfnb.machine.parts import expressions_of, inner_expressions_of
from wfnb.model.activity import Activity, offered
from wfnb.model.event import Record, TaskStarted, Unstored
from wfnb.model.expression import Expression, parse
from wfnb.model.state import State
from wfnb.model.workflow import End, Map
from wfnb.store.values.codecs import is_known


@dataclass(frozen=True, slots=True)
class Lost:
    """A task whose live result went with its process, and the number of its next attempt."""

    node: int
    attempt: int


def missing(
    run: str, machine: Machine, state: State, activities: Mapping[str, Activity], lost: Sequence[Lost]
) -> list[Diagnostic]:
    """What keeps a run from being resumed.

    Activities that are not defined, or that take other arguments than they did; inputs that were not recorded.
    """
    ahead = _ahead(machine, state) | {item.node for item in lost}
    found = [
        problem
        for id, plan in [*_needed(machine, sorted(ahead)), *_needed_back(machine, state)]
        for problem in _uncallable(run, id, plan, activities)
    ]
    gone = [(f"input '{name}'", kind) for name, kind in gone_inputs(state).items()]
    gone += [(f"value of '{id}'", kind) for id, kind in gone_values(machine, state).items()]
    found += [
        Diagnostic(
            "WF210",
            "error",
            f"run '{run}': its {what} ({kind}) was not recorded",
            "cancel it with wf.run(...).cancel() and start it again, or resume(skip_missing=True)",
        )
        for what, kind in gone
    ]
    found += _unknown_codecs(run, machine, state, lost)
    return found


def refusal(absent: Sequence[Diagnostic], what: str = "resume this history") -> CompileError:
    """The error about what is missing to go on with runs."""
    lines = "\n".join(f"  {d.code}  {d.message}\n         {d.help}" for d in absent)
    count = "1 thing is" if len(absent) == 1 else f"{len(absent)} things are"
    return CompileError(f"{count} missing to {what}\n{lines}", absent)


def _uncallable(run: str, id: str, plan: TaskPlan, activities: Mapping[str, Activity]) -> Iterator[Diagnostic]:
    """Why an activity that is needed can not be called as a task calls it."""
    name = plan.activity
    activity = activities.get(name)
    if activity is None:
        what, cure = f"calls unknown activity '{name}'", "run the cell that defines it, then resume() again."
        cure += did_you_mean(name, offered(activities))
        yield Diagnostic("WF201", "error", f"run '{run}': task '{id}' {what}", cure, (id,), field="activity")
        return
    given = {**plan.constants, **dict(plan.computed)}
    signature = f"{name}({', '.join(parameter.name for parameter in activity.parameters)})"
    cure = (
        "define it as it was, then resume() again; or let the run follow a changed workflow: wf.run(...).migrate(flow)"
    )
    for argument in activity.missing(given):
        what = f"run '{run}': task '{id}' gives no argument '{argument}' to {signature}"
        yield Diagnostic("WF202", "error", what, cure, (id,), field=f"arguments.{argument}")
    for argument in activity.unknown(given):
        what = f"run '{run}': task '{id}' gives argument '{argument}', which {signature} does not take"
        yield Diagnostic("WF203", "error", what, cure, (id,), field=f"arguments.{argument}")


def _needed(machine: Machine, nodes: Iterable[int]) -> Iterator[tuple[str, TaskPlan]]:
    """Ids of tasks ahead, those of children included, and what they need."""
    for node in nodes:
        if node in machine.plans:
            yield machine.ids[node], machine.plans[node]
        child = machine.children.get(node)
        inner = [child.machine] if child is not None else []
        inner += [machine.special.spawns[edge] for edge in machine.graph.out[node] if edge in machine.special.spawns]
        for one in inner:
            yield from _needed(one, range(len(one.ids)))
        if node in machine.special.compensations:
            yield machine.ids[node], machine.special.compensations[node]


def _needed_back(machine: Machine, state: State) -> Iterator[tuple[str, TaskPlan]]:
    """As `_needed`, of what may be taken back: completed tasks, and child runs of nodes, with all that is in them."""
    for node in dict.fromkeys(node for node, _, run in state.done if not run):
        yield machine.ids[node], machine.special.compensations[node]
    callers = {node for node, _, run in state.done if run}
    frontier = [machine.children[node].machine for node in callers if node in machine.children]
    frontier += [part for edge, part in machine.special.spawns.items() if machine.graph.target[edge] in callers]
    seen: set[Machine] = set()
    while frontier:
        inner = frontier.pop()
        if inner not in seen:
            seen.add(inner)
            yield from ((inner.ids[node], plan) for node, plan in inner.special.compensations.items())
            frontier += [*(plan.machine for plan in inner.children.values()), *inner.special.spawns.values()]


def has_child(state: State, run: str) -> bool:
    """Whether a run has this child in progress: it goes on with it, or takes it back."""
    going = state.status == "running" and state.ending is None
    if state.status == "running" and state.ending is not None:
        return any(run == undone for _, _, undone in state.done)
    return going and (run in state.spawned or any(run in c.open.values() for c in state.children.values()))


def lost_values(machine: Machine, state: State, records: Iterable[Record]) -> list[Lost]:
    """Completed tasks that must run again because something ahead reads their result, producers first.

    Args:
        machine: what the run follows.
        state: where it stands.
        records: its history, which is looked at only where there are any.
    """
    needed = _needed_again(machine, state) & {machine.ids[node] for node in machine.plans}
    if not needed:
        return []
    attempts = {r.event.node: r.event.attempt for r in records if isinstance(r.event, TaskStarted)}
    number = machine.graph.number
    return [Lost(number[id], attempts.get(id, 1) + 1) for id in state.values if id in needed]


def gone_values(machine: Machine, state: State) -> dict[str, str]:
    """Types of the values that something ahead reads, and that no task can make again: those of children."""
    needed = _needed_again(machine, state) - {machine.ids[node] for node in machine.plans}
    return {id: _type_of(state.values[id]) for id in state.values if id in needed}


def is_read(machine: Machine, state: State, node: int) -> bool:
    """Whether something ahead may read the value of a node."""
    return machine.ids[node] in _reads(machine, state)


def _needed_again(machine: Machine, state: State) -> set[str]:
    """Ids of the values that went with their process and that something ahead reads, or what makes those again."""
    gone = {id for id, value in state.values.items() if _type_of(value)}
    needed: set[str] = set()
    frontier = [id for id in _reads(machine, state) if id in gone] if gone else []
    while frontier:
        id = frontier.pop()
        if id not in needed:
            needed.add(id)
            plan = machine.plans.get(machine.graph.number.get(id, -1))
            computed = plan.computed if plan is not None else ()
            frontier.extend(read for _, expression in computed for read in expression.reads if read in gone)
    return needed


def _type_of(value: Any) -> str:
    """The type of a value that is not there any more, or of one of a map's; empty if all of it is."""
    values = value if isinstance(value, list) else [value]
    return next((one.type for one in values if type(one) is Unstored and not one.hash), "")


def gone_inputs(state: State) -> dict[str, str]:
    """Types of the inputs that are not there any more."""
    return {name: kind for name, value in state.input.items() if (kind := _type_of(value))}


def wanted_values(machine: Machine, state: State, again: Iterable[int] = ()) -> list[Place]:
    """Where a replayed state has something for a stored value that is read ahead, or by what is made `again`."""
    found = list(places(state))
    if not found:
        return []
    read = _reads(machine, state)
    for node in again:
        read.update(name for _, expression in machine.plans[node].computed for name in expression.reads)
    results = {id(children.results): machine.ids[node] for node, children in state.children.items()}
    return [
        (where, key)
        for where, key in found
        if (results.get(id(where)) in read if id(where) in results else where is not state.values or key in read)
    ]


def _unknown_codecs(run: str, machine: Machine, state: State, lost: Sequence[Lost]) -> Iterator[Diagnostic]:
    """Values that are read ahead and whose codec is not registered here."""
    for where, key in wanted_values(machine, state, [item.node for item in lost]):
        values = where[key] if isinstance(where[key], list) else [where[key]]
        for codec in sorted({one.codec for one in values if type(one) is Unstored and not is_known(one.codec)}):
            what = "an item of its map" if isinstance(key, int) else f"'{key}'"
            cure = "run the cell with its wf.codec(...), then resume() again"
            yield Diagnostic("WF211", "error", f"run '{run}': the codec '{codec}' of {what} is not registered", cure)


def _ahead(machine: Machine, state: State) -> set[int]:
    """Every node that a token may still reach, those in progress included."""
    target = machine.graph.target
    starts = {*state.busy, *state.ready, *(target[edge] for edge in (*state.waiting, *state.spawned.values()))}
    return machine.graph.reachable(starts)


def _reads(machine: Machine, state: State) -> set[str]:
    """Ids of the values that something ahead may read."""
    graph = machine.graph
    ahead = _ahead(machine, state)
    groups = {group for group, inside in machine.special.groups.items() if inside.nodes & ahead}
    ends = {graph.target[edge] for edge in state.ended}
    read = {name for node in ahead | ends for name in _read_by(machine, node)}
    for edge in {edge for node in ahead | groups for edge in graph.out[node]}:
        for expression in (machine.guards[edge], machine.delays.get(edge)):
            read.update(expression.reads if isinstance(expression, Expression) else ())
    for node in {node for node, _, run in state.done if not run} if state.status == "running" else ():
        for _, expression in machine.special.compensations[node].computed:
            read.update(expression.reads)
    return read


def _read_by(machine: Machine, node: int) -> Iterator[str]:
    drawn = machine.graph.nodes[node]
    if isinstance(drawn, End) and drawn.output is None:
        yield from _nearest(machine, node)
    for _, text in expressions_of(drawn):
        yield from parse(text).reads
    if isinstance(drawn, Map):
        for _, text in inner_expressions_of(drawn):
            yield from parse(text).reads


def _nearest(machine: Machine, end: int) -> set[str]:
    """The values that an end may give which says none: behind what can be left without its own, those before it."""
    graph, kinds = machine.graph, machine.kinds
    found: set[str] = set()
    seen: set[int] = set()
    frontier = list(graph.into[end])
    while frontier:
        edge = frontier.pop()
        if edge in seen:
            continue
        seen.add(edge)
        node = graph.source[edge]
        if kinds[node] is Kind.WAIT or (kinds[node] in RESTING and not machine.workflow.edges[edge].trigger):
            found.add(machine.ids[node])
        else:
            frontier.extend(graph.into[node])
    return found
