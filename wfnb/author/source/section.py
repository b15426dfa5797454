"""The part of a Python file that draws: found, read, and written anew while all the rest stays as it is.

Nothing is run.  The part goes from `flow = wf.flow(...)` to the last of the builder's calls; around it there may be
anything, such as the activities' definitions.  It is written anew only where nothing gets lost by that.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from wfnb.author.flow import Flow
from wfnb.author.source.allowed import FUNCTIONS, METHODS, Module, reading
from wfnb.author.source.faults import at_node, located
from wfnb.author.source.interpreter import Interpreter
from wfnb.author.source.reading import finished, parsed, read
from wfnb.author.source.writing import to_python
from wfnb.errors import SourceError
from wfnb.model.codec import canonical
from wfnb.model.workflow import Workflow

_TOGETHER = "keep the builder's calls together, and the drawing's name alone in use behind them"
_APART = "the drawing goes into a file of its own"


@dataclass(frozen=True, slots=True)
class _Section:
    """What was found.

    Attributes:
        text: the whole file.
        statements: those of the part.
        around: those before and behind it.
        made: what variables of the part hold.
        flow: the drawing.
        variable: its variable.
        bare: names that the part reads and does not make.
    """

    text: str
    statements: Sequence[ast.stmt]
    around: Sequence[ast.stmt]
    made: dict[str, Any]
    flow: Flow
    variable: str
    bare: frozenset[str]
    has_wf: bool

    @property
    def lines(self) -> tuple[int, int]:
        """The first line and the one behind the last, from 0."""
        return self.statements[0].lineno - 1, self.statements[-1].end_lineno or self.statements[-1].lineno


def drawn_in(text: str) -> Workflow:
    """The workflow that a file draws, whatever else stands in it before and behind.

    Raises:
        SourceError: it is no Python, or none that draws; says the line.
    """
    return finished(_found(text).flow)


def rewritten(text: str, workflow: Workflow) -> str:
    """The file with another drawing in the place of the one that it has; every other line stays as it is.

    Raises:
        SourceError: something would get lost, such as a comment between the builder's calls; says the line.
    """
    section = _found(text)
    _refuse_loss(section)
    if finished(section.flow) == canonical(workflow):
        return text
    lines = text.splitlines(keepends=True)
    first, end = section.lines
    outside = {name.id for one in section.around for name in ast.walk(one) if isinstance(name, ast.Name)}
    outside |= {name for one in section.around for name in _bound(one)}
    written = to_python(workflow, section.variable, outside | section.bare).removesuffix("\n")
    if section.has_wf:
        written = written.partition("\n\n")[2]
    written = _with_names(written, section.bare)
    ending = "\r\n" if lines[first].endswith("\r\n") else "\n"
    last = ending if lines[end - 1].endswith("\n") else ""
    new = "".join([*lines[:first], written.replace("\n", ending), last, *lines[end:]])
    if drawn_in(new) != canonical(workflow):
        raise located(f"'{section.variable}' would be read otherwise than it is drawn\n{_APART}", first + 1)
    return new


def check_rewritable(text: str) -> None:
    """Make sure that the drawing in a file can be written anew.

    Raises:
        SourceError: something would get lost; says the line.
    """
    _refuse_loss(_found(text))


def _found(text: str) -> _Section:
    lines, tree = text.splitlines(), parsed(text)
    interpreter = Interpreter(lines)
    first = next((at for at, one in enumerate(tree.body) if _begins(one, interpreter)), None)
    if first is None:
        raise located('there is no workflow\na drawing starts as flow = wf.flow("name")', max(1, len(lines)))
    before = dict(interpreter.variables)
    has_wf = any("wf" in _bound(one) for one in tree.body[:first]) and isinstance(before.get("wf"), Module)
    end, names = first, dict[str, Flow]()
    bare: set[str] = set()
    for statement in tree.body[first:]:
        if end > first and not _goes_on(statement, interpreter):
            break
        bare |= {name.id for name in ast.walk(statement) if isinstance(name, ast.Name)} - interpreter.variables.keys()
        read(statement, interpreter, lines)
        bare -= interpreter.variables.keys()
        names |= {name: made for name, made in interpreter.variables.items() if isinstance(made, Flow)}
        end += 1
    flow = interpreter.last
    assert flow is not None, "it begins with one"
    variable = next((name for name, made in names.items() if made is flow), "")
    made = {name: value for name, value in interpreter.variables.items() if name not in before}
    around = [*tree.body[:first], *tree.body[end:]]
    section = _Section(text, tree.body[first:end], around, made, flow, variable, frozenset(bare), has_wf)
    for statement in tree.body[end:]:
        _refuse_more(statement, section, lines)
    return section


def _begins(statement: ast.stmt, interpreter: Interpreter) -> bool:
    """Whether the drawing begins here; imports before it are taken in, as far as drawings have a use for them."""
    match statement:
        case ast.Import(names=names):
            for found in names:
                _brought("", found.name, found.asname or found.name, statement, interpreter)
        case ast.ImportFrom(module=str(module), names=names, level=0):
            for found in names:
                _brought(module, found.name, found.asname or found.name, statement, interpreter)
        case ast.Assign(targets=[ast.Name()], value=ast.Call(func=function)):
            return _is_flow(function, interpreter)
        case _:
            for name in _bound(statement):
                interpreter.variables.pop(name, None)
    return False


def _brought(module: str, name: str, known_as: str, statement: ast.stmt, interpreter: Interpreter) -> None:
    try:
        interpreter.bring(module, name, known_as, statement)
    except SourceError:
        interpreter.variables.pop(known_as, None)


def _is_flow(function: ast.expr, interpreter: Interpreter) -> bool:
    known = interpreter.variables
    match function:
        case ast.Name(id=name):
            return known.get(name) is FUNCTIONS["flow"]
        case ast.Attribute(value=ast.Name(id=name), attr="flow"):
            return isinstance(known.get(name), Module)
        case _:
            return False


def _goes_on(statement: ast.stmt, interpreter: Interpreter) -> bool:
    """Whether a statement is one of the builder's calls, or begins another drawing."""
    match statement:
        case ast.Assign(targets=[ast.Name()], value=ast.Attribute(attr=attribute)) if attribute != "start":
            return False
        case ast.Assign(targets=[ast.Name()], value=value) | ast.Expr(value=value):
            pass
        case _:
            return False
    first: ast.expr = value
    while True:
        match first:
            case ast.BinOp(op=ast.RShift(), left=left):
                first = left
            case ast.List(elts=[one, *_]) | ast.Tuple(elts=[one, *_]) if isinstance(value, ast.BinOp):
                first = one
            case ast.Call(func=function) if isinstance(statement, ast.Assign) and _is_flow(function, interpreter):
                return True
            case ast.Call(func=ast.Attribute(value=owner)) | ast.Attribute(value=owner):
                first = owner
            case ast.Name(id=name):
                made = interpreter.variables.get(name)
                return type(made) in METHODS or (isinstance(made, list) and isinstance(value, ast.BinOp))
            case _:
                return False


