"""Workflow documents as text, and the hash of what they mean."""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from operator import attrgetter
from typing import Any, TypeVar, get_args

import msgspec

from wfnb.errors import DecodeError, did_you_mean
from wfnb.model.workflow import VERSION, Group, Node, NodeKind, Note, Retry, Signal, Task, Workflow

MAX_BYTES = 32 * 1024 * 1024
"""Largest document that is read."""
MAX_VALUES = 1_000_000
"""Most objects and lists of a document; each takes many times the memory of its two brackets."""
MAX_DEPTH = 100
_KINDS: tuple[str, ...] = get_args(NodeKind)
_BEGINNING = f'a workflow starts as {{"wfnb": {VERSION}, "name": "...", "nodes": []}}'
_decoder = msgspec.json.Decoder(Workflow)


def decode(text: str | bytes, where: str = "document") -> Workflow:
    """Read a document.

    Args:
        text: JSON (UTF-8 where bytes).
        where: what the error calls it, such as the file's name.

    Raises:
        DecodeError: it is no JSON, no workflow of a version this release reads, or has an unknown kind or field; the
            message has the path in the document.
    """
    try:
        data = text.encode() if isinstance(text, str) else text
    except UnicodeEncodeError as error:
        raise DecodeError(f"{where} is not JSON: {error}\nrepair it in a text editor") from None
    data = data.removeprefix(codecs.BOM_UTF8)  # some editors put it before what they write
    if len(data) > MAX_BYTES:
        raise DecodeError(f"{where} has {len(data)} bytes, more than {MAX_BYTES}\nsplit the workflow")
    if not data.strip():
        raise DecodeError(f"{where} is empty\n{_BEGINNING}")
    if data.count(b"[") + data.count(b"{") > MAX_VALUES:
        raise DecodeError(f"{where} has more than {MAX_VALUES} objects and lists\nsplit the workflow")
    if _too_deep(data):
        raise DecodeError(f"{where} is nested deeper than {MAX_DEPTH}\nit is no workflow")
    _check_version(data, where)
    try:
        return _decoder.decode(data)
    except msgspec.ValidationError as error:
        raise DecodeError(_explain(str(error), where)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError(f"{where} is not JSON: {_located(data, error)}\nrepair it in a text editor") from None


def encode(workflow: Workflow) -> str:
    """The document as text: one line a node, an edge and a position, so that a change is a change of few lines."""
    document: dict[str, Any] = json.loads(msgspec.json.encode(canonical(workflow)))
    lines = ["{"]
    for index, (key, value) in enumerate(document.items()):
        comma = "," if index < len(document) - 1 else ""
        if key in ("nodes", "edges") and value:
            items = ",\n".join(f"    {_compact(item)}" for item in value)
            lines.append(f'  "{key}": [\n{items}\n  ]{comma}')
        elif key == "layout" and value:
            items = ",\n".join(f"    {_compact(id)}: {_compact(at)}" for id, at in value.items())
            lines.append(f'  "{key}": {{\n{items}\n  }}{comma}')
        else:
            lines.append(f'  "{key}": {_compact(value)}{comma}')
    return "\n".join([*lines, "}"]) + "\n"


def definition_hash(workflow: Workflow) -> str:
    """SHA-256 (hex, first 32 digits) of what a run depends on.

    That is its name, inputs, signals, nodes and edges, in document order, and the same of its own workflows.
    Positions, labels, notes, the description, and groups that do nothing take no part.
    """
    logic = _logic(workflow)
    if not _is_canonical(logic):
        logic = canonical(logic)
    try:
        written = msgspec.json.encode(logic, order="sorted")
    except TypeError:  # keys of dicts that are no text, which they are in a file
        written = msgspec.json.encode(canonical(logic), order="sorted")
    return hashlib.sha256(written).hexdigest()[:32]


_LEFT_OUT = frozenset({Note, Group})
_label, _after = attrgetter("label"), attrgetter("after")


def _logic(workflow: Workflow) -> Workflow:
    nodes = workflow.nodes
    if not _LEFT_OUT.isdisjoint(map(type, nodes)) or any(map(_label, nodes)):
        sources = {edge.source for edge in workflow.edges}
        nodes = tuple(
            msgspec.structs.replace(node, label="") if node.label else node
            for node in nodes
            if not isinstance(node, Note | Group)
            or (isinstance(node, Group) and (node.cancel or bool(node.lock) or node.id in sources))
        )
    return Workflow(
        name=workflow.name,
        inputs=workflow.inputs,
        signals=workflow.signals,
        nodes=nodes,
        edges=workflow.edges,
        workflows={name: _logic(own) for name, own in workflow.workflows.items()},
    )


def _is_canonical(workflow: Workflow) -> bool:
    """Whether a workflow surely is what comes back from a file; asked because that takes longer than all the rest."""
    return (
        _are_tuples(workflow.nodes, workflow.edges)
        and int not in map(type, map(_after, workflow.edges))
        and all(_leaner(signal) is signal for signal in workflow.signals.values())
        and all(map(_is_canonical_node, workflow.nodes))
        and all(map(_is_canonical, workflow.workflows.values()))
    )


def _are_tuples(*several: object) -> bool:
    return all(type(one) is tuple for one in several)


def _is_canonical_node(node: Node) -> bool:
    if type(node) is Task:
        return not (
            node.retry is not None
            or node.resources
            or node.prerequisites
            or node.timeout is not None
            or node.heartbeat is not None
            or node.deadline is not None
        ) or _as_read(node)
    return type(node) is not Group or _are_tuples(node.members)


def _as_read(task: Task) -> bool:
    floats = [task.timeout, task.heartbeat, task.deadline, *task.resources.values()]
    tuples = [task.prerequisites]
    if task.retry is not None:
        if _leaner(task.retry) is not task.retry:
            return False
        floats += [task.retry.delay, task.retry.factor, task.retry.maximum, task.retry.jitter]
        tuples.append(task.retry.errors)
    return all(found is None or type(found) is float for found in floats) and _are_tuples(*tuples)


def canonical(workflow: Workflow) -> Workflow:
    """The workflow as it comes back from a file, where a duration written `30` is 30.0."""
    return _lean(_decoder.decode(msgspec.json.encode(workflow)))


def _lean(workflow: Workflow) -> Workflow:
    """The same without what says no more than the default.

    msgspec omits a default only where it is the very same object, so that `1.0` would be written or not depending on
    how it came in.
    """
    changes: dict[str, Any] = {}
    if any(isinstance(node, Task) and node.retry is not None for node in workflow.nodes):
        changes["nodes"] = tuple(map(_lean_node, workflow.nodes))
    if workflow.signals:
        changes["signals"] = {name: _leaner(signal) for name, signal in workflow.signals.items()}
    if workflow.workflows:
        changes["workflows"] = {name: _lean(own) for name, own in workflow.workflows.items()}
    return msgspec.structs.replace(workflow, **changes) if changes else workflow


def _lean_node(node: Node) -> Node:
    if isinstance(node, Task) and node.retry is not None:
        return msgspec.structs.replace(node, retry=_leaner(node.retry))
    return node


_Options = TypeVar("_Options", Retry, Signal)
_DEFAULTS = {kind: {field.name: field.default for field in msgspec.structs.fields(kind)} for kind in (Retry, Signal)}


def _leaner(options: _Options) -> _Options:
    defaults = _DEFAULTS[type(options)]
    found = {name: getattr(options, name) for name in defaults}
    same = [name for name, value in found.items() if value == defaults[name] and repr(value) == repr(defaults[name])]
    if all(found[name] is defaults[name] for name in same):
        return options
    return type(options)(**{name: value for name, value in found.items() if name not in same})


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
"""Also one without an end, up to where the text ends: looking for it again from each of its quotes takes hours."""
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))


