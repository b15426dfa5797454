"""Which Python is an expression: trees are checked against an allow-list, and rewritten into guarded look-ups."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from wfnb.errors import ExpressionError, did_you_mean
from wfnb.model.guarded import BUDGETED, FUNCTIONS, GLOBALS, GROWING, GUARDED, QUICK

MAX_LENGTH = 10_000
"""Longest expression, in characters."""
MAX_DEPTH = 60
"""How deep brackets and prefix operators may nest."""
MAX_NODES = 5_000
"""Largest tree of an expression."""
SHORT = 200
"""Texts up to this length, in characters, can be no large tree: each has three nodes at most, and one level."""
SMALLER = "move the work into an activity"
"""The cure for what is too large."""
_AS_PYTHON = "write it as in Python: and, or, not, == and in, such as page > 10 and input.name == 'x'"
_DATA_ONLY = "an expression reads values and combines them; compute the rest in an activity"
"""The cure for what no expression may do."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What an expression was rewritten into, and what it reads; see `wfnb.model.expression.Expression`."""

    body: ast.expr
    reads: tuple[str, ...]
    inputs: tuple[str | None, ...]
    facts: tuple[tuple[str, str], ...]
    costs: bool


def printable(text: str) -> str:
    """A text for a message: what would act on a terminal, or begin another line, is written as in Python."""
    return text if text.isprintable() else "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def checked(source: str, text: str, shift: int, tree: ast.Expression) -> Checked:
    """Check a tree against the allow-list, and rewrite it; the arguments are those of `tree_of`, and what that gives.

    Raises:
        ExpressionError: it uses what is not allowed.
    """
    checker = _Checker(source, text, shift)
    body = checker.visit(tree.body)
    return Checked(body, tuple(checker.reads), tuple(checker.inputs), tuple(checker.facts), checker.costs)


def function_of(body: ast.expr) -> ast.Expression:
    """What makes a function of an expression that was checked; it takes values, input, budget and facts."""
    return ast.Expression(ast.Lambda(_PARAMETERS, body, **_HERE))


def tree_of(source: str, text: str, shift: int) -> ast.Expression:
    """The tree of a text that is small enough to be looked at.

    Args:
        source: the expression as it is written.
        text: what of it is to be parsed.
        shift: where in the source that begins.

    Raises:
        ExpressionError: it is empty, too large, or no Python.
    """
    if not text:
        raise ExpressionError("an expression is empty\nwrite one, such as page or len(page) > 10", source, 0)
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"an expression of {len(text)} characters is longer than {MAX_LENGTH}\n{SMALLER}",
            source[:80],
        )
    # Python's parser recurses on brackets; refusing deep nesting first keeps it within its stack.
    if _nesting(text) > MAX_DEPTH:
        raise ExpressionError(f"an expression is nested deeper than {MAX_DEPTH}\n{SMALLER}", source[:80])
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        before = "".join(text.splitlines(keepends=True)[: (error.lineno or 1) - 1])
        # Where the end came too soon, Python says 0.
        column = shift + (len(before) + error.offset - 1 if error.offset else len(text))
        what = f"'{printable(source)}' is not an expression: {error.msg} at column {column + 1}"
        raise ExpressionError(f"{what}\n{_AS_PYTHON}", source, column) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"an expression can not be parsed: {error}\n{SMALLER}", source[:80]) from None
    if len(text) > SHORT and not _is_small(tree):
        raise ExpressionError(f"an expression is too large\n{SMALLER}", source[:80])
    return tree


def _nesting(text: str) -> int:
    depth = deepest = 0
    for char in re.sub(r"'[^']*'|\"[^\"]*\"", "", text):
        if char in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in ")]}":
            depth -= 1
    # Runs of prefix operators nest as well, without a bracket.
    prefixes = max((len(run.split()) for run in re.findall(r"(?:\bnot\s+){2,}", text)), default=0)
    signs = max((len(run) for run in re.findall(r"[-+~]{2,}", text)), default=0)
    return max(deepest, prefixes, signs)


def _is_small(tree: ast.AST) -> bool:
    level, depth, nodes = [tree], 0, 1
    while level and depth <= MAX_DEPTH * 4 and nodes <= MAX_NODES:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        nodes += len(level)
    return not level


