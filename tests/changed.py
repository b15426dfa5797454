"""Workflows that have changed while their runs go on."""

from __future__ import annotations

from msgspec.structs import replace

from tests.constructs import Construct
from tests.runner import Played, play
from wfnb.engine.run import Run
from wfnb.engine.snapshots import Snapshots
from wfnb.errors import CompileError
from wfnb.model.workflow import Edge, Start, Task, Workflow


def grown(workflow: Workflow) -> Workflow:
    """The same with a task more behind its start, and with other numbers for all nodes and edges; so all it calls."""
    (start,) = (node for node in workflow.nodes if isinstance(node, Start))
    (first,) = (edge for edge in workflow.edges if edge.source == start.id)
    edges = [edge for edge in workflow.edges if edge != first]
    edges.sort(key=lambda edge: edge.source, reverse=True)  # those of one node keep their order, which may matter
    return replace(
        workflow,
        nodes=(Task("added", activity="work", arguments={"id": "added", "seconds": 0}), *reversed(workflow.nodes)),
        edges=(*edges, Edge(source=start.id, target="added"), replace(first, source="added")),
        workflows={name: grown(inner) for name, inner in workflow.workflows.items()},
    )


def migrated(
    construct: Construct, changed: Workflow, at: float, tried: list[bool], snapshots: Snapshots | None = None
) -> Played:
    """A run that goes on with a changed definition from `at` on; `tried` is told whether it was refused."""

    def do(run: Run) -> None:
        if run.status in ("running", "waiting") and run.state.ending is None:
            try:
                run.migrate(changed)
            except CompileError:
                tried.append(False)
            else:
                tried.append(True)

    return play(construct, doing={at: do}, snapshots=snapshots)
