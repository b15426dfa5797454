"""Expressions with what they read put elsewhere: several names at once, values and inputs alike."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from keyword import iskeyword
from typing import Literal, TypeAlias

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
    key: str | None = None
    """Where it is an item of a value: under which key."""

    def written(self, bound: frozenset[str] = frozenset()) -> str:
        """How an expression names it, in which a comprehension may bind names of its own."""
        if self.of == "input":
            plain = self.name.isidentifier() and not iskeyword(self.name)
            return f"input.{self.name}" if plain else f"input[{self.name!r}]"
        whole = f"values[{self.name!r}]" if self.name in bound else reference(self.name)
        return whole if self.key is None else f"{whole}[{self.key!r}]"


@dataclass(frozen=True, slots=True)
class Names:
    """What becomes of names when a workflow becomes a part of another."""

    ids: Mapping[str, str] = field(default_factory=dict)
    """New ids of nodes."""
    values: Mapping[str, Read] = field(default_factory=dict)
    """What is read in place of values."""
    inputs: Mapping[str, Read] = field(default_factory=dict)
    """What is read in place of inputs."""
    items: Mapping[tuple[str, str], Read] = field(default_factory=dict)
    """What is read in place of items of values, such as `page['url']`, by value and key."""

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
    written = source[len(prefix) :]
    text = written.strip()
    try:
        expression = parse(text)
    except ExpressionError:
        return source
    concerned = (
        any(name in names.values and name not in hidden for name in expression.reads)
        or any(value in expression.reads and value not in hidden for value, _ in names.items)
        or any(name in names.inputs for name in expression.inputs if name is not None)
        or any(function != "signal" and about in names.ids for function, about in expression.facts)
    )
    if not concerned:
        return source
    tree = ast.parse(text, mode="eval")
    stored = (n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    substitution = _Substitution(names, hidden, frozenset(stored))
    changed = ast.fix_missing_locations(substitution.visit(tree))
    kept = _spliced(text, substitution.places)
    made = kept if _means(kept, changed) else ast.unparse(changed)
    return prefix + written[: len(written) - len(written.lstrip())] + made + written[len(written.rstrip()) :]


_Place: TypeAlias = tuple[int, int, int, int, str]
"""First line and column, last line and column (in bytes), and what is to stand there."""


def _spliced(text: str, places: list[_Place]) -> str:
    """The text with other words in some places: whoever wrote it finds the rest as it was."""
    lines = [line.encode() for line in text.splitlines(keepends=True)]
    starts = [0, *accumulate(len(line) for line in lines)]
    data = b"".join(lines)
    spans = [(starts[line - 1] + column, starts[last - 1] + end, words) for line, column, last, end, words in places]
    for begin, end, words in sorted(spans, reverse=True):
        data = data[:begin] + words.encode() + data[end:]
    return data.decode(errors="replace")


def _means(text: str, tree: ast.AST) -> bool:
    """Whether a text is this expression; places in f-strings are not known to every Python."""
    try:
        return ast.dump(ast.parse(text, mode="eval")) == ast.dump(ast.parse(ast.unparse(tree), mode="eval"))
    except (SyntaxError, ValueError):
        return False


class _Substitution(ast.NodeTransformer):
    def __init__(self, names: Names, hidden: frozenset[str], stored: frozenset[str]) -> None:
        self.names = names
        self.hidden = hidden
        self.stored = stored
        self.bound: list[str] = []
        self.places: list[_Place] = []

    def _put(self, node: ast.expr, words: str) -> ast.expr:
        """Other words in the place of an expression."""
        last, end = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        self.places.append((node.lineno, node.col_offset, last, end, words))
        return ast.parse(words, mode="eval").body

    def _written(self, node: ast.expr, read: Read) -> ast.expr:
        return self._put(node, read.written(self.stored))

    def _free(self, node: ast.Name) -> bool:
        return isinstance(node.ctx, ast.Load) and node.id not in self.bound and node.id not in self.hidden

    def visit_Name(self, node: ast.Name) -> ast.AST:
        read = self.names.values.get(node.id)
        return self._written(node, read) if read is not None and self._free(node) else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        match node:
            case ast.Attribute(value=ast.Name(id="input"), attr=str(name)) if name in self.names.inputs:
                return self._written(node, self.names.inputs[name])
            case _:
                return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        match node:
            case ast.Subscript(value=ast.Name(id="values"), slice=ast.Constant(value=str(id))):
                read = self.names.values.get(id)
                return node if read is None or id in self.hidden else self._written(node, read)
            case ast.Subscript(value=ast.Name(id="input"), slice=ast.Constant(value=str(name))):
                return self._written(node, self.names.inputs[name]) if name in self.names.inputs else node
            case ast.Subscript(value=ast.Name(id=str(name)) as value, slice=ast.Constant(value=str(key))) if (
                name,
                key,
            ) in self.names.items and self._free(value):
                return self._written(node, self.names.items[name, key])
            case _:
                return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Name(id="reached" | "error"), args=[ast.Constant(value=str(id)) as about]):
                if id in self.names.ids:
                    node.args = [self._put(about, repr(self.names.ids[id]))]
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
