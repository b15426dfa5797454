"""Nodes of a machine and of what it calls, by their path: `node`, or `call/node` inside a call or a map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wfnb.errors import UnknownName, did_you_mean, listed
from wfnb.machine.machine import Machine


def located(machine: Machine, path: str) -> tuple[Machine, int]:
    """The machine that a path leads to, and the number of the node there.

    Raises:
        UnknownName: it leads to no node.
    """
    return way(machine, path)[-1]


def way(machine: Machine, path: str) -> list[tuple[Machine, int]]:
    """The nodes that a path goes through, and the last one, each as its machine and its number in that.

    Raises:
        UnknownName: it leads to no node.
    """
    found: list[tuple[Machine, int]] = []
    within = machine
    rest = path
    while rest not in within.graph.number:
        step = next((node for node in within.children if rest.startswith(f"{within.ids[node]}/")), None)
        if step is None:
            known = f"{listed(within.ids)}; those inside a call as 'call/node'.{did_you_mean(rest, within.ids)}"
            raise UnknownName(f"workflow '{machine.name}' has no node '{path}'\nknown nodes: {known}")
        found.append((within, step))
        rest = rest[len(within.ids[step]) + 1 :]
        within = within.children[step].machine
    return [*found, (within, within.graph.number[rest])]


def leads(machine: Machine, path: str) -> bool:
    """Whether a path leads to a node."""
    try:
        way(machine, path)
    except UnknownName:
        return False
    return True


def below(paths: Iterable[str], id: str) -> Iterator[str]:
    """The paths that begin with a node, without it: those of its children."""
    prefix = f"{id}/"
    return (path[len(prefix) :] for path in paths if path.startswith(prefix))