def _refuse_more(statement: ast.stmt, section: _Section, lines: Sequence[str]) -> None:
    """What stands behind the drawing must not draw."""
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name) if name in section.made and name != section.variable:
                raise at_node(f"'{name}' is used behind the drawing that it is a part of\n{_TOGETHER}", node, lines)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == section.variable and attribute in {
                *METHODS[Flow],
                "start",
                "document",
            }:
                raise at_node(f"'{name}.{attribute}' draws more behind other statements\n{_TOGETHER}", node, lines)


def _refuse_loss(section: _Section) -> None:
    lines = section.text.splitlines()
    first, end = section.lines
    _refuse_shared(section, lines)
    for line in _comments(section.text):
        if first < line <= end:
            raise located(f"a comment stands between the builder's calls, which would get lost\n{_APART}", line)
    if not section.variable:
        raise located(f"the drawing has no name of its own\n{_APART}", first + 1)
    own = [canonical(one) for one in _all_own(finished(section.flow))]
    for name, made in section.made.items():
        at = next(one for one in section.statements if name in _bound(one))
        if isinstance(made, Flow) and made is not section.flow and finished(made) not in own:
            raise at_node(f"workflow '{made.name}' is no part of '{section.flow.name}'\n{_APART}", at, lines)
        if type(made) not in METHODS and not isinstance(made, list):
            raise at_node(f"'{name}' is a value of its own, which would get lost\n{_APART}", at, lines)
    if not section.has_wf and any("wf" in _bound(one) for one in section.around):
        raise located(f"'wf' is something else here\n{_APART}", first + 1)


def _refuse_shared(section: _Section, lines: Sequence[str]) -> None:
    first, end = section.lines
    for one in section.around:
        if one.lineno - 1 < end and (one.end_lineno or one.lineno) > first:
            raise at_node(f"a line has a part of the drawing and something else\n{_APART}", one, lines)


def _all_own(workflow: Workflow) -> Iterator[Workflow]:
    for own in workflow.workflows.values():
        yield own
        yield from _all_own(own)


def _comments(text: str) -> Iterator[int]:
    """The lines that have one, from 1."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0]


def _bound(statement: ast.AST) -> set[str]:
    """The names that a statement gives a meaning to, or may."""
    found: set[str] = set()
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.alias(name=name, asname=known_as):
                found.add(known_as or name.partition(".")[0])
            case _:
                pass
    return found


def _with_names(source: str, bare: frozenset[str]) -> str:
    """The source with those names bare that the file had so: what is defined there is meant, not what is called so."""
    spots = [
        (value.lineno - 1, value.col_offset, value.end_col_offset or 0, value.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        for value in _names_in(node, node.func.attr)
        if isinstance(value.value, str) and value.value in bare
    ]
    lines = [line.encode() for line in source.split("\n")]
    for line, start, end, name in sorted(spots, reverse=True):
        lines[line] = lines[line][:start] + str(name).encode() + lines[line][end:]
    return b"\n".join(lines).decode()


def _names_in(call: ast.Call, method: str) -> Iterator[ast.Constant]:
    given: list[tuple[int | str, ast.expr]] = [*enumerate(call.args)]
    given += [(keyword.arg or "", keyword.value) for keyword in call.keywords]
    for at, value in given:
        if reading(method, at) == "name" and isinstance(value, ast.Constant):
            yield value
