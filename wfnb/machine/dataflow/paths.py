"""Shortest paths through a drawing on which something has not happened."""

from __future__ import annotations

from collections import deque

from wfnb.machine.dataflow.must import Must
from wfnb.machine.dataflow.ways import Ways
from wfnb.machine.sites import Site
from wfnb.model.workflow import Start

MOST = 100
"""How many paths are looked for in one drawing."""
MOST_LOOKS = 50_000
"""How many nodes are looked at for them, all in all; a search that has begun goes on."""


class Paths:
    """Finds shortest paths on which a bit is not set."""

    def __init__(self, routes: Ways, sure: Must) -> None:
        self.routes = routes
        self.sure = sure
        self.asked = 0
        self.looks = 0
        self.known: dict[int, dict[int, int]] = {}

    def path(self, bit: int, to: Site | int) -> tuple[str, ...]:
        """The ids from the start to a node (or the target of an edge) that is reached without the bit.

        Empty after the first `MOST`, which people will not read anyway, or in a large drawing after some of them.
        """
        self.asked += 1
        if self.asked > MOST:
            return ()
        if bit not in self.known:
            if self.looks > MOST_LOOKS:
                return ()
            self.known[bit] = self._search(bit)
            self.looks += len(self.known[bit])
        came = self.known[bit]
        node = to if isinstance(to, int) else to.node
        drawn = self.routes.drawn
        ids = [drawn.nodes[node].id]
        while node in came and came[node] >= 0 and len(ids) <= len(drawn.nodes):
            node = came[node]
            ids.append(drawn.nodes[node].id)
        ids.reverse()
        if isinstance(to, Site) and to.edge is not None:
            ids.append(drawn.edges[to.edge].target)
        return tuple(ids)

    def _search(self, bit: int) -> dict[int, int]:
        """The node before each, of those reached without the bit."""
        drawn, sure = self.routes.drawn, self.sure
        came = {number: -1 for number, node in enumerate(drawn.nodes) if isinstance(node, Start)}
        frontier = deque(came)
        while frontier:
            node = frontier.popleft()
            nexts = [drawn.target[edge] for edge in drawn.out[node] if not sure.on[edge] >> bit & 1]
            for to in (*nexts, *self.routes.groups_of.get(node, ())):
                if to not in came and not sure.before[to] >> bit & 1:
                    came[to] = node
                    frontier.append(to)
        return came