_FACTS = {"reached": "reached", "signal": "signals", "error": "errors"}
"""Functions that ask something of the run, and the facts that answer them."""
ABOUT = ("reached", "error")
"""Those that ask about a node."""
_NAMES = ("_values", "_input", "_budget", "_facts")
_HERE: dict[str, Any] = {"lineno": 1, "col_offset": 0}
"""Where what is put into a tree is said to be: Python compiles nothing that is nowhere."""
_PARAMETERS = ast.arguments([], [ast.arg(name, **_HERE) for name in _NAMES], kwonlyargs=[], kw_defaults=[], defaults=[])
SCOPE: dict[str, Any] = {"__builtins__": {}, **GLOBALS}
"""What that function sees besides."""
RESERVED = frozenset({*FUNCTIONS, *_FACTS, "input", "values", "None", "True", "False"})
"""Names that are never those of a task."""
_ALLOWED = (
    ast.Constant | ast.BoolOp | ast.UnaryOp | ast.Compare | ast.IfExp | ast.Subscript | ast.Slice
    | ast.List | ast.Tuple | ast.Set | ast.Dict | ast.JoinedStr | ast.FormattedValue
)  # fmt: skip
_CONSTANTS = str | int | float | None
_WORDS = {ast.Lambda: "lambda", ast.NamedExpr: ":=", ast.Await: "await", ast.Yield: "yield", ast.Starred: "*"}


