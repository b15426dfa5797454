"""What is to be done next, from the state alone."""

from __future__ import annotations

from wfnb.errors import ExpressionError
from wfnb.machine import tokens
from wfnb.machine.command import (
    CallOff,
    Command,
    Compensate,
    Complete,
    EndEarly,
    Fail,
    FinishMap,
    MeetCondition,
    Pause,
    RequestApproval,
    StartChild,
    StartMap,
    StartTask,
    StartTimer,
    TakeSignal,
)
from wfnb.machine.keeping import accepted
from wfnb.machine.machine import Kind, Machine
from wfnb.machine.settle import holds
from wfnb.model.event import Problem
from wfnb.model.state import State

_TASK, _MAP, _CALL, _WAIT, _APPROVAL = Kind.TASK, Kind.MAP, Kind.CALL, Kind.WAIT, Kind.APPROVAL


def decide(machine: Machine, state: State) -> list[Command]:  # noqa: PLR0912 - the hot path
    """What is to be done now, each thing once (after a restart: see `reopen`).

    Where it gives commands, apply what they cause and ask again; a list without commands says that the run rests.
    """
    if state.status != "running":
        return []
    if machine.calm and not (state.withdrawn or state.paused or state.breakpoints or state.kept):
        if state.fresh:  # they are tasks: all else begins by itself
            visits, ready = state.visits, state.ready
            begun: list[Command] = []
            for node in state.fresh:
                if node in ready:
                    begun.append(StartTask(node, visits.get(node, 0) + 1, 1))  # noqa: PERF401 - quicker for one
            state.fresh.clear()
            if begun:
                return begun
        if state.busy:
            return []
    if state.ending is not None:
        return _take_back(state)
    commands: list[Command] = []
    if state.withdrawn:
        commands.extend(CallOff(node, visit, attempt) for node, visit, attempt in state.withdrawn)
    if (state.paused or state.breakpoints) and _holds(machine, state):
        return commands or _held(machine, state)
    if state.fresh:
        _begin(machine, state, commands)
    if not machine.plain:
        _go_on(machine, state, commands)
    if state.children:
        _look_after_children(machine, state, commands)
    if commands:
        return commands
    if state.kept or machine.special.conditions:
        free = _free(machine, state)
        if free is not None:
            return [free]
    if state.busy or state.ready or state.spawned or state.waiting:
        return [] if _alive(machine, state) else [_stuck(machine, state)]
    return [Complete()]


def _holds(machine: Machine, state: State) -> bool:
    """Whether nothing new may begin, though there is something."""
    if state.paused:
        return bool(state.fresh or state.busy or state.ready or state.waiting or state.spawned or state.spawning)
    return _at_breakpoint(machine, state) is not None


def _held(machine: Machine, state: State) -> list[Command]:
    """What is to be done where nothing new may begin: one thing that was asked for, or a pause."""
    if not state.paused:
        node = _at_breakpoint(machine, state)
        return [] if node is None else [Pause(node)]
    node, state.stepping = state.stepping, None
    return [] if node is None else _one(machine, state, node)


def _at_breakpoint(machine: Machine, state: State) -> int | None:
    """The first node with a breakpoint before which a token waits."""
    found = (node for node in state.breakpoints - state.passed if tokens.waits_at(machine, state, node))
    return min(found, default=None)


def _one(machine: Machine, state: State, wanted: int) -> list[Command]:
    """What a node needs; with -1, what comes first of all that could be done."""
    for node in list(dict.fromkeys([*state.fresh, *state.queued])):
        if wanted in (-1, node) and (commands := _begin_one(machine, state, node)):
            return commands
    commands = []
    _look_after_children(machine, state, commands)
    _go_on(machine, state, commands)
    for command in commands:
        if not isinstance(command, StartTimer) and wanted in (-1, _node_of(command)):
            return [command]
    free = _free(machine, state) if wanted < 0 else None
    return [] if free is None else [free]


def _node_of(command: Command) -> int:
    node: int = getattr(command, "node", -1)
    return node


def _begin_one(machine: Machine, state: State, node: int) -> list[Command]:
    """What one node needs that a token has reached; nothing if it can not begin."""
    rest = [other for other in state.fresh if other != node]
    state.fresh[:] = [node]
    state.queued -= {node}
    commands: list[Command] = []
    _begin(machine, state, commands)
    state.fresh.extend(rest)
    return commands


def outdated(machine: Machine, state: State, command: Command) -> bool:
    """Whether what other commands, given with this one, have caused leaves nothing to do for it."""
    if state.status != "running" or state.ending is not None:
        return not isinstance(command, Compensate | EndEarly)
    match command:
        case StartTask() | StartMap():
            return command.node not in state.ready
        case StartChild() if command.edge >= 0:
            return False
        case StartChild() if command.index < 0:
            return command.node not in state.ready
        case StartChild():
            children = state.children.get(command.node)
            return children is None or children.next != command.index or state.visits[command.node] != command.visit
        case FinishMap():
            return command.node not in state.children
        case StartTimer() if machine.kinds[command.node] is Kind.GROUP:
            return command.edge in state.timers or not tokens.occupied(machine.special.groups[command.node], state)
        case StartTimer():
            return command.edge in state.timers or _elsewhere(state, command)
        case RequestApproval():
            return command.node in state.asked or _elsewhere(state, command)
        case _:
            return False


def _elsewhere(state: State, command: StartTimer | RequestApproval) -> bool:
    """Whether the token that a command is for is not in its node any more."""
    return command.node not in state.busy or state.visits[command.node] != command.visit