def _too_deep(data: bytes) -> bool:
    """Whether brackets nest deeper than allowed; each pass takes the innermost away."""
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return False
    left = _STRING.sub(b"", data).translate(_BRACKETS, _OTHERS)
    for _ in range(MAX_DEPTH):
        fewer = left.replace(b"[]", b"")
        if len(fewer) == len(left):
            break
        left = fewer
    return b"[]" in left


class _Head(msgspec.Struct):
    wfnb: Any = None


def _check_version(data: bytes, where: str) -> None:
    try:
        version = msgspec.json.decode(data, type=_Head).wfnb
    except msgspec.MsgspecError:
        return  # the full decoder says it better
    except RecursionError:
        return
    if isinstance(version, int) and version > VERSION:
        raise DecodeError(
            f"{where} has document version {version} at $.wfnb, and this wfnb reads up to {VERSION}\n"
            "install a newer wfnb (pip install -U wfnb)"
        )
    if version != VERSION:
        shown = "is missing" if version is None else f"is {version!r}"
        raise DecodeError(f"{where} is no wfnb document: $.wfnb {shown}\nexpected {VERSION}")


def _located(data: bytes, error: Exception) -> str:
    """What is wrong with JSON, with its line and column: the standard library's decoder counts them."""
    try:
        json.loads(data)
    except json.JSONDecodeError as found:
        return f"{found.msg} at line {found.lineno} column {found.colno}"
    except (ValueError, RecursionError):
        pass
    return str(error)


def _explain(message: str, where: str) -> str:
    text, _, path = message.partition(" - at `")
    path = path.rstrip("`") or "$"
    cure = f"\n{_BEGINNING}" if path == "$" else "\ncorrect the value there"
    if "missing required field" in text:
        cure = "\nadd the field"
    elif "unknown field" in text:
        cure = "\nremove the field, or install the wfnb that wrote it"
    elif text.startswith("Invalid value '") and path.endswith(".kind"):
        kind = text.split("'")[1]
        text = f"unknown node kind '{kind}'"
        cure = f"\nknown kinds: {', '.join(_KINDS)}.{did_you_mean(kind, _KINDS)}"
    return f"{where}: {text} at {path}{cure}"
