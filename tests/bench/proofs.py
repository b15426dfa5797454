"""What a proof costs: industrial nets, nested blocks, a large dependency graph, cancellation and thresholds."""

from __future__ import annotations

import graphlib
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random

from tests.bench.measure import Row, bench, compared
from tests.corpus import industrial_nets
from tests.property.nets import Mix, grown
from wfnb.formats import pnml
from wfnb.machine.net import Net, Transition, Unsafe
from wfnb.machine.soundness import behaviour, decide

TASKS = 10_000


def nested(blocks: int) -> Net:
    """Forks and choices in each other, by turns, with about so many nodes."""
    transitions: list[Transition] = []
    places = 2

    def link(pre: tuple[int, ...], post: tuple[int, ...]) -> None:
        transitions.append(Transition(f"t{len(transitions)}", pre, post))

    def fill(into: int, out: int, size: int, fork: bool) -> None:
        nonlocal places
        if size < 4:
            link((into,), (out,))
            return
        heads, tails = (into, into), (out, out)
        if fork:
            heads, tails, places = (places, places + 1), (places + 2, places + 3), places + 4
            link((into,), heads)
            link(tails, (out,))
        for head, tail in zip(heads, tails, strict=True):
            fill(head, tail, (size - 2) // 2, not fork)

    fill(0, 1, blocks, True)
    return Net(tuple(f"p{p}" for p in range(places)), tuple(transitions), frozenset({0}), frozenset({1}))


def parents(tasks: int) -> list[list[int]]:
    """Who comes before each task of a dependency graph."""
    random = Random(1)
    return [
        sorted({random.randrange(max(0, task - 300), task) for _ in range(random.randint(1, 3))}) if task else []
        for task in range(tasks)
    ]


def dependencies(before: Sequence[Sequence[int]], *, choice: bool = False) -> Net:
    """A place an edge and one inside each task; with a `choice`, the first task can be done in two ways."""
    into: list[list[int]] = [[] for _ in before]
    out: list[list[int]] = [[] for _ in before]
    into[0].append(0)
    places = 1
    for task, earlier in enumerate(before):
        for other in earlier:
            into[task].append(places)
            out[other].append(places)
            places += 1
    transitions = []
    ends = []
    for task in range(len(before)):
        if not out[task]:
            out[task].append(places)
            ends.append(places)
            places += 1
        transitions.append(Transition(f"start {task}", tuple(into[task]), (places,)))
        transitions.append(Transition(f"end {task}", (places,), tuple(out[task])))
        places += 1
    transitions.append(Transition("all done", tuple(ends), (places,)))
    if choice:
        transitions.append(Transition("end 0 too", transitions[1].pre, transitions[1].post))
    return Net(tuple(f"p{p}" for p in range(places + 1)), tuple(transitions), frozenset({0}), frozenset({places}))


def milliseconds(what: Callable[[Net], object], nets: Sequence[Net], pick: Callable[[list[float]], float]) -> float:
    """What one of many nets takes of the processor, which others may use as well."""
    taken = []
    for net in nets:
        began = time.process_time()
        what(net)
        taken.append((time.process_time() - began) * 1e3)
    return pick(taken)


def p95(taken: list[float]) -> float:
    return sorted(taken)[len(taken) * 95 // 100]


def look(net: Net) -> object:
    """Every arc once: what it takes to know a net at all."""
    makers: list[list[int]] = [[] for _ in net.places]
    takers: list[list[int]] = [[] for _ in net.places]
    for number, t in enumerate(net.transitions):
        for place in t.pre:
            takers[place].append(number)
        for place in t.post:
            makers[place].append(number)
    return makers, takers


def explore(net: Net) -> object:
    """Every marking once, as the definition has it, up to the first second token."""
    seen = {net.initial}
    for marking in (frontier := [net.initial]):
        for number in net.enabled(marking):
            try:
                after = net.fire(marking, number)
            except Unsafe:
                return marking
            if after not in seen:
                seen.add(after)
                frontier.append(after)
    return seen


def sort(before: Sequence[Sequence[int]]) -> Callable[[Net], object]:
    """The tasks in an order in which they can be done."""
    graph = dict(enumerate(before))
    return lambda _: list(graphlib.TopologicalSorter(graph).static_order())


@bench
def soundness() -> Iterator[Row]:
    """Verdicts with their counterexamples, from the net in memory."""
    industrial = [pnml.read(data, where=name) for name, (data, _) in industrial_nets().items()]
    for name, pick in (("median", statistics.median), ("longest", max)):
        if industrial:
            yield compared(
                f"industrial nets, {name}",
                lambda pick=pick: milliseconds(decide, industrial, pick),
                lambda pick=pick: milliseconds(explore, industrial, pick),
                unit="ms",
                against="every marking once",
                mark=1.5,
            )
    mixes = {
        "550 nodes, mostly faulty": Mix(ends=0.05, loops=0.05, faults=1, wide=4),
        "400 nodes, cancellation": Mix(regions=0.05, part=0),
        "400 nodes, k of n": Mix(counts=0.2, loops=0),
        "400 nodes, both, faulty": Mix(regions=0.05, counts=0.1, loops=0, faults=1),
    }
    for name, mix in mixes.items():
        nets = [grown(Random(seed), 250 if mix.faults == 1 and not mix.counts else 200, mix) for seed in range(40)]
        for part, pick in (("median", statistics.median), ("longest", max)):
            yield _proof(f"{name}, {part}", nets, pick)
    yield _proof("nested blocks, 1,000", [nested(2_000)], max)
    before = parents(TASKS)
    for name, net in (("", dependencies(before)), (", a choice", dependencies(before, choice=True))):
        yield compared(
            f"10,000 tasks{name}",
            lambda net=net: milliseconds(decide, [net], max),
            lambda net=net: milliseconds(sort(before), [net], max),
            unit="ms",
            against="graphlib's topological sort",
            mark=25.0 if name else 2.5,
            pairs=3,
        )


@bench
def properties() -> Iterator[Row]:
    """Every property of a net as large as that of a drawing with 100 nodes."""
    for name, faults in (("sound", 0), ("faulty", 1)):
        nets = [grown(Random(seed), 150, Mix(ends=0.05, loops=0.05, faults=faults)) for seed in range(60)]
        yield compared(
            f"all properties, {name}, p95",
            lambda nets=nets: milliseconds(behaviour, nets, p95),
            lambda nets=nets: milliseconds(look, nets, p95),
            unit="ms",
            against="every arc once",
        )


def _proof(name: str, nets: Sequence[Net], pick: Callable[[list[float]], float]) -> Row:
    return compared(
        name,
        lambda: milliseconds(decide, nets, pick),
        lambda: milliseconds(look, nets, pick),
        unit="ms",
        against="every arc once",
        pairs=3,
    )
