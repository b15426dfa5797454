"""Expressions: a safe subset of Python over the values of a run.

An expression is parsed with `ast`, every node of it is checked against an allow-list, and what is left is compiled
once to a Python code object in which names have become look-ups in `values` and `input`.  Attribute access, operators,
comprehensions and functions are guarded, so that an expression can neither reach the interpreter nor take unbounded
time or memory.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from keyword import iskeyword
from typing import Any

from wfnb.errors import ExpressionError
from wfnb.model.checking import ABOUT, RESERVED, SCOPE, SMALLER, checked, function_of, printable, tree_of
from wfnb.model.facts import NOTHING, Facts
from wfnb.model.guarded import Budget, Unset

_UNUSED = Budget()
"""What an expression is given that counts nothing."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked, compiled expression.

    Attributes:
        source: the text it came from, without a leading `=`.
        reads: the task ids whose values it names, in order of first use.
        inputs: the input fields it names; None stands for `input` as a whole.
        function: what is evaluated: takes values, input, budget and facts.
        builds: whether its value is something new rather than a part of what it reads.
        facts: what it asks of the run besides values, as pairs such as `("reached", "page")`.
        costs: whether anything in it has to be counted.
    """

    source: str
    reads: tuple[str, ...]
    inputs: tuple[str | None, ...]
    function: Callable[[Mapping[str, Any], Mapping[str, Any], Budget, Facts], Any]
    builds: bool
    facts: tuple[tuple[str, str], ...] = ()
    costs: bool = True

    def holds(self, values: Mapping[str, Any], input: Mapping[str, Any], facts: Facts = NOTHING) -> bool:
        """Whether the expression's value is true; as `evaluate`.

        Raises:
            ExpressionError: also where the value is neither true nor false, as an array of several items.
        """
        try:
            return bool(self.function(values, input, Budget() if self.costs else _UNUSED, facts))
        except ExpressionError:
            raise
        except Unset as unset:
            raise self._unset(unset.name) from None
        except Exception as error:
            raise self._failed(error) from error

    def evaluate(self, values: Mapping[str, Any], input: Mapping[str, Any], facts: Facts = NOTHING) -> Any:
        """The expression's value.

        Raises:
            ExpressionError: a name has no value yet, or the operation fails on these values.
        """
        budget = Budget() if self.costs or self.builds else _UNUSED
        try:
            found = self.function(values, input, budget, facts)
            return budget.look(found) if self.builds else found
        except ExpressionError:
            raise
        except Unset as unset:
            raise self._unset(unset.name) from None
        except Exception as error:
            raise self._failed(error) from error

    def parts(self) -> list[Expression]:
        """What a condition demands, one by one: the operands where it is an `and`."""
        body = _parsed(self.source).body
        if isinstance(body, ast.BoolOp) and isinstance(body.op, ast.And):
            return [parse(ast.unparse(operand)) for operand in body.values]
        return [self]

    def _unset(self, name: str) -> ExpressionError:
        what = f"'{printable(self.source)}' reads '{printable(name)}', which has no value yet"
        return ExpressionError(f"{what}\n'{name}' must have completed before this expression is reached", self.source)

    def _failed(self, error: Exception) -> ExpressionError:
        what = f"'{self.source}' failed: {type(error).__name__}: {error}"
        return ExpressionError(printable(what), self.source)


def is_expression(value: object) -> bool:
    """Whether an argument is an expression (a string that starts with `=`) rather than a plain JSON value."""
    return isinstance(value, str) and value.startswith("=")


REMEMBERED = 32_768
"""How many expressions are kept: more than one workflow may have, whose every one is looked at several times."""


@lru_cache(maxsize=REMEMBERED)
def parse(source: str) -> Expression:
    """Check and compile an expression; one leading `=` is dropped.

    Raises:
        ExpressionError: it is no Python expression, or uses what is not allowed; `.column` says where.
    """
    text = source.removeprefix("=")
    shift = (len(source) - len(text)) + (len(text) - len(text.lstrip()))
    with _silence():
        tree = tree_of(source, text.strip(), shift)
        builds = not isinstance(tree.body, ast.Name | ast.Attribute | ast.Subscript | ast.Constant)
        try:
            found = checked(source, text.strip(), shift, tree)
            code = compile(function_of(found.body), "<expression>", "eval")
        except RecursionError:  # the caller's own stack was deep already
            raise ExpressionError(f"an expression is nested too deep\n{SMALLER}", source[:80]) from None
    function = eval(code, SCOPE)  # noqa: S307 - makes the function; its tree was checked against the allow-list
    return Expression(text.strip(), found.reads, found.inputs, function, builds, found.facts, found.costs)


def rename_in(source: str, old: str, new: str) -> str:
    """The expression with every read of node `old` turned into one of `new`; unparsable text stays as it is.

    What is asked about the node (`reached("old")`, `error("old")`) follows as well.
    """
    prefix = "=" if source.startswith("=") else ""
    text = source[len(prefix) :]
    try:
        expression = parse(text)
    except ExpressionError:
        return source
    if old not in expression.reads and not any((about, old) in expression.facts for about in ABOUT):
        return source
    tree = _parsed(text.strip())
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    written = f"values[{new!r}]" if new in bound else reference(new)
    tree = _Renamer(old, new, ast.parse(written, mode="eval").body).visit(tree)
    return prefix + ast.unparse(ast.fix_missing_locations(tree))


def reference(id: str) -> str:
    """How an expression names the value of task `id`."""
    return id if id.isidentifier() and not iskeyword(id) and id not in RESERVED else f"values[{id!r}]"


@contextmanager
def _silence() -> Iterator[None]:
    """Keeps Python's advice on its own syntax, such as on `1 is 1`, from the console."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _parsed(text: str) -> ast.Expression:
    """The tree of an expression that was checked before."""
    with _silence():
        return ast.parse(text, mode="eval")


class _Renamer(ast.NodeTransformer):
    """Puts another expression in the place of every free `old` and of every `values['old']`."""

    def __init__(self, old: str, new: str, written: ast.expr) -> None:
        self.old = old
        self.id = new
        self.new = written
        self.bound: list[str] = []

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self.new if node.id == self.old and node.id not in self.bound else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        match node:
            case ast.Subscript(value=ast.Name(id="values"), slice=ast.Constant(value=self.old)):
                return self.new
            case _:
                return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Name(id=about), args=[ast.Constant(value=self.old)]) if about in ABOUT:
                node.args = [ast.Constant(self.id)]
            case _:  # the function is no value, whatever its name
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
