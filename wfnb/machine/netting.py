"""The net of a machine: what moves, as places and transitions, for proofs and pictures.

Edges into one node lead to one place, because what comes along them is merged: the inside of a task, a wait, a map or
a call (where a lock is taken there is a place before it, too), the moment before a choice or a fork, an end.  Each edge
into a join is a place of its own.  A task that fails where nothing catches it ends the run, and so has no transition;
guards are left open, so that every edge of a choice can be taken.

Other places: a lock that is free, a group that has it, a milestone that was reached, a join of k of n branches that
waits (`armed`) or has fired, and the state of an inclusive fork between two of its decisions.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Literal, TypeAlias
from weakref import WeakKeyDictionary

from wfnb.machine import regions
from wfnb.machine.machine import RESTING, STARTED, Kind, Machine, Region
from wfnb.machine.net import Net, Transition

Cause: TypeAlias = Literal[
    "start", "begin", "complete", "choose", "skip", "route", "reset", "time", "signal", "condition", "error", "end"
]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a transition stands for.

    Attributes:
        cause: what makes it fire; `choose`, `skip`, `route` and `reset` need nothing from outside.
        node: the node that fires.
        edges: the edges taken.
        text: in words.
    """

    cause: Cause
    node: int
    edges: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Netted:
    """A net, and what it says of the machine.

    Attributes:
        net: the net.
        meanings: by transition.
        edges: by place: the edge into a join that it is, -1 for others.
        nodes: by place: the node that a token in it is at, -1 for locks and the like.
    """

    net: Net
    meanings: tuple[Meaning, ...]
    edges: tuple[int, ...]
    nodes: tuple[int, ...]


_made: WeakKeyDictionary[Machine, Netted] = WeakKeyDictionary()


def net_of(machine: Machine) -> Netted:
    """The net of a machine, made when it is first asked for."""
    found = _made.get(machine)
    if found is None:
        found = _made[machine] = netted(machine)
    return found


def netted(machine: Machine) -> Netted:
    """The net of a machine, made anew."""
    return _Builder(machine).build()


