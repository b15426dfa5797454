"""Expressions of a source, evaluated: literals, variables, and the builder's calls."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from wfnb.author.bodies import ActivityName, WorkflowName, is_path
from wfnb.author.flow import Flow
from wfnb.author.options import validate
from wfnb.author.refs import Branch, NodeRef
from wfnb.author.source.allowed import FUNCTIONS, METHODS, OTHERS, Module, Reading, reading
from wfnb.author.source.faults import at_node
from wfnb.errors import SourceError, WfnbError, did_you_mean, listed

_ARROW = "flow.start >> page >> [left, right] >> join"
_BUILDER_ERRORS = (WfnbError, TypeError, ValueError, AttributeError)


class Interpreter:
    """Evaluates expressions of one source.

    Args:
        lines: the source, for where errors are.

    Attributes:
        variables: what has been assigned.
        last: the workflow that was begun last.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self.variables: dict[str, Any] = {"wf": Module(), "wfnb": Module()}
        self.last: Flow | None = None
        self._lines = lines

    def bring(self, module: str, name: str, known_as: str, at: ast.stmt) -> None:
        """Import a name, if drawings have a use for it.

        Raises:
            SourceError: they have none.
        """
        if not module and name == "wfnb":
            self.variables[known_as] = Module()
        elif module == "wfnb" and name in FUNCTIONS:
            self.variables[known_as] = FUNCTIONS[name]
        elif (module, name) in OTHERS:
            self.variables[known_as] = OTHERS[module, name]
        elif module != "__future__":
            shown = f"{module}.{name}" if module else name
            raise self._fault(f"'{shown}' can not be imported here: a drawing runs no code\nimport wfnb as wf", at)

    def value(self, node: ast.expr, how: Reading = "value") -> Any:
        """What an expression gives.

        Raises:
            SourceError: it is nothing that drawings are made of, or the builder refuses it.
        """
        match how:
            case "types":
                return self._types(node)
            case "type":
                return self._type(node)
            case "name" if isinstance(node, ast.Name | ast.Attribute) and not self._is_known(node):
                return node.id if isinstance(node, ast.Name) else node.attr
            case "text":
                found = self._any(node)
                if not isinstance(found, str):
                    raise self._fault(f"{ast.unparse(node)} is no text\nwrite it in quotes", node)
                return found
            case _:
                return self._any(node, how)

    def _any(self, node: ast.expr, how: Reading = "value") -> Any:
        match node:
            case ast.Constant(value=None | bool() | int() | float() | str()):
                return node.value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -number
            case ast.List(elts=items):
                return [self.value(item, how) for item in items]
            case ast.Tuple(elts=items):
                return tuple(self.value(item, how) for item in items)
            case ast.Dict():
                return self._dict(node)
            case ast.Name(id=name):
                return self._variable(name, node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self._call(node)
            case ast.BinOp(op=ast.RShift()):
                return self._arrows(node)
            case _:
                raise self._fault(
                    f"{_short(node)} is nothing that a drawing is made of\n"
                    "write literals, variables, and the builder's calls",
                    node,
                )

    def _dict(self, node: ast.Dict) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                raise self._fault("the keys of a dict are text here\nwrite them in quotes", key or value)
            found[key.value] = self.value(value)
        return found

    def _types(self, node: ast.expr) -> Any:
        if not isinstance(node, ast.Dict):
            return self.value(node)
        for key in node.keys:
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                raise self._fault('give a type by name, such as {"url": str}', key or node)
        pairs = zip(node.keys, node.values, strict=True)
        return {key.value: self._type(value) for key, value in pairs if isinstance(key, ast.Constant)}

    def _type(self, node: ast.expr) -> str:
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        return str(node.value) if is_text and isinstance(node, ast.Constant) else ast.unparse(node)

    def _is_known(self, node: ast.expr) -> bool:
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.variables

    def _variable(self, name: str, node: ast.AST) -> Any:
        if name not in self.variables:
            known = [*self.variables]
            raise self._fault(
                f"'{name}' is not defined\nknown names: {listed(known)}.{did_you_mean(name, known)}", node
            )
        return self.variables[name]

    def _attribute(self, node: ast.Attribute) -> Any:
        owner = self.value(node.value)
        if isinstance(owner, Flow) and node.attr == "start":
            return self._built(node, lambda: owner.start)
        if isinstance(owner, Module) and node.attr in FUNCTIONS:
            return FUNCTIONS[node.attr]
        raise self._unknown(owner, node)

    def _unknown(self, owner: Any, node: ast.Attribute) -> SourceError:
        known = sorted(FUNCTIONS if isinstance(owner, Module) else METHODS.get(type(owner), ()))
        shown = ast.unparse(node)
        cure = (
            f"known there: {listed(known)}.{did_you_mean(node.attr, known)}" if known else "write the builder's calls"
        )
        return self._fault(f"'{shown}' is no part of a drawing\n{cure}", node)

    def _call(self, node: ast.Call) -> Any:
        if isinstance(node.func, ast.Attribute):
            owner = self.value(node.func.value)
            if not isinstance(owner, Module):
                if node.func.attr not in METHODS.get(type(owner), ()):
                    raise self._unknown(owner, node.func)
                return self._method(owner, node.func.attr, node)
        function = self.value(node.func)
        if function not in (*FUNCTIONS.values(), *OTHERS.values()):
            raise self._fault(f"'{_short(node.func)}' can not be called in a drawing\nwrite the builder's calls", node)
        name = next((known for known, one in FUNCTIONS.items() if one is function), "")
        arguments, options = self._arguments(name, node)
        made = self._built(node, lambda: function(*arguments, **options))
        if isinstance(made, Flow):
            self.last = made
        return made

    def _method(self, owner: Any, name: str, node: ast.Call) -> Any:
        arguments, options = self._arguments(name, node)
        if name in ("map", "call") and len(arguments) > 1:
            arguments[1] = self._body(owner, name, arguments[1], node)
        elif name == "task" and len(arguments) > 1 and not isinstance(arguments[1], str):
            raise self._fault(f"{_short(node.args[1])} is no activity\ngive an activity's name", node.args[1])
        made = self._built(node, lambda: getattr(owner, name)(*arguments, **options))
        if isinstance(made, NodeRef):
            self._built(node, lambda: validate(made.node))
        return made

    def _arguments(self, function: str, node: ast.Call) -> tuple[list[Any], dict[str, Any]]:
        arguments: list[Any] = []
        for at, argument in enumerate(node.args):
            if isinstance(argument, ast.Starred):
                raise self._fault("'*' has no place in a drawing\nwrite the arguments one by one", argument)
            arguments.append(self.value(argument, reading(function, at)))
        options: dict[str, Any] = {}
        for keyword in node.keywords:
            found = self.value(keyword.value, reading(function, keyword.arg or ""))
            given = found if keyword.arg is None else {keyword.arg: found}
            if not isinstance(given, dict) or given.keys() & options.keys():
                raise self._fault("an argument is given twice, or '**' without a dict\nwrite each once", keyword.value)
            options |= given
        return arguments, options

    def _body(self, flow: Flow, method: str, body: Any, node: ast.Call) -> Any:
        """What a call or a map runs, so that neither the notebook's definitions nor its registry take part."""
        if isinstance(body, Flow):
            own = flow.workflow.workflows.get(body.name)
            if own is not None and own != body.workflow:
                raise self._fault(
                    f"workflow '{flow.name}' has its own workflow '{body.name}', which is another one\n"
                    "include it after its last change",
                    node,
                )
            return WorkflowName(body.name) if own is not None else flow.include(body)
        if not isinstance(body, str):
            raise self._fault(f"{_short(node.args[1])} can not be run\ngive its name", node.args[1])
        plain = method == "map" and not isinstance(body, WorkflowName) and not is_path(body)
        return ActivityName(body) if plain else body

    def _arrows(self, node: ast.BinOp) -> Any:
        """A chain from left to right, as Python evaluates it, whatever its length."""
        ends: list[ast.expr] = []
        first: ast.expr = node
        while isinstance(first, ast.BinOp) and isinstance(first.op, ast.RShift):
            ends.append(first.right)
            first = first.left
        found = self._place(first)
        for end in reversed(ends):
            target = self._place(end)
            if isinstance(target, Branch):
                raise self._fault(f"{_short(end)} is where an edge begins, so none can lead to it\n{_ARROW}", end)
            if isinstance(found, list) and isinstance(target, list):
                found = Branch(found)
            source = found
            found = self._built(end, lambda source=source, target=target: source >> target)
        return found

    def _place(self, node: ast.expr) -> Any:
        """What an edge can begin or end at: a node, a branch, or a list of nodes."""
        found = self.value(node)
        listed_nodes = isinstance(found, list) and found and all(isinstance(one, NodeRef) for one in found)
        if not listed_nodes and not isinstance(found, NodeRef | Branch):
            raise self._fault(f"{_short(node)} is no node, so no edge can touch it\n{_ARROW}", node)
        return found

    def _built(self, node: ast.AST, build: Any) -> Any:
        """What the builder makes; what it refuses is told with its line."""
        try:
            return build()
        except SourceError:
            raise
        except _BUILDER_ERRORS as error:
            message = str(error)
            raise self._fault(message if "\n" in message else f"{message}\ncorrect the call", node) from None

    def _fault(self, message: str, node: ast.AST) -> SourceError:
        return at_node(message, node, self._lines)


def _short(node: ast.AST) -> str:
    shown = " ".join(ast.unparse(node).split())
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
