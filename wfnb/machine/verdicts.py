"""What is proved of a net, as properties with counterexamples in words, and as diagnostics where it is bad."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias
from weakref import WeakKeyDictionary

from wfnb.errors import listed
from wfnb.machine import prompt
from wfnb.machine.diagnostic import Diagnostic, Firing, Property
from wfnb.machine.machine import Kind, Machine
from wfnb.machine.net import Net, Unsafe
from wfnb.machine.netting import Netted, NetTooLarge, net_of
from wfnb.machine.netting.meaning import MAX_ARCS, MAX_SHARED
from wfnb.machine.soundness import Behaviour, Finding, Soundness
from wfnb.model.expression import Expression

Dead: TypeAlias = tuple[list[int], list[int]]
"""Nodes that can never run, and those of which that is not known."""
INITIAL = "(initial)"
"""Stands in a trace for a net that is wrong before any firing."""
_GUARDS = "whatever the guards say"
_TOO_LARGE = f"its net would have more than {MAX_ARCS} arcs, or one lock for more than {MAX_SHARED} tasks"
_soundness: WeakKeyDictionary[Machine, Soundness] = WeakKeyDictionary()


def soundness_of(machine: Machine) -> Soundness:
    """Whether a machine is sound, its children aside; decided once."""
    found = _soundness.get(machine)
    if found is None:
        try:
            found = prompt.soundness_of(machine)
        except NetTooLarge:
            found = Soundness("unknown", _TOO_LARGE)
        _soundness[machine] = found
    return found


def unsound_child(machine: Machine) -> tuple[Machine, Soundness] | None:
    """A machine among this one and those that it runs as children whose soundness is refuted; None if there is none."""
    seen: set[int] = set()
    frontier = [machine]
    while frontier:
        one = frontier.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        verdict = soundness_of(one)
        if verdict.verdict == "refuted":
            return one, verdict
        frontier.extend(plan.machine for plan in one.children.values())
        frontier.extend(one.special.spawns.values())
    return None


def net_properties(
    net: Net, found: Behaviour, tell: Callable[[Sequence[int]], tuple[Firing, ...]]
) -> Iterator[Property]:
    """The properties that a net decides.

    Args:
        net: the net.
        found: what was proved.
        tell: gives the firings of a trace in words.
    """
    sound = found.sound
    trace = tuple(net.transitions[number].id for number in sound.trace)
    if sound.kind == "initial":
        trace = (INITIAL,)
    yield Property("sound", sound.verdict, sound.why, trace, tell(sound.trace) if sound.verdict == "refuted" else ())
    for name, finding in (
        ("deadlock-free", found.deadlock_free),
        ("proper completion", found.completes),
        ("terminates", found.terminates),
    ):
        yield _property(net, name, finding, tell)


def _property(net: Net, name: str, finding: Finding, tell: Callable[[Sequence[int]], tuple[Firing, ...]]) -> Property:
    trace = tuple(net.transitions[number].id for number in finding.trace)
    return Property(name, finding.verdict, finding.why, trace, tell(finding.trace) if trace else ())


def properties_of(machine: Machine, found: Behaviour, dead: Dead) -> Iterator[Property]:
    """The properties that the net of a machine decides; `dead` as `dead_nodes` gives it."""
    whole, given = net_of(machine), _taken_for_granted(machine)
    for name, property in zip(
        ("sound", "deadlock-free", "proper completion", "terminates"),
        net_properties(whole.net, found, lambda trace: told(machine, trace)),
        strict=True,
    ):
        if property.verdict == "proved" and given:
            yield Property(name, "proved", given)
        else:
            yield property
    never, open_ = dead
    names = listed(f"'{machine.ids[node]}'" for node in never or open_)
    if never:
        yield Property("no dead node", "refuted", f"{names} can never run")
    elif open_:
        yield Property("no dead node", "unknown", f"it is not known whether {names} can run")
    else:
        yield Property("no dead node", "proved")


def _taken_for_granted(machine: Machine) -> str:
    """What the net leaves open: it takes any edge that has a guard, and waits for no condition in vain."""
    special = machine.special
    waits = [
        f"'{machine.ids[node]}'"
        for node, edges in special.conditions.items()
        if edges == machine.out[node] and not any(map(_is_milestone, (machine.guards[edge] for edge in edges)))
    ]
    if waits:
        return f"{_GUARDS}, if a condition of {listed(waits)} comes to hold"
    return _GUARDS if any(guard is not None for guard in machine.guards) else ""


def _is_milestone(guard: Expression | None) -> bool:
    """Whether a condition asks for nothing but what the net knows: which nodes were reached."""
    if guard is None or guard.reads or guard.inputs or not guard.facts:
        return False
    asked = {f"reached({name!r})" for function, name in guard.facts if function == "reached"}
    return {part.source.replace('"', "'") for part in guard.parts()} <= asked


def dead_nodes(machine: Machine, found: Behaviour) -> Dead:
    """Nodes that can never run, and those of which that is not known."""
    fires: dict[int, list[int]] = {}
    meanings = net_of(machine).meanings
    for number, meaning in enumerate(meanings):
        for edge in meaning.edges if meaning.cause != "skip" else ():
            fires.setdefault(machine.graph.target[edge], []).append(number)
    elsewhere = machine.graph.reachable(machine.graph.target[edge] for edge in machine.special.spawns)
    dead, open_ = [], []
    for node, kind in enumerate(machine.kinds):
        if kind in (Kind.START, Kind.GROUP) or node in elsewhere:
            continue
        entering = fires.get(node, [])
        if all(number in found.never for number in entering):
            dead.append(node)
        elif all(number in found.never or number in found.undecided for number in entering):
            open_.append(node)
    return dead, open_


def told(machine: Machine, trace: Sequence[int]) -> tuple[Firing, ...]:
    """A firing sequence in words, with the tokens after each firing."""
    whole = net_of(machine)
    marking = whole.net.initial
    firings = []
    for number in trace:
        meaning = whole.meanings[number]
        try:
            marking = whole.net.fire(marking, number)
        except Unsafe as unsafe:
            marking |= {unsafe.place}
        edges = tuple(sorted(whole.edges[place] for place in marking if whole.edges[place] >= 0))
        nodes = tuple(sorted({machine.ids[whole.nodes[place]] for place in marking if whole.nodes[place] >= 0}))
        firings.append(Firing(meaning.text, (machine.ids[meaning.node],), meaning.edges, edges, nodes))
    return tuple(firings)


def told_of_net(net: Net, trace: Sequence[int]) -> tuple[Firing, ...]:
    """A firing sequence of an imported net in words; its places and transitions stand for nodes."""
    marking = net.initial
    firings = []
    for number in trace:
        try:
            marking = net.fire(marking, number)
        except Unsafe as unsafe:
            marking |= {unsafe.place}
        id = net.transitions[number].id
        firings.append(Firing(f"{id!r} fires", (id,), (), (), tuple(net.places[place] for place in sorted(marking))))
    return tuple(firings)


def behaviour_of(machine: Machine) -> Behaviour | None:
    """Everything that is known of a machine's net; None where the net would be too large to be made."""
    sound = soundness_of(machine)
    if sound.why == _TOO_LARGE:
        return None
    return prompt.behaviour_of(machine, sound)


