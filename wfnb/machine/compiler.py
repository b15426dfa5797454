"""From a workflow to a machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, assert_never

import msgspec

from wfnb.errors import CompileError, DefinitionError
from wfnb.machine import regions
from wfnb.machine.diagnostic import Diagnostic, describe, errors
from wfnb.machine.dominance import immediate_dominators
from wfnb.machine.graph import Graph, graph
from wfnb.machine.machine import RESTING, STARTED, ChildPlan, Kind, Lock, Region, Special, TaskPlan
from wfnb.machine.parts import body_of, expressions_of, given_to, inner_expressions_of, spawned_part
from wfnb.machine.viewed import Machine
from wfnb.machine.wellformed import diagnose
from wfnb.model.activity import Activity
from wfnb.model.codec import definition_hash
from wfnb.model.expression import Expression, is_expression, parse
from wfnb.model.workflow import (
    Approval,
    Call,
    Choice,
    End,
    Fork,
    Group,
    Join,
    Map,
    Node,
    Note,
    Start,
    Task,
    Wait,
    Workflow,
)

MAX_DEPTH = 20
"""How deep calls may nest."""
Resolve: TypeAlias = Callable[[str, Workflow], Workflow]
"""Gives the workflow that a name in another workflow's calls means; raises DefinitionError where there is none."""


def compile_workflow(
    workflow: Workflow,
    activities: Mapping[str, Activity] | None = None,
    resolve: Resolve | None = None,
    *,
    outer: frozenset[str] = frozenset(),
    inside: tuple[tuple[str, Workflow], ...] = (),
    known_as: str = "",
) -> Machine:
    """Compile a workflow, and those that it calls.

    Args:
        workflow: the definition.
        activities: those known by name; None leaves calls of activities unchecked.
        resolve: gives the workflows that calls and maps name, besides those of the document itself.
        outer: names that a part which an edge spawns reads of its parent.
        inside: the workflows around it with their names, outermost first.
        known_as: what the one that calls it calls it.

    Raises:
        CompileError: it has errors; `.diagnostics` lists every one.
    """
    found = errors(diagnose(workflow, activities, outer=outer))
    if found:
        raise CompileError(describe(workflow.name, found), found)
    drawn = graph(workflow)
    kinds = tuple(map(_kind, drawn.nodes))
    completion = _completion_edges(drawn)
    children = _Children(workflow, activities, resolve, (*inside, (known_as or workflow.name, workflow)))
    special = _special(drawn, kinds, children)
    return Machine(
        workflow=workflow,
        hash=definition_hash(workflow),
        document=msgspec.json.encode(workflow),
        graph=drawn,
        start=kinds.index(Kind.START),
        kinds=kinds,
        ids=tuple(node.id for node in drawn.nodes),
        out=completion,
        plans={i: _plan(node) for i, node in enumerate(drawn.nodes) if isinstance(node, Task)},
        children={i: children.plan(node) for i, node in enumerate(drawn.nodes) if isinstance(node, Map | Call)},
        guards=tuple(None if edge.when is None else parse(edge.when) for edge in workflow.edges),
        otherwise={drawn.source[i]: i for i, edge in enumerate(workflow.edges) if edge.otherwise},
        outputs={
            i: _constant(node.output)
            for i, node in enumerate(drawn.nodes)
            if isinstance(node, End) and node.output is not None
        },
        delays={
            i: _constant(edge.after if edge.after is not None else edge.until)
            for i, edge in enumerate(workflow.edges)
            if edge.trigger in ("after", "until")
        },
        steady=_steady(drawn, kinds, completion, special),
        special=special,
        plain=special.moves_plainly,
    )


def _kind(node: Node) -> Kind:  # noqa: PLR0912 - a case a kind
    match node:
        case Task():
            return Kind.TASK
        case Start():
            return Kind.START
        case End():
            return Kind.END
        case Choice():
            return Kind.CHOICE
        case Fork():
            return Kind.FORK
        case Join():
            return Kind.JOIN
        case Wait():
            return Kind.WAIT
        case Approval():
            return Kind.APPROVAL
        case Map():
            return Kind.MAP
        case Call():
            return Kind.CALL
        case Group():
            return Kind.GROUP
        case Note():
            raise AssertionError("notes are no part of the graph")
        case _:
            assert_never(node)


