"""Which nodes may have a token at the same time.

Kovalyov and Esparza 1996, "A polynomial algorithm to compute the concurrency relation of free-choice signal transition
graphs": the least relation that holds between the places that one transition marks, and between a place and what a
transition marks if it holds between that place and everything that the transition needs.  It contains every pair of
places that can be marked together, whatever the net, and nothing else where the net is live, bounded and free-choice;
a drawing that is sound, and joins what it forks, is that.  Emptying a region takes pairs away, so it stays safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from wfnb.machine.dataflow.ways import Ways
from wfnb.machine.dominance import immediate_dominators
from wfnb.machine.graph import Graph
from wfnb.model.workflow import Fork, Group, Join, Start

MAX_STEPS = 400_000
"""How much is done before the relation is given up: about a second."""


@dataclass(frozen=True, slots=True)
class Concurrency:
    """The nodes that may have a token at the same time as another.

    Attributes:
        places: by node, its places as bits: of a join, the edges on which tokens wait.
        beside: by place, the places that may be marked together with it, as bits; places that are marked alike share.
        same: by place, the one that stands for it in `beside`.
    """

    places: tuple[tuple[int, ...], ...]
    beside: tuple[int, ...]
    same: tuple[int, ...]

    def alone(self, node: int) -> bool:
        """Whether nothing else has a token while a node has one."""
        return not any(self.beside[self.same[place]] for place in self.places[node])

    def apart(self, nodes: Iterable[int]) -> bool:
        """Whether of some nodes only one has a token at a time."""
        classes = {self.same[place] for node in nodes for place in self.places[node]}
        together = _bits(classes)
        return not any(self.beside[one] & together for one in classes)

    def between(self, a: int, b: int) -> bool:
        """Whether two nodes may have a token at the same time."""
        return any(self.beside[self.same[p]] >> self.same[q] & 1 for p in self.places[a] for q in self.places[b])


def has_forks(drawn: Graph) -> bool:
    """Whether a run may ever have two tokens."""
    return any(isinstance(node, Fork) and len(drawn.out[number]) > 1 for number, node in enumerate(drawn.nodes))


def concurrency(routes: Ways, limit: int = MAX_STEPS) -> Concurrency | None:
    """The nodes that may have a token at the same time; None where that takes more than `limit` steps.

    The relation is exact on sound drawings that join what they fork; elsewhere it may have pairs too many, and never
    one too few.
    """
    grouped = sum(len(inside) for inside in routes.members.values())
    cancelling = sum(isinstance(node, Join) and node.rest == "cancel" for node in routes.drawn.nodes)
    if grouped * len(routes.members) > limit or cancelling * len(routes.drawn.nodes) > 50 * limit:
        return None
    places, moves, start = _net(routes)
    count = sum(map(len, places))
    same = _classes(count, moves, start)
    beside = _relation(count, _between(moves, same), [same[place] for place in start], limit)
    return None if beside is None else Concurrency(places, tuple(beside), tuple(same))


@dataclass(frozen=True, slots=True)
class _Move:
    takes: tuple[int, ...]
    puts: tuple[int, ...]
    empties: int = 0


def _net(routes: Ways) -> tuple[tuple[tuple[int, ...], ...], list[_Move], list[int]]:
    """Places by node, what can happen, and the places that are marked at the start."""
    drawn = routes.drawn
    places: list[tuple[int, ...]] = []
    of_edge: dict[int, int] = {}
    count = 0
    for number, node in enumerate(drawn.nodes):
        if isinstance(node, Group):
            places.append(())
            continue
        size = len(drawn.into[number]) if isinstance(node, Join) else 1
        places.append(tuple(range(count, count + size)))
        count += size
        for index, edge in enumerate(drawn.into[number]):
            of_edge[edge] = places[number][index if isinstance(node, Join) else 0]
    empties, rests = _emptied(routes, places), _rests(routes, places)
    moves = [
        move
        for number in range(len(drawn.nodes))
        for move in _moves(routes, number, places, of_edge, empties, rests.get(number, 0))
    ]
    start = [places[number][0] for number, node in enumerate(drawn.nodes) if isinstance(node, Start)]
    return tuple(places), moves, start


def _moves(  # noqa: PLR0917 - what a move is made of
    routes: Ways,
    number: int,
    places: list[tuple[int, ...]],
    of_edge: dict[int, int],
    empties: dict[int, int],
    rest: int,
) -> Iterator[_Move]:
    drawn = routes.drawn
    node = drawn.nodes[number]
    out = [edge for edge in drawn.out[number] if edge in of_edge]
    match node:
        case Fork():
            cleared = 0
            for edge in out:
                cleared |= empties.get(edge, 0)
            yield _Move(places[number], tuple(of_edge[edge] for edge in out), cleared)
        case Join():
            everything = node.need == "all" or number in routes.branches or node.need == len(places[number])
            rest = 0 if everything else rest
            for takes in [places[number]] if everything else [(place,) for place in places[number]]:
                for edge in out:
                    yield _Move(takes, (of_edge[edge],), rest | empties.get(edge, 0))
        case Group():
            inside = sorted({place for member in routes.inside(number) for place in places[member]}) if out else []
            for edge in out:
                for place in inside:
                    yield _Move((place,), (of_edge[edge],), empties.get(edge, 0))
        case _:
            for edge in out:
                yield _Move(places[number], (of_edge[edge],), empties.get(edge, 0))


def _emptied(routes: Ways, places: list[tuple[int, ...]]) -> dict[int, int]:
    """What is withdrawn where an edge leaves a group, as bits, by edge."""
    drawn = routes.drawn
    found: dict[int, int] = {}
    for number, node in enumerate(drawn.nodes):
        if not isinstance(node, Group):
            continue
        inside = routes.inside(number) if drawn.out[number] or node.cancel else frozenset[int]()
        bits = _bits(place for member in inside for place in places[member])
        for edge in drawn.out[number]:
            found[edge] = found.get(edge, 0) | bits
        for member in inside if node.cancel else ():
            for edge in drawn.out[member]:
                if drawn.target[edge] not in inside:
                    found[edge] = found.get(edge, 0) | bits
    return found


def _rests(routes: Ways, places: list[tuple[int, ...]]) -> dict[int, int]:
    """What a join withdraws that does not wait for all: what lies between it and the last node before all branches."""
    drawn = routes.drawn
    joins = [n for n, node in enumerate(drawn.nodes) if isinstance(node, Join) and node.rest == "cancel"]
    starts = [n for n, node in enumerate(drawn.nodes) if isinstance(node, Start)]
    if not joins or not starts:
        return {}
    above = immediate_dominators(routes.successors, starts[0])
    found = {}
    for join in joins:
        first = above[join]
        if first is not None:
            ahead, back = _reached(drawn.after, first, join), _reached(drawn.before, join, first)
            found[join] = _bits(place for node in (ahead & back) - {first} for place in places[node])
    return found


def _reached(neighbours: Callable[[int], list[int]], start: int, but: int) -> set[int]:
    found = {start}
    frontier = [start]
    while frontier:
        for node in neighbours(frontier.pop()):
            if node not in found:
                found.add(node)
                if node != but:
                    frontier.append(node)
    return found


def _classes(count: int, moves: list[_Move], start: list[int]) -> list[int]:
    """The place that stands for each: one that only one move marks, from one place, is marked beside the same."""
    marked_by: dict[int, list[_Move]] = {}
    for move in moves:
        for place in move.puts:
            marked_by.setdefault(place, []).append(move)
    first = set(start)
    regions = {move.empties for move in moves if move.empties}
    above: dict[int, int] = {}
    for place, by in marked_by.items():
        move = by[0]
        if len(by) > 1 or len(move.takes) > 1 or len(move.puts) > 1 or move.empties or place in first:
            continue
        taken = move.takes[0]
        if not regions or all(region >> place & 1 == region >> taken & 1 for region in regions):
            above[place] = taken
    same = list(range(count))
    for place in range(count):
        path = []
        at = place
        seen = set()
        while same[at] == at and at in above and at not in seen:
            seen.add(at)
            path.append(at)
            at = above[at]
        for passed in path:
            same[passed] = same[at]
    return same


def _between(moves: list[_Move], same: list[int]) -> list[_Move]:
    """The moves from one class of places to another."""
    found = []
    for move in moves:
        if len(move.takes) == len(move.puts) == 1 and not move.empties:
            take, put = same[move.takes[0]], same[move.puts[0]]
            if take != put:
                found.append(_Move((take,), (put,)))
        else:
            takes, puts = {same[p] for p in move.takes}, {same[p] for p in move.puts}
            found.append(_Move(tuple(takes), tuple(puts), _bits(same[p] for p in _ones(move.empties))))
    return found


def _relation(count: int, moves: list[_Move], start: list[int], limit: int) -> list[int] | None:
    beside = [0] * count
    needed_by: list[list[int]] = [[] for _ in range(count)]
    for index, move in enumerate(moves):
        for place in move.takes:
            needed_by[place].append(index)
    marked = bytearray(count)
    work: list[int] = []
    waiting = bytearray(len(moves))

    def again(place: int) -> None:
        for index in needed_by[place]:
            if not waiting[index]:
                waiting[index] = 1
                work.append(index)

    for place in start:
        marked[place] = 1
        again(place)
    steps = 0
    while work:
        index = work.pop()
        waiting[index] = 0
        move = moves[index]
        if not all(marked[place] for place in move.takes):
            continue
        common = -1
        for place in move.takes:
            common &= beside[place]
        if len(move.takes) > 1 and any(not beside[a] >> b & 1 for a in move.takes for b in move.takes if a < b):
            continue
        common &= ~move.empties
        together = _bits(move.puts)
        others = 0
        for place in move.puts:
            if not marked[place]:
                marked[place] = 1
                again(place)
            fresh = (common | (together & ~(1 << place))) & ~beside[place]
            if fresh:
                others |= fresh
                beside[place] |= fresh
                again(place)
        for other in _ones(others & ~together):
            beside[other] |= together
            again(other)
        steps += 1 + others.bit_count()
        if steps > limit:
            return None
    return beside


def _bits(places: Iterable[int]) -> int:
    found = 0
    for place in places:
        found |= 1 << place
    return found


def _ones(bits: int) -> Iterator[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