def problems(machine: Machine, found: Behaviour, dead: Dead) -> Iterator[Diagnostic]:
    """What is wrong with the behaviour of a machine; `dead` as `dead_nodes` gives it."""
    sound, whole = found.sound, net_of(machine)
    if sound.verdict == "refuted":
        yield _unsound(machine, whole, sound)
    elif sound.verdict == "unknown":
        yield not_known(sound)
    for node in dead[0] if sound.verdict != "refuted" else ():
        id = machine.ids[node]
        what = f"{machine.graph.nodes[node].kind} '{id}' can never run, whichever way a run takes"
        yield Diagnostic("WF305", "warning", what, "delete it, or lead to it on a way that can be taken", (id,))


def not_known(sound: Soundness) -> Diagnostic:
    """What is said where soundness is not decided."""
    cure = "simplify the drawing, or put parts of it into workflows of their own, which are proved one by one"
    return Diagnostic("WF306", "warning", f"it is not known whether the workflow is sound: {sound.why}", cure)


def child_problems(machine: Machine) -> Iterator[Diagnostic]:
    """Children that are not sound, or of which that is not known; each is proved on its own."""
    seen: dict[int, tuple[Machine, Soundness] | None] = {}
    for node, plan in machine.children.items():
        key = id(plan.machine)
        if key not in seen:
            seen[key] = unsound_child(plan.machine)
        if seen[key] is not None:
            id_, (bad, sound) = machine.ids[node], seen[key] or (machine, Soundness("unknown"))
            of = "" if bad is plan.machine else f" calls '{bad.name}', which"
            what = f"'{id_}' runs '{plan.name}', which{of} is not sound: {sound.why}"
            yield Diagnostic("WF307", "error", what, "mend that workflow first", (id_,), field="workflow")
    for target in {machine.graph.target[edge] for edge in machine.special.spawns}:
        edge = next(edge for edge in machine.graph.into[target] if edge in machine.special.spawns)
        bad_part = unsound_child(machine.special.spawns[edge])
        if bad_part is not None:
            what = f"what is spawned at '{machine.ids[target]}' is not sound: {bad_part[1].why}"
            yield Diagnostic("WF307", "error", what, "mend the part from there on", (machine.ids[target],))


