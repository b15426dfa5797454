"""Chains turned into the widest parallel form that their data allow.

A region is what lies between two points where one token is: tasks, maps and calls with plain forks and joins between
them, entered at one node and left along one edge.  Its drawing orders its tasks; some of that order is needed, because
one task reads what another gives.  The region is drawn anew with the needed order alone: a fork where several tasks
follow one, a join where one follows several.  As the needed order is a part of the drawn one, no task comes later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from wfnb.author.changes import SHOWN, Change, Improved, asked_about, ends_fed_by, named, straight_to_ends, with_outputs
from wfnb.author.expressions import SCOPE, in_node
from wfnb.author.order import Order, bits
from wfnb.author.redraw import redrawn
from wfnb.author.regions import Region, regions
from wfnb.author.ways import Ways
from wfnb.errors import ExpressionError
from wfnb.model.activity import Activity
from wfnb.model.expression import Expression, parse, reference
from wfnb.model.workflow import Call, Map, Task, Workflow


def widened(workflow: Workflow, activities: Mapping[str, Activity]) -> Improved:
    """The workflow with one region as wide as it can be."""
    ways = Ways(workflow)
    for region in regions(ways):
        needed = _needed(ways, region, activities)
        orders = [Order.of(len(region.tasks), needed)]
        if region.last in region.tasks:
            # Where the run would give something else, the task that gave its output stays the last one.
            last = region.tasks.index(region.last)
            orders.append(Order.of(len(region.tasks), [*needed, *((n, last) for n in range(last))]))
        for order in orders:
            if order == region.before:
                break
            outputs = _outputs(ways, region, order)
            if outputs is not None:
                made = redrawn(with_outputs(workflow, outputs), ways, region, order)
                return made, [_told(region, order, needed, outputs)]
    return workflow, []


@dataclass(frozen=True, slots=True)
class _Facts:
    """What decides where a task may stand."""

    reads: frozenset[str]
    asks: bool
    """Whether it depends on what happened, or something asks whether it did."""
    activity: str
    prerequisites: frozenset[str]
    lock: str
    compensated: bool


def _facts(ways: Ways, id: str, activities: Mapping[str, Activity], *, asked: bool) -> _Facts:
    node = ways.nodes[id]
    assert isinstance(node, Task | Map | Call)
    hidden = SCOPE if isinstance(node, Map) else frozenset[str]()
    reads: set[str] = set()
    for field, source in in_node(node):
        expression = _parsed(source)
        asked = asked or expression is None or bool(expression.facts)
        if expression is not None:
            reads.update(name for name in expression.reads if name not in hidden or not field.startswith("arguments."))
    activity = "" if isinstance(node, Call) else node.activity
    own = node if isinstance(node, Task) else Task(id, activity=activity)
    known = activities.get(activity)
    before = (*own.prerequisites, *(known.prerequisites if known is not None else ()))
    called = "" if isinstance(node, Task) else node.workflow
    undone = own.compensate is not None or (bool(called) and _takes_back(ways.workflow, called))
    return _Facts(frozenset(reads), asked, activity, frozenset(before), own.lock, undone)


def _takes_back(workflow: Workflow, called: str) -> bool:
    """Whether a workflow that is called may have something to take back: one that the document does not have may."""
    seen: set[int] = set()
    frontier = [(called, dict(workflow.workflows))]
    while frontier:
        name, known = frontier.pop()
        inner = known.get(name)
        if inner is None:
            return True
        if id(inner) in seen:
            continue
        seen.add(id(inner))
        if any(isinstance(node, Task) and node.compensate is not None for node in inner.nodes):
            return True
        within = {**known, **inner.workflows}
        frontier += [(one.workflow, within) for one in inner.nodes if isinstance(one, Map | Call) and one.workflow]
    return False


def _parsed(source: str) -> Expression | None:
    try:
        return parse(source)
    except ExpressionError:
        return None


def _needed(ways: Ways, region: Region, activities: Mapping[str, Activity]) -> dict[tuple[int, int], str]:
    """The pairs of tasks that must stay in the order in which they are drawn, and why."""
    asked = asked_about(ways.workflow)
    tasks = region.tasks
    facts = [_facts(ways, id, activities, asked=id in asked) for id in tasks]
    number = {id: index for index, id in enumerate(tasks)}
    found: dict[tuple[int, int], str] = {}

    def keep(one: int, other: int, why: str) -> None:
        earlier, later = min(one, other), max(one, other)
        if region.before.has(earlier, later):
            found.setdefault((earlier, later), why.format(tasks[earlier], tasks[later]))

    by_activity, by_lock = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for task, fact in enumerate(facts):
        by_activity[fact.activity].append(task)
        by_lock[fact.lock].append(task)
    for task, fact in enumerate(facts):
        for read in sorted(fact.reads & number.keys(), key=number.__getitem__):
            keep(
                number[read], task, "'{1}' reads '{0}'" if number[read] < task else "'{0}' reads '{1}' as it was before"
            )
        for activity in sorted(fact.prerequisites):
            for earlier in by_activity[activity]:
                if earlier < task:
                    keep(earlier, task, "'{0}' is a prerequisite of '{1}'")
        if fact.asks:
            for other in bits(region.before.before[task]):
                keep(other, task, "'{1}' depends on when it runs")
            for other in range(task + 1, len(tasks)):
                keep(task, other, "'{0}' depends on when it runs")
    for lock, sharing in by_lock.items():
        for one, other in combinations(sharing, 2) if lock else ():
            keep(one, other, "'{0}' and '{1}' share the lock '" + lock.replace("{", "{{").replace("}", "}}") + "'")
    for one, other in combinations([task for task, fact in enumerate(facts) if fact.compensated], 2):
        keep(one, other, "'{1}' is taken back before '{0}'")
    return found


def _outputs(ways: Ways, region: Region, order: Order) -> dict[str, str] | None:
    """Outputs for the ends that would else give something new; None if that can not be said there."""
    ends = ends_fed_by(ways, region.last)
    drawn, final = _carried(ways, region), {region.tasks[task] for task in order.final()}
    joined = region.last not in region.tasks
    if not ends or (drawn == final and joined == (len(final) > 1)):
        return {}
    if drawn is None or not straight_to_ends(ways, region.last):
        return None
    if not joined:
        return dict.fromkeys(ends, f"={reference(region.last)}")
    written = ", ".join(f"{id!r}: {reference(id)}" for id in region.tasks if id in drawn)
    return dict.fromkeys(ends, f"={{{written}}}")


def _carried(ways: Ways, region: Region) -> set[str] | None:
    """The tasks whose values the token that leaves the region carries; None if it carries others, too."""
    found: set[str] = set()
    frontier = [region.last]
    while frontier:
        id = frontier.pop()
        if id in region.tasks:
            found.add(id)
        elif id == region.entry:
            return None
        else:
            frontier.extend(edge.source for edge in ways.into[id])
    return found


def _told(region: Region, order: Order, needed: Mapping[tuple[int, int], str], outputs: Mapping[str, str]) -> Change:
    rounds, drawn = order.rounds(), region.before.rounds()
    shown = "; then ".join(named(region.tasks[task] for task in tasks) for tasks in rounds)
    one = "round" if len(rounds) == 1 else "rounds"
    fewer = f" in {len(rounds)} {one} instead of {len(drawn)}" if len(rounds) < len(drawn) else ""
    reasons = list(dict.fromkeys(needed.values()))
    if len(reasons) > SHOWN:
        reasons[SHOWN:] = [f"and {len(reasons) - SHOWN} more"]
    kept = (
        f"the order that counts is kept: {'; '.join(reasons)}" if reasons else "none of them reads what another gives"
    )
    given = f"; {named(sorted(outputs))} gives {next(iter(outputs.values()))} as before" if outputs else ""
    return Change(f"{named(region.tasks)} run as their data allow{fewer}: {shown}", f"{kept}{given}", region.tasks)
