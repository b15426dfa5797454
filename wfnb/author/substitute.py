"""Expressions with what they read put elsewhere: several names at once, values and inputs alike."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Literal

import msgspec

from wfnb.author.expressions import SCOPE, Rewrite, rewrite_edge, rewrite_node
from wfnb.errors import ExpressionError
from wfnb.model.expression import parse, reference
from wfnb.model.workflow import Edge, Fork, Group, Map, Node


@dataclass(frozen=True, slots=True)
class Read:
    """What an expression names: the value of a node, or an input."""

    of: Literal["value", "input"]
    name: str

    def written(self, bound: frozenset[str] = frozenset()) -> str:
        """How an expression names it, in which a comprehension may bind names of its own."""
        if self.of == "input":
            plain = self.name.isidentifier() and not iskeyword(self.name)
            return f"input.{self.name}" if plain else f"input[{self.name!r}]"
        return f"values[{self.name!r}]" if self.name in bound else reference(self.name)


@dataclass(frozen=True, slots=True)
class Names:
    """What becomes of names when a workflow becomes a part of another."""

    ids: Mapping[str, str] = field(default_factory=dict)
    """New ids of nodes."""
    values: Mapping[str, Read] = field(default_factory=dict)
    """What is read in place of values."""
    inputs: Mapping[str, Read] = field(default_factory=dict)
    """What is read in place of inputs."""

    def in_expression(self, source: str) -> str:
        """An expression under the new names; text that is none stays as it is."""
        return _substituted(source, self, frozenset())

    def in_node(self, node: Node) -> Node:
        """A node under the new names."""
        hidden = SCOPE if isinstance(node, Map) else frozenset[str]()
        made = rewrite_node(node, _rewriter(self, hidden))
        made = msgspec.structs.replace(made, id=self.ids.get(node.id, node.id))
        match made:
            case Group():
                return msgspec.structs.replace(made, members=tuple(self.ids.get(id, id) for id in made.members))
            case Fork():
                return msgspec.structs.replace(made, join=self.ids.get(made.join, made.join))
            case _:
                return made

    def in_edge(self, edge: Edge) -> Edge:
        """An edge under the new names."""
        ends = {"source": self.ids.get(edge.source, edge.source), "target": self.ids.get(edge.target, edge.target)}
        return msgspec.structs.replace(rewrite_edge(edge, _rewriter(self, frozenset())), **ends)


def _rewriter(names: Names, hidden: frozenset[str]) -> Rewrite:
    def rewrite(where: str, source: str) -> str:
        return _substituted(source, names, hidden if where.startswith("arguments.") else frozenset())

    return rewrite


def _substituted(source: str, names: Names, hidden: frozenset[str]) -> str:
    prefix = "=" if source.startswith("=") else ""
    text = source[len(prefix) :].strip()
    try:
        expression = parse(text)
    except ExpressionError:
        return source
    concerned = (
        any(name in names.values and name not in hidden for name in expression.reads)
        or any(name in names.inputs for name in expression.inputs if name is not None)
        or any(function != "signal" and about in names.ids for function, about in expression.facts)
    )
    if not concerned:
        return source
    tree = ast.parse(text, mode="eval")
    stored = (n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    changed = _Substitution(names, hidden, frozenset(stored)).visit(tree)
    return prefix + ast.unparse(ast.fix_missing_locations(changed))


class _Substitution(ast.NodeTransformer):
    def __init__(self, names: Names, hidden: frozenset[str], stored: frozenset[str]) -> None:
        self.names = names
        self.hidden = hidden
        self.stored = stored
        self.bound: list[str] = []

    def _written(self, read: Read) -> ast.expr:
        return ast.parse(read.written(self.stored), mode="eval").body

    def visit_Name(self, node: ast.Name) -> ast.AST:
        read = self.names.values.get(node.id)
        free = isinstance(node.ctx, ast.Load) and node.id not in self.bound and node.id not in self.hidden
        return self._written(read) if read is not None and free else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        match node:
            case ast.Attribute(value=ast.Name(id="input"), attr=str(name)) if name in self.names.inputs:
                return self._written(self.names.inputs[name])
            case _:
                return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        match node:
            case ast.Subscript(value=ast.Name(id="values"), slice=ast.Constant(value=str(id))):
                read = self.names.values.get(id)
                return node if read is None or id in self.hidden else self._written(read)
            case ast.Subscript(value=ast.Name(id="input"), slice=ast.Constant(value=str(name))):
                return self._written(self.names.inputs[name]) if name in self.names.inputs else node
            case _:
                return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Name(id="reached" | "error"), args=[ast.Constant(value=str(id))]):
                node.args = [ast.Constant(self.names.ids.get(id, id))]
            case _:
                node.args = [self.visit(argument) for argument in node.args]
                node.keywords = [self.visit(keyword) for keyword in node.keywords]
        return node

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> ast.AST:
        before = len(self.bound)
        for clause in node.generators:
            clause.iter = self.visit(clause.iter)
            self.bound.extend(name.id for name in ast.walk(clause.target) if isinstance(name, ast.Name))
            clause.ifs = [self.visit(test) for test in clause.ifs]
        if isinstance(node, ast.DictComp):
            node.key, node.value = self.visit(node.key), self.visit(node.value)
        else:
            node.elt = self.visit(node.elt)
        del self.bound[before:]
        return node

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension  # noqa: N815 - as ast has it
