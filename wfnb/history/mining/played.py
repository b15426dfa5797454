"""The net of a workflow as a game over activities: which markings follow when one happens."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from wfnb.machine.compiler import Resolve, compile_workflow
from wfnb.machine.net import Net, Unsafe, can_fire
from wfnb.machine.netting import net_of
from wfnb.model.workflow import Approval, Call, Map, Task, Workflow

Marking = frozenset[int]
Path = tuple[int, ...]
"""Transitions by number, in the order in which they fire."""

MOST_MARKINGS = 200_000
"""How many markings a search looks at before it gives up."""


class TooManyMarkings(Exception):
    """A search looked at more markings than it may."""


@dataclass(frozen=True, slots=True)
class Move:
    """A transition that fires, and what is marked afterwards."""

    transition: int
    marking: Marking


class Played:
    """The net of a workflow, its transitions labelled with activities.

    Tasks, approvals, maps and calls are seen when they complete; everything else is silent.  An event is a node's if
    it has the node's name or, where no node has this name, that of its activity.

    Attributes:
        workflow: the workflow.
        net: the net.
        meanings: what each transition is in the drawing.
        ids: the names of nodes by number.
        labels: the activity of each transition, None where it is silent.
        visible: activity → transitions that can show it.
    """

    def __init__(self, workflow: Workflow, activities: Collection[str] = (), resolve: Resolve | None = None) -> None:
        """Make the net.

        Args:
            workflow: the workflow.
            activities: the names that a log uses.
            resolve: gives the workflows that it calls by name.

        Raises:
            CompileError: the workflow has errors.
        """
        machine = compile_workflow(workflow, None, resolve)
        made = net_of(machine)
        self.workflow, self.net, self.meanings, self.ids = workflow, made.net, made.meanings, tuple(machine.ids)
        names = _labels(workflow, activities)
        self.labels = tuple(
            names.get(self.ids[meaning.node]) if meaning.cause == "complete" else None for meaning in made.meanings
        )
        visible: dict[str, list[int]] = {}
        for number, label in enumerate(self.labels):
            if label is not None:
                visible.setdefault(label, []).append(number)
        self.visible = {label: tuple(numbers) for label, numbers in visible.items()}
        self._moves: dict[Marking, tuple[Move, ...]] = {}
        self._ways: dict[tuple[Marking, str | None], tuple[tuple[Path, Marking], ...]] = {}
        # What empties or reads other places does not commute with what fires elsewhere.
        self._tangled = any(transition.resets or transition.least for transition in made.net.transitions)
        consumers: dict[int, list[int]] = {}
        for number, transition in enumerate(made.net.transitions):
            for place in transition.pre[:1] or transition.some:
                consumers.setdefault(place, []).append(number)
        self._all = _Arcs(made.net, range(len(self.labels)))
        self._silent = _Arcs(made.net, (number for number, label in enumerate(self.labels) if label is None))
        self._stubborn: dict[tuple[Marking, str | None, bool], tuple[Move, ...]] = {}
        self._consumers = {place: tuple(numbers) for place, numbers in consumers.items()}

    def moves(self, marking: Marking) -> tuple[Move, ...]:
        """What can fire in a marking; a firing that would be unsafe is none."""
        known = self._moves.get(marking)
        if known is None:
            if len(self._moves) >= MOST_MARKINGS:
                raise TooManyMarkings
            found = []
            numbers = {number for place in marking for number in self._consumers.get(place, ())}
            for number in sorted(numbers):
                if can_fire(self.net.transitions[number], marking):
                    try:
                        found.append(Move(number, self.net.fire(marking, number)))
                    except Unsafe:
                        continue
            known = self._moves[marking] = tuple(found)
        return known

    def ways(self, marking: Marking, activity: str | None) -> tuple[tuple[Path, Marking], ...]:
        """The shortest silent ways to every marking in which an activity has just happened, nearest first.

        For None: a way to the end.  Silent transitions that the activity does not need are left for later: they could
        as well fire after it.

        Raises:
            TooManyMarkings: there are very many.
        """
        key = (marking, activity)
        known = self._ways.get(key)
        if known is None:
            known = self._ways[key] = tuple(self._found(marking, activity))
        return known

    def _found(self, marking: Marking, activity: str | None) -> Iterator[tuple[Path, Marking]]:
        if activity is not None and activity not in self.visible:
            return
        came: dict[Marking, tuple[Marking, int] | None] = {marking: None}
        waiting, reached = deque([marking]), set[Marking]()
        while waiting:
            at = waiting.popleft()
            if activity is None and self.net.ended(at):
                yield _traced(came, at), at
                return  # the nearest end is as good as any
            for move in self.towards(at, activity, silently=True):
                if self.labels[move.transition] is not None:
                    if move.marking not in reached:
                        reached.add(move.marking)
                        yield (*_traced(came, at), move.transition), move.marking
                elif move.marking not in came:
                    if len(came) >= MOST_MARKINGS:
                        raise TooManyMarkings
                    came[move.marking] = (at, move.transition)
                    waiting.append(move.marking)

    def towards(self, marking: Marking, activity: str | None, *, silently: bool) -> tuple[Move, ...]:
        """What to fire for an activity, or for the end: a stubborn set, and the activity itself.

        Every way there fires one of the set, and nothing before that disables it, so that way can as well begin with
        it: the order of what is independent is not tried out.  Source: Antti Valmari, Stubborn sets for reduced state
        space generation (1991).

        Args:
            marking: where to begin.
            activity: what is to happen; None stands for the end.
            silently: whether nothing but silent transitions may fire on the way.
        """
        key = (marking, activity, silently)
        known = self._stubborn.get(key)
        if known is None:
            known = self._stubborn[key] = tuple(self._chosen(marking, activity, silently))
        return known

    def _chosen(self, marking: Marking, activity: str | None, silently: bool) -> Iterator[Move]:
        moves = self.moves(marking)
        if silently:
            moves = tuple(
                m for m in moves if self.labels[m.transition] is None or self.labels[m.transition] == activity
            )
        if self._tangled:
            yield from moves
            return
        enabled = {move.transition for move in moves}
        arcs = self._silent if silently else self._all
        if activity is not None:
            chosen = set(self.visible.get(activity, ()))
        else:
            resting = next((p for p in marking if p not in self.net.sinks and p not in self.net.idle), None)
            chosen = set() if resting is None else set(arcs.consumers.get(resting, ()))
        waiting = list(chosen)
        while waiting:
            number = waiting.pop()
            transition = self.net.transitions[number]
            if number in enabled:
                rivals = [rival for place in transition.pre for rival in arcs.consumers.get(place, ())]
            else:
                lacking = next((place for place in transition.pre if place not in marking), None)
                rivals = [] if lacking is None else arcs.producers.get(lacking, [])
            for rival in rivals:
                if rival not in chosen:
                    chosen.add(rival)
                    waiting.append(rival)
        yield from (move for move in moves if move.transition in chosen)


class _Arcs:
    """Which transitions put tokens into a place, and which take them; of all transitions, or of some."""

    def __init__(self, net: Net, numbers: Iterable[int]) -> None:
        self.producers: dict[int, list[int]] = {}
        self.consumers: dict[int, list[int]] = {}
        for number in numbers:
            for place in net.transitions[number].post:
                self.producers.setdefault(place, []).append(number)
            for place in net.transitions[number].pre:
                self.consumers.setdefault(place, []).append(number)


def _traced(came: dict[Marking, tuple[Marking, int] | None], marking: Marking) -> Path:
    path = []
    while (step := came[marking]) is not None:
        marking, transition = step
        path.append(transition)
    return tuple(reversed(path))


def _labels(workflow: Workflow, activities: Collection[str]) -> dict[str, str]:
    """Node → the name that its events have in a log."""
    ids = {node.id for node in workflow.nodes}
    known = set(activities)
    labels: dict[str, str] = {}
    for node in workflow.nodes:
        if isinstance(node, Task | Map):
            said = node.activity
        elif isinstance(node, Approval | Call):
            said = node.id
        else:
            continue
        by_activity = node.id not in known and said in known and (said not in ids or said == node.id)
        labels[node.id] = said if by_activity else node.id
    return labels
