"""The transitions of a machine's net: what each takes, empties and gives, and how locks may be held meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from wfnb.machine import regions
from wfnb.machine.machine import Kind, Machine, Region
from wfnb.machine.net import Transition
from wfnb.machine.netting.meaning import MAX_ARCS, MAX_SHARED, Cause, Meaning, NetTooLarge
from wfnb.machine.netting.places import Places
from wfnb.machine.routing import meets_nothing


class Firings(Places):
    """Adds transitions, each with its meaning."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine)
        self.transitions: list[Transition] = []
        self.meanings: list[Meaning] = []
        self._names: dict[str, int] = {}
        self.arcs = 0
        self.elsewhere = self._spawned_nodes()
        holders: dict[str, dict[int, None]] = {}
        for node, lock in self.special.locks.items():
            if node not in self.elsewhere:
                holders.setdefault(lock.name, {})[lock.holder] = None
        self.holders = {name: list(found) for name, found in holders.items()}
        if any(len(found) > MAX_SHARED for found in holders.values()):
            raise NetTooLarge
        self.group_locks = {
            lock.holder: lock.name for lock in self.special.locks.values() if self.is_group(lock.holder)
        }

    def _spawned_nodes(self) -> frozenset[int]:
        graph = self.machine.graph
        return frozenset(graph.reachable(graph.target[edge] for edge in self.special.spawns))

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
        if any(graph.target[edge] in special.terminates for edge in edges):
            self._end(cause, node, text, set(pre), edges, some, least)
            return
        given = [*post]
        given += [self.target(edge) for edge in edges if edge not in special.spawns]
        given += [self.armed(join) for join in sorted(inside) if join in special.needs]
        resets |= self._met_at_once(edges)
        given += self._reached_ends(edges)
        if completes and self.machine.ids[node] in special.milestones and self.machine.kinds[node] is not Kind.GROUP:
            flag = self.reached(self.machine.ids[node])
            resets.add(flag)
            given.append(flag)
        needed = set(pre)
        own = special.locks.get(node)
        if own is not None and own.holder == node and self.inside(node) in needed:
            given.append(self.lock(own.name))  # its own, which it has while it is busy
        for variant in self._lock_variants(inside, node):
            self.add(cause, node, text, needed | variant.needed, resets, given + variant.given, edges, some, least)

    def _end(  # noqa: PLR0917 - what a transition is
        self,
        cause: Cause,
        node: int,
        text: str,
        pre: set[int],
        edges: tuple[int, ...],
        some: tuple[int, ...],
        least: int,
    ) -> None:
        """Add the transition that takes these edges, one of which ends the run: whatever else is there is withdrawn."""
        given = []
        for edge in edges:
            if self.machine.kinds[self.machine.graph.target[edge]] is Kind.END:
                given.append(self.target(edge))
                if self.machine.graph.target[edge] in self.special.terminates:
                    break
        back = [self.lock(name) for name in self.holders]
        back += [self.armed(join) for join in self.special.needs if join not in self.elsewhere]
        self.add(cause, node, text, pre, self._everything, [*given, *back], edges, some, least)

    @cached_property
    def _everything(self) -> set[int]:
        """The places that are emptied where a run ends early."""
        everything = regions.everything(self.machine.graph)
        found = set(self.places_in(Region(everything.nodes - self.elsewhere, everything.edges)))
        found.update(self.lock(name) for name in self.holders)
        found.update(self.holding(group) for group in self.group_locks)
        return found

    def _met_at_once(self, edges: Iterable[int]) -> set[int]:
        """Places in which a token meets no other, because it withdraws all that is there with it as it goes on.

        In the net other tokens may go on while one is there.  In a run it goes on at once, and they do not.
        """
        if not (self.special.empties or self.special.terminates or self.special.rests):
            return set()
        machine, target = self.machine, self.machine.graph.target
        found = {
            self.place(f"at {machine.ids[target[edge]]}", node=target[edge])
            for edge in edges
            if meets_nothing(machine, target[edge])
        }
        first = (edge for edge in edges if target[edge] in self.special.rests and self.special.needs[target[edge]] == 1)
        return found.union(map(self.join_edge, first))

    def _reached_ends(self, edges: Iterable[int]) -> list[int]:
        """The milestones of plain ends that tokens come to."""
        machine = self.machine
        ends = (
            machine.ids[to] for to in (machine.graph.target[edge] for edge in edges) if machine.kinds[to] is Kind.END
        )
        return [self.reached(id) for id in ends if id in self.special.milestones]

    def _lock_variants(self, emptied: frozenset[int], node: int) -> Iterator[_Held]:
        """How the locks may be held that emptying a part takes from tasks; those of groups: see `leaving`."""
        if not emptied:
            yield _Held(set(), [])
            return
        choices: list[list[_Held]] = []
        for name, holders in self.holders.items():
            freed = {holder for holder in holders if holder in emptied and not self.is_group(holder)} - {node}
            if not freed:
                continue
            lock = self.lock(name)
            ways = [_Held({lock}, [lock])]
            for holder in holders:
                place = self.holding(holder)
                if holder != node or self.is_group(node):
                    ways.append(_Held({place}, [lock] if holder in freed else [place]))
            own = self.special.locks.get(node)
            if own is not None and own.holder == node and own.name == name:
                ways = [_Held(set(), [])]  # the node that fires has it, so no other has
            choices.append(ways)
        for picked in product(*choices):
            yield _Held(
                set().union(*(held.needed for held in picked)) if picked else set(),
                [place for held in picked for place in held.given],
            )

    def add(  # noqa: PLR0917 - what a transition is
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
        """Add a transition, under a name of its own."""
        count = self._names.get(text, 0)
        self._names[text] = count + 1
        name = text if not count else f"{text} ({count + 1})"
        unique = tuple(dict.fromkeys(post))
        self.arcs += len(pre) + len(resets) + len(unique) + len(some)
        if self.arcs > MAX_ARCS:
            raise NetTooLarge
        self.transitions.append(Transition(name, tuple(sorted(pre)), unique, tuple(sorted(resets)), some, least))
        self.meanings.append(Meaning(cause, node, edges, text))

    def whole(self) -> list[tuple[Transition, Meaning]]:
        """The transitions, each with what it stands for."""
        return list(zip(self.transitions, self.meanings, strict=True))

    def replace(self, found: list[tuple[Transition, Meaning]]) -> None:
        """Have these instead of the transitions, under names of their own."""
        self.transitions, self.meanings, self.arcs = [], [], 0
        self._names.clear()
        for t, one in found:
            self.add(one.cause, one.node, one.text, {*t.pre}, {*t.resets}, [*t.post], one.edges, t.some, t.least)


@dataclass(frozen=True, slots=True)
class _Held:
    """One way in which locks may be held: what says so, and what is left of that."""

    needed: set[int]
    given: list[int]