_CURES = {
    "unsafe": ("WF302", "bring concurrent branches together in a join before they lead to one node"),
    "deadlock": ("WF301", "let every branch that a join waits for reach it, or let the join wait for fewer"),
    "livelock": ("WF303", "give the cycle a way out that leads to an end"),
    "initial": ("WF304", "see the first line"),
}


def _unsound(machine: Machine, whole: Netted, sound: Soundness) -> Diagnostic:
    kind = sound.kind or "deadlock"
    code, cure = _CURES.get(kind, _CURES["deadlock"])
    ids = machine.ids
    places = [sound.place] if sound.place is not None else sorted(sound.marking - whole.net.sinks - whole.net.idle)
    at = [whole.nodes[place] for place in places if whole.nodes[place] >= 0]
    edges = tuple(whole.edges[place] for place in places if whole.edges[place] >= 0)
    joins = [machine.graph.target[edge] for edge in edges]
    nodes = tuple(dict.fromkeys(ids[node] for node in (*at, *joins)))
    names = ", ".join(f"'{id}'" for id in nodes)
    how = words(told(machine, sound.trace))
    match kind:
        case "unsafe":
            what = f"two tokens can meet at {names}" if names else f"the workflow is not sound: {sound.why}"
        case "deadlock":
            missing = [
                f"'{machine.workflow.edges[into].source} -> {ids[join]}'"
                for join in dict.fromkeys(joins)
                for into in machine.graph.into[join]
                if into not in edges
            ]
            for_what = " and ".join(missing[:3]) if missing else "what never comes"
            waits = "waits" if len(nodes) == 1 else "wait"
            what = f"a run can get stuck: {f'{names} {waits} for {for_what}' if names else sound.why}"
            cure = _freed(machine, at) or cure
        case "livelock":
            what = f"a run can go round for ever: no end can be reached from {names}"
        case _:
            what = f"the workflow is not sound: {sound.why}"
    return Diagnostic(code, "error", f"{what}, as after {how}" if how else what, cure, nodes, edges)


def _freed(machine: Machine, stuck: Sequence[int]) -> str:
    """What frees those that are stuck elsewhere than at a join."""
    if any(node in machine.special.locks for node in stuck):
        return "take locks in one order, and none inside a group that has it"
    if any(machine.kinds[node] is Kind.WAIT for node in stuck):
        return "add a timer or a signal to the wait"
    return ""


def words(firings: Sequence[Firing], limit: int = 6) -> str:
    """A trace as one line, its middle left out where it is long."""
    texts = [firing.text for firing in firings]
    if len(texts) > limit:
        texts = [*texts[: limit // 2], "...", *texts[-(limit - limit // 2) :]]
    return "; ".join(texts)
