"""Which children of a run are in progress, as its state tells."""

from __future__ import annotations

from wfnb.machine.machine import Machine
from wfnb.model.state import State


def children_in_progress(machine: Machine, state: State) -> dict[str, tuple[int, int, int]]:
    """By the child's id: the node that it serves, its item of a map or -1, the edge that spawned it or -1."""
    found = {
        run: (node, index, -1) for node, children in state.children.items() for index, run in children.open.items()
    }
    return found | {run: (machine.graph.target[edge], -1, edge) for run, edge in state.spawned.items()}
