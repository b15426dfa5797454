"""What of a run has no place in a changed workflow, each named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from wfnb.machine import tokens
from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.machine import RESTING, Kind, Machine
from wfnb.machine.migration.image import Image
from wfnb.machine.migration.moved import locks, migrate
from wfnb.machine.migration.standing import standing
from wfnb.machine.netting import NetTooLarge
from wfnb.machine.parts import expressions_of, inner_expressions_of
from wfnb.machine.soundness import decide
from wfnb.model.expression import Expression, parse
from wfnb.model.state import State
from wfnb.model.types import optional
from wfnb.model.workflow import Map

_LATER = "migrate the run later, when it is past that, or keep that part of the workflow as it is"


def misfits(image: Image, state: State, run: str = "", *, allow_unsound: bool = False) -> list[Diagnostic]:
    """What keeps a run from going on with the new machine; its children are no part of this.

    Args:
        image: what of the old machine is what of the new one.
        state: where the run stands.
        run: its id, for the messages.
        allow_unsound: whether it may go on even where it is proved that it can get stuck then.
    """
    said = f"run '{run}': " if run else ""
    found = [
        Diagnostic("WF250", "error", said + what, cure, nodes) for what, cure, nodes in _without_image(image, state)
    ]
    if found:
        return found
    there = migrate(image, replace(state))
    found = [
        Diagnostic("WF251", "error", said + what, cure, nodes) for what, cure, nodes in _unfit(image, state, there)
    ]
    if found or allow_unsound:
        return found
    stuck = _stuck(image.new, there)
    if stuck:
        cure = "a branch that was added behind a fork that has fired is waited for in vain; migrate the run later"
        found.append(Diagnostic("WF252", "error", f"{said}from where it stands, {stuck}", cure))
    return found


_Problem = tuple[str, str, tuple[str, ...]]


def _without_image(image: Image, state: State) -> Iterator[_Problem]:
    yield from _tokens(image, state)
    yield from _edges(image, state)
    old, new, ids = image.old, image.new, image.old.ids
    for node in state.children:
        if node in image.nodes and old.kinds[node] is Kind.MAP:
            before, after = old.graph.nodes[node], new.graph.nodes[image.nodes[node]]
            assert isinstance(before, Map)
            assert isinstance(after, Map)
            if before.items != after.items:
                yield f"map '{ids[node]}' is in progress, and goes through other items there", _LATER, (ids[node],)
    for node, _, run in state.done:
        if run and node not in image.nodes:
            what = f"child run '{run}' is completed and can be taken back, and its node '{ids[node]}' is not there"
            yield what, "keep the node, or let the run end first", (ids[node],)
        elif not run and image.nodes.get(node, -1) not in new.special.compensations:
            what = f"task '{ids[node]}' is completed and can be taken back, which the changed workflow does not say how"
            yield what, "keep its `compensate`, or let the run end first", (ids[node],)
    for name, kind in new.workflow.inputs.items():
        if name not in state.input and not optional(kind):
            yield f"it was not given the input '{name}'", f"declare it as optional: '{kind} | None'", ()


def _tokens(image: Image, state: State) -> Iterator[_Problem]:
    ids, kinds = image.old.ids, image.old.kinds
    ready = image.resting(state)
    for where, nodes in (("in", state.busy), ("before", state.ready)):
        for node in nodes:
            kind, id = kinds[node].name.lower(), ids[node]
            if node not in image.nodes:
                there = image.new.graph.number.get(id, -1)
                instead = f"'{id}' is a {image.new.kinds[there].name.lower()}" if there >= 0 else f"there is no '{id}'"
                yield f"a token is {where} {kind} '{id}', and in the changed workflow {instead}", _LATER, (id,)
            elif where == "before" and ready[node] is None:
                what = f"a token is before {kind} '{id}', and the edge by which it came is not in the changed workflow"
                yield what, _LATER, (id,)


def _edges(image: Image, state: State) -> Iterator[_Problem]:
    old, new = image.old, image.new
    drawn = old.graph.edges
    for what, edges in (("a token waits on", state.waiting), ("the timer runs of", state.timers)):
        for edge in sorted(edges):
            if edge not in image.edges:
                source, target = drawn[edge].source, drawn[edge].target
                yield (
                    f"{what} edge '{source} -> {target}', which the changed workflow has not",
                    _LATER,
                    (source, target),
                )
    for run, edge in state.spawned.items():
        if edge not in image.edges:
            source, target = drawn[edge].source, drawn[edge].target
            what = f"child '{run}' was spawned by edge '{source} -> {target}', which the changed workflow has not"
            yield what, _LATER, (source, target)
    for edge in state.ended:
        if image.reached_end(edge) is None:
            end = drawn[edge].target
            yield f"a token has reached end '{end}', which the changed workflow has not", _LATER, (end,)
    for join, count in state.arrived.items():
        there = image.nodes.get(join)
        if there is None:
            continue  # its edges are named
        before = old.special.needs.get(join, len(old.graph.into[join]))
        after = new.special.needs.get(there, len(new.graph.into[there]))
        if (count >= before) is not (count >= after) or count >= len(new.graph.into[there]):
            id = old.ids[join]
            yield (
                f"join '{id}' has {count} of its tokens, and would have gone on otherwise in the changed workflow",
                _LATER,
                (id,),
            )


def _unfit(image: Image, state: State, there: State) -> Iterator[_Problem]:
    """What is not as it would be if the run had followed the new machine all along."""
    new = image.new
    for edge in there.timers:
        group = new.special.groups.get(new.graph.source[edge])
        if group is not None and not tokens.occupied(group, there):
            id = new.ids[new.graph.source[edge]]
            yield f"the timer of group '{id}' runs, and no token is in that of the changed workflow", _LATER, (id,)
    taken: dict[str, int] = {}
    had = {(name, image.nodes[holder]) for name, holder in state.held.items() if holder in image.nodes}
    for name, holder in locks(new, there, had):
        other = taken.setdefault(name, holder)
        if other != holder:
            both = new.ids[other], new.ids[holder]
            yield (
                f"lock '{name}' would be taken by both '{both[0]}' and '{both[1]}', which are in progress",
                _LATER,
                both,
            )
    for id in sorted(new.special.milestones - image.old.special.milestones):
        if new.kinds[new.graph.number.get(id, new.start)] not in (*RESTING, Kind.START):
            what = f"the changed workflow asks whether '{id}' was reached, which was not remembered until now"
            yield what, "ask for a task, a wait, an approval, a map or a call instead", (id,)
    ahead = _ahead(new, there)
    known = {*there.values, *(new.ids[node] for node in ahead)}
    for node, id in _reads(new, there, ahead):
        if id in new.graph.number and id not in known:
            what = f"'{node}' reads the value of '{id}', which the run has passed by, and which gave none"
            yield what, f"let it do without, or give the value first: run.update('{id}', ...)", (node, id)


def _ahead(machine: Machine, state: State) -> set[int]:
    """Every node that a token may still reach, those in progress included."""
    waiting = (machine.graph.target[edge] for edge in state.waiting)
    return machine.graph.reachable({*state.busy, *state.ready, *waiting})


def _reads(machine: Machine, state: State, ahead: set[int]) -> Iterator[tuple[str, str]]:
    """The values that what is ahead reads, each with the node that does, or that its edge leaves."""
    graph, special = machine.graph, machine.special
    nodes = ahead | {group for group, inside in special.groups.items() if inside.nodes & ahead}
    nodes |= {graph.target[edge] for edge in state.ended} | {node for node, _, run in state.done if not run}
    for node in sorted(nodes):
        drawn = graph.nodes[node]
        inner = {"item", "index"} if isinstance(drawn, Map) else set()
        for _, text in (*expressions_of(drawn), *inner_expressions_of(drawn)):
            yield from ((drawn.id, read) for read in sorted(parse(text).reads) if read not in {*inner, drawn.id})
        for edge in graph.out[node] if node in ahead or node in special.groups else ():
            for one in (machine.guards[edge], machine.delays.get(edge)):
                if isinstance(one, Expression):
                    yield from ((drawn.id, read) for read in sorted(one.reads))


def _stuck(machine: Machine, state: State) -> str:
    """Why a run can get stuck from where it stands, if that is proved."""
    try:
        verdict = decide(standing(machine, state))
    except NetTooLarge:
        return ""  # what is not known does not keep it, as at its start
    return f"the run can not always end: {verdict.why}" if verdict.verdict == "refuted" else ""
