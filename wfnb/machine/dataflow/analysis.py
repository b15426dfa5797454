"""Whether every read comes after its write, whichever way a run takes, and nothing writes at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from wfnb.machine.dataflow.concurrency import Concurrency, concurrency, has_forks
from wfnb.machine.dataflow.must import Must, must
from wfnb.machine.dataflow.paths import Paths
from wfnb.machine.dataflow.reads import checked_reads
from wfnb.machine.dataflow.ways import Ways, gives_value, ways
from wfnb.machine.diagnostic import Diagnostic, Property
from wfnb.machine.dominance import dominator_tree
from wfnb.machine.graph import Graph, cycles, graph
from wfnb.machine.sites import Site, sites
from wfnb.model.activity import Activity
from wfnb.model.expression import reference
from wfnb.model.workflow import Group, Map, Start, Task, Workflow

MAX_BITS = 2_000_000_000
"""How many bits are kept for all nodes and edges together (in memory: an eighth of that)."""
_SHOWN = 8
"""How many nodes of a path a message lists."""


@dataclass(frozen=True, slots=True)
class Read:
    """One value that one expression reads."""

    site: Site
    name: str
    checked: bool
    """Whether only where `reached` says that it is there."""


@dataclass(frozen=True)
class DataFlow:
    """What is known of the values of a workflow where they are read.

    Attributes:
        drawn: the drawing.
        routes: how tokens move through it.
        bits: the bit of each value in `sure`.
        sure: the values that surely exist, by node and edge.
        reads: every read of a value.
        early: reads that some path leads to without a value, each with such a path.
        races: reads of what may be written at the same time.
        undecided: reads for which it is not known whether something writes at the same time, or which ask first.
        unmet: prerequisites that some path avoids: the node, the activity, and such a path.
        unfollowed: reads that are not looked at, because the drawing is too large.
    """

    drawn: Graph
    routes: Ways
    bits: Mapping[str, int]
    sure: Must
    reads: tuple[Read, ...]
    early: tuple[tuple[Read, tuple[str, ...]], ...]
    races: tuple[Read, ...]
    undecided: tuple[Read, ...]
    unmet: tuple[tuple[int, str, tuple[str, ...]], ...]
    unfollowed: tuple[Read, ...] = ()

    def surely(self, id: str) -> frozenset[str]:
        """The values, of those that something reads, which exist whenever a node starts.

        Raises:
            KeyError: there is no such node.
        """
        known = self.sure.before[self.drawn.number[id]]
        return frozenset(name for name, bit in self.bits.items() if known >> bit & 1)

    @cached_property
    def relation(self) -> Concurrency | None:
        """Which nodes may have a token at the same time; None where there are too many to say."""
        return concurrency(self.routes)

    def meets(self, a: int, b: int) -> bool:
        """Whether two nodes may have a token at the same time, for all that is known; of a group, those inside it."""
        if self.relation is None:
            return True
        ones, others = (self.routes.inside(n) if isinstance(self.drawn.nodes[n], Group) else (n,) for n in (a, b))
        return any(self.relation.between(one, other) for one in ones for other in others)

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """`WF208` for early reads, `WF209` for races, `WF230` for prerequisites that some path avoids."""
        return (
            *(self._early(read, path) for read, path in self.early),
            *map(self._race, self.races),
            *(self._unmet(node, name, path) for node, name, path in self.unmet),
        )

    @cached_property
    def verdict(self) -> Property:
        """The verdict on `no read-before-write`."""
        name = "no read-before-write"
        if self.early:
            read, path = self.early[0]
            return Property(name, "refuted", self._early(read, path).message, path)
        if self.races:
            return Property(name, "refuted", self._race(self.races[0]).message)
        if not any(isinstance(node, Start) for node in self.drawn.nodes):
            return Property(name, "unknown", "the drawing has no start")
        if self.unfollowed:
            return Property(name, "unknown", f"the drawing is too large to follow {len(self.unfollowed)} of its reads")
        return Property(name, "proved", "every value is written on every path to where it is read")

    def _early(self, read: Read, path: tuple[str, ...]) -> Diagnostic:
        what = f"{read.site.where(self.drawn)} reads '{read.name}', which has no value yet on {_told(path)}"
        target = self.drawn.nodes[read.site.node].id
        cure = f"let '{read.name}' complete on every path to '{target}'"
        if read.name in self.routes.provable and read.name != target:
            cure += f", or read it as {reference(read.name)} if reached({read.name!r}) else None"
        return self._diagnostic("WF208", what, cure, read.site)

    def _race(self, read: Read) -> Diagnostic:
        what = f"{read.site.where(self.drawn)} reads '{read.name}', which may be written at the same time"
        target = self.drawn.nodes[read.site.node].id
        return self._diagnostic(
            "WF209", what, f"bring '{read.name}' and '{target}' together in a join before it is read", read.site
        )

    def _unmet(self, node: int, name: str, path: tuple[str, ...]) -> Diagnostic:
        id, kind = self.drawn.nodes[node].id, self.drawn.nodes[node].kind
        return Diagnostic(
            "WF230",
            "error",
            f"{kind} '{id}' needs '{name}' to have completed before, which no task runs on {_told(path)}",
            f"put a task that runs '{name}' on every path to '{id}'",
            (id,),
            field="prerequisites",
        )

    def _diagnostic(self, code: str, what: str, cure: str, site: Site) -> Diagnostic:
        return Diagnostic(code, "error", what, cure, site.nodes(self.drawn), site.edges, site.field)


def data_flow(
    workflow: Workflow,
    activities: Mapping[str, Activity] | None = None,
    *,
    drawn: Graph | None = None,
    found: list[Site] | None = None,
) -> DataFlow:
    """Follow the values of a workflow from where they are written to where they are read.

    Takes time in proportion to the drawing, once for each round of its loops; only where a read may meet a concurrent
    write is the concurrency relation computed.

    Args:
        workflow: the definition; its ids are unique.
        activities: those known by name, for what they need to have completed before.
        drawn: the workflow's graph, where it is known already.
        found: the workflow's expressions, where they are known already.
    """
    drawn = graph(workflow) if drawn is None else drawn
    routes = ways(drawn)
    every = tuple(_reads(routes, sites(drawn) if found is None else found))
    needs = [(number, name) for number, node in enumerate(drawn.nodes) for name in _needs(node, activities or {})]
    reads, unfollowed = _followed(routes, every, len(needs))
    bits = {name: bit for bit, name in enumerate(dict.fromkeys(read.name for read in reads))}
    activity_bits = {name: len(bits) + index for index, name in enumerate(dict.fromkeys(name for _, name in needs))}
    gives = [
        (1 << bits[node.id] if node.id in bits and gives_value(node) else 0)
        | (1 << activity_bits[node.activity] if isinstance(node, Task) and node.activity in activity_bits else 0)
        for node in drawn.nodes
    ]
    sure = must(routes, gives, _proofs(bits, routes))
    lacking = [
        read
        for read in reads
        if routes.order[read.site.node] >= 0
        and not read.checked
        and not _known(read.site, sure, gives) >> bits[read.name] & 1
    ]
    races, undecided = _races(routes, every, lacking)
    racing = {id(read) for read in races}
    path_to = Paths(routes, sure).path
    early = tuple((read, path_to(bits[read.name], read.site)) for read in lacking if id(read) not in racing)
    unmet = tuple(
        (number, name, path_to(activity_bits[name], number))
        for number, name in needs
        if routes.order[number] >= 0 and not sure.before[number] >> activity_bits[name] & 1
    )
    return DataFlow(drawn, routes, bits, sure, every, early, races, undecided, unmet, unfollowed)


def _followed(routes: Ways, reads: tuple[Read, ...], more: int) -> tuple[tuple[Read, ...], tuple[Read, ...]]:
    """The reads for which bits are kept, and those for which there would be too many.

    In a very large drawing, those are left out whose value was given by a node that lies on every path to them.
    """
    drawn = routes.drawn
    size = len(drawn.nodes) + len(drawn.edges)
    starts = [number for number, node in enumerate(drawn.nodes) if isinstance(node, Start)]
    if (len({read.name for read in reads}) + more) * size <= MAX_BITS or not starts:
        return reads, ()
    tree = dominator_tree(routes.successors, starts[0])
    left = []
    for read in reads:
        writer, reader = drawn.number[read.name], read.site.node
        given = writer not in routes.interrupted and (writer != reader or read.site.moment == "after")
        if not (given and tree.dominates(writer, reader)):
            left.append(read)
    if (len({read.name for read in left}) + more) * size <= MAX_BITS:
        return tuple(left), ()
    return (), tuple(left)


def _reads(routes: Ways, found: Iterable[Site]) -> Iterator[Read]:
    known = {node.id for node in routes.drawn.nodes if gives_value(node)}
    for site in found:
        names = site.expression.reads
        if not names:
            continue
        checked: frozenset[str] = frozenset()
        if any(function == "reached" for function, _ in site.expression.facts):
            checked = checked_reads(site.expression.source).checked & routes.provable
        for name in names:
            if name in known and not (site.moment == "item" and name in ("item", "index")):
                yield Read(site, name, name in checked)


def _needs(node: object, activities: Mapping[str, Activity]) -> tuple[str, ...]:
    """The activities that a node needs to have completed before."""
    if isinstance(node, Task):
        activity = activities.get(node.activity)
        return tuple(dict.fromkeys((*node.prerequisites, *(activity.prerequisites if activity else ()))))
    if isinstance(node, Map) and node.activity in activities:
        return activities[node.activity].prerequisites
    return ()


def _proofs(bits: Mapping[str, int], routes: Ways) -> dict[int, int]:
    """The values that a guard proves to be there, because it asks whether their node was reached, by edge."""
    found: dict[int, int] = {}
    for index, edge in enumerate(routes.drawn.edges):
        if edge.when is None or "reached" not in edge.when or routes.drawn.source[index] < 0:
            continue
        try:
            proved = checked_reads(edge.when).proves
        except SyntaxError:
            continue
        for name in proved & routes.provable & bits.keys():
            found[index] = found.get(index, 0) | 1 << bits[name]
    return found


def _known(site: Site, sure: Must, gives: list[int]) -> int:
    """The bits that are sure where an expression is evaluated."""
    return sure.before[site.node] | (gives[site.node] if site.moment == "after" else 0)


def _races(routes: Ways, reads: tuple[Read, ...], lacking: list[Read]) -> tuple[tuple[Read, ...], tuple[Read, ...]]:
    """Reads of what may be written at the same time, and those of which that is not known.

    A node on no loop completes once in a sound drawing; so what it gives is not written again where it surely exists.
    """
    drawn = routes.drawn
    if not has_forks(drawn):
        return (), ()
    looping = {node for cycle in cycles(routes.successors) for node in cycle}
    early = {id(read) for read in lacking}
    asked = [read for read in reads if id(read) in early or read.checked or drawn.number[read.name] in looping]
    if not asked:
        return (), ()
    relation = concurrency(routes)
    if relation is None:
        return (), tuple(asked)
    spawned = _spawned(drawn)
    found = [read for read in asked if _meets(routes, relation, spawned, read)]
    # What is read behind `reached` may come at any time: no error, but no certain result either.
    return tuple(r for r in found if not r.checked), tuple(r for r in found if r.checked)


def _spawned(drawn: Graph) -> dict[int, int]:
    """The node that spawns the part which a node belongs to, by node."""
    found: dict[int, int] = {}
    for index, edge in enumerate(drawn.edges):
        if edge.spawn and drawn.target[index] >= 0 and drawn.target[index] not in found:
            frontier = [drawn.target[index]]
            found[frontier[0]] = drawn.source[index]
            while frontier:
                for node in drawn.after(frontier.pop()):
                    if node not in found:
                        found[node] = drawn.source[index]
                        frontier.append(node)
    return found


def _meets(routes: Ways, relation: Concurrency, spawned: Mapping[int, int], read: Read) -> bool:
    writer, reader = routes.drawn.number[read.name], read.site.node
    if reader in spawned and writer not in spawned:
        reader = spawned[reader]  # a part sees what its parent had when it was spawned
    elif writer in spawned and reader not in spawned:
        return False  # and its parent sees nothing of it
    if isinstance(routes.drawn.nodes[reader], Group):
        return any(relation.between(member, writer) for member in routes.inside(reader))
    return relation.between(reader, writer)


def _told(path: tuple[str, ...]) -> str:
    if not path:
        return "a path to it"
    if len(path) <= _SHOWN:
        return "the path " + " -> ".join(path)
    return "the path " + " -> ".join((*path[: _SHOWN // 2], "...", *path[-_SHOWN // 2 :]))
