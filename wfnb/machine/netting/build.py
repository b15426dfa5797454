"""The net of a machine, node by node."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from wfnb.machine.machine import RESTING, Kind, Machine
from wfnb.machine.net import Net
from wfnb.machine.netting.firings import Firings
from wfnb.machine.netting.leaving import give_back
from wfnb.machine.netting.meaning import Cause, Netted
from wfnb.machine.routing import emptied
from wfnb.model.event import ANY_ERROR

_made: WeakKeyDictionary[Machine, Netted] = WeakKeyDictionary()


def net_of(machine: Machine) -> Netted:
    """The net of a machine, made when it is first asked for."""
    found = _made.get(machine)
    if found is None:
        found = _made[machine] = netted(machine)
    return found


def netted(machine: Machine) -> Netted:
    """The net of a machine, made anew."""
    return _Nodes(machine).build()


class _Nodes(Firings):
    """Makes the places and transitions of each node."""

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
        give_back(self)
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
            self.add("begin", node, text, {before, free}, set(), [inside], (), (), 0)
        else:
            held = self.holding(lock.holder)
            self.add("begin", node, text, {before, free}, set(), [inside, held], (), (), 0)
            self.add("begin", node, f"{id!r} begins again", {before, held}, set(), [inside, held], (), (), 0)

    def _catches(self, node: int) -> Iterator[int]:
        """The edges that may catch an error of a node: those behind one that catches everything never do."""
        for edge in self.special.catches.get(node, ()):
            yield edge
            drawn = self.machine.workflow.edges[edge]
            if drawn.error in ANY_ERROR and drawn.when is None:
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
        branches.sort(key=lambda pair: -emptied(self.machine, pair[0]))  # as a run has them
        guarded = [edge for edge, _ in branches if self.machine.guards[edge] is not None]
        sure = len(guarded) < len(branches)
        for index, (edge, last) in enumerate(branches):
            for some in (False, True):
                here = self.decision(node, index, some)
                if here is None:
                    continue
                after = self.decision(node, index + 1, True)
                text = f"{id!r} takes {self._named(edge)}"
                self.fire("choose", node, text, [here], (edge,), post=[] if after is None else [after])
                must = not some and fallback is None and not sure and edge == guarded[-1]
                if self.machine.guards[edge] is not None and not must:
                    after = self.decision(node, index + 1, some)
                    text = f"{id!r} does not take {self._named(edge)}"
                    self._decide("skip", node, text, here, self.join_edge(last), after, (edge,))
        if fallback is not None:
            last = dict(self.special.inclusive[node])[fallback]
            none, some_taken = self.decision(node, len(branches), False), self.decision(node, len(branches), True)
            if none is not None:
                text = f"{id!r} takes {self._named(fallback)}"
                emptied_too = self.special.empties[fallback].edges if fallback in self.special.empties else frozenset()
                again = [self.join_edge(into) for edge, into in branches if into in emptied_too and edge != fallback]
                self.fire("choose", node, text, [none], (fallback,), post=again)
            if some_taken is not None:
                text = f"{id!r} does not take {self._named(fallback)}"
                self._decide("skip", node, text, some_taken, self.join_edge(last), None, (fallback,))

    def _decide(  # noqa: PLR0917 - what a transition is
        self, cause: Cause, node: int, text: str, here: int, token: int, after: int | None, edges: tuple[int, ...]
    ) -> None:
        post = [token] if after is None else [token, after]
        flag = self.machine.ids[node] in self.special.milestones
        flags = {self.reached(self.machine.ids[node])} if flag else set()
        self.add(cause, node, text, {here}, flags, [*post, *flags], edges, (), 0)

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
        left = any(node in self.special.empties[e].nodes for e in machine.out[node] if e in self.special.empties)
        after = () if left else (fired,)  # going on, it empties a group that it is in
        self.fire("route", node, text, [armed], machine.out[node], None, after, tuple(into), need)
        self.add("reset", node, f"{id!r} has absorbed the rest", {fired, *into}, set(), [armed], (), (), 0)

    def _group(self, node: int) -> None:
        region, edges = self.special.groups[node], self.machine.workflow.edges
        for edge in self.machine.graph.out[node]:
            if edges[edge].trigger == "error":
                continue  # with the nodes whose errors it catches
            cause: Cause = "signal" if edges[edge].on is not None else "time"
            text = f"{self._freed_by(edge)} interrupts {self.machine.ids[node]!r}"
            for place in self.resting_in(region):
                at = self.at_edge[place]
                if at < 0 or len(self.machine.graph.into[self.machine.graph.target[at]]) > 1:  # or the join goes on
                    self.fire(cause, node, text, [place], (edge,), completes=False)

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
