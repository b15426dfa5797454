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

from wfnb.author.changes import Change, Improved, asked_about, ends_fed_by, named, straight_to_ends, with_outputs
from wfnb.author.expressions import SCOPE, in_node
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
        # Where the run would give something else, the task that gave its output stays the last one.
        choices = [needed, _with_last(region, needed)] if region.last in region.tasks else [needed]
        for pairs in choices:
            before = _closure(region.tasks, pairs)
            if before == region.before:
                break
            outputs = _outputs(ways, region, before)
            if outputs is not None:
                made = redrawn(with_outputs(workflow, outputs), ways, region, before)
                return made, [_told(region, before, needed, outputs)]
    return workflow, []


_Needed = dict[tuple[str, str], str]
"""Why a task must come after another, by the earlier and the later."""


def _needed(ways: Ways, region: Region, activities: Mapping[str, Activity]) -> _Needed:
    """The pairs of tasks that must stay in the order in which they are drawn."""
    asked = asked_about(ways.workflow)
    facts = {id: _Facts.of(ways, id, activities, asked=id in asked) for id in region.tasks}
    found: _Needed = {}
    for later in region.tasks:
        for earlier in region.before[later]:
            why = _why(facts[earlier], facts[later])
            if why:
                found[earlier, later] = why
    return found


@dataclass(frozen=True, slots=True)
class _Facts:
    """What decides where a task may stand."""

    id: str
    reads: frozenset[str]
    asks: bool
    """Whether it depends on what happened, or something asks whether it did."""
    activity: str
    prerequisites: frozenset[str]
    lock: str
    compensated: bool

    @classmethod
    def of(cls, ways: Ways, id: str, activities: Mapping[str, Activity], *, asked: bool) -> _Facts:
        node = ways.nodes[id]
        assert isinstance(node, Task | Map | Call)
        hidden = SCOPE if isinstance(node, Map) else frozenset[str]()
        reads: set[str] = set()
        asks = asked
        for field, source in in_node(node):
            expression = _parsed(source)
            if expression is None:
                asks = True
                continue
            reads.update(name for name in expression.reads if name not in hidden or not field.startswith("arguments."))
            asks = asks or bool(expression.facts)
        activity = "" if isinstance(node, Call) else node.activity
        task = node if isinstance(node, Task) else None
        before = (*(task.prerequisites if task else ()), *getattr(activities.get(activity), "prerequisites", ()))
        return cls(
            id,
            frozenset(reads),
            asks,
            activity,
            frozenset(before),
            task.lock if task else "",
            task is not None and task.compensate is not None,
        )


def _parsed(source: str) -> Expression | None:
    try:
        return parse(source)
    except ExpressionError:
        return None


def _why(earlier: _Facts, later: _Facts) -> str:
    """Why one must come after the other; empty if it need not."""
    if earlier.id in later.reads:
        return f"'{later.id}' reads '{earlier.id}'"
    if later.id in earlier.reads:
        return f"'{earlier.id}' reads '{later.id}' as it was before"
    if earlier.activity in later.prerequisites:
        return f"'{earlier.activity}' is a prerequisite of '{later.id}'"
    if earlier.lock and earlier.lock == later.lock:
        return f"'{earlier.id}' and '{later.id}' share the lock '{earlier.lock}'"
    if earlier.compensated and later.compensated:
        return f"'{later.id}' is taken back before '{earlier.id}'"
    if earlier.asks or later.asks:
        asking = earlier if earlier.asks else later
        return f"'{asking.id}' depends on when it runs"
    return ""


def _with_last(region: Region, needed: _Needed) -> _Needed:
    return {**{(id, region.last): "" for id in region.tasks if id != region.last}, **needed}


def _closure(tasks: tuple[str, ...], pairs: _Needed) -> dict[str, frozenset[str]]:
    """The tasks before each, directly or not; `tasks` are in an order that fits."""
    direct: dict[str, list[str]] = defaultdict(list)
    for earlier, later in pairs:
        direct[later].append(earlier)
    before: dict[str, frozenset[str]] = {}
    for id in tasks:
        before[id] = frozenset(direct[id]).union(*(before[earlier] for earlier in direct[id]))
    return before


def _outputs(ways: Ways, region: Region, before: dict[str, frozenset[str]]) -> dict[str, str] | None:
    """Outputs for the ends that would else give something new; None if that can not be said there."""
    ends = ends_fed_by(ways, region.last)
    drawn, final = _carried(ways, region), region.final(before)
    joined = region.last not in region.tasks
    if not ends or (drawn == set(final) and joined == (len(final) > 1)):
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


def _told(region: Region, after: Mapping[str, frozenset[str]], needed: _Needed, outputs: Mapping[str, str]) -> Change:
    rounds = _rounds(region.tasks, after)
    drawn = _rounds(region.tasks, region.before)
    order = "; then ".join(named(ids) for ids in rounds)
    fewer = f" in {len(rounds)} rounds instead of {len(drawn)}" if len(rounds) < len(drawn) else ""
    reasons = list(dict.fromkeys(why for why in needed.values() if why))
    kept = (
        f"the order that counts is kept: {'; '.join(reasons)}" if reasons else "none of them reads what another gives"
    )
    given = f"; {named(sorted(outputs))} gives {next(iter(outputs.values()))} as before" if outputs else ""
    return Change(f"{named(region.tasks)} run as their data allow{fewer}: {order}", f"{kept}{given}", region.tasks)


def _rounds(tasks: tuple[str, ...], before: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """The tasks that can run at once, if each takes as long as every other."""
    level: dict[str, int] = {}
    for id in tasks:
        level[id] = 1 + max((level[earlier] for earlier in before[id]), default=-1)
    return [[id for id in tasks if level[id] == n] for n in range(max(level.values(), default=-1) + 1)]
