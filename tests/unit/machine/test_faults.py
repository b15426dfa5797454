"""Forty sound drawings without a false alarm, and each with one fault, which is found, named and shown."""

from __future__ import annotations

import pytest

from tests.tools.tokengame import everything
from tests.unit.machine.faults import data, nested, people, trade
from tests.unit.machine.faults.kit import PROVED, REFUTED, Case, bad_end
from wfnb.errors import DefinitionError
from wfnb.machine.check import check
from wfnb.machine.compiler import Resolve, compile_workflow
from wfnb.machine.netting import netted
from wfnb.model.workflow import Workflow

CASES = [case for room in (data, trade, people, nested) for case in room.CASES.found]
assert len(CASES) == 40
each = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
KINDS = {"WF301": "deadlock", "WF302": "unsafe", "WF303": "livelock"}


def named(case: Case) -> Resolve:
    """Finds the drawing itself by its name, as a notebook does."""

    def resolve(name: str, within: Workflow) -> Workflow:
        del within
        if name != case.name:
            raise DefinitionError(f"there is no workflow '{name}'")
        return case.faulty

    return resolve


@each
def test_a_sound_drawing_is_proved_without_a_false_alarm(case: Case) -> None:
    found = check(case.sound, case.activities)
    assert [one.code for one in found.diagnostics if one.severity != "advice"] == [], found
    assert tuple(one.code for one in found.diagnostics) == case.advice, found
    wanted = dict.fromkeys(PROVED, "proved") | dict(case.open)
    told = {name: property.verdict for name, property in found.properties.items()}
    assert told == wanted, [
        (p.name, p.verdict, p.why) for p in found.properties.values() if p.verdict != wanted[p.name]
    ]


@each
def test_every_marking_of_it_agrees(case: Case) -> None:
    looked = everything(netted(compile_workflow(case.sound)).net, 20_000)
    assert looked is not None
    assert looked.sound
    assert looked.dead is None


@each
def test_its_one_fault_is_found_where_it_is(case: Case) -> None:
    workflow = case.faulty
    assert workflow != case.sound
    found = check(workflow, case.activities, named(case))
    serious = [one for one in found.diagnostics if one.severity != "advice" or one.code == case.code]
    assert {one.code for one in serious} == {case.code, *case.also}, found
    told = [
        (one.nodes, tuple(f"{workflow.edges[i].source} -> {workflow.edges[i].target}" for i in one.edges), one.field)
        for one in serious
        if one.code == case.code
    ]
    assert any(
        set(case.nodes) <= set(nodes) and set(case.edges) <= set(edges) and case.field in (None, field)
        for nodes, edges, field in told
    ), (told, found)
    if case.code in REFUTED:
        assert found.properties[REFUTED[case.code]].verdict == "refuted"


@pytest.mark.parametrize("case", [c for c in CASES if c.code in KINDS], ids=lambda case: case.name)
def test_a_counterexample_leads_to_it(case: Case) -> None:
    assert bad_end(compile_workflow(case.faulty)) == KINDS[case.code]
    sound = check(case.faulty, case.activities).properties["sound"]
    assert sound.trace
    assert len(sound.steps) == len(sound.trace)