def reopen(machine: Machine, state: State) -> list[StartTask]:
    """After a restart: gives busy tasks with their next attempt; `decide` hands out again what else had not begun."""
    kinds = machine.kinds
    state.fresh = [*state.ready, *state.busy]
    return [
        StartTask(node, state.visits[node], attempt + 1) for node, attempt in state.busy.items() if kinds[node] is _TASK
    ]


def _begin(machine: Machine, state: State, commands: list[Command]) -> None:
    """What the nodes need that a token has reached."""
    visits, ready, kinds, special = state.visits, state.ready, machine.kinds, machine.special
    blocked: list[int] = []
    locks, timers = special.locks, special.timers
    held = dict(state.held) if locks else {}
    for node in state.fresh:
        kind = kinds[node]
        if node not in ready:
            if node in state.busy:
                if kind is _APPROVAL and node not in state.asked:
                    commands.append(RequestApproval(node, visits[node]))
                if timers:
                    _time(machine, state, commands, node, visits[node])
            continue
        if locks and node in locks:
            lock = locks[node]
            if (
                node in state.busy
                or held.get(lock.name, lock.holder) != lock.holder
                or (lock.holder == node and lock.name in held)
            ):
                blocked.append(node)
                continue
            held[lock.name] = lock.holder
        visit = visits.get(node, 0) + 1
        if kind is _TASK:
            commands.append(StartTask(node, visit, 1))
        elif kind is _MAP:
            commands.append(StartMap(node, visit))
        else:
            commands.append(StartChild(node, visit))
        if timers:
            _time(machine, state, commands, node, visit)
    state.fresh[:] = blocked  # asked for again as soon as something has changed


def _time(machine: Machine, state: State, commands: list[Command], node: int, visit: int) -> None:
    edges = machine.special.timers.get(node, ())
    commands.extend(StartTimer(node, visit, edge) for edge in edges if edge not in state.timers)


def _go_on(machine: Machine, state: State, commands: list[Command]) -> None:
    """What special workflows need: children that edges spawn, timers of groups."""
    for edge in state.spawning:
        node = machine.graph.target[edge]
        visit = state.visits.get(node, 0) + 1 + sum(isinstance(c, StartChild) and c.node == node for c in commands)
        commands.append(StartChild(node, visit, edge=edge))
    for group, inside in machine.special.groups.items():
        edges = machine.special.timers.get(group, ())
        if edges and tokens.occupied(inside, state):
            _time(machine, state, commands, group, state.visits.get(group, 0))


def _look_after_children(machine: Machine, state: State, commands: list[Command]) -> None:
    for node, children in state.children.items():
        if machine.kinds[node] is not _MAP:
            continue
        plan = machine.children[node]
        width = children.size if plan.width is None else plan.width
        if children.next >= children.size:
            if not children.open:
                commands.append(FinishMap(node))
            continue
        count = min(width - len(children.open), children.size - children.next)
        visit = state.visits[node]
        commands.extend(StartChild(node, visit, children.next + offset) for offset in range(count))


def _free(machine: Machine, state: State) -> Command | None:
    """The first edge that a signal that was kept, or a condition, lets a resting node take."""
    special = machine.special
    try:
        for name, values in state.kept.items():
            for edge in special.listeners.get(name, ()):
                node = machine.graph.source[edge]
                inside = special.groups.get(node)
                if node not in state.busy and not (inside and tokens.occupied(inside, state)):
                    continue
                at = accepted(machine, state, edge, name)
                if at is not None:
                    return TakeSignal(edge, name, at, values[at])
        for node, edges in special.conditions.items():
            if node in state.busy:
                for edge in edges:
                    if holds(machine, state, edge, state.facts):
                        return MeetCondition(edge)
    except ExpressionError as error:
        return Fail(Problem(type="ExpressionError", message=str(error), node=error.node))
    return None


def _alive(machine: Machine, state: State) -> bool:
    """Whether something is left that can go on, or that somebody outside can free."""
    kinds, listening = machine.kinds, machine.special.listening
    for node in state.busy:
        if kinds[node] is not _WAIT or node in listening:
            return True
    return bool(state.queued) or _may_go_on(machine, state)


def _may_go_on(machine: Machine, state: State) -> bool:
    """As `_alive`, where only waits that nobody can free are occupied."""
    special = machine.special
    if (
        any(due >= 0 for due in state.timers.values())
        or state.spawned
        or any(node not in special.locks for node in state.ready)
    ):
        return True
    return any(
        group in special.listening and tokens.occupied(inside, state) for group, inside in special.groups.items()
    )


def _stuck(machine: Machine, state: State) -> Fail:
    ids = machine.ids
    if state.arrived and not state.busy and not state.ready:
        joins = ", ".join(f"'{ids[node]}'" for node in state.arrived)
        message = f"the run is stuck: {joins} waits for a branch that was not taken\nlet every branch reach the join"
        return Fail(Problem(type="RunStuck", message=message, node=ids[next(iter(state.arrived))]))
    if state.ready:
        blocked = next(iter(state.ready))
        lock = machine.special.locks[blocked]
        message = (
            f"the run is stuck: '{ids[blocked]}' waits for lock '{lock.name}', which nothing will release\n"
            "take locks in one order, and none inside a group that has it"
        )
        return Fail(Problem(type="RunStuck", message=message, node=ids[blocked]))
    waits = ", ".join(f"'{ids[node]}'" for node in state.busy)
    message = (
        f"the run is stuck: {waits} waits for a condition, and nothing is left that could change it\n"
        "add a timer or a signal to the wait"
    )
    return Fail(Problem(type="RunStuck", message=message, node=ids[next(iter(state.busy))]))


def _take_back(state: State) -> list[Command]:
    if state.done:
        return [Compensate(*state.done[-1])]
    return [EndEarly()]
