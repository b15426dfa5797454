"""Expressions: a safe subset of Python over the values of a run.

An expression is parsed with `ast`, every node of it is checked against an allow-list, and what is left is compiled
once to a Python code object in which names have become look-ups in `values` and `input`.  Attribute access, operators,
comprehensions and functions are guarded, so that an expression can neither reach the interpreter nor take unbounded
time or memory.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from keyword import iskeyword
from typing import Any

from wfnb.errors import ExpressionError, did_you_mean
from wfnb.model.facts import NOTHING, Facts
from wfnb.model.guarded import BUDGETED, FUNCTIONS, GLOBALS, GROWING, GUARDED, QUICK, Budget, Unset

MAX_LENGTH = 10_000
MAX_DEPTH = 60
MAX_NODES = 5_000
_UNUSED = Budget()
"""What an expression is given that counts nothing."""
_SMALLER = "move the work into an activity"
_AS_PYTHON = "write it as in Python: and, or, not, == and in, such as page > 10 and input.name == 'x'"


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
        what = f"'{self.source}' reads '{name}', which has no value yet"
        return ExpressionError(f"{what}\n'{name}' must have completed before this expression is reached", self.source)

    def _failed(self, error: Exception) -> ExpressionError:
        return ExpressionError(f"'{self.source}' failed: {type(error).__name__}: {error}", self.source)


def is_expression(value: object) -> bool:
    """Whether an argument is an expression (a string that starts with `=`) rather than a plain JSON value."""
    return isinstance(value, str) and value.startswith("=")


@lru_cache(maxsize=8_192)
def parse(source: str) -> Expression:
    """Check and compile an expression; one leading `=` is dropped.

    Raises:
        ExpressionError: it is no Python expression, or uses what is not allowed; `.column` says where.
    """
    text = source.removeprefix("=")
    shift = (len(source) - len(text)) + (len(text) - len(text.lstrip()))
    with _silence():
        tree = _tree(source, text.strip(), shift)
        checker = _Checker(source, text.strip(), shift)
        builds = not isinstance(tree.body, ast.Name | ast.Attribute | ast.Subscript | ast.Constant)
        try:
            body = ast.Lambda(_PARAMETERS, checker.visit(tree.body))
            code = compile(ast.fix_missing_locations(ast.Expression(body)), "<expression>", "eval")
        except RecursionError:  # the caller's own stack was deep already
            raise ExpressionError(f"an expression is nested too deep\n{_SMALLER}", source[:80]) from None
    function = eval(code, _SCOPE)  # noqa: S307 - makes the function; its tree was checked against the allow-list
    reads, inputs, facts = tuple(checker.reads), tuple(checker.inputs), tuple(checker.facts)
    costs = any(isinstance(node, ast.Name) and node.id == "_budget" for node in ast.walk(body))
    return Expression(text.strip(), reads, inputs, function, builds, facts, costs)


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
    if old not in expression.reads and not any((about, old) in expression.facts for about in _ABOUT):
        return source
    tree = _parsed(text.strip())
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    written = f"values[{new!r}]" if new in bound else reference(new)
    tree = _Renamer(old, new, ast.parse(written, mode="eval").body).visit(tree)
    return prefix + ast.unparse(ast.fix_missing_locations(tree))


def reference(id: str) -> str:
    """How an expression names the value of task `id`."""
    return id if id.isidentifier() and not iskeyword(id) and id not in _RESERVED else f"values[{id!r}]"


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


def _tree(source: str, text: str, shift: int) -> ast.Expression:
    if not text:
        raise ExpressionError("an expression is empty\nwrite one, such as page or len(page) > 10", source, 0)
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"an expression of {len(text)} characters is longer than {MAX_LENGTH}\n{_SMALLER}",
            source[:80],
        )
    # Python's parser recurses on brackets; refusing deep nesting first keeps it within its stack.
    if _nesting(text) > MAX_DEPTH:
        raise ExpressionError(f"an expression is nested deeper than {MAX_DEPTH}\n{_SMALLER}", source[:80])
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        before = "".join(text.splitlines(keepends=True)[: (error.lineno or 1) - 1])
        # Where the end came too soon, Python says 0.
        column = shift + (len(before) + error.offset - 1 if error.offset else len(text))
        what = f"'{source}' is not an expression: {error.msg} at column {column + 1}"
        raise ExpressionError(f"{what}\n{_AS_PYTHON}", source, column) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"an expression can not be parsed: {error}\n{_SMALLER}", source[:80]) from None
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES or _depth(tree) > MAX_DEPTH * 4:
        raise ExpressionError(f"an expression is too large\n{_SMALLER}", source[:80])
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


def _depth(tree: ast.AST) -> int:
    level, depth = [tree], 0
    while level:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


_FACTS = {"reached": "_reached", "signal": "_signal", "error": "_error"}
"""Functions that ask something of the run, and what answers them."""
_ABOUT = ("reached", "error")
"""Those that ask about a node."""
_NAMES = ("_values", "_input", "_budget", "_facts")
_PARAMETERS = ast.arguments([], [ast.arg(name) for name in _NAMES], kwonlyargs=[], kw_defaults=[], defaults=[])
_SCOPE: dict[str, Any] = {"__builtins__": {}, **GLOBALS}
_RESERVED = frozenset({*FUNCTIONS, *_FACTS, "input", "values", "None", "True", "False"})
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

    def refuse(self, node: ast.AST, what: str, cure: str = "") -> ExpressionError:
        column = self.position(node) + self.shift
        message = f"'{self.source}' {what} at column {column + 1}" + (f"\n{cure}" if cure else "")
        return ExpressionError(message, self.source, column)

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
        node.value = _budgeted("look", self.visit(node.value))
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
        return _budgeted("look", self.visit(node))

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
        return _call("_attribute", data, ast.Constant(node.attr))

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
        return _budgeted("charge", found) if sliced else found

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
            node.args = [_budgeted("look", argument) for argument in node.args]
        if node.func.id in BUDGETED:
            node.func = ast.Attribute(_name("_budget"), node.func.id, ast.Load())
            return node
        return _budgeted("charge", node)

    def _fact(self, node: ast.Call, function: str) -> ast.AST:
        match node:
            case ast.Call(args=[ast.Constant(value=str(name))], keywords=[]):
                self.facts[function, name] = None
                return _call(_FACTS[function], _name("_facts"), ast.Constant(name))
            case _:
                raise self.refuse(
                    node, f"calls '{function}' with something else than a name", f"write {function}('name')"
                )

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        made = self.generic_visit(node)
        assert isinstance(made, ast.JoinedStr)
        return _budgeted("charge", made)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if isinstance(node.op, ast.MatMult):
            raise self.refuse(node, "uses @, which is not allowed")
        left, right = self.visit(node.left), self.visit(node.right)
        if growing := GROWING.get(type(node.op)):
            return _budgeted(growing, left, right)
        if guarded := GUARDED.get(type(node.op)):
            return _call(guarded, left, right)
        # The others take numbers, or sets and dicts.
        return _budgeted("charge", ast.BinOp(_budgeted("look", left), node.op, _budgeted("look", right)))

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        # As a list: nothing is left to be computed after the evaluation, and out of its budget.
        return self._comprehension(ast.copy_location(ast.ListComp(node.elt, node.generators), node))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> ast.AST:
        before = len(self.bound)
        for clause in node.generators:
            if clause.is_async:
                raise self.refuse(node, "uses async, which is not allowed")
            clause.iter = _budgeted("loop", self.visit(clause.iter))
            for target in ast.walk(clause.target):
                if isinstance(target, ast.Name):
                    if target.id.startswith("_") or target.id in _RESERVED:
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
    return ast.Name(id, ast.Load())


def _call(function: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(_name(function), list(arguments), [])


def _budgeted(method: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(_name("_budget"), method, ast.Load()), list(arguments), [])


def _call_input() -> ast.expr:
    return _name("_input")


def _look_up(id: str) -> ast.expr:
    return _call("_value", _name("_values"), ast.Constant(id))


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
            case ast.Call(func=ast.Name(id=about), args=[ast.Constant(value=self.old)]) if about in _ABOUT:
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
