"""What a drawing names: activities with their arguments, and what its expressions read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wfnb.errors import ExpressionError, did_you_mean, listed
from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.graph import Graph, TooEntangled
from wfnb.machine.parts import expressions_of, inner_expressions_of
from wfnb.model.activity import Activity, offered
from wfnb.model.checking import MAX_LENGTH
from wfnb.model.expression import Expression, is_expression, parse
from wfnb.model.workflow import Approval, Call, Edge, End, Group, Map, Note, Task, Wait, Workflow

MAX_TEXT = 1_000_000
"""How many characters the expressions of a workflow may have in all; each counts as at least `_LEAST`."""
_LEAST = 40
_FAR = 1e12
"""Seconds beyond which no duration makes sense, and the clock none."""


class Expressions(dict[str, Expression]):
    """The expressions of a workflow, each parsed once."""

    def __init__(self) -> None:
        super().__init__()
        self.left = MAX_TEXT

    def __missing__(self, source: str) -> Expression:
        self.left -= min(max(len(source), _LEAST), MAX_LENGTH)  # longer ones are refused unread
        if self.left < 0:
            raise TooEntangled
        found = self[source] = parse(source)
        return found


def activities(drawn: Graph, known: Mapping[str, Activity], *, all_known: bool) -> Iterator[Diagnostic]:
    """Calls of activities that are not defined, or with other arguments than they take."""
    right: set[tuple[str, ...]] = set()  # most tasks that call an activity give it the same arguments
    for number in drawn.of(Task, Map):
        node = drawn.nodes[number]
        if isinstance(node, Task):
            given = node.arguments
            call = (node.activity, *given)
            if call not in right:
                found = list(_call(node, node.activity, given, "", known, all_known=all_known))
                if not found:
                    right.add(call)
                yield from found
            if node.compensate is not None:
                back = node.compensate
                yield from _call(node, back.activity, back.arguments, "compensate.", known, all_known=all_known)
        elif isinstance(node, Map) and node.activity:
            given = node.arguments or {"item": "=item"}
            yield from _call(node, node.activity, given, "", known, all_known=all_known)


def _call(
    node: Task | Map,
    name: str,
    arguments: Mapping[str, Any],
    prefix: str,
    known: Mapping[str, Activity],
    *,
    all_known: bool,
) -> Iterator[Diagnostic]:
    activity = known.get(name)
    who = f"{node.kind} '{node.id}'"
    if not name:
        yield Diagnostic(
            "WF201",
            "error",
            f"{who} has no activity yet",
            "choose what it calls",
            (node.id,),
            field=f"{prefix}activity",
        )
        return
    if activity is None:
        names = offered(known)
        told = f"known activities: {listed(names)}." if names else "no activity is defined yet."
        yield Diagnostic(
            "WF201",
            "error" if all_known else "warning",
            f"{who} calls unknown activity '{name}'",
            f"{told}{did_you_mean(name, names)}" if all_known else "name the module that defines it: --module FILE",
            (node.id,),
            field=f"{prefix}activity",
        )
        return
    accepted = [p.name for p in activity.parameters]
    signature = f"{activity.name}({', '.join(accepted)})"
    for missing in activity.missing(arguments):
        yield Diagnostic(
            "WF202",
            "error",
            f"{who} gives no argument '{missing}' to {signature}",
            f"set '{missing}' to a value, or to an expression such as =input.{missing}",
            (node.id,),
            field=f"{prefix}arguments.{missing}",
        )
    for unknown in activity.unknown(arguments):
        yield Diagnostic(
            "WF203",
            "error",
            f"{who} gives argument '{unknown}', which {signature} does not take",
            f"known arguments: {listed(accepted)}.{did_you_mean(unknown, accepted)}",
            (node.id,),
            field=f"{prefix}arguments.{unknown}",
        )


def expressions(
    workflow: Workflow, drawn: Graph, parsed: Expressions, outer: frozenset[str] = frozenset()
) -> Iterator[Diagnostic]:
    """Expressions that can not be read, or that read what is not there; and times that are none.

    Args:
        workflow: the definition.
        drawn: its graph.
        parsed: is filled with every expression that can be read.
        outer: names that a part which an edge spawns may read of its parent.

    Raises:
        TooEntangled: there are too many.
    """
    texts = _Texts(workflow, drawn, parsed, outer)
    for node in drawn.nodes:
        if type(node) is Task:
            if _is_plain(node, texts):
                continue
        elif type(node) not in _TELLING:
            continue
        at = Place(f"{node.kind} '{node.id}'", (node.id,))
        for field, source in expressions_of(node):
            yield from texts.problems(source, at, field)
        for field, source in inner_expressions_of(node):
            yield from texts.problems(source, at, field, more=_ITEM if isinstance(node, Map) else ())
        if isinstance(node, Task):
            yield from _durations(node, at)
    triggered = set(drawn.triggered)
    for index in sorted({*drawn.guarded, *triggered}):
        edge = drawn.edges[index]
        if index not in triggered and (edge.when is None or texts.is_right(edge.when)):
            continue
        at = Place(f"the edge from '{edge.source}' to '{edge.target}'", (), (index,))
        for field, text in (("when", edge.when), ("after", edge.after), ("until", edge.until)):
            if isinstance(text, str) and (field == "when" or is_expression(text)):
                yield from texts.problems(text, at, field)
        yield from _times(edge, at)


def _times(edge: Edge, at: Place) -> Iterator[Diagnostic]:
    """A delay or a time that is none."""
    after, until = edge.after, edge.until
    if after is not None and not is_expression(after) and (isinstance(after, str) or not 0 <= after < _FAR):
        what = f"{at.who} has the delay {after!r}, which is no number of seconds"
        cure = "write seconds, 0 or more, or an expression that starts with ="
        yield Diagnostic("WF126", "error", what, cure, (), at.edges, "after")
    if until is not None and not is_expression(until) and not _is_moment(until):
        what = f"{at.who} has the time {until!r}, which can not be read"
        cure = "write it as 2030-01-31T12:00:00Z, or as an expression that starts with ="
        yield Diagnostic("WF126", "error", what, cure, (), at.edges, "until")


_ITEM = ("item", "index")
_TELLING = frozenset({Call, Map, Approval, End})
"""Kinds that may have expressions, besides tasks."""


def _is_plain(task: Task, texts: _Texts) -> bool:
    """Whether there is surely nothing to say about a task."""
    for value in task.arguments.values():
        if type(value) is str and value.startswith("=") and not texts.is_right(value):
            return False
    return (
        task.retry is None
        and task.compensate is None
        and task.timeout is None
        and task.heartbeat is None
        and task.deadline is None
        and not task.requires
        and not task.ensures
    )


def _durations(task: Task, at: Place) -> Iterator[Diagnostic]:
    """Durations that a document can not have, and code can."""
    given = {"timeout": task.timeout, "heartbeat": task.heartbeat, "deadline": task.deadline}
    if task.retry is not None:
        given |= {"retry.delay": task.retry.delay, "retry.maximum": task.retry.maximum}
    for field, value in given.items():
        if value is not None and not 0 <= value < _FAR:
            what = f"{at.who} has the {field.replace('.', ' ')} {value!r}, which is no number of seconds"
            yield Diagnostic("WF126", "error", what, "write seconds, 0 or more, or none", at.nodes, field=field)


def _is_moment(text: object) -> bool:
    try:
        return isinstance(text, str) and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: what messages call it, and the node or the edge."""

    who: str
    nodes: tuple[str, ...] = ()
    edges: tuple[int, ...] = ()


