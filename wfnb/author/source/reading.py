"""Python as a drawing: the text is parsed, never run.

Of Python there is as much as drawings need: the builder's calls with literals, variables for what they give, and `>>`.
These calls are made on the builder itself, so that a drawing means the same whoever reads it.
"""

from __future__ import annotations

import ast
import warnings

import msgspec

from wfnb.author.flow import Flow
from wfnb.author.source.faults import at_node, located
from wfnb.author.source.interpreter import Interpreter
from wfnb.errors import SourceError
from wfnb.model.codec import MAX_BYTES, canonical
from wfnb.model.workflow import Workflow

_BEGINNING = 'a drawing starts as flow = wf.flow("name")'
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def from_python(text: str) -> Workflow:
    """The workflow that a source describes; where it makes several, the last one.

    Nothing of it is run: names of activities and errors are taken as they are, and what is none of the builder's calls
    is refused.

    Raises:
        SourceError: it is no Python, or none that describes a drawing; says the line.
    """
    if len(text) > MAX_BYTES:
        raise SourceError(f"line 1: the source has more than {MAX_BYTES} characters\nsplit the workflow", 1)
    lines = text.splitlines()
    try:
        tree = parsed(text)
        interpreter = Interpreter(lines)
        for statement in tree.body:
            read(statement, interpreter, lines)
        if interpreter.last is None:
            raise SourceError(f"line {max(1, len(lines))}: there is no workflow\n{_BEGINNING}", max(1, len(lines)))
        return finished(interpreter.last)
    except RecursionError:
        raise SourceError("line 1: the source is nested too deep\nwrite it in shorter statements", 1) from None


def parsed(text: str) -> ast.Module:
    """A text as Python.

    Raises:
        SourceError: it is none; says the line.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a person is still typing
            return ast.parse(text)
    except SyntaxError as error:
        line = error.lineno or 1
        start = max(0, (error.offset or 1) - 1)
        end = (error.end_offset or 0) - 1 if error.end_lineno == line else None
        raise SourceError(
            f"line {line}: {error.msg}\ncorrect the Python there", line, start, end if end and end > start else None
        ) from None
    except (ValueError, MemoryError) as error:
        raise SourceError(f"line 1: {str(error) or 'the source is nested too deep'}\ncorrect the Python", 1) from None


def read(statement: ast.stmt, interpreter: Interpreter, lines: list[str]) -> None:
    """Take in a statement of a drawing.

    Raises:
        SourceError: drawings have none of its kind, or the builder refuses it.
    """
    match statement:
        case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
            return
        case ast.Expr(value=ast.Call() | ast.BinOp()):
            interpreter.value(statement.value)
        case ast.Assign(targets=[ast.Name(id=name)]):
            interpreter.variables[name] = interpreter.value(statement.value)
        case ast.Import(names=names):
            for found in names:
                interpreter.bring("", found.name, found.asname or found.name, statement)
        case ast.ImportFrom(module=module, names=names, level=0):
            for found in names:
                interpreter.bring(module or "", found.name, found.asname or found.name, statement)
        case _ if isinstance(statement, _DEFINITIONS):
            raise at_node(
                f"'{statement.name}' is defined, and a drawing only names what it runs\n"
                'define it in the notebook, and name it here: flow.task("id", "name")',
                statement,
                lines,
            )
        case _:
            word = type(statement).__name__.lower()
            raise at_node(
                f"a drawing has no '{word}' statement\nwrite the builder's calls one by one, with literals",
                statement,
                lines,
            )


def finished(flow: Flow) -> Workflow:
    """The workflow as a document has it.

    Raises:
        SourceError: a value in it is none that documents have.
    """
    try:
        return canonical(flow.workflow)
    except (msgspec.MsgspecError, TypeError, RecursionError) as error:
        raise located(f"workflow '{flow.name}' can not be written: {error}\ncorrect the value", 1) from None
