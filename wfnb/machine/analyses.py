"""What is known of a workflow's values and guards, as diagnostics and properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from wfnb.machine.calls import Resolve
from wfnb.machine.dataflow.analysis import DataFlow, data_flow
from wfnb.machine.dataflow.determinism import determinism
from wfnb.machine.diagnostic import Diagnostic, Property, Verdict
from wfnb.machine.guards.judge import ChoiceJudgement, judge_choice
from wfnb.machine.guards.verdict import Answer
from wfnb.machine.inference.infer import Typing, infer
from wfnb.machine.machine import Kind, Machine
from wfnb.machine.sites import Site, sites
from wfnb.machine.verdicts import soundness_of
from wfnb.model.activity import Activity


@dataclass(frozen=True, slots=True)
class Analyses:
    """Everything that is known besides the way that tokens move.

    Attributes:
        flow: where values are written and read.
        types: what types they have.
        choices: what is known of the guards, by choice and inclusive fork.
        found: its expressions.
        activities: those known by name.
    """

    flow: DataFlow
    types: Typing
    choices: Mapping[int, ChoiceJudgement]
    found: Sequence[Site]
    activities: Mapping[str, Activity]

    def diagnostics(self) -> Iterator[Diagnostic]:
        """What is wrong."""
        yield from self.flow.diagnostics
        yield from self.types.diagnostics
        for judged in self.choices.values():
            yield from judged.diagnostics

    def properties(self, machine: Machine) -> Iterator[Property]:
        """What is proved."""
        yield self.types.verdict
        yield self.flow.verdict
        ids = machine.ids
        exhaustive = [(ids[node], judged.exhaustive) for node, judged in self.choices.items()]
        # An inclusive fork takes every edge whose guard holds: there they may overlap.
        exclusive = self.choices.keys() - machine.special.inclusive.keys()
        disjoint = [(ids[node], self.choices[node].disjoint) for node in sorted(exclusive)]
        yield _together("guards exhaustive", exhaustive)
        yield _together("guards disjoint", disjoint)
        yield _determinism(machine, self.flow, self.found, self.activities, {})


def analyse(machine: Machine, activities: Mapping[str, Activity] | None, resolve: Resolve | None) -> Analyses:
    """Analyse the values and guards of a workflow that compiles."""
    workflow, drawn = machine.workflow, machine.graph
    found = sites(drawn)
    flow = data_flow(workflow, activities, drawn=drawn, found=found)
    types = infer(workflow, activities, workflows=resolve, drawn=drawn, found=found)
    choices = {}
    for node, kind in enumerate(machine.kinds):
        if kind is Kind.CHOICE or node in machine.special.inclusive:
            guarded = [
                (edge, guard.source) for edge in machine.out[node] if (guard := machine.guards[edge]) is not None
            ]
            sure = node in machine.otherwise or (kind is not Kind.CHOICE and len(guarded) < len(machine.out[node]))
            choices[node] = judge_choice(
                machine.ids[node],
                guarded,
                otherwise=sure,
                kinds=types.kinds_at(machine.ids[node]),
                inclusive=kind is not Kind.CHOICE,
            )
    return Analyses(flow, types, choices, found, activities or {})


def never_taken(machine: Machine, activities: Mapping[str, Activity] | None, resolve: Resolve | None) -> dict[int, str]:
    """The edges whose guard can hold for no value, or for none that the guards before it leave; each with why."""
    judged = analyse(machine, activities, resolve).choices
    found = [one for choice in judged.values() for one in choice.diagnostics if one.code == "WF312"]
    return {edge: one.message for one in found for edge in one.edges}


def _determinism(
    machine: Machine,
    flow: DataFlow,
    found: Sequence[Site],
    activities: Mapping[str, Activity],
    known: dict[int, Property],
) -> Property:
    """Whether what a run gives depends on who is faster, in it or in one of its children."""

    def of_child(node: str) -> Property | None:
        plan = machine.children.get(machine.graph.number[node])
        if plan is None:
            return None
        child = plan.machine
        if id(child) not in known:
            inside = sites(child.graph)
            values = data_flow(child.workflow, activities, drawn=child.graph, found=inside)
            known[id(child)] = _determinism(child, values, inside, activities, known)
        return known[id(child)]

    sound = Property("sound", soundness_of(machine).verdict)
    return determinism(flow, found, sound, activities, of_child)


def _together(name: str, answers: Sequence[tuple[str, Answer]]) -> Property:
    """One verdict for all choices: refuted where one is, proved where all are."""
    order: tuple[Verdict, ...] = ("refuted", "unknown", "proved")
    for verdict in order:
        having = [(id, answer) for id, answer in answers if answer.verdict == verdict]
        if having and verdict != "proved":
            id, answer = having[0]
            more = f", and {len(having) - 1} more" if len(having) > 1 else ""
            return Property(name, verdict, f"'{id}': {answer.why}{more}")
    notes = [answer.why for _, answer in answers if answer.why]
    return Property(name, "proved", notes[0] if notes else "" if answers else "there are no guards")


def settled(problems: Sequence[Diagnostic], analyses: Analyses, machine: Machine) -> list[Diagnostic]:
    """The diagnostics of shape without those that the guards settle: an `otherwise` edge that is not needed."""
    covered = {machine.ids[node] for node, judged in analyses.choices.items() if judged.covered.verdict != "unknown"}
    return [found for found in problems if found.code != "WF108" or found.nodes[0] not in covered]