class _Texts:
    """What the expressions of a workflow may read, and ask about."""

    def __init__(self, workflow: Workflow, drawn: Graph, parsed: Expressions, outer: frozenset[str]) -> None:
        self.parsed = parsed
        self.inputs = workflow.inputs
        self.nodes = drawn.number.keys() | outer
        self.notes = {node.id for node in workflow.nodes if isinstance(node, Note)}
        self.groups = {drawn.nodes[number].id for number in drawn.of(Group)}
        giving = (drawn.nodes[number].id for number in drawn.of(Task, Wait, Approval, Map, Call))
        self.values = {*giving, *outer}
        self.signals = {*workflow.signals, *(edge.on for edge in drawn.edges if edge.on is not None)}
        self._right: set[str] = set()

    def is_right(self, source: str) -> bool:
        """Whether there is surely nothing to say about an expression; quicker than to look for what there is."""
        if source in self._right:
            return True
        try:
            expression = self.parsed[source]
        except ExpressionError:
            return False
        if expression.facts or not self.values.issuperset(expression.reads):
            return False
        if not self.inputs.keys() >= {*expression.inputs, None} - {None}:
            return False
        self._right.add(source)
        return True

    def problems(self, source: str, at: Place, field: str, more: tuple[str, ...] = ()) -> Iterator[Diagnostic]:
        """What is wrong with one of them, which may read `more` than values and inputs."""
        try:
            expression = self.parsed[source]
        except ExpressionError as error:
            what, _, cure = str(error).partition("\n")
            yield Diagnostic("WF204", "error", f"{at.who}: {what}", cure, at.nodes, at.edges, field, error.column)
            return
        for name in expression.reads:
            if name not in self.values and name not in more:
                known = [*sorted(self.values), *more, "input"]
                what = f"{at.who} reads '{name}', which is no task"
                if name in self.nodes:
                    what = f"{at.who} reads '{name}', which has no value"
                cure = f"known names: {listed(known)}.{did_you_mean(name, known)}"
                yield Diagnostic("WF205", "error", what, cure, at.nodes, at.edges, field)
        for input_name in expression.inputs:
            if input_name is not None and input_name not in self.inputs:
                yield self._unknown_input(input_name, at, field)
        for function, name in expression.facts:
            known_names = self.signals if function == "signal" else self.nodes - self.groups
            if name not in known_names:
                is_none = "no edge waits for this signal" if function == "signal" else self._why_not(name)
                names = sorted(known_names)
                meant = "" if name in self.notes | self.groups else did_you_mean(name, names)
                cure = f"known names: {listed(names)}.{meant}" if names else "draw such an edge"
                what = f"{at.who} asks for {function}('{name}'), and {is_none}"
                yield Diagnostic("WF211", "error", what, cure, at.nodes, at.edges, field)

    def _why_not(self, name: str) -> str:
        """Why nothing can be asked about what is no node that runs."""
        if name in self.notes:
            return "that is a note, which never runs"
        return "that is a group: ask about one of its members" if name in self.groups else "there is no such node"

    def _unknown_input(self, name: str, at: Place, field: str) -> Diagnostic:
        if not self.inputs:  # a first sketch need not declare them, and runs if they are given
            what = f"{at.who} reads 'input.{name}', and the workflow declares no inputs"
            cure = f"declare '{name}', so that a run asks for it and checks its type"
            return Diagnostic("WF207", "warning", what, cure, at.nodes, at.edges, field)
        what = f"{at.who} reads 'input.{name}', which is no input"
        cure = f"known inputs: {listed(self.inputs)}.{did_you_mean(name, self.inputs)}"
        return Diagnostic("WF206", "error", what, cure, at.nodes, at.edges, field)
