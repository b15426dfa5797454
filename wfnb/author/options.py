"""Options of nodes: which kind has which, and what may be given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

import msgspec

from wfnb.author import given
from wfnb.author.registry import retry_policy
from wfnb.errors import DefinitionError
from wfnb.model.workflow import Node

Convert: TypeAlias = Callable[[Any, str], Any]
"""From what people give, and how to call the node, to what the document has."""

_FIXED = frozenset({"id", "activity", "workflow"})
"""Fields that are given where a node is made."""
KINDS: tuple[Any, ...] = get_args(Node)


def _json(option: str) -> Convert:
    def checked(value: Any, where: str) -> Any:
        given.check_json(value, f"{option} of {where}")
        return value

    return checked


def _duration(option: str) -> Convert:
    return lambda value, _: given.seconds(value, option)


def _arguments(value: Mapping[str, Any], where: str) -> dict[str, Any]:
    given.check_arguments(value, where)
    return dict(value)


def _condition(value: str, _: str) -> str:
    return given.condition(value)


def _id(value: Any, _: str) -> str:
    return id_of(value)


_CONVERT: dict[str, Convert] = {
    "timeout": _duration("timeout"),
    "heartbeat": _duration("heartbeat"),
    "deadline": _duration("deadline"),
    "resources": lambda value, _: dict(value),
    "requires": _condition,
    "ensures": _condition,
    "compensate": given.compensation,
    "prerequisites": lambda value, _: given.activity_names(value),
    "arguments": _arguments,
    "items": _json("items"),
    "output": _json("output"),
    "form": lambda value, _: given.type_names(value),
    "error": lambda value, _: given.error_name(value),
    "join": _id,
    "members": lambda value, _: tuple(id_of(member) for member in value),
}


def id_of(node: Any) -> str:
    """The id of a node that is given as itself or by its id."""
    id = node if isinstance(node, str) else getattr(node, "id", None)
    if not isinstance(id, str):
        raise TypeError(f"{node!r} is no node\ngive a node of this flow, or its id")
    return id


def options_of(kind: Any) -> tuple[str, ...]:
    """The options that a kind of node has."""
    return tuple(sorted({*kind.__struct_fields__} - _FIXED))


def with_options(node: Node, options: Mapping[str, Any]) -> Node:
    """The node with options set; those that are None stay as they are.

    Raises:
        DefinitionError: a node of this kind has no such option, or a value is no JSON.
        ValueError: an option is out of range.
    """
    wanted = {name: value for name, value in options.items() if value is not None}
    policy = retry_policy(wanted.pop("retries", None), wanted.get("retry"))
    if policy is not None:
        wanted["retry"] = policy
    for name in wanted:
        if name not in options_of(type(node)):
            raise _misplaced(node, name)
    where = f"{node.kind} '{node.id}'"
    changes: dict[str, Any] = {}
    for name, value in wanted.items():
        convert = _CONVERT.get(name)
        changes[name] = value if convert is None else convert(value, where)
    return validate(msgspec.structs.replace(node, **changes))


def validate(node: Node) -> Node:
    """The node, if it would come back from a file.

    Raises:
        ValueError: a field has a value that it can not have.
    """
    try:
        msgspec.json.decode(msgspec.json.encode(node), type=type(node))
    except msgspec.ValidationError as error:
        why, _, path = str(error).partition(" - at `$.")
        field = re.split(r"\W", path)[0]
        value = getattr(node, field, None)
        if why.startswith("Invalid enum"):
            why = f"known: {', '.join(_words(type(node), field))}"
        raise ValueError(f"{field} of {node.kind} '{node.id}' is {value!r}\n{why[:1].lower()}{why[1:]}") from None
    return node


def _words(kind: Any, field: str) -> list[str]:
    """What a field may be, where its type lists words for it."""
    listed = get_type_hints(kind)[field]
    parts = (listed,) if get_origin(listed) is Literal else get_args(listed)
    words = [repr(word) for part in parts if get_origin(part) is Literal for word in get_args(part)]
    return [*words, "a whole number"] if int in parts else words


def _misplaced(node: Node, option: str) -> DefinitionError:
    shown = "retries" if option == "retry" else option
    owners = [_a(kind.__struct_config__.tag) for kind in KINDS if option in options_of(kind)]
    words = f"{', '.join(owners[:-1])} and {owners[-1]} have" if len(owners) > 1 else f"{owners[0]} has"
    return DefinitionError(
        f"{node.kind} '{node.id}' has no option '{shown}': only {words} it\n"
        f"options of {_a(node.kind)}: {', '.join(options_of(type(node)))}"
    )


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
