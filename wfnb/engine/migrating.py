"""Whether a run, with all of its children, can go on with a changed definition; looks, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, Self, TypeVar

from wfnb.errors import CompileError
from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.machine import Machine
from wfnb.machine.migration import Image, image_of, misfits
from wfnb.model.state import State


class Member(Protocol):
    """A run of the tree of a run and its children."""

    id: str
    machine: Machine

    @property
    def state(self) -> State:
        """Where it stands."""

    def in_progress(self) -> Iterable[tuple[str, int, int, int]]:
        """Id, node, item and spawning edge of every child in progress."""

    def member(self, id: str) -> Self | None:
        """The child with this id; None where it has not begun."""


R = TypeVar("R", bound=Member)


def planned(run: R, machine: Machine, *, allow_unsound: bool = False) -> list[tuple[R, Image]]:
    """What a migration changes: the runs, each with what of its machine is what of the next, parents first.

    Args:
        run: a run that is not over.
        machine: what it is to follow.
        allow_unsound: whether it may go on even where it is proved that it can get stuck then.

    Raises:
        CompileError: something of them has no place in the changed workflow; `.diagnostics` names each.
    """
    steps: list[tuple[R, Image]] = []
    found: list[Diagnostic] = []
    _plan(run, machine, steps, found, allow_unsound=allow_unsound)
    if found:
        lines = "\n".join(f"  {d.code}  {d.message}\n         {d.help}" for d in found)
        what = "1 thing of it has" if len(found) == 1 else f"{len(found)} things of it have"
        raise CompileError(f"run '{run.id}' can not go on with '{machine.name}': {what} no place there\n{lines}", found)
    return steps


def _plan(
    run: R, machine: Machine, steps: list[tuple[R, Image]], found: list[Diagnostic], *, allow_unsound: bool
) -> None:
    image = image_of(run.machine, machine)
    if image.changes_nothing:
        return
    steps.append((run, image))
    found += misfits(image, run.state, run.id, allow_unsound=allow_unsound)
    for id, node, _, edge in run.in_progress():
        if edge >= 0 and edge in image.edges:
            inner = machine.special.spawns[image.edges[edge]]
        elif edge < 0 and node in image.nodes:
            inner = machine.children[image.nodes[node]].machine
        else:
            continue  # that its node has no place is named already
        child = run.member(id)
        if child is None or child.state.status != "running":
            continue
        if child.state.ending is None:
            _plan(child, inner, steps, found, allow_unsound=allow_unsound)
        elif not image_of(child.machine, inner).changes_nothing:
            what = f"run '{id}' is taking back what it did, and what it follows has changed"
            found.append(Diagnostic("WF250", "error", what, "migrate the run once that is over"))