def _plan(task: Task) -> TaskPlan:
    constants, computed = _arguments(task.arguments)
    return TaskPlan(
        task.activity,
        constants,
        any(isinstance(value, list | dict) for value in constants.values()),
        computed,
        task.retry,
        task.timeout,
        parse(task.requires) if task.requires else None,
        parse(task.ensures) if task.ensures else None,
    )


def _arguments(given: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[tuple[str, Expression], ...]]:
    """Plain values, and what is computed."""
    computed = tuple((name, parse(value)) for name, value in given.items() if is_expression(value))
    return {name: value for name, value in given.items() if not is_expression(value)}, computed


def _constant(value: Any) -> Expression | Any:
    return parse(value) if is_expression(value) else value


def _completion_edges(drawn: Graph) -> tuple[tuple[int, ...], ...]:
    edges = drawn.edges
    return tuple(
        drawn.out[number]
        if isinstance(node, Wait)
        else tuple(edge for edge in drawn.out[number] if not edges[edge].trigger)
        for number, node in enumerate(drawn.nodes)
    )


class _Children:
    """Compiles what a workflow calls, each once."""

    def __init__(
        self,
        workflow: Workflow,
        activities: Mapping[str, Activity] | None,
        resolve: Resolve | None,
        inside: tuple[tuple[str, Workflow], ...],
    ) -> None:
        self.workflow = workflow
        self.activities = activities
        self.resolve = resolve
        self.inside = inside
        self._known: dict[str, Machine] = {}

    def plan(self, node: Map | Call) -> ChildPlan:
        """What starts the children of a node."""
        if isinstance(node, Map) and node.activity:
            name = node.activity
            machine = self._compiled(name, body_of(node), node.id)
        else:
            name = node.workflow
            machine = self._known.get(name) or self._compiled(name, self._named(name, node.id), node.id)
            self._known[name] = machine
        if isinstance(node, Map):
            constants, computed = _arguments(given_to(node, machine.workflow))
            return ChildPlan(name, machine, constants, computed, _constant(node.items), node.width, node.failure)
        return ChildPlan(name, machine, *_arguments(node.arguments))

    def spawned(self, drawn: Graph, target: int) -> Machine:
        """What an edge into `target` starts."""
        part = spawned_part(self.workflow, drawn, target)
        known = frozenset(node.id for node in self.workflow.nodes)
        return compile_workflow(part, self.activities, self._resolve, outer=known, inside=self.inside[:-1])

    def _named(self, name: str, id: str) -> Workflow:
        try:
            return self._resolve(name, self.workflow)
        except DefinitionError as error:
            what, _, cure = str(error).partition("\n")
            raise self._failed(id, "WF240", f"'{id}' calls '{name}': {what}", cure) from None

    def _resolve(self, name: str, within: Workflow) -> Workflow:
        own = within.workflows.get(name) or self.workflow.workflows.get(name)
        if own is not None:
            return own
        if self.resolve is None:
            raise DefinitionError(f"there is no workflow '{name}'\nadd it to the document's `workflows`")
        return self.resolve(name, within)

    def _compiled(self, name: str, workflow: Workflow, id: str) -> Machine:
        chain = " -> ".join([*(around for around, _ in self.inside), name])
        if any(around == workflow for _, around in self.inside):
            what = f"'{id}' calls '{name}', which calls itself: {chain}"
            raise self._failed(id, "WF241", what, "repeat with a loop in one workflow instead")
        if len(self.inside) >= MAX_DEPTH:
            what = f"calls nest deeper than {MAX_DEPTH}: {chain}"
            raise self._failed(id, "WF241", what, "put some of them into one workflow")
        try:
            return compile_workflow(workflow, self.activities, self._resolve, inside=self.inside, known_as=name)
        except CompileError as error:
            if any(found.code == "WF241" for found in error.diagnostics):
                raise
            first = error.diagnostics[0]
            what = f"'{id}' calls '{name}', which has errors: {first.message}"
            raise self._failed(id, "WF242", what, first.help) from error

    def _failed(self, id: str, code: str, what: str, cure: str) -> CompileError:
        found = [Diagnostic(code, "error", what, cure, (id,), field="workflow")]
        return CompileError(describe(self.workflow.name, found), found)


