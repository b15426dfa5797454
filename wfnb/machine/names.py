"""What a drawing names: activities with their arguments, and what its expressions read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from wfnb.errors import ExpressionError, did_you_mean
from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.parts import expressions_of, inner_expressions_of
from wfnb.machine.shape import listed
from wfnb.model.activity import Activity
from wfnb.model.expression import is_expression, parse
from wfnb.model.workflow import Approval, Call, Map, Task, Wait, Workflow


def activities(workflow: Workflow, known: Mapping[str, Activity], *, all_known: bool) -> Iterator[Diagnostic]:
    """Calls of activities that are not defined, or with other arguments than they take."""
    for node in workflow.nodes:
        if isinstance(node, Task):
            yield from _call(node, node.activity, node.arguments, "", known, all_known=all_known)
            if node.compensate is not None:
                back = node.compensate
                yield from _call(node, back.activity, back.arguments, "compensate.", known, all_known=all_known)
        elif isinstance(node, Map) and node.activity:
            given = node.arguments or {"item": "=item"}
            yield from _call(node, node.activity, given, "", known, all_known=all_known)


def _call(  # noqa: PLR0917 - what a diagnostic says, in its order
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
    if activity is None:
        names = f"known activities: {listed(known)}." if known else "no activity is defined yet."
        yield Diagnostic(
            "WF201",
            "error" if all_known else "warning",
            f"{who} calls unknown activity '{name}'",
            f"{names}{did_you_mean(name, known)}" if all_known else "name the module that defines it",
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


def expressions(workflow: Workflow, outer: frozenset[str] = frozenset()) -> Iterator[Diagnostic]:
    """Expressions that can not be read, or that read what is not there."""
    named = {node.id for node in workflow.nodes if isinstance(node, Task | Wait | Approval | Map | Call)} | outer
    facts = _Facts(workflow, outer)
    for node in workflow.nodes:
        for field, source in expressions_of(node):
            where = f"{node.kind} '{node.id}'"
            yield from _expression(source, named, workflow.inputs, where, (node.id,), (), field)
            yield from facts.unknown(source, where, (node.id,), (), field)
        for field, source in inner_expressions_of(node):
            scope = {*named, "item", "index"} if isinstance(node, Map) else named
            yield from _expression(source, scope, workflow.inputs, f"{node.kind} '{node.id}'", (node.id,), (), field)
    for index, edge in enumerate(workflow.edges):
        where = f"the edge from '{edge.source}' to '{edge.target}'"
        for field, text in (("when", edge.when), ("after", edge.after), ("until", edge.until)):
            if isinstance(text, str) and (field == "when" or is_expression(text)):
                yield from _expression(text, named, workflow.inputs, where, (), (index,), field)
                yield from facts.unknown(text, where, (), (index,), field)
            elif field == "until" and text is not None and not _is_moment(text):
                what = f"{where} has the time {text!r}, which can not be read"
                cure = "write it as 2030-01-31T12:00:00Z, or as an expression that starts with ="
                yield Diagnostic("WF126", "error", what, cure, (), (index,), field)
            elif field == "after" and (isinstance(text, str) or (isinstance(text, float) and not 0 <= text < 1e12)):
                what = f"{where} has the delay {text!r}, which can not be read"
                cure = "write seconds, or an expression that starts with ="
                yield Diagnostic("WF126", "error", what, cure, (), (index,), field)


def _is_moment(text: object) -> bool:
    try:
        return isinstance(text, str) and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


class _Facts:
    """What expressions may ask about besides values."""

    def __init__(self, workflow: Workflow, outer: frozenset[str]) -> None:
        self.nodes = {node.id for node in workflow.nodes} | outer
        self.signals = {*workflow.signals, *(edge.on for edge in workflow.edges if edge.on is not None)}

    def unknown(  # noqa: PLR0917 - what a diagnostic says, in its order
        self, source: str, where: str, nodes: tuple[str, ...], edges: tuple[int, ...], field: str
    ) -> Iterator[Diagnostic]:
        """Facts of an expression that can never be known."""
        try:
            asked = parse(source).facts
        except ExpressionError:
            return  # said already
        for function, name in asked:
            known = self.signals if function == "signal" else self.nodes
            if name not in known:
                what = "signal that any edge waits for" if function == "signal" else "node"
                yield Diagnostic(
                    "WF211",
                    "error",
                    f"{where} asks for {function}('{name}'), which is no {what}",
                    f"known names: {listed(sorted(known))}.{did_you_mean(name, known)}",
                    nodes,
                    edges,
                    field,
                )


def _expression(  # noqa: PLR0917 - what a diagnostic says, in its order
    source: str,
    tasks: set[str],
    inputs: Mapping[str, Any],
    where: str,
    nodes: tuple[str, ...],
    edges: tuple[int, ...],
    field: str,
) -> Iterator[Diagnostic]:
    try:
        expression = parse(source)
    except ExpressionError as error:
        what, _, cure = str(error).partition("\n")
        yield Diagnostic("WF204", "error", f"{where}: {what}", cure, nodes, edges, field, error.column)
        return
    for name in expression.reads:
        if name not in tasks:
            yield Diagnostic(
                "WF205",
                "error",
                f"{where} reads '{name}', which is no task",
                f"known names: {listed([*sorted(tasks), 'input'])}.{did_you_mean(name, [*tasks, 'input'])}",
                nodes,
                edges,
                field,
            )
    for input_name in expression.inputs:
        if input_name is None or input_name in inputs:
            continue
        if not inputs:  # a first sketch need not declare them, and runs if they are given
            yield Diagnostic(
                "WF207",
                "warning",
                f"{where} reads 'input.{input_name}', and the workflow declares no inputs",
                f"declare '{input_name}', so that a run asks for it and checks its type",
                nodes,
                edges,
                field,
            )
        else:
            yield Diagnostic(
                "WF206",
                "error",
                f"{where} reads 'input.{input_name}', which is no input",
                f"known inputs: {listed(inputs)}.{did_you_mean(input_name, inputs)}",
                nodes,
                edges,
                field,
            )
