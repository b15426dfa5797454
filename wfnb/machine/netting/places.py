"""The places of a machine's net, made as they are named."""

from __future__ import annotations

from collections.abc import Iterator

from wfnb.machine.machine import RESTING, STARTED, Kind, Machine, Region


class Places:
    """Names places, and knows which node or edge of the drawing each is at."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.special = machine.special
        self.places: dict[str, int] = {}
        self.at_edge: list[int] = []
        self.at_node: list[int] = []
        self.initial: set[int] = set()
        self.idle: set[int] = set()
        self.sinks: set[int] = set()
        self._inside: dict[Region, frozenset[int]] = {}

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
        if kind is Kind.END:
            sink = self.place(f"end {id}", node=to)
            self.sinks.add(sink)
            return sink
        return self.place(f"at {id}", node=to)

    def join_edge(self, edge: int) -> int:
        """The place of an edge into a join."""
        drawn = self.machine.workflow.edges[edge]
        return self.place(f"edge {edge}: {drawn.source} -> {drawn.target}", edge=edge)

    def inside(self, node: int) -> int:
        """The place inside a node where tokens rest."""
        return self.place(f"in {self.machine.ids[node]}", node=node)

    def lock(self, name: str) -> int:
        """The place that says that a lock is free."""
        place = self.place(f"lock {name}")
        self.initial.add(place)
        self.idle.add(place)
        return place

    def holding(self, holder: int) -> int:
        """The place that says that a task or a group has its lock."""
        return (
            self.place(f"group {self.machine.ids[holder]} has its lock")
            if self.is_group(holder)
            else self.inside(holder)
        )

    def reached(self, id: str) -> int:
        """The place that says that a node was reached."""
        place = self.place(f"reached {id}")
        self.idle.add(place)
        return place

    def armed(self, join: int) -> int:
        """The place that says that a join of some branches waits for them."""
        place = self.place(f"join {self.machine.ids[join]} waits")
        self.initial.add(place)
        self.idle.add(place)
        return place

    def is_group(self, node: int) -> bool:
        """Whether a node is a group."""
        return self.machine.kinds[node] is Kind.GROUP

    def resting_in(self, region: Region) -> Iterator[int]:
        """The places of a region where a token may stay, but for those before a lock."""
        for node in sorted(region.nodes):
            if self.machine.kinds[node] in RESTING:
                yield self.inside(node)
                if self.machine.kinds[node] in STARTED and node in self.special.locks:
                    yield self.place(f"before {self.machine.ids[node]}", node=node)
        for edge in sorted(region.edges):
            yield self.join_edge(edge)

    def moving_in(self, region: Region) -> set[int]:
        """The places of a region where no token stays."""
        found = set()
        for node in region.nodes:
            if self.machine.kinds[node] in (Kind.CHOICE, Kind.FORK):
                found.add(self.place(f"at {self.machine.ids[node]}", node=node))
                if node in self.special.inclusive:
                    found.update(place for place, _, _ in self.decisions(node))
        return found

    def places_in(self, region: Region) -> frozenset[int]:
        """Every place of a region, but for those that say who has a lock; found once a region."""
        known = self._inside.get(region)
        if known is not None:
            return known
        found = set(self.resting_in(region)) | self.moving_in(region)
        for node in region.nodes:
            if node in self.special.needs:
                found.add(self.armed(node))
                if node not in self.special.rests:
                    found.add(self.place(f"join {self.machine.ids[node]} has fired"))
        self._inside[region] = frozenset(found)
        return self._inside[region]

    def decisions(self, node: int) -> list[tuple[int, int, bool]]:
        """The places of an inclusive fork between its decisions."""
        count = len(self.special.inclusive[node])
        found = []
        for index in range(1, count + 1):
            for some in (False, True):
                place = self.decision(node, index, some)
                if place is not None:
                    found.append((place, index, some))
        return found

    def decision(self, node: int, index: int, some: bool) -> int | None:
        """The place before decision `index`, where some branch was taken or none; None after the last."""
        id = self.machine.ids[node]
        fallback = self.machine.otherwise.get(node)
        count = len(self.special.inclusive[node]) - (fallback is not None)
        if index == 0:
            return None if some else self.place(f"at {id}", node=node)
        if index > count or (index == count and fallback is None):
            return None
        return self.place(f"at {id}, {index} decided, {'some' if some else 'none'} taken", node=node)