def _special(drawn: Graph, kinds: tuple[Kind, ...], children: _Children) -> Special:
    """What only some workflows have; nothing is computed for those that have none of it."""
    edges = drawn.edges
    plain = not any(edge.trigger or edge.spawn for edge in edges) and not any(map(_is_special, drawn.nodes))
    if plain and not _asked(drawn):
        return Special()
    groups = regions.group_regions(drawn)
    by_trigger = _by_trigger(drawn)
    rests = _rests(drawn)
    locks = _locks(drawn, groups)
    compensations = {
        number: TaskPlan(node.compensate.activity, constants, True, computed)
        for number, node in enumerate(drawn.nodes)
        if isinstance(node, Task) and node.compensate is not None
        for constants, computed in [_arguments(node.compensate.arguments)]
    }
    milestones = frozenset(_asked(drawn))
    catches = {
        number: found
        for number, kind in enumerate(kinds)
        if kind in STARTED and (found := _catches(by_trigger["error"], groups, number))
    }
    timers = {n: (*by_trigger["after"].get(n, ()), *by_trigger["until"].get(n, ())) for n in range(len(kinds))}
    conditions = {
        number: found
        for number, kind in enumerate(kinds)
        if kind is Kind.WAIT and (found := tuple(e for e in drawn.out[number] if not edges[e].trigger))
    }
    listeners: dict[str, tuple[int, ...]] = {}
    for index, edge in enumerate(edges):
        if edge.on is not None:
            listeners[edge.on] = (*listeners.get(edge.on, ()), index)
    timers = {number: tuple(sorted(found)) for number, found in timers.items() if found}
    resting = {number for number, kind in enumerate(kinds) if kind in RESTING}
    return Special(
        needs={n: node.need if isinstance(node.need, int) else 1 for n, node in _partial_joins(drawn)},
        rests=rests,
        inclusive=_inclusive(drawn),
        catches=catches,
        timers=timers,
        listeners=listeners,
        conditions=conditions,
        empties=regions.emptied_by(drawn, groups),
        groups=groups,
        locks=locks,
        compensations=compensations,
        milestones=milestones,
        terminates=frozenset(
            n for n, node in enumerate(drawn.nodes) if isinstance(node, End) and (node.terminate or node.error)
        ),
        spawns={
            index: machine
            for target in {drawn.target[i] for i, edge in enumerate(edges) if edge.spawn}
            for machine in [children.spawned(drawn, target)]
            for index in drawn.into[target]
            if edges[index].spawn
        },
        watched=frozenset(
            n for n in resting
            if n in timers or n in locks or kinds[n] is not Kind.TASK or n in compensations
            or drawn.nodes[n].id in milestones
        ),
    )  # fmt: skip


def _is_special(node: Node) -> bool:
    match node:
        case Wait() | Approval() | Map() | Call() | Group():
            return True
        case Join():
            return node.need != "all"
        case Fork():
            return bool(node.join)
        case End():
            return node.terminate or bool(node.error)
        case Task():
            return bool(node.lock) or node.compensate is not None
        case _:
            return False


def _by_trigger(drawn: Graph) -> dict[str, dict[int, tuple[int, ...]]]:
    """Edges by trigger and source."""
    found: dict[str, dict[int, tuple[int, ...]]] = {"error": {}, "after": {}, "until": {}, "on": {}}
    for index, edge in enumerate(drawn.edges):
        if edge.trigger:
            by_source = found[edge.trigger]
            source = drawn.source[index]
            by_source[source] = (*by_source.get(source, ()), index)
    return found


