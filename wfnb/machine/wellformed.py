"""Whether a drawing is a workflow at all: its shape, its activities and the names in its expressions."""

from __future__ import annotations

from collections.abc import Mapping

from wfnb.machine import names, shape, triggers
from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.graph import graph
from wfnb.model.activity import Activity
from wfnb.model.workflow import Workflow

MAX_NODES = 200_000


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
    if len(workflow.nodes) > MAX_NODES:
        return [Diagnostic("WF100", "error", f"the workflow has {len(workflow.nodes)} nodes, more than {MAX_NODES}")]
    found = [*shape.identity(workflow)]
    if found:  # numbers would be ambiguous from here on
        return found
    drawn = graph(workflow)
    known = {} if activities is None else activities
    return [
        *shape.ends(workflow, drawn),
        *shape.reachability(drawn),
        *shape.shapes(workflow, drawn),
        *shape.routing_cycles(drawn),
        *triggers.diagnose(workflow, drawn),
        *names.activities(workflow, known, all_known=all_known and activities is not None),
        *names.expressions(workflow, outer),
    ]
