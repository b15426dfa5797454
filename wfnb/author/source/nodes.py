"""The call that makes a node, as far as the builder has one that makes exactly this node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

import msgspec

from wfnb.author.bodies import is_path
from wfnb.author.source.literals import ENDLESS, Code, call, number, plain
from wfnb.model.strategy import limit_of
from wfnb.model.workflow import (
    Approval,
    Call,
    Choice,
    Compensation,
    End,
    Fork,
    Group,
    Join,
    Map,
    Node,
    Note,
    Retry,
    Start,
    Task,
    Wait,
)

OWN = frozenset({"width", "failure"})
"""What the builder of a map takes by name, so that arguments called so go another way."""
SECONDS = frozenset({"timeout", "heartbeat", "deadline"})


class Made:
    """A builder's call: its method, what it is given, and the options that follow.

    Attributes:
        method: that of a flow.
        arguments: what is given by position.
        keywords: what is given by name.
        options: those for `.options(...)`.
    """

    def __init__(self, method: str, arguments: list[Any], keywords: Mapping[str, Any], options: dict[str, Any]) -> None:
        self.method = method
        self.arguments = arguments
        self.keywords = keywords
        self.options = options


def is_built(node: Node) -> bool:
    """Whether the builder makes exactly this node, where its id is free."""
    if not node.id or not node.id.isprintable():
        return False
    match node:
        case Task():
            return not node.requires.startswith("=") and not node.ensures.startswith("=")
        case Map():
            return not (node.activity and node.workflow)
        case Group():
            return _is_strategy(node.strategy)
        case Start():
            return False
        case _:
            return True


def _is_strategy(text: str) -> bool:
    try:
        limit_of(text)
    except ValueError:
        return False
    return True


def made(node: Node, flows: Mapping[str, str], names: Mapping[str, str]) -> Made:
    """The call that makes a node of which `is_built` holds.

    Args:
        node: it.
        flows: variables of the document's own workflows, by name.
        names: variables of the nodes that are made before, by id.
    """
    options = {"label": node.label} if node.label else {}
    match node:
        case Task():
            return Made("task", [node.id, node.activity], node.arguments, {**options, **_of_task(node)})
        case Map():
            return _map(node, flows, options)
        case Call():
            body = Code(flows[node.workflow]) if node.workflow in flows else node.workflow
            return Made("call", [node.id, body], node.arguments, options)
        case Choice() | Wait():
            return Made(node.kind, [node.id], {}, options)
        case Approval():
            given = [node.id, node.prompt] if node.prompt else [node.id]
            return Made("approval", given, {"form": node.form} if node.form else {}, options)
        case Note():
            size = {name: Code(number(value)) for name, value in changed(node, "width", "height").items()}
            return Made("note", [node.id, node.text], {}, {**size, **options})
        case End():
            given = [node.id] if node.output is None else [node.id, node.output]
            return Made("end", given, changed(node, "terminate", "error", "message"), options)
        case Fork():
            return Made("fork", [node.id], changed(node, "join"), options)
        case Join():
            return Made("join", [node.id], changed(node, "need", "rest"), options)
        case Group():
            members = Code("[" + ", ".join(names.get(id, plain(id)) for id in node.members) + "]")
            return Made("group", [node.id, members], changed(node, "cancel", "lock", "strategy"), options)
        case Start():
            return raw(node)
        case _:
            assert_never(node)


def raw(part: msgspec.Struct) -> Made:
    """The call that adds a node or an edge as the document has it."""
    return Made("add", [msgspec.json.decode(msgspec.json.encode(part))], {}, {})


def _map(node: Map, flows: Mapping[str, str], options: dict[str, Any]) -> Made:
    body: Any = node.activity
    if node.workflow:
        body = (
            node.workflow
            if is_path(node.workflow)
            else Code(call("wf.WorkflowName", [node.workflow], {}, room=ENDLESS))
        )
        body = Code(flows[node.workflow]) if node.workflow in flows else body
    elif is_path(node.activity):
        return raw(node)
    keywords = changed(node, "width", "failure")
    if OWN & node.arguments.keys():
        return Made("map", [node.id, body, node.items], keywords, {**options, "arguments": node.arguments})
    return Made("map", [node.id, body, node.items], {**keywords, **node.arguments}, options)


def changed(node: msgspec.Struct, *fields: str) -> dict[str, Any]:
    """Those of some fields that are not as they are by default."""
    defaults = {field.name: field.default for field in msgspec.structs.fields(type(node))}
    found = {name: getattr(node, name) for name in fields}
    return {name: value for name, value in found.items() if repr(value) != repr(defaults[name])}  # -0.0 is not 0.0


def _of_task(task: Task) -> dict[str, Any]:
    names = [name for name in task.__struct_fields__ if name not in ("id", "label", "activity", "arguments")]
    found: dict[str, Any] = {}
    for name in names:
        value = getattr(task, name)
        if not value and name not in ("retry", *SECONDS):
            continue
        if value is None:
            continue
        if name == "retry":
            found |= _retry(value)
        elif name == "compensate":
            found[name] = _compensation(value)
        elif name in SECONDS:
            found[name] = Code(number(value))
        elif name == "resources":
            found[name] = {one: Code(number(amount)) for one, amount in value.items()}
        else:
            found[name] = list(value) if isinstance(value, tuple) else value
    return found


def _retry(policy: Retry) -> dict[str, Any]:
    given = changed(policy, *policy.__struct_fields__)
    if given.keys() <= {"attempts"}:
        return {"retries": policy.attempts - 1}
    shown = {name: Code(number(value)) if isinstance(value, float) else value for name, value in given.items()}
    return {"retry": Code(call("wf.Retry", [], shown, room=ENDLESS))}


def _compensation(undo: Compensation) -> Any:
    if not undo.arguments:
        return undo.activity
    return Code(f"({plain(undo.activity)}, {plain(undo.arguments)})")
