"""Called workflows: found by name, each inferred once."""

from __future__ import annotations

from wfnb.errors import DefinitionError
from wfnb.machine.calls import Resolve
from wfnb.model.workflow import Workflow

MAX_DEPTH = 20
"""How deep calls are followed."""


class Children:
    """The workflows that one workflow calls, and those that they call.

    Args:
        workflow: the caller.
        resolve: gives the workflows that are no part of a document.
        inside: the names of the workflows around it, and its own.
    """

    def __init__(self, workflow: Workflow, resolve: Resolve | None, inside: tuple[str, ...]) -> None:
        self.workflow = workflow
        self.resolve = resolve
        self.inside = inside
        self.known: dict[str, Workflow | None] = {}

    def find(self, name: str) -> Workflow | None:
        """The workflow of this name; None where there is none, or where following it would never end."""
        if name not in self.known:
            self.known[name] = self._find(name, self.workflow)
        return self.known[name]

    def within(self, name: str, workflow: Workflow) -> Children:
        """The same for a called workflow."""
        return Children(workflow, self._outer, (*self.inside, name))

    def _outer(self, name: str, within: Workflow) -> Workflow:
        found = self._find(name, within)
        if found is None:
            raise DefinitionError(f"there is no workflow '{name}'")
        return found

    def _find(self, name: str, within: Workflow) -> Workflow | None:
        if name in self.inside or len(self.inside) >= MAX_DEPTH:
            return None
        own = within.workflows.get(name) or self.workflow.workflows.get(name)
        if own is not None or self.resolve is None:
            return own
        try:
            return self.resolve(name, within)
        except DefinitionError:
            return None  # told where the call is compiled