def _catches(own: Mapping[int, tuple[int, ...]], groups: dict[int, Region], node: int) -> tuple[int, ...]:
    found = own.get(node, ())
    for group in regions.around(groups, node) if groups else ():
        found += own.get(group, ())
    return found


def _partial_joins(drawn: Graph) -> list[tuple[int, Join]]:
    """Joins that do not wait for all of their branches."""
    return [
        (number, node)
        for number, node in enumerate(drawn.nodes)
        if isinstance(node, Join)
        and node.need != "all"
        and (1 if node.need == "any" else node.need) < len(drawn.into[number])
    ]


def _rests(drawn: Graph) -> dict[int, Region]:
    cancelling = [number for number, node in _partial_joins(drawn) if node.rest == "cancel"]
    if not cancelling:
        return {}
    successors = [drawn.after(number) for number in range(len(drawn.nodes))]
    start = next(number for number, node in enumerate(drawn.nodes) if isinstance(node, Start))
    dominators = immediate_dominators(successors, start)
    return {join: regions.branches_of(drawn, join, dominators[join]) for join in cancelling}


def _inclusive(drawn: Graph) -> dict[int, tuple[tuple[int, int], ...]]:
    """The branches of each inclusive fork: its edge, and the edge of the join where the branch ends."""
    found = {}
    for number, node in enumerate(drawn.nodes):
        if isinstance(node, Fork) and node.join:
            join = drawn.number[node.join]
            branches = []
            for edge in drawn.out[number]:
                inside, _ = regions.branch(drawn, edge, join)
                ends = [into for into in drawn.into[join] if into == edge or drawn.source[into] in inside]
                branches.append((edge, ends[0]))
            found[number] = tuple(branches)
    return found


def _locks(drawn: Graph, groups: dict[int, Region]) -> dict[int, Lock]:
    locks: dict[int, Lock] = {}
    for number, node in enumerate(drawn.nodes):
        if isinstance(node, Task) and node.lock:
            locks[number] = Lock(node.lock, number)
        elif isinstance(node, Group) and node.lock:
            inside = groups[number].nodes
            for edge, target in enumerate(drawn.target):
                if target in inside and drawn.source[edge] not in inside:
                    locks[target] = Lock(node.lock, number)
    return locks


def _asked(drawn: Graph) -> set[str]:
    """Ids that some expression asks about with `reached`."""
    texts: list[str] = [edge.when for edge in drawn.edges if edge.when is not None]
    texts += [edge.after for edge in drawn.edges if isinstance(edge.after, str)]
    texts += [edge.until for edge in drawn.edges if edge.until is not None and is_expression(edge.until)]
    for node in drawn.nodes:
        texts += [text for _, text in (*expressions_of(node), *inner_expressions_of(node))]
    asking = [text for text in texts if "reached" in text]
    return {name for text in asking for function, name in parse(text).facts if function == "reached"}


def _steady(
    drawn: Graph, kinds: tuple[Kind, ...], completion: tuple[tuple[int, ...], ...], special: Special
) -> tuple[tuple[int, ...] | None, ...]:
    """Moves that are the same at every completion: through forks only, up to where tokens rest or end."""
    known: list[tuple[int, ...] | None] = []
    for node, kind in enumerate(kinds):
        if kind not in (Kind.TASK, Kind.START, Kind.CALL, Kind.APPROVAL, Kind.MAP):
            known.append(None)
            continue
        moves: list[int] = []
        frontier = list(completion[node])
        for edge in frontier:
            moves.append(edge)
            target = drawn.target[edge]
            if (
                kinds[target] in (Kind.CHOICE, Kind.JOIN)
                or target in special.inclusive
                or target in special.terminates
                or edge in special.empties
                or edge in special.spawns
            ):
                known.append(None)
                break
            if kinds[target] is Kind.FORK:
                frontier.extend(completion[target])
        else:
            targets = [drawn.target[edge] for edge in moves if kinds[drawn.target[edge]] is not Kind.FORK]
            # Two tokens for one place make a problem, which only the full routing reports.
            known.append(tuple(moves) if len(targets) == len(set(targets)) else None)
    return tuple(known)
