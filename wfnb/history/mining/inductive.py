"""Inductive discovery: a process tree that every trace of a log fits, found by cutting the log into smaller ones.

Source: Leemans, Fahland, van der Aalst, Discovering Block-Structured Process Models from Event Logs (2013), and, for
noise, Discovering Block-Structured Process Models from Event Logs Containing Infrequent Behaviour (2014).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from wfnb.history.mining.cuts import Graph, Parts, exclusive_cut, graph_of, loop_cut, parallel_cut, sequence_cut
from wfnb.history.mining.tree import Leaf, Loop, Silent, Tree, exclusive, loop, parallel, sequence

Traces = Counter[tuple[int, ...]]


def discover_tree(traces: Traces, names: Sequence[str], noise: float = 0.0) -> Tree:
    """A tree for weighted traces.

    With no noise every trace fits it.  With noise, pairs that are rare where they begin are not obeyed where that
    makes a block visible, and what is left out of a block is what does not fit the tree.

    Args:
        traces: activities by number → how many cases have just these.
        names: the name of each activity.
        noise: from 0 to 1, as in `cuts.graph_of`.
    """
    return _Discovery(names, noise).tree(traces)


class _Discovery:
    def __init__(self, names: Sequence[str], noise: float) -> None:
        self.names, self.noise = names, noise

    def tree(self, traces: Traces) -> Tree:
        empty = traces.get((), 0)
        total = traces.total()
        if empty == total:
            return Silent()
        if empty:
            rest = Counter({trace: count for trace, count in traces.items() if trace})
            skipped = empty > self.noise * total
            return exclusive([Silent(), self.tree(rest)]) if skipped else self.tree(rest)
        activities = {activity for trace in traces for activity in trace}
        if len(activities) == 1 and all(len(trace) == 1 for trace in traces):
            return Leaf(self.names[activities.pop()])
        return (
            self._cut(traces, graph_of(traces))
            or (self._cut(traces, graph_of(traces, self.noise)) if self.noise else None)
            or self._fall_through(traces, sorted(activities))
        )

    def _cut(self, traces: Traces, graph: Graph) -> Tree | None:
        if len(graph.after) < 2:
            return None
        if parts := exclusive_cut(graph):
            return exclusive(map(self.tree, _split(traces, parts, _by_most)))
        if parts := sequence_cut(graph):
            return sequence(map(self.tree, _split(traces, parts, _by_projection)))
        if parts := parallel_cut(graph):
            return parallel(map(self.tree, _split(traces, parts, _by_projection)))
        if parts := loop_cut(graph):
            body, *back = map(self.tree, _split(traces, parts, _by_turns))
            return loop(body, back)
        return None

    def _fall_through(self, traces: Traces, activities: list[int]) -> Tree:
        """A block for a log that no cut divides; each of these fits every trace, the last one more than any."""
        if len(activities) > 1:
            for activity in activities:
                if all(trace.count(activity) == 1 for trace in traces):
                    alone = Leaf(self.names[activity])
                    return parallel([alone, self.tree(_without(traces, activity))])
            for activity in activities:
                rest = _without(traces, activity)
                filled = Counter({trace: count for trace, count in rest.items() if trace})
                if _has_cut(graph_of(filled)):
                    only = _split(traces, [{activity}], _by_projection)[0]
                    return parallel([self.tree(only), self.tree(rest)])
        graph = graph_of(traces)
        for again in (
            lambda a, b: a in graph.ends and b in graph.begins,
            lambda _, b: b in graph.begins,
        ):
            rounds = _rounds(traces, again)
            if rounds != traces:
                return loop(self.tree(rounds), [Silent()])
        return Loop(exclusive(Leaf(self.names[activity]) for activity in activities), (Silent(),))


def _has_cut(graph: Graph) -> bool:
    return (
        any(cut(graph) for cut in (exclusive_cut, sequence_cut, parallel_cut, loop_cut))
        if len(graph.after) > 1
        else False
    )


def _without(traces: Traces, activity: int) -> Traces:
    rest: Traces = Counter()
    for trace, count in traces.items():
        rest[tuple(other for other in trace if other != activity)] += count
    return rest


def _rounds(traces: Traces, again: Callable[[int, int], bool]) -> Traces:
    """The traces, each cut where `again` says that a new round begins."""
    found: Traces = Counter()
    for trace, count in traces.items():
        first = 0
        for at in range(1, len(trace)):
            if again(trace[at - 1], trace[at]):
                found[trace[first:at]] += count
                first = at
        found[trace[first:]] += count
    return found


def _split(
    traces: Traces, parts: Parts, split: Callable[[tuple[int, ...], Parts, list[Traces], int], None]
) -> list[Traces]:
    logs: list[Traces] = [Counter() for _ in parts]
    for trace, count in traces.items():
        split(trace, parts, logs, count)
    return logs


def _by_most(trace: tuple[int, ...], parts: Parts, logs: list[Traces], count: int) -> None:
    """To the part that has most of it: of exclusive parts, all of it, unless noise was left out."""
    shares = [sum(activity in part for activity in trace) for part in parts]
    best = max(range(len(parts)), key=shares.__getitem__)
    logs[best][tuple(activity for activity in trace if activity in parts[best])] += count


def _by_projection(trace: tuple[int, ...], parts: Parts, logs: list[Traces], count: int) -> None:
    """To each part what is in it."""
    for part, log in zip(parts, logs, strict=True):
        log[tuple(activity for activity in trace if activity in part)] += count


def _by_turns(trace: tuple[int, ...], parts: Parts, logs: list[Traces], count: int) -> None:
    """To the body and the ways back by turns; the body is first and last, if only by doing nothing."""
    owner = {activity: number for number, part in enumerate(parts) for activity in part}
    at = 0
    turn: list[int] = []
    for activity in trace:
        now = owner[activity]
        if now != at:
            logs[at][tuple(turn)] += count
            if now and at:  # from one way back straight to another
                logs[0][()] += count
            at, turn = now, []
        turn.append(activity)
    logs[at][tuple(turn)] += count
    if at:
        logs[0][()] += count
