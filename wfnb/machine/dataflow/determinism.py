"""Whether what a run gives depends on who is faster.

It does not where the drawing is sound, nothing is read while it may be written, and no way is taken because something
came first: activities are taken for functions of their arguments, and answers of people for what they were asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from wfnb.machine.dataflow.analysis import DataFlow
from wfnb.machine.dataflow.concurrency import has_forks
from wfnb.machine.dataflow.reads import checked_reads
from wfnb.machine.dataflow.ways import completes, gives_value
from wfnb.machine.diagnostic import Property, Verdict
from wfnb.machine.sites import Site
from wfnb.model.activity import Activity
from wfnb.model.event import ANY_ERROR
from wfnb.model.workflow import Call, Edge, End, Group, Join, Map, Node, Task, Wait

_NAME = "deterministic result"
_MOST_JOINS = 50
"""How many joins are looked at for what becomes of their branches."""
_TIMEOUTS = {*ANY_ERROR, "ActivityTimeout", "RunError", "WfnbError", "TimeoutError", "OSError"}
"""What catches a task that takes too long."""
Children = Callable[[str], Property | None]
"""Gives the verdict on what a node runs as children, by its id; None where it is not known."""


def determinism(
    flow: DataFlow,
    found: Sequence[Site],
    sound: Property,
    activities: Mapping[str, Activity] | None = None,
    children: Children = lambda _: None,
) -> Property:
    """The verdict on `deterministic result`.

    Args:
        flow: where values are written and read.
        found: the workflow's expressions.
        sound: the verdict on `sound`.
        activities: those known by name, for the time that they may take.
        children: gives the verdict on the workflow that a call or a map runs, by the node's id.
    """
    if flow.races:
        return Property(_NAME, "refuted", flow.verdict.why if not flow.early else _told_race(flow))
    if sound.verdict != "proved":
        why = "the workflow is not sound" if sound.verdict == "refuted" else "it is not known whether it is sound"
        return Property(_NAME, "unknown", why)
    if flow.early:
        return Property(_NAME, "unknown", flow.verdict.why)
    if flow.unfollowed:
        return Property(_NAME, "unknown", flow.verdict.why)
    if flow.undecided:
        read = flow.undecided[0]
        why = f"{read.site.where(flow.drawn)} reads '{read.name}', which may be written at the same time"
        return Property(_NAME, "unknown", why)
    reasons = [*_reasons(flow, activities or {}, children), *_asked(flow, found)]
    for verdict in ("refuted", "unknown"):
        told = [why for kind, why in reasons if kind == verdict]
        if told:
            more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
            return Property(_NAME, "refuted" if verdict == "refuted" else "unknown", told[0] + more)
    return Property(_NAME, "proved", "no value depends on who is faster, if activities depend on their arguments alone")


_Reason = tuple[Verdict, str]


def _told_race(flow: DataFlow) -> str:
    read = flow.races[0]
    return f"{read.site.where(flow.drawn)} reads '{read.name}', which may be written at the same time"


def _reasons(flow: DataFlow, activities: Mapping[str, Activity], children: Children) -> Iterator[_Reason]:
    """What goes on with whatever comes first, node by node."""
    drawn = flow.drawn
    joins = 0
    for number, node in enumerate(drawn.nodes):
        out = [drawn.edges[edge] for edge in drawn.out[number]]
        yield from _triggers(node, out)
        match node:
            case Join() if node.need not in ("all", len(drawn.into[number])) and len(drawn.into[number]) > 1:
                # What a join leaves running has completed by the end of the run; what it withdraws is missing then.
                joins += 1
                lost = node.rest == "cancel" and joins <= _MOST_JOINS and _gives_branches(flow, number)
                yield "refuted" if lost else "unknown", f"join '{node.id}' goes on with whichever branch comes first"
            case End() if (node.terminate or node.error) and _beside(flow, number):
                yield "unknown", f"end '{node.id}' ends the run, whatever else is in progress"
            case Group() if (node.cancel or any(edge.error is not None for edge in out)) and _inside(flow, number):
                yield "unknown", f"group '{node.id}' is left by whatever in it comes first"
            case Task() if any(edge.error in _TIMEOUTS for edge in out) and _timed(node, activities):
                yield "unknown", f"task '{node.id}' may take too long, and an edge catches that"
            case Map() if node.failure == "stop" and node.width != 1 and any(edge.error is not None for edge in out):
                yield "unknown", f"map '{node.id}' fails with whichever child fails first"
            case _:
                pass
        if isinstance(node, Map | Call) and node.workflow:
            child = children(node.id)
            if child is None or child.verdict != "proved":
                why = "" if child is None or not child.why else f": {child.why}"
                yield "unknown", f"{node.kind} '{node.id}' runs '{node.workflow}', whose result is not certain{why}"


def _triggers(node: Node, out: Sequence[Edge]) -> Iterator[_Reason]:
    """Edges that compete with each other, or with what the node itself does."""
    who = f"{node.kind} '{node.id}'"
    signals = [edge.on for edge in out if edge.on is not None]
    if signals:
        yield "unknown", f"{who} depends on when signal '{signals[0]}' comes"
    elif isinstance(node, Wait):
        if len(out) > 1:
            yield "unknown", f"{who} goes on with whichever of its edges comes first"
    elif any(edge.trigger in ("after", "until") for edge in out):
        yield "unknown", f"{who} is interrupted if it takes too long"


def _asked(flow: DataFlow, found: Sequence[Site]) -> Iterator[_Reason]:
    """Expressions that ask what may just be happening elsewhere."""
    drawn = flow.drawn
    if not has_forks(drawn):
        return
    for site in found:
        for function, name in site.expression.facts:
            number = drawn.number.get(name)
            if function == "signal" or number is None or not flow.meets(number, site.node):
                continue
            node = drawn.nodes[site.node]
            only = isinstance(node, Wait) and len(drawn.out[site.node]) == 1
            if only and function == "reached" and name in checked_reads(site.expression.source).proves:
                continue  # it waits until then, and goes on in the one way there is
            yield "unknown", f"{site.where(drawn)} asks for {function}('{name}'), which may be about to change"


def _timed(task: Task, activities: Mapping[str, Activity]) -> bool:
    activity = activities.get(task.activity)
    return bool(task.timeout or task.heartbeat or activity is None or activity.timeout or activity.heartbeat)


def _beside(flow: DataFlow, node: int) -> bool:
    """Whether something may be in progress when a node is reached."""
    return has_forks(flow.drawn) and (flow.relation is None or not flow.relation.alone(node))


def _inside(flow: DataFlow, group: int) -> bool:
    """Whether two nodes inside a group may be in progress at the same time."""
    return has_forks(flow.drawn) and (flow.relation is None or not flow.relation.apart(flow.routes.inside(group)))


def _gives_branches(flow: DataFlow, join: int) -> bool:
    """Whether a run gives the values behind a join that are there when it ends."""
    drawn = flow.drawn
    for number, node in enumerate(drawn.nodes):
        if not isinstance(node, End) or node.output is not None or node.error:
            continue
        frontier = list(drawn.into[number])
        seen = set(frontier)
        while frontier:
            edge = frontier.pop()
            source = drawn.source[edge]
            if source == join:
                return True
            if gives_value(drawn.nodes[source]) and completes(drawn.nodes[source], drawn.edges[edge]):
                continue
            for into in drawn.into[source]:
                if into not in seen:
                    seen.add(into)
                    frontier.append(into)
    return False
