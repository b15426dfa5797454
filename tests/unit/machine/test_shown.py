"""What a notebook shows of a property, of a long firing sequence and of a longest path."""

from __future__ import annotations

from wfnb.machine.check import check_net
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.diagnostic import Diagnostic, Property, Severity, shortened
from wfnb.machine.net import Net, Transition
from wfnb.machine.report import Report
from wfnb.model.workflow import Choice, Edge, End, Start, Task, Workflow

LOOP = Workflow(
    name="loop",
    nodes=(Start("start"), Task("a", activity="a"), Task("b", activity="b"), Choice("again"), End("end")),
    edges=(
        Edge(source="start", target="a"),
        Edge(source="a", target="b"),
        Edge(source="b", target="again"),
        Edge(source="again", target="a", when="b < 1"),
        Edge(source="again", target="end", otherwise=True),
    ),
)


def stuck(length: int) -> Net:
    """A chain of so many transitions to a place that one more can not leave."""
    places = tuple(f"p{number}" for number in range(length + 1))
    moves = [Transition(f"t{number}", (number,), (number + 1,)) for number in range(length)]
    last = Transition("never", (length, length + 1), (length + 2,))
    return Net(
        places=(*places, "absent", "out"),
        transitions=(*moves, last),
        initial=frozenset({0}),
        sinks=frozenset({length + 2}),
        idle=frozenset(),
        crowded=frozenset(),
    )


def test_a_longest_path_is_told_in_lines() -> None:
    found = compile_workflow(LOOP).longest_path({"a": 2, "b": 0.5})
    assert repr(found) == ("length 2.5: start > a > b > again > end\n  critical: a, b\n  loops counted once: again > a")
    assert found._repr_html_() == f"<pre>{repr(found).replace('>', '&gt;')}</pre>"


def test_a_property_is_told_with_its_counterexample() -> None:
    assert repr(Property("sound", "proved", "whatever the guards say")) == "✓ sound: proved, whatever the guards say"
    refuted = Property("sound", "refuted", "a < b", ("'x' forks", "'y' completes"))
    assert repr(refuted) == "✗ sound: refuted, a < b\n  1. 'x' forks\n  2. 'y' completes"
    assert refuted._repr_html_().startswith("<pre>✗ sound: refuted, a &lt; b\n")


def test_a_long_firing_sequence_is_shortened_for_people_and_whole_as_data() -> None:
    report = check_net(stuck(40))
    (found,) = report.diagnostics
    assert found.help == "after 40 steps: t0, t1, ... 34 more ..., t36, t37, t38, t39"
    assert report.properties["sound"].trace == tuple(f"t{number}" for number in range(40))
    assert len(repr(report.properties["sound"]).splitlines()) == 18
    assert shortened([str(number) for number in range(17)]) == [str(number) for number in range(17)]
    assert check_net(stuck(1)).diagnostics[0].help == "after 1 step: t0"


def test_a_report_counts_all_problems_as_the_designer_does() -> None:
    def report(*severities: Severity) -> Report:
        return Report(tuple(Diagnostic("WF000", severity, "x") for severity in severities))

    assert report().summary == "ok"
    assert report("warning", "advice", "advice").summary == "ok, 3 problems (1 warning, 2 advice)"
    assert report("error", "error", "warning").summary == "3 problems (2 errors, 1 warning)"
    assert "<p>1 problem (1 error)</p>" in report("error")._repr_html_()
