"""The four cuts of a directly-follows graph: how its activities fall apart into blocks.

Source: Leemans, Fahland, van der Aalst, Discovering Block-Structured Process Models from Event Logs (2013); minimum
self-distances: Leemans, Robust Process Mining with Guarantees (2022).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise

Parts = list[set[int]]


@dataclass(frozen=True, slots=True)
class Graph:
    """A directly-follows graph over activities by number.

    Attributes:
        after: activity → activities that directly follow it.
        begins: activities that begin a trace.
        ends: activities that end one.
        traces: what it was made from.
    """

    after: dict[int, set[int]]
    begins: set[int]
    ends: set[int]
    traces: Collection[tuple[int, ...]]


def graph_of(traces: Mapping[tuple[int, ...], int], noise: float = 0.0) -> Graph:
    """The graph of weighted traces.

    Args:
        traces: trace → how many cases have it.
        noise: from 0 to 1: a pair that is rarer than this part of the most frequent pair from its source is left out,
            and so are beginnings and ends.
    """
    pairs: Counter[tuple[int, int]] = Counter()
    begins: Counter[int] = Counter()
    ends: Counter[int] = Counter()
    activities: set[int] = set()
    for trace, count in traces.items():
        if not trace:
            continue
        activities.update(trace)
        begins[trace[0]] += count
        ends[trace[-1]] += count
        for pair in pairwise(trace):
            pairs[pair] += count
    strongest: Counter[int] = Counter()
    for (source, _), count in pairs.items():
        strongest[source] = max(strongest[source], count)
    for end, count in ends.items():
        strongest[end] = max(strongest[end], count)
    after: dict[int, set[int]] = {activity: set() for activity in sorted(activities)}
    for (source, target), count in pairs.items():
        if count >= noise * strongest[source]:
            after[source].add(target)
    return Graph(
        after,
        {a for a, count in begins.items() if count >= noise * max(begins.values())},
        {a for a, count in ends.items() if count >= noise * strongest[a]},
        traces,
    )


def _nearest(traces: Iterable[tuple[int, ...]]) -> dict[int, set[int]]:
    """What is between two of each activity where they are as near as they ever are (the minimum self-distance).

    It tells a loop around parallel parts from a loop in one of them, which have the same graph.
    """
    nearest: dict[int, int] = {}
    between: dict[int, set[int]] = {}
    for trace in traces:
        last: dict[int, int] = {}
        for at, activity in enumerate(trace):
            if activity in last:
                distance, best = at - last[activity], nearest.get(activity)
                if best is None or distance < best:
                    nearest[activity], between[activity] = distance, set(trace[last[activity] + 1 : at])
                elif distance == best:
                    between[activity].update(trace[last[activity] + 1 : at])
            last[activity] = at
    return between


def exclusive_cut(graph: Graph) -> Parts | None:
    """Parts between which nothing follows anything."""
    parts = _components(graph.after, ((a, b) for a, following in graph.after.items() for b in following))
    return parts if len(parts) > 1 else None


def sequence_cut(graph: Graph) -> Parts | None:
    """Parts in an order: what is in a later one is reached from every earlier one, and never the other way."""
    reached = _reachable(graph.after)
    parts = _components(
        graph.after,
        (
            (a, b)
            for a, from_a in reached.items()
            for b, from_b in reached.items()
            if a < b and (b in from_a) is (a in from_b)
        ),
    )
    # What was put together may now be reached from a part in both ways, or in none.
    while len(parts) > 1:
        one_way = [[x is not y and _leads(reached, x, y) for y in parts] for x in parts]
        mixed = next(
            ((i, j) for i in range(len(parts)) for j in range(i) if one_way[i][j] is one_way[j][i]),
            None,
        )
        if mixed is None:
            order = sorted(range(len(parts)), key=lambda i: -sum(one_way[i]))
            return _together([parts[i] for i in order], graph)
        i, j = mixed
        parts[j] |= parts.pop(i)
    return None


def parallel_cut(graph: Graph) -> Parts | None:
    """Parts in which everything follows, and is followed by, everything of the others."""
    after = graph.after
    apart = [(a, b) for a in after for b in after if a < b and not (b in after[a] and a in after[b])]
    if len(_components(after, apart)) < 2:
        return None
    looped = ((a, b) for a, others in _nearest(graph.traces).items() for b in others if a in after and b in after)
    parts = _components(after, chain(apart, looped))
    parts.sort(key=len)
    whole = [part for part in parts if part & graph.begins and part & graph.ends]
    rest = [part for part in parts if not (part & graph.begins and part & graph.ends)]
    if len(whole) < 2:
        return None
    for part in rest:  # a part must be able to begin and to end
        whole[0] |= part
    return whole


def loop_cut(graph: Graph) -> Parts | None:
    """The body first, then what leads from the ends of the body back to its beginnings."""
    after, begins, ends = graph.after, graph.begins, graph.ends
    border = begins | ends
    inner = {a: following - border for a, following in after.items() if a not in border}
    parts = _components(inner, ((a, b) for a, following in inner.items() for b in following))
    body = set(border)
    back: Parts = []
    for part in parts:
        from_ends = {e for e in border if after[e] & part}
        to_begins = {b for a in part for b in after[a] & border}
        leave = [a for a in part if after[a] & begins]
        enter = {a for e in ends for a in after[e] & part}
        complete = (
            from_ends <= ends
            and to_begins <= begins
            and all(begins <= after[a] for a in leave)
            and all(a in after[e] for a in enter for e in ends)
        )
        if complete and leave and enter:
            back.append(part)
        else:
            body |= part
    return [body, *back] if back else None


def _together(parts: Parts, graph: Graph) -> Parts:
    """The parts of a sequence, those put together that are only there when a part that can be passed over is.

    Without this, "either nothing or first a, then b" would become "a or nothing, then b or nothing".  Source: Leemans,
    Robust Process Mining with Guarantees (2022), the strict sequence cut.
    """
    owner = {activity: number for number, part in enumerate(parts) for activity in part}
    last = len(parts)
    # How far back and forth each part is directly connected; -1 is the beginning, `last` the end.
    back = [-1 if part & graph.begins else last for part in parts]
    forth = [last if part & graph.ends else -1 for part in parts]
    jumps: list[tuple[int, int]] = [(-1, owner[a]) for a in graph.begins] + [(owner[a], last) for a in graph.ends]
    for source, following in graph.after.items():
        for target in following:
            here, there = owner[source], owner[target]
            back[there] = min(back[there], here)
            forth[here] = max(forth[here], there)
            jumps.append((here, there))
    merged: Parts = [set(part) for part in parts]
    for pivot in range(last):
        if not merged[pivot] or not any(here < pivot < there for here, there in jumps):
            continue
        for other in [*range(pivot - 1, -1, -1)]:
            if forth[other] > pivot:
                break
            merged[pivot] |= merged[other]
            merged[other] = set()
        for other in range(pivot + 1, last):
            if back[other] < pivot:
                break
            merged[pivot] |= merged[other]
            merged[other] = set()
    found = [part for part in merged if part]
    return found if len(found) > 1 else parts


def _leads(reached: Mapping[int, set[int]], sources: Collection[int], targets: set[int]) -> bool:
    return any(not reached[a].isdisjoint(targets) for a in sources)


def _reachable(after: Mapping[int, set[int]]) -> dict[int, set[int]]:
    """What is reached from each activity in one step or more."""
    found: dict[int, set[int]] = {}
    for start in after:
        seen: set[int] = set()
        waiting = list(after[start])
        while waiting:
            at = waiting.pop()
            if at not in seen:
                seen.add(at)
                waiting.extend(after[at] - seen)
        found[start] = seen
    return found


def _components(activities: Iterable[int], edges: Iterable[tuple[int, int]]) -> Parts:
    """The connected components, edges counted in both directions, in the order of their first activity."""
    parent = {activity: activity for activity in activities}

    def root(activity: int) -> int:
        while parent[activity] != activity:
            parent[activity] = parent[parent[activity]]
            activity = parent[activity]
        return activity

    for a, b in edges:
        parent[root(a)] = root(b)
    parts: dict[int, set[int]] = {}
    for activity in parent:
        parts.setdefault(root(activity), set()).add(activity)
    return list(parts.values())
