"""A machine as people look at it: its net, its 7-tuple, its matrix and invariants, and the ways through the drawing."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping

from wfnb.machine.formal import incidence as matrix
from wfnb.machine.formal import invariants as sums
from wfnb.machine.formal import longest, routes, seventuple, statemachine
from wfnb.machine.machine import Machine as Compiled
from wfnb.machine.net import Net
from wfnb.machine.netting import net_of


class Machine(Compiled):
    """A compiled workflow, as `compile` gives it.

    Attributes of its own are derived from its net when they are asked for; see `wfnb.machine.formal` for each.
    """

    __slots__ = ()

    @property
    def net(self) -> Net:
        """The net that runs: places, transitions, where tokens begin and end."""
        return net_of(self).net

    @property
    def incidence(self) -> matrix.Incidence:
        """What each transition adds to and takes from each place."""
        return matrix.incidence(self.net)

    @property
    def invariants(self) -> sums.Invariants:
        """Sums of tokens that never change, and firings that change nothing together."""
        return sums.invariants(self.net)

    @property
    def dominators(self) -> dict[str, str | None]:
        """By node id: the last node before it that lies on every path from the start."""
        return routes.dominators(self.graph)

    @property
    def post_dominators(self) -> dict[str, str | None]:
        """By node id: the first node after it that lies on every path to an end; None if there is none."""
        return routes.post_dominators(self.graph)

    def reachable(self, a: str, b: str) -> bool:
        """Whether a path leads from node `a` to node `b`.

        Raises:
            DefinitionError: there is no such node.
        """
        return routes.reachable(self.graph, a, b)

    def paths(self, a: str, b: str, *, limit: int | None = 1_000) -> Iterator[builtins.tuple[str, ...]]:
        """The paths from `a` to `b` without a node twice, as ids, at most `limit` of them.

        Raises:
            DefinitionError: there is no such node.
        """
        return routes.paths(self.graph, a, b, limit=limit)

    def longest_path(
        self, weights: Mapping[str, float] | None = None, *, start: str | None = None, end: str | None = None
    ) -> longest.LongestPath:
        """The heaviest path; without weights each task counts 1.

        Raises:
            DefinitionError: there is no such node, or a cycle has more than one entry.
        """
        return longest.longest_path(self.graph, weights, start=start, end=end)

    def states(self, *, limit: int = 300) -> statemachine.StateMachine:
        """The explicit state machine: every marking that can be reached, and what leads from one to another."""
        labels = {number: meaning.text for number, meaning in enumerate(net_of(self).meanings)}
        return statemachine.explicit(self.net, limit=limit, labels=labels)

    @property
    def tuple(self) -> seventuple.Formal:
        """The 7-tuple (S, A, T, s0, F, E, C), with LaTeX in a notebook."""
        whole = net_of(self)
        labels: dict[int, str] = {}
        events: dict[int, str] = {}
        conditions: dict[int, str] = {}
        for number, meaning in enumerate(whole.meanings):
            node = meaning.node
            if meaning.cause == "complete":
                labels[number] = self.plans[node].activity if node in self.plans else self.ids[node]
            if meaning.cause not in ("choose", "skip", "route", "reset"):
                events[number] = meaning.text
            guards = [guard.source for edge in meaning.edges if (guard := self.guards[edge]) is not None]
            if guards and meaning.cause != "skip":
                conditions[number] = " and ".join(guards)
        return seventuple.seven_tuple(self.net, labels=labels, events=events, conditions=conditions)
