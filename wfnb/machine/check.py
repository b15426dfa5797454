"""What can be said about a workflow before it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from weakref import WeakKeyDictionary

from wfnb.errors import CompileError, did_you_mean, listed
from wfnb.machine import verdicts
from wfnb.machine.analyses import analyse, settled
from wfnb.machine.compiler import Resolve, compile_workflow
from wfnb.machine.dataflow.analysis import data_flow
from wfnb.machine.diagnostic import Diagnostic, Property, Verdict, describe, errors, shortened
from wfnb.machine.machine import Machine
from wfnb.machine.net import Net
from wfnb.machine.report import PROPERTIES, Report
from wfnb.machine.soundness import Soundness, behaviour
from wfnb.machine.wellformed import diagnose
from wfnb.model.activity import Activity
from wfnb.model.fingerprint import Fingerprint, Untold
from wfnb.model.workflow import Task, Workflow

_problems_with_values: WeakKeyDictionary[Machine, tuple[Diagnostic, ...]] = WeakKeyDictionary()
"""Decided once a machine, because many runs may be started of one."""
_ORDER = {"error": 0, "warning": 1, "advice": 2}


def check(
    workflow: Workflow,
    activities: Mapping[str, Activity] | None = None,
    resolve: Resolve | None = None,
    *,
    all_known: bool = True,
) -> Report:
    """Every problem of a workflow, and what is proved of its behaviour; runs nothing.

    Args:
        workflow: the definition.
        activities: those known by name; None if nothing is known of any.
        resolve: gives the workflows that calls and maps name, besides those of the document itself.
        all_known: whether these are all there are; if not, an unknown activity is only a warning.
    """
    found = [*diagnose(workflow, activities, all_known=all_known), *_kept(workflow), *_misspelt(workflow)]
    found += [*_disabled(workflow), *_uncached(workflow, activities)]
    machine, more = _compiled(workflow, resolve, found)
    found += more
    properties: dict[str, Property] = {}
    states, why = 0, "the drawing has errors"
    if machine is not None:
        analyses = analyse(machine, activities, resolve)
        found = settled(found, analyses, machine)
        sound, behaviour = verdicts.soundness_of(machine), verdicts.behaviour_of(machine)
        states = sound.states
        if behaviour is None:
            found.append(verdicts.not_known(sound))
            why = sound.why
        else:
            dead = verdicts.dead_nodes(machine, behaviour)
            found += verdicts.problems(machine, behaviour, dead)
            properties = {p.name: p for p in verdicts.properties_of(machine, behaviour, dead)}
        found += verdicts.child_problems(machine)
        found += analyses.diagnostics()
        properties |= {p.name: p for p in analyses.properties(machine)}
    unknown = {name: Property(name, "unknown", why) for name in PROPERTIES}
    ordered = sorted(found, key=lambda d: _ORDER[d.severity])
    return Report(tuple(ordered), MappingProxyType({**unknown, **properties}), states)


_KEPT = {
    "deadline": (
        "no run tells when it has passed, nor begins the task before others because of it",
        "to have something happen then, draw an edge with a timer: `task.after(...)`",
    ),
    "resources": (
        "a run begins the task whatever is free",
        "to limit what is in progress at once, give tasks a `lock`, or the run or a group a `strategy`",
    ),
}
"""What a task may say and nothing acts on: what that means, and what does act."""


def _kept(workflow: Workflow) -> Iterator[Diagnostic]:
    """What a task says that is kept in the document, and that nothing acts on yet."""
    for node in workflow.nodes:
        if isinstance(node, Task):
            for name, (means, cure) in _KEPT.items():
                if getattr(node, name):
                    what = f"'{name}' of task '{node.id}' is only kept in the document: {means}"
                    yield Diagnostic("WF402", "advice", what, cure, (node.id,), field=name)


def _disabled(workflow: Workflow) -> Iterator[Diagnostic]:
    """Tasks that are left out for now, which is easily forgotten."""
    for node in workflow.nodes:
        if isinstance(node, Task) and node.disabled:
            what = f"task '{node.id}' is disabled: it gives None, and its activity never runs"
            yield Diagnostic("WF406", "advice", what, "enable it once it is wanted again", (node.id,), field="disabled")


def _uncached(workflow: Workflow, activities: Mapping[str, Activity] | None) -> Iterator[Diagnostic]:
    """Tasks that cache the results of what has no code that could be told."""
    for node in workflow.nodes:
        activity = (activities or {}).get(node.activity) if isinstance(node, Task) and node.cache else None
        if activity is not None:
            try:
                # What an object holds only the run can tell; what one does that is called, nobody can.
                Fingerprint(lambda value: "" if callable(value) else "object").of(activity.function)
            except Untold as error:
                what = f"task '{node.id}' caches what activity '{activity.name}' gives, which can not be done: {error}"
                cure = "call it in a function of your own, or leave the cache out; until then it runs each time"
                yield Diagnostic("WF404", "advice", what, cure, (node.id,), field="cache")


def _misspelt(workflow: Workflow) -> Iterator[Diagnostic]:
    """Signals that nobody declared, beside a declared one of nearly this name: no run would hear of the other."""
    for index, edge in enumerate(workflow.edges if workflow.signals else ()):
        if edge.on is not None and edge.on not in workflow.signals:
            meant = did_you_mean(edge.on, workflow.signals)
            if meant:
                what = (
                    f"the edge from '{edge.source}' to '{edge.target}' waits for signal '{edge.on}', not a declared one"
                )
                cure = f"declared signals: {listed(workflow.signals)}.{meant}"
                yield Diagnostic("WF403", "advice", what, cure, (), (index,), "on")


def _compiled(
    workflow: Workflow, resolve: Resolve | None, found: Sequence[Diagnostic]
) -> tuple[Machine | None, list[Diagnostic]]:
    """The machine whose behaviour is looked at; None, with why, where the drawing is none."""
    # What an activity takes says nothing about the way that tokens move.
    if any(problem.severity == "error" and problem.code not in ("WF201", "WF202", "WF203") for problem in found):
        return None, []
    try:
        return compile_workflow(workflow, None, resolve), []
    except CompileError as error:
        return None, list(error.diagnostics)


def check_net(net: Net, sound: Soundness | None = None) -> Report:
    """What is proved of a net.

    Args:
        net: the net.
        sound: its soundness, where that has been decided.
    """
    found = behaviour(net, sound)
    properties = {name: Property(name, "unknown", "a net has none") for name in PROPERTIES}
    named = verdicts.net_properties(net, found, lambda trace: verdicts.told_of_net(net, trace))
    properties |= {p.name: p for p in named}
    dead = ", ".join(f"'{net.transitions[number].id}'" for number in sorted(found.never))
    verdict: Verdict = "refuted" if dead else "unknown" if found.undecided else "proved"
    properties["no dead node"] = Property("no dead node", verdict, f"{dead} can never fire" if dead else "")
    proved = properties["sound"]
    problems: tuple[Diagnostic, ...] = ()
    if proved.verdict == "refuted":
        count = len(proved.trace)
        cure = f"after {count} step{'' if count == 1 else 's'}: {', '.join(shortened(proved.trace, 2, 4))}"
        problems = (Diagnostic("WF304", "error", f"the net is not sound: {proved.why}", cure),)
    elif proved.verdict == "unknown":
        problems = (Diagnostic("WF306", "warning", f"it is not known whether the net is sound: {proved.why}"),)
    return Report(problems, MappingProxyType(properties), found.sound.states)


def require_values(machine: Machine, activities: Mapping[str, Activity] | None = None) -> None:
    """Refuse a machine in which something is read before it is written, or while it may be written.

    Raises:
        CompileError: so it is; `.diagnostics` lists every place.
    """
    found = _problems_with_values.get(machine)
    if found is None:
        found = data_flow(machine.workflow, activities, drawn=machine.graph).diagnostics
        _problems_with_values[machine] = found
    if found:
        raise CompileError(describe(machine.name, found), found)


def require_sound(machine: Machine) -> None:
    """Refuse a machine that is not sound, or that runs children that are not.

    Raises:
        CompileError: so it is; the message has a firing sequence.
    """
    bad = verdicts.unsound_child(machine)
    if bad is not None:
        machine, _ = bad
        behaviour = verdicts.behaviour_of(machine)
        assert behaviour is not None  # what is too large is not known, and so not refuted
        found = [*verdicts.problems(machine, behaviour, verdicts.dead_nodes(machine, behaviour))]
        what = describe(machine.name, errors(found))
        raise CompileError(f"{what}\nstart(..., allow_unsound=True) runs it anyway", found)
