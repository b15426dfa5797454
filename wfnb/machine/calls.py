"""What a workflow calls, maps and spawns: names become workflows, each compiled once, however often it is used."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeAlias

from wfnb.errors import CompileError, DefinitionError
from wfnb.machine.diagnostic import Diagnostic, describe
from wfnb.machine.graph import Graph
from wfnb.machine.parts import body_of, spawned_part
from wfnb.machine.viewed import Machine
from wfnb.model.codec import definition_hash
from wfnb.model.workflow import Call, Map, Workflow

MAX_DEPTH = 20
"""How deep calls may nest."""
MAX_TOTAL = 200_000
"""How many nodes a workflow may have with all that it calls and spawns, each counted once."""
Resolve: TypeAlias = Callable[[str, Workflow], Workflow]
"""Gives the workflow that a name in another workflow's calls means; raises DefinitionError where there is none."""


@dataclass(slots=True, eq=False)
class Scope:
    """A workflow, and where names in it are looked up: in its own workflows, then in those of what it belongs to."""

    workflow: Workflow
    outer: Scope | None = None
    inner: dict[str, Scope] = field(default_factory=dict)

    def find(self, name: str) -> Scope | None:
        """The workflow of this name that belongs to the document."""
        at: Scope | None = self
        while at is not None:
            own = at.workflow.workflows.get(name)
            if own is not None:
                if name not in at.inner:
                    at.inner[name] = Scope(own, at)
                return at.inner[name]
            at = at.outer
        return None


@dataclass(frozen=True, slots=True)
class Unit:
    """What is compiled at once.

    Attributes:
        workflow: the definition: that of the scope, or a part of it that an edge spawns.
        scope: where its names are looked up.
        outer: names that a part may read of what spawns it.
    """

    workflow: Workflow
    scope: Scope
    outer: frozenset[str] = frozenset()

    def refuse(self, id: str, code: str, what: str, cure: str) -> CompileError:
        """What to raise for a node of it."""
        found = [Diagnostic(code, "error", what, cure, (id,), field="workflow")]
        return CompileError(describe(self.workflow.name, found), found)


class Calls:
    """Keeps what was compiled, so that what is called in many ways costs no more than what is called once.

    Args:
        resolve: gives the workflows that do not belong to the document.
        compile: makes a machine.
    """

    def __init__(self, resolve: Resolve | None, compile: Callable[[Unit], Machine]) -> None:
        self._resolve = resolve
        self._compile = compile
        self._root: Scope | None = None
        self._resolved: dict[tuple[Scope, str], Scope] = {}
        self._defined: dict[str, Scope] = {}
        self._made: dict[Hashable, tuple[Machine, int]] = {}
        self._path: dict[Hashable, str] = {}
        self._heights = [0]
        self._total = 0

    def start(self, workflow: Workflow) -> Machine:
        """The machine of the workflow that people want compiled."""
        self._root = scope = Scope(workflow)
        self._path[scope] = workflow.name
        return self._compile(Unit(workflow, scope))

    def count(self, unit: Unit) -> None:
        """Count what is about to be compiled.

        Raises:
            CompileError: it is too much.
        """
        self._total += len(unit.workflow.nodes)
        if self._total > MAX_TOTAL:
            what = f"the workflow has more than {MAX_TOTAL} nodes with all that it calls and spawns"
            found = [Diagnostic("WF241", "error", what, "call fewer workflows, or smaller ones")]
            raise CompileError(describe(unit.workflow.name, found), found)

    def called(self, unit: Unit, node: Map | Call) -> tuple[str, bool, Machine]:
        """What a map or a call runs: its name, whether it belongs to the document, and the machine.

        Raises:
            CompileError: there is no such workflow, it has errors, or it calls itself.
        """
        if isinstance(node, Map) and node.activity:
            body = body_of(node)
            key = ("body", node.activity, *body.inputs)
            return node.activity, True, self._machine(unit, key, Unit(body, Scope(body)), node.id, node.activity)
        name = node.workflow
        own = unit.scope.find(name)
        scope = own or self._elsewhere(unit, name, node.id)
        return name, own is not None, self._machine(unit, scope, Unit(scope.workflow, scope), node.id, name)

    def spawned(self, unit: Unit, drawn: Graph, target: int) -> Machine:
        """What an edge into `target` starts; a part of a part is one of the whole.

        Raises:
            CompileError: it has errors.
        """
        first, whole = drawn.nodes[target].id, unit.scope.workflow
        known = frozenset(node.id for node in whole.nodes)
        part = spawned_part(unit.workflow, drawn, target, f"{whole.name}/{first}")
        return self._machine(unit, (unit.scope, first), Unit(part, unit.scope, known), first, "")

    def _elsewhere(self, unit: Unit, name: str, id: str) -> Scope:
        """A workflow that does not belong to the document."""
        key = (unit.scope, name)
        if key not in self._resolved:
            try:
                if self._resolve is None:
                    raise DefinitionError(f"there is no workflow '{name}'\nadd it to the document's `workflows`")
                found = self._resolve(name, unit.scope.workflow)
            except DefinitionError as error:
                what, _, cure = str(error).partition("\n")
                raise unit.refuse(id, "WF240", f"'{id}' calls '{name}': {what}", cure) from None
            if self._root is not None and not self._defined:
                self._defined[definition_hash(self._root.workflow)] = self._root
            self._resolved[key] = self._defined.setdefault(definition_hash(found), Scope(found))
        return self._resolved[key]

    def _machine(self, by: Unit, key: Hashable, unit: Unit, id: str, name: str) -> Machine:
        made = self._made.get(key)
        if made is None:
            self._admit(by, key, id, name, 0)
            self._path[key] = name or unit.workflow.name
            self._heights.append(0)
            try:
                machine = self._compile(unit)
            except CompileError as error:
                raise self._told(by, error, id, name) from error
            del self._path[key]
            made = self._made[key] = (machine, self._heights.pop())
        else:
            self._admit(by, key, id, name, made[1])
        self._heights[-1] = max(self._heights[-1], made[1] + 1)
        return made[0]

    def _admit(self, by: Unit, key: Hashable, id: str, name: str, height: int) -> None:
        """Refuse what calls itself, and what nests too deep."""
        chain = " -> ".join([*self._path.values(), name or id])
        if key in self._path:
            what = f"'{id}' calls '{name}', which calls itself: {chain}"
            raise by.refuse(id, "WF241", what, "repeat with a loop in one workflow instead")
        if len(self._path) + height >= MAX_DEPTH:
            what = f"calls nest deeper than {MAX_DEPTH}: {chain}"
            raise by.refuse(id, "WF241", what, "put some of them into one workflow")

    def _told(self, by: Unit, error: CompileError, id: str, name: str) -> CompileError:
        """The errors of a child as one of what runs it."""
        first: Diagnostic = error.diagnostics[0]
        if first.code == "WF241":
            return by.refuse(id, "WF241", first.message, first.help) if name else error
        who = f"'{id}' calls '{name}', which" if name else f"what an edge spawns at '{id}'"
        return by.refuse(id, "WF242", f"{who} has errors: {first.message}", first.help)