class _Checker(ast.NodeTransformer):
    """Checks a tree against the allow-list and rewrites it into guarded look-ups."""

    def __init__(self, source: str, text: str, shift: int) -> None:
        self.source = source
        self.lines = text.splitlines(keepends=True)
        self.shift = shift
        self.reads: dict[str, None] = {}
        self.inputs: dict[str | None, None] = {}
        self.facts: dict[tuple[str, str], None] = {}
        self.bound: list[str] = []
        self.costs = False

    def refuse(self, node: ast.AST, what: str, cure: str = _DATA_ONLY) -> ExpressionError:
        column = self.position(node) + self.shift
        return ExpressionError(f"'{printable(self.source)}' {what} at column {column + 1}\n{cure}", self.source, column)

    def budgeted(self, method: str, *arguments: ast.expr) -> ast.Call:
        return ast.Call(self.budget(method), list(arguments), [], **_HERE)

    def budget(self, method: str) -> ast.Attribute:
        self.costs = True
        return ast.Attribute(_name("_budget"), method, ast.Load(), **_HERE)

    def position(self, node: ast.AST) -> int:
        """Characters before a node; `ast` gives its line and the bytes (UTF-8) before it there."""
        line, offset = getattr(node, "lineno", 1) - 1, getattr(node, "col_offset", 0)
        return sum(map(len, self.lines[:line])) + len(self.lines[line].encode()[:offset].decode(errors="ignore"))

    def visit(self, node: ast.AST) -> Any:
        special = getattr(self, f"visit_{type(node).__name__}", None)
        if special is not None:
            return special(node)
        if isinstance(node, _ALLOWED | ast.operator | ast.boolop | ast.unaryop | ast.cmpop | ast.expr_context):
            return self.generic_visit(node)
        word = _WORDS.get(type(node), type(node).__name__)
        raise self.refuse(node, f"uses {word}, which is not allowed")

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.AST:
        if node.format_spec is not None:
            raise self.refuse(node, "uses a format specification, which is not allowed")
        node.value = self.budgeted("look", self.visit(node.value))
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if not isinstance(node.value, _CONSTANTS):
            raise self.refuse(node, f"uses {node.value!r}, which is no JSON value")
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        within = any(isinstance(operator, ast.In | ast.NotIn) for operator in node.ops)
        pairs = pairwise([node.left, *node.comparators])
        if not within and all(isinstance(a, ast.Constant) or isinstance(b, ast.Constant) for a, b in pairs):
            return self.generic_visit(node)  # nothing is gone through to compare with a number or a text
        node.left = self._looked(node.left)
        node.comparators = [self._looked(other) for other in node.comparators]
        return node

    def _looked(self, node: ast.expr) -> ast.expr:
        return self.budgeted("look", self.visit(node))

    def visit_Name(self, node: ast.Name) -> ast.AST:
        name = node.id
        if name in self.bound:
            return node
        if name.startswith("__"):
            raise self.refuse(node, f"names '{name}', which is not allowed")
        if name == "input":
            self.inputs[None] = None
            return _call_input()
        if name == "values":
            raise self.refuse(node, "uses 'values' without naming one", "write values['the id']")
        if name in FUNCTIONS or name in _FACTS:
            cure = f"a task with this name is read as values['{name}']"
            raise self.refuse(node, f"uses the function '{name}' without calling it", cure)
        self.reads[name] = None
        return _look_up(name)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if node.attr.startswith("_"):
            raise self.refuse(node, f"reaches for '.{node.attr}', which is not allowed")
        if isinstance(node.value, ast.Name) and node.value.id == "input" and "input" not in self.bound:
            self.inputs[node.attr] = None
            data: ast.expr = _call_input()
        else:
            data = self.visit(node.value)
        return _call("_attribute", data, ast.Constant(node.attr, **_HERE))

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == "values" and "values" not in self.bound:
            if not (isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)):
                raise self.refuse(node, "computes which value it reads", "write values['the id']")
            self.reads[node.slice.value] = None
            return _look_up(node.slice.value)
        match node:
            case ast.Subscript(value=ast.Name(id="input"), slice=ast.Constant(value=str(field))):
                self.inputs[field] = None
                return _call("_attribute", _call_input(), node.slice)
            case _:
                pass
        sliced = isinstance(node.slice, ast.Slice)
        found = self.generic_visit(node)
        assert isinstance(found, ast.expr)
        return self.budgeted("charge", found) if sliced else found

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Attribute):
            name = node.func.attr
            cure = f"write {name}(...) as a function" if name in FUNCTIONS else "call it in an activity"
            raise self.refuse(node, f"calls the method '.{name}()', which is not allowed", cure)
        if isinstance(node.func, ast.Name) and node.func.id in _FACTS and node.func.id not in self.bound:
            return self._fact(node, node.func.id)
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.func.id in self.bound:
            name = node.func.id if isinstance(node.func, ast.Name) else "a value"
            every = sorted([*FUNCTIONS, *_FACTS])
            known = f"known functions: {', '.join(every)}.{did_you_mean(name, every)}"
            raise self.refuse(node, f"calls '{name}', which is no function of expressions", known)
        if any(keyword.arg is None for keyword in node.keywords):
            raise self.refuse(node, "uses **, which is not allowed")
        for keyword in node.keywords:
            if keyword.arg not in ("default", "reverse", "start"):
                raise self.refuse(node, f"passes '{keyword.arg}=' to '{node.func.id}', which is not allowed")
            keyword.value = self.visit(keyword.value)
        node.args = [self.visit(argument) for argument in node.args]
        if node.func.id not in QUICK:
            node.args = [self.budgeted("look", argument) for argument in node.args]
        if node.func.id in BUDGETED:
            node.func = self.budget(node.func.id)
            return node
        return self.budgeted("charge", node)

    def _fact(self, node: ast.Call, function: str) -> ast.AST:
        match node:
            case ast.Call(args=[ast.Constant(value=str(name))], keywords=[]):
                self.facts[function, name] = None
                facts = _part(_name("_facts"), _FACTS[function])
                asked = ast.Constant(name, **_HERE)
                if function == "reached":
                    return ast.Compare(asked, [ast.In()], [facts], **_HERE)
                return ast.Call(_part(facts, "get"), [asked], [], **_HERE)
            case _:
                raise self.refuse(
                    node, f"calls '{function}' with something else than a name", f"write {function}('name')"
                )

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        made = self.generic_visit(node)
        assert isinstance(made, ast.JoinedStr)
        return self.budgeted("charge", made)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if isinstance(node.op, ast.MatMult):
            raise self.refuse(node, "uses @, which is not allowed")
        left, right = self.visit(node.left), self.visit(node.right)
        if growing := GROWING.get(type(node.op)):
            return self.budgeted(growing, left, right)
        if guarded := GUARDED.get(type(node.op)):
            return _call(guarded, left, right)
        # The others take numbers, or sets and dicts.
        return self.budgeted(
            "charge", ast.BinOp(self.budgeted("look", left), node.op, self.budgeted("look", right), **_HERE)
        )

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        # As a list: nothing is left to be computed after the evaluation, and out of its budget.
        return self._comprehension(ast.copy_location(ast.ListComp(node.elt, node.generators), node))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> ast.AST:
        before = len(self.bound)
        for clause in node.generators:
            if clause.is_async:
                raise self.refuse(node, "uses async, which is not allowed")
            clause.iter = self.budgeted("loop", self.visit(clause.iter))
            for target in ast.walk(clause.target):
                if isinstance(target, ast.Name):
                    if target.id.startswith("_") or target.id in RESERVED:
                        raise self.refuse(target, f"binds '{target.id}', which is not allowed")
                    self.bound.append(target.id)
                elif not isinstance(target, ast.Tuple | ast.List | ast.expr_context):
                    raise self.refuse(node, "binds something else than names")
            clause.ifs = [self.visit(test) for test in clause.ifs]
        if isinstance(node, ast.DictComp):
            node.key, node.value = self.visit(node.key), self.visit(node.value)
        else:
            node.elt = self.visit(node.elt)
        del self.bound[before:]
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = _comprehension  # noqa: N815 - as ast has it


def _name(id: str) -> ast.Name:
    return ast.Name(id, ast.Load(), **_HERE)


def _part(of: ast.expr, name: str) -> ast.Attribute:
    return ast.Attribute(of, name, ast.Load(), **_HERE)


def _call(function: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(_name(function), list(arguments), [], **_HERE)


def _call_input() -> ast.expr:
    return _name("_input")


def _look_up(id: str) -> ast.expr:
    return _call("_value", _name("_values"), ast.Constant(id, **_HERE))
