"""What an expression may name, with the types that are known where it is evaluated."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from wfnb.model.expression import Expression, reference
from wfnb.model.types import ANY, NONE, STR, Field, Record, Type, union

Path: TypeAlias = tuple[str, ...]
"""A term: `values`, `input`, `signal`, `error` or `bound`, the name, then fields."""
PROBLEM = Record("", (Field("type", STR), Field("message", STR)))
"""What `error(...)` gives."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The names of an expression.

    Attributes:
        values: the type by node id; a name that is missing is any.
        inputs: the type by input name.
        signals: the type by signal name.
        facts: what is known better at this place, by term.
        bound: the names that comprehensions bind.
    """

    values: Mapping[str, Type] = field(default_factory=dict)
    inputs: Mapping[str, Type] = field(default_factory=dict)
    signals: Mapping[str, Type] = field(default_factory=dict)
    facts: Mapping[Path, Type] = field(default_factory=dict)
    bound: Mapping[str, Type] = field(default_factory=dict)

    def root(self, path: Path) -> Type:
        """The declared type of a term that has no fields."""
        kind, name = path[0], path[1]
        match kind:
            case "values":
                return self.values.get(name, ANY)
            case "bound":
                return self.bound.get(name, ANY)
            case "input":
                return self.inputs.get(name, ANY)
            case "signal":
                return union(self.signals.get(name, ANY), NONE)
            case _:
                return union(PROBLEM, NONE)

    def knowing(self, facts: Mapping[Path, Type]) -> Scope:
        """The same where more is known."""
        if not facts:
            return self
        return Scope(self.values, self.inputs, self.signals, {**self.facts, **facts}, self.bound)

    def binding(self, names: Mapping[str, Type]) -> Scope:
        """The same inside a comprehension, which hides names around it."""
        facts = {path: known for path, known in self.facts.items() if path[0] != "bound" or path[1] not in names}
        return replace(self, bound={**self.bound, **names}, facts=facts)

    def view(self, expression: Expression) -> View:
        """What an expression sees of it."""
        wanted = list(roots(expression))
        return View(
            tuple((path, self._declared(path)) for path in wanted if path[0] != "error"),
            tuple((path, kind) for path, kind in self.facts.items() if path[:2] in wanted) if self.facts else (),
            tuple(self.bound.items()),
            tuple(self.inputs.items()) if None in expression.inputs else (),
        )

    def _declared(self, path: Path) -> Type:
        found = {"values": self.values, "input": self.inputs}.get(path[0], self.signals)
        return found.get(path[1], ANY)

    def path_of(self, node: ast.AST) -> Path | None:
        """The term that a part of an expression is, None where it is something else."""
        match node:
            case ast.Name(id="input") if "input" not in self.bound:
                return None
            case ast.Name(id=name):
                return ("bound" if name in self.bound else "values", name)
            case ast.Subscript(value=ast.Name(id="values"), slice=ast.Constant(value=str(name))):
                return ("values", name)
            case ast.Attribute(value=ast.Name(id="input"), attr=name):
                return ("input", name)
            case ast.Subscript(value=ast.Name(id="input"), slice=ast.Constant(value=str(name))):
                return ("input", name)
            case ast.Call(func=ast.Name(id="signal" | "error" as kind), args=[ast.Constant(value=str(name))]):
                return (kind, name)
            case ast.Attribute(attr=name):
                above = self.path_of(node.value)
                return None if above is None else (*above, name)
            case ast.Subscript(slice=ast.Constant(value=str(name))):
                above = self.path_of(node.value)
                return None if above is None else (*above, name)
            case _:
                return None


@dataclass(frozen=True, slots=True)
class View:
    """The part of a scope that matters to one expression; equal where its type is the same."""

    declared: tuple[tuple[Path, Type], ...]
    facts: tuple[tuple[Path, Type], ...]
    bound: tuple[tuple[str, Type], ...]
    inputs: tuple[tuple[str, Type], ...]

    def scope(self) -> Scope:
        """A scope of only this."""
        by_kind: dict[str, dict[str, Type]] = {"values": {}, "input": dict(self.inputs), "signal": {}}
        for (kind, name), known in self.declared:
            by_kind[kind][name] = known
        return Scope(by_kind["values"], by_kind["input"], by_kind["signal"], dict(self.facts), dict(self.bound))


def roots(expression: Expression) -> Iterator[Path]:
    """The terms without fields that an expression reads; `input` as a whole is none."""
    for name in expression.reads:
        yield ("values", name)
    for input_name in expression.inputs:
        if input_name is not None:
            yield ("input", input_name)
    for function, name in expression.facts:
        if function != "reached":
            yield (function, name)


def term(path: Path) -> str:
    """How an expression names a term: `page.status`, `input.amount`, `values['x y']`."""
    kind, name, *fields = path
    if kind in ("signal", "error"):
        text = f"{kind}({name!r})"
    elif kind == "input":
        text = f"input.{name}" if name.isidentifier() else f"input[{name!r}]"
    else:
        text = reference(name)
    for part in fields:
        text += f".{part}" if part.isidentifier() else f"[{part!r}]"
    return text