class _Builder:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.special = machine.special
        self.places: dict[str, int] = {}
        self.at_edge: list[int] = []
        self.at_node: list[int] = []
        self.transitions: list[Transition] = []
        self.meanings: list[Meaning] = []
        self.initial: set[int] = set()
        self.idle: set[int] = set()
        self.sinks: set[int] = set()
        self.taken_names: dict[str, int] = {}
        self.elsewhere = self._spawned_nodes()
        self.holders: dict[str, list[int]] = {}
        for node, lock in self.special.locks.items():
            if node not in self.elsewhere and lock.holder not in self.holders.setdefault(lock.name, []):
                self.holders[lock.name].append(lock.holder)
        self.group_locks = {
            lock.holder: lock.name for lock in self.special.locks.values() if self._is_group(lock.holder)
        }

    # ------------------------------------------------------------------------------------------------- places

    def place(self, name: str, *, edge: int = -1, node: int = -1) -> int:
        """The place of this name, made if there is none."""
        found = self.places.get(name)
        if found is None:
            found = self.places[name] = len(self.places)
            self.at_edge.append(edge)
            self.at_node.append(node)
        return found

    def target(self, edge: int) -> int:
        """The place where the token of an edge comes to."""
        to = self.machine.graph.target[edge]
        kind, id = self.machine.kinds[to], self.machine.ids[to]
        if kind is Kind.JOIN:
            return self.join_edge(edge)
        if kind in STARTED and to in self.special.locks:
            return self.place(f"before {id}", node=to)
        if kind in RESTING:
            return self.place(f"in {id}", node=to)
        if kind is Kind.END and to not in self.special.terminates:
            sink = self.place(f"end {id}", node=to)
            self.sinks.add(sink)
            return sink
        return self.place(f"at {id}", node=to)

    def join_edge(self, edge: int) -> int:
        drawn = self.machine.workflow.edges[edge]
        return self.place(f"edge {edge}: {drawn.source} -> {drawn.target}", edge=edge)

    def inside(self, node: int) -> int:
        return self.place(f"in {self.machine.ids[node]}", node=node)

    def lock(self, name: str) -> int:
        place = self.place(f"lock {name}")
        self.initial.add(place)
        self.idle.add(place)
        return place

    def holding(self, holder: int) -> int:
        """The place that says that a task or a group has its lock."""
        return (
            self.place(f"group {self.machine.ids[holder]} has its lock")
            if self._is_group(holder)
            else self.inside(holder)
        )

    def reached(self, id: str) -> int:
        place = self.place(f"reached {id}")
        self.idle.add(place)
        return place

    def armed(self, join: int) -> int:
        place = self.place(f"join {self.machine.ids[join]} waits")
        self.initial.add(place)
        self.idle.add(place)
        return place

    def _is_group(self, node: int) -> bool:
        return self.machine.kinds[node] is Kind.GROUP

    def _spawned_nodes(self) -> frozenset[int]:
        graph = self.machine.graph
        return frozenset(graph.reachable(graph.target[edge] for edge in self.special.spawns))

    def resting_in(self, region: Region) -> Iterator[int]:
        """The places of a region where a token may stay, but for those before a lock."""
        for node in sorted(region.nodes):
            if self.machine.kinds[node] in RESTING:
                yield self.inside(node)
                if self.machine.kinds[node] in STARTED and node in self.special.locks:
                    yield self.place(f"before {self.machine.ids[node]}", node=node)
        for edge in sorted(region.edges):
            yield self.join_edge(edge)

    def places_in(self, region: Region) -> set[int]:
        """Every place of a region, but for those that say who has a lock."""
        found = set(self.resting_in(region))
        for node in region.nodes:
            if self.machine.kinds[node] in (Kind.CHOICE, Kind.FORK):
                found.add(self.place(f"at {self.machine.ids[node]}", node=node))
                if node in self.special.inclusive:
                    found.update(place for place, _, _ in self._decisions(node))
            if node in self.special.needs:
                found.add(self.armed(node))
                if node not in self.special.rests:
                    found.add(self.place(f"join {self.machine.ids[node]} has fired"))
        return found

    # -------------------------------------------------------------------------------------------- transitions

    def fire(  # noqa: PLR0917 - what a transition is
        self,
        cause: Cause,
        node: int,
        text: str,
        pre: Iterable[int],
        edges: tuple[int, ...],
        region: Region | None = None,
        post: Iterable[int] = (),
        some: tuple[int, ...] = (),
        least: int = 0,
        *,
        completes: bool = True,
    ) -> None:
        """Add the transition that takes these edges, once for each way in which locks may be held that it frees."""
        special, graph = self.special, self.machine.graph
        emptied = [special.empties[edge] for edge in edges if edge in special.empties]
        if region is not None:
            emptied.append(region)
        inside = frozenset().union(*(one.nodes for one in emptied)) if emptied else frozenset[int]()
        resets = set().union(*(self.places_in(one) for one in emptied)) if emptied else set[int]()
        given = [*post]
        given += [self.target(edge) for edge in edges if edge not in special.spawns]
        given += [self.armed(join) for join in sorted(inside) if join in special.needs]
        if completes and self.machine.ids[node] in special.milestones and self.machine.kinds[node] is not Kind.GROUP:
            flag = self.reached(self.machine.ids[node])
            resets.add(flag)
            given.append(flag)
        needed = set(pre)
        own = special.locks.get(node)
        if own is not None and own.holder == node and self.inside(node) in needed:
            given.append(self.lock(own.name))  # its own, which it has while it is busy
        left = {
            group
            for group in self.group_locks
            if node in special.groups[group].nodes
            and any(graph.target[edge] not in special.groups[group].nodes for edge in edges)
        }
        for variant in self._lock_variants(inside, left, node):
            self._add(cause, node, text, needed | variant.needed, resets, given + variant.given, edges, some, least)

    def _lock_variants(self, emptied: frozenset[int], left: set[int], node: int) -> Iterator[_Held]:
        """How the locks may be held that emptying or leaving a part gives back."""
        choices: list[list[_Held]] = []
        for name, holders in self.holders.items():
            groups = self.special.groups
            freed = {
                holder
                for holder in holders
                if holder in left or (bool(groups[holder].nodes & emptied) if holder in groups else holder in emptied)
            }
            freed.discard(node)  # what fires gives back its own lock already
            if not freed:
                continue
            lock = self.lock(name)
            if freed <= left:  # it is surely held: the token that leaves has been inside
                choices.append([_Held({self.holding(holder)}, [lock]) for holder in sorted(freed)])
                continue
            ways = [_Held({lock}, [lock])]
            for holder in holders:
                place = self.holding(holder)
                if holder != node:
                    ways.append(_Held({place}, [lock] if holder in freed else [place]))
            own = self.special.locks.get(node)
            if own is not None and own.name == name:
                ways = [_Held(set(), [])]  # the node that fires has it, so no other has
            choices.append(ways)
        for picked in product(*choices):
            yield _Held(
                set().union(*(held.needed for held in picked)) if picked else set(),
                [place for held in picked for place in held.given],
            )

    def _add(  # noqa: PLR0917 - what a transition is
        self,
        cause: Cause,
        node: int,
        text: str,
        pre: set[int],
        resets: set[int],
        post: list[int],
        edges: tuple[int, ...],
        some: tuple[int, ...],
        least: int,
    ) -> None:
        count = self.taken_names.get(text, 0)
        self.taken_names[text] = count + 1
        name = text if not count else f"{text} ({count + 1})"
        unique = tuple(dict.fromkeys(post))
        self.transitions.append(Transition(name, tuple(sorted(pre)), unique, tuple(sorted(resets)), some, least))
        self.meanings.append(Meaning(cause, node, edges, text))

    def build(self) -> Netted:
        machine = self.machine
        start = self.place("start", node=machine.start)
        self.initial.add(start)
        self.fire("start", machine.start, "the run starts", [start], machine.out[machine.start])
        for node, kind in enumerate(machine.kinds):
            if node in self.elsewhere:
                continue
            if kind in RESTING:
                self._resting(node, kind)
            elif kind is Kind.CHOICE:
                self._choice(node)
            elif kind is Kind.FORK:
                self._fork(node)
            elif kind is Kind.JOIN:
                self._join(node)
            elif kind is Kind.GROUP:
                self._group(node)
            elif node in self.special.terminates:
                self._terminate(node)
        if self.special.spawns:  # a run may end with nothing but children that it has spawned
            children = self.place("children")
            self.sinks.add(children)
            self.initial.add(children)
        net = Net(
            tuple(self.places),
            tuple(self.transitions),
            frozenset(self.initial),
            frozenset(self.sinks),
            frozenset(self.idle),
        )
        return Netted(net, tuple(self.meanings), tuple(self.at_edge), tuple(self.at_node))

    # -------------------------------------------------------------------------------------------------- nodes

    def _resting(self, node: int, kind: Kind) -> None:
        machine, id = self.machine, self.machine.ids[node]
        inside = self.inside(node)
        lock = self.special.locks.get(node)
        if lock is not None:
            self._begin(node)
        edges = machine.workflow.edges
        if kind is Kind.WAIT:
            for edge in machine.out[node]:
                cause: Cause = (
                    "condition" if not edges[edge].trigger else "time" if edges[edge].on is None else "signal"
                )
                flags = [self.reached(name) for name in self._milestones_of(edge)] if cause == "condition" else []
                self.fire(cause, node, f"{self._freed_by(edge)} frees {id!r}", [inside, *flags], (edge,), post=flags)
            return
        self.fire("complete", node, f"{id!r} completes", [inside], machine.out[node])
        for edge in machine.graph.out[node]:
            if edges[edge].trigger in ("after", "until", "on"):
                cause = "signal" if edges[edge].on is not None else "time"
                self.fire(cause, node, f"{self._freed_by(edge)} interrupts {id!r}", [inside], (edge,), completes=False)
        for edge in self._catches(node):
            text = f"{id!r} fails, caught by {self._named(edge)}"
            self.fire("error", node, text, [inside], (edge,), completes=False)

    def _begin(self, node: int) -> None:
        lock, id = self.special.locks[node], self.machine.ids[node]
        before, inside, free = self.place(f"before {id}", node=node), self.inside(node), self.lock(lock.name)
        text = f"{id!r} takes lock {lock.name!r}"
        if lock.holder == node:
            self._add("begin", node, text, {before, free}, set(), [inside], (), (), 0)
        else:
            held = self.holding(lock.holder)
            self._add("begin", node, text, {before, free}, set(), [inside, held], (), (), 0)
            self._add("begin", node, f"{id!r} begins again", {before, held}, set(), [inside, held], (), (), 0)

    def _catches(self, node: int) -> Iterator[int]:
        """The edges that may catch an error of a node: those behind one that catches everything never do."""
        for edge in self.special.catches.get(node, ()):
            yield edge
            drawn = self.machine.workflow.edges[edge]
            if drawn.error == "*" and drawn.when is None:
                return

    def _choice(self, node: int) -> None:
        at = self.place(f"at {self.machine.ids[node]}", node=node)
        for edge in self.machine.out[node]:
            self.fire("choose", node, f"{self.machine.ids[node]!r} takes {self._named(edge)}", [at], (edge,))

    def _fork(self, node: int) -> None:
        id = self.machine.ids[node]
        at = self.place(f"at {id}", node=node)
        if node not in self.special.inclusive:
            self.fire("route", node, f"{id!r} forks", [at], self.machine.out[node])
            return
        fallback = self.machine.otherwise.get(node)
        branches = [pair for pair in self.special.inclusive[node] if pair[0] != fallback]
        guarded = [edge for edge, _ in branches if self.machine.guards[edge] is not None]
        sure = len(guarded) < len(branches)
        for index, (edge, last) in enumerate(branches):
            for some in (False, True):
                here = self._decision(node, index, some)
                if here is None:
                    continue
                after = self._decision(node, index + 1, True)
                self._decide(
                    "choose", node, f"{id!r} takes {self._named(edge)}", here, self.target(edge), after, (edge,)
                )
                must = not some and fallback is None and not sure and edge == guarded[-1]
                if self.machine.guards[edge] is not None and not must:
                    after = self._decision(node, index + 1, some)
                    text = f"{id!r} does not take {self._named(edge)}"
                    self._decide("skip", node, text, here, self.join_edge(last), after, (edge,))
        if fallback is not None:
            last = dict(self.special.inclusive[node])[fallback]
            none, some_taken = self._decision(node, len(branches), False), self._decision(node, len(branches), True)
            if none is not None:
                text = f"{id!r} takes {self._named(fallback)}"
                self._decide("choose", node, text, none, self.target(fallback), None, (fallback,))
            if some_taken is not None:
                text = f"{id!r} does not take {self._named(fallback)}"
                self._decide("skip", node, text, some_taken, self.join_edge(last), None, (fallback,))

    def _decisions(self, node: int) -> list[tuple[int, int, bool]]:
        """The places of an inclusive fork between its decisions."""
        count = len(self.special.inclusive[node])
        found = []
        for index in range(1, count + 1):
            for some in (False, True):
                place = self._decision(node, index, some)
                if place is not None:
                    found.append((place, index, some))
        return found

    def _decision(self, node: int, index: int, some: bool) -> int | None:
        """The place before decision `index`, where some branch was taken or none; None after the last."""
        id = self.machine.ids[node]
        fallback = self.machine.otherwise.get(node)
        count = len(self.special.inclusive[node]) - (fallback is not None)
        if index == 0:
            return None if some else self.place(f"at {id}", node=node)
        if index > count or (index == count and fallback is None):
            return None
        return self.place(f"at {id}, {index} decided, {'some' if some else 'none'} taken", node=node)

    def _decide(  # noqa: PLR0917 - what a transition is
        self, cause: Cause, node: int, text: str, here: int, token: int, after: int | None, edges: tuple[int, ...]
    ) -> None:
        post = [token] if after is None else [token, after]
        flag = self.machine.ids[node] in self.special.milestones
        flags = {self.reached(self.machine.ids[node])} if flag else set()
        self._add(cause, node, text, {here}, flags, [*post, *flags], edges, (), 0)

    def _join(self, node: int) -> None:
        machine, id = self.machine, self.machine.ids[node]
        into = [self.join_edge(edge) for edge in machine.graph.into[node]]
        need = self.special.needs.get(node)
        if need is None:
            self.fire("route", node, f"{id!r} joins", into, machine.out[node])
            return
        armed = self.armed(node)
        text = f"{id!r} goes on with {need} of {len(into)}"
        rest = self.special.rests.get(node)
        if rest is not None:
            self.fire("route", node, text, [armed], machine.out[node], rest, (armed,), tuple(into), need)
            return
        fired = self.place(f"join {id} has fired")
        self.fire("route", node, text, [armed], machine.out[node], None, (fired,), tuple(into), need)
        self._add("reset", node, f"{id!r} has absorbed the rest", {fired, *into}, set(), [armed], (), (), 0)

    def _group(self, node: int) -> None:
        region, edges = self.special.groups[node], self.machine.workflow.edges
        for edge in self.machine.graph.out[node]:
            if edges[edge].trigger == "error":
                continue  # with the nodes whose errors it catches
            cause: Cause = "signal" if edges[edge].on is not None else "time"
            text = f"{self._freed_by(edge)} interrupts {self.machine.ids[node]!r}"
            for place in self.resting_in(region):
                self.fire(cause, node, text, [place], (edge,), completes=False)

    def _terminate(self, node: int) -> None:
        id = self.machine.ids[node]
        at = self.place(f"at {id}", node=node)
        sink = self.place(f"end {id}", node=node)
        self.sinks.add(sink)
        everything = regions.everything(self.machine.graph)
        resets = self.places_in(Region(everything.nodes - self.elsewhere, everything.edges))
        resets |= {
            self.place(f"at {self.machine.ids[end]}", node=end) for end in self.special.terminates if end != node
        }
        locks = [self.lock(name) for name in self.holders]
        resets.update(locks)
        resets.update(self.holding(group) for group in self.group_locks)
        back = [self.armed(join) for join in self.special.needs if join not in self.elsewhere]
        text = f"{id!r} ends the run"
        self._add("end", node, text, {at}, resets - {at}, [sink, *locks, *back], (), (), 0)

    # -------------------------------------------------------------------------------------------------- words

    def _named(self, edge: int) -> str:
        drawn = self.machine.workflow.edges[edge]
        return f"'{drawn.source} -> {drawn.target}'"

    def _freed_by(self, edge: int) -> str:
        drawn = self.machine.workflow.edges[edge]
        if drawn.on is not None:
            return f"signal {drawn.on!r}"
        if drawn.trigger:
            return f"the timer of {self._named(edge)}"
        return f"the condition of {self._named(edge)}"

    def _milestones_of(self, edge: int) -> list[str]:
        """The nodes that must have been reached for a condition to hold: those that it demands with `and`."""
        guard = self.machine.guards[edge]
        if guard is None:
            return []
        found = []
        for part in guard.parts():
            match ast.parse(part.source, mode="eval").body:
                case ast.Call(func=ast.Name(id="reached"), args=[ast.Constant(value=str(name))]):
                    node = self.machine.graph.number.get(name, -1)
                    if node >= 0 and node not in self.elsewhere:
                        found.append(name)
                case _:
                    pass
        return found


@dataclass(frozen=True, slots=True)
class _Held:
    """One way in which locks may be held: what says so, and what is left of that."""

    needed: set[int]
    given: list[int]
