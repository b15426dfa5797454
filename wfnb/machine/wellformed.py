"""Whether a drawing is a workflow at all: its shape, its activities and the names in its expressions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from wfnb.machine import names, shape, triggers
from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.graph import Graph, TooEntangled, graph
from wfnb.machine.names import Expressions
from wfnb.model.activity import Activity
from wfnb.model.workflow import Workflow

MAX_NODES = 50_000
"""Most nodes of a workflow."""
MAX_EDGES = 4 * MAX_NODES
"""Most edges of a workflow."""
MAX_FOUND = 200
"""After so many errors nobody reads on."""
MAX_TEXT = 1_000
"""Longest message or cure, in characters; names may be of any length."""
ENTANGLED = Diagnostic(
    "WF100",
    "error",
    "the workflow is too entangled: parts of it overlap too much, or it has too many expressions",
    "split it into workflows that call each other",
)


@dataclass(frozen=True, slots=True)
class Examined:
    """What a drawing was found to be.

    Attributes:
        problems: every one.
        drawn: its graph; None where ids are ambiguous.
        parsed: its expressions, by their text.
    """

    problems: list[Diagnostic]
    drawn: Graph | None
    parsed: Expressions


def diagnose(
    workflow: Workflow,
    activities: Mapping[str, Activity] | None = None,
    *,
    all_known: bool = True,
    outer: frozenset[str] = frozenset(),
) -> list[Diagnostic]:
    """Every problem of shape, activities and data, in document order within each code.

    Args:
        workflow: the definition.
        activities: those known by name; None if nothing is known of any.
        all_known: whether these are all there are; if not, an unknown activity is only a warning.
        outer: names that a part which an edge spawns may read of its parent.
    """
    known = {} if activities is None else activities
    return examine(workflow, known, all_known=all_known and activities is not None, outer=outer).problems


def examine(
    workflow: Workflow,
    activities: Mapping[str, Activity] | None,
    *,
    all_known: bool = True,
    outer: frozenset[str] = frozenset(),
) -> Examined:
    """As `diagnose`, with what was found on the way; without `activities`, what they take is left unchecked."""
    parsed = Expressions()
    for what, count, most in (("nodes", workflow.nodes, MAX_NODES), ("edges", workflow.edges, MAX_EDGES)):
        if len(count) > most:
            message = f"the workflow has {len(count)} {what}, more than {most}"
            cure = "split it: a call runs another workflow, a map runs one for each item"
            return Examined([Diagnostic("WF100", "error", message, cure)], None, parsed)
    drawn = graph(workflow)
    found = _read(shape.identity(workflow, drawn))
    if found:  # numbers would be ambiguous from here on
        return Examined(found, None, parsed)
    found = _read(triggers.nesting(drawn))
    if found:  # what is inside a group would have no end
        return Examined(found, drawn, parsed)
    rest: list[Iterator[Diagnostic]] = [
        shape.ends(workflow, drawn),
        shape.reachability(drawn),
        shape.shapes(drawn),
        shape.routing_cycles(drawn),
        triggers.diagnose(drawn),
        triggers.groups(workflow, drawn),
    ]
    if activities is not None:
        rest.append(names.activities(drawn, activities, all_known=all_known))
    rest.append(names.expressions(workflow, drawn, parsed, outer))
    return Examined(_read(problem for part in rest for problem in part), drawn, parsed)


def _read(problems: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The problems, up to so many errors; messages with endless names in them are cut."""
    found: list[Diagnostic] = []
    errors = 0
    try:
        for problem in problems:
            found.append(_cut(problem))
            errors += problem.severity == "error"
            if errors >= MAX_FOUND:
                break
    except TooEntangled:
        found.append(ENTANGLED)
    return found


def _cut(problem: Diagnostic) -> Diagnostic:
    if len(problem.message) <= MAX_TEXT and len(problem.help) <= MAX_TEXT:
        return problem
    message, cure = (
        text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 3]}..." for text in (problem.message, problem.help)
    )
    return replace(problem, message=message, help=cure)
