"""The pattern nets of the corpus in our own language, each with the order that its task tree asks for.

Names are those of the corpus.  Where a net there brings several tokens to one task, which would be unsafe here, the
branches meet in a join, or each goes on as a child run of its own.
"""

from __future__ import annotations

from tests.patterns.kit import follows, play, task, tasks, verdict
from wfnb.author.flow import Flow


def test_sequence() -> None:
    """1: a task begins when the one before it has completed."""
    flow = Flow("sequence")
    first, second, last = tasks(flow, "first second last")
    flow.start >> first >> second >> last >> flow.end()
    ran = play(flow)
    assert ran.started == ["first", "second", "last"]
    assert verdict(flow) == "sound"
    follows(ran, "sequence")


def test_parallel_split() -> None:
    """2: all branches begin at the same time."""
    flow = Flow("parallel split")
    first, last = tasks(flow, "first last")
    flow.start >> first >> flow.fork("fork") >> tasks(flow, "task_f1 task_f2 task_f3") >> flow.join("join") >> last
    last >> flow.end()
    ran = play(flow)
    assert ran.started == ["first", "task_f1", "task_f2", "task_f3", "last"]
    assert [span.begun for span in ran.spans] == [0, 1, 1, 1, 2]
    assert verdict(flow) == "sound"
    follows(ran, "parallel_split")


def test_synchronization() -> None:
    """3: a join goes on when every branch has come, those of an inner fork too."""
    flow = Flow("synchronization")
    first, f1, f2, f3, g3a, g3b = tasks(flow, "first task_f1 task_f2 task_f3 task_g3a task_g3b")
    join = flow.join("join")
    flow.start >> first >> flow.fork("fork") >> [f1, f2, f3]
    f3 >> flow.fork("inner") >> [g3a, g3b]
    [f1, f2, g3a, g3b] >> join >> flow.end()
    ran = play(flow)
    assert ran.started == ["first", "task_f1", "task_f2", "task_f3", "task_g3a", "task_g3b"]
    assert ran.visited[-2:] == ["join", "end"]
    assert list(ran.output) == ["task_f1", "task_f2", "task_g3a", "task_g3b"]
    assert verdict(flow) == "sound"
    follows(ran, "synchronization")


def test_exclusive_choice() -> None:
    """4: one branch is taken, the first whose guard holds."""
    flow = Flow("exclusive choice")
    first, c1, c2, d1, d2, last = tasks(flow, "first task_c1 task_c2 task_d1 task_d2 last")
    one, two = flow.choice("excl_choice_1"), flow.choice("excl_choice_2")
    flow.start >> first >> one
    one.when("first == 'other'") >> c2 >> last
    one.otherwise() >> c1 >> two
    two.when("first == 'first'") >> d2 >> last
    two.otherwise() >> d1 >> last
    last >> flow.end()
    ran = play(flow)
    assert ran.started == ["first", "task_c1", "task_d2", "last"]
    assert verdict(flow) == "sound"
    follows(ran, "exclusive_choice")


def test_simple_merge() -> None:
    """5: branches of which one is taken come together without waiting."""
    flow = Flow("simple merge")
    first, c1, c2, d1, last = tasks(flow, "first task_c1 task_c2 task_d1 last")
    gate = flow.choice("excl_choice_1")
    flow.start >> first >> gate
    gate.when("first == 'other'") >> c2 >> d1
    gate.otherwise() >> c1 >> d1
    d1 >> last >> flow.end()
    ran = play(flow)
    assert ran.started == ["first", "task_c1", "task_d1", "last"]
    assert verdict(flow) == "sound"
    follows(ran, "simple_merge")


def test_multi_choice() -> None:
    """6: every branch is taken whose guard holds."""
    flow = Flow("multi-choice", {"test_attribute1": "int", "test_attribute2": "int"})
    e1, e2, e3, last = tasks(flow, "task_e1 task_e2 task_e3 last")
    met = flow.join("met")
    several = flow.fork("multi_choice_1", join=met)
    flow.start >> several
    several.when("input.test_attribute1 == input.test_attribute1") >> e1 >> met
    several.when("input.test_attribute1 == input.test_attribute2") >> e2 >> met
    several.when("input.test_attribute2 == input.test_attribute2") >> e3 >> met
    met >> last >> flow.end()
    ran = play(flow, test_attribute1=1, test_attribute2=2)
    assert ran.started == ["task_e1", "task_e3", "last"]
    assert verdict(flow) == "sound"
    follows(ran, "multi_choice")


def test_structured_synchronizing_merge() -> None:
    """7: the paired join waits for just the branches that were taken; a branch may fork inside."""
    flow = Flow("synchronizing merge", {"one": "bool", "two": "bool", "three": "bool"})
    e1, e2, e3, g3a, g3b, last = tasks(flow, "task_e1 task_e2 task_e3 task_g3a task_g3b last")
    merge, inner = flow.join("struct_synch_merge_1"), flow.join("inner_join")
    several = flow.fork("multi_choice_1", join=merge)
    flow.start >> several
    several.when("input.one") >> e1 >> merge
    several.when("input.two") >> e2 >> merge
    several.when("input.three") >> e3 >> flow.fork("inner_fork") >> [g3a, g3b] >> inner >> merge
    merge >> last >> flow.end()
    ran = play(flow, one=True, two=False, three=True)
    assert ran.started == ["task_e1", "task_e3", "task_g3a", "task_g3b", "last"]
    assert verdict(flow) == "sound"
    follows(ran, "structured_synchronizing_merge")


def test_multi_merge() -> None:
    """8: what follows a merge runs once for each branch that comes there, as a child run of its own."""
    flow = Flow("multi-merge", {"one": "bool", "two": "bool", "three": "bool"})
    merge, last = tasks(flow, "merge last")
    fork = flow.fork("multi_choice_1")
    flow.start >> fork
    for number, wanted in enumerate(("one", "two", "three"), 1):
        gate, out, over = flow.choice(f"is_{wanted}"), flow.fork(f"out_{wanted}"), flow.end(f"end of {wanted}")
        fork >> gate
        gate.when(f"input.{wanted}") >> task(flow, f"task_e{number}") >> out
        gate.otherwise() >> over
        out.spawn() >> merge
        out >> over
    merge >> last >> flow.end("end of each")
    ran = play(flow, one=True, two=False, three=True)
    assert ran.started == ["task_e1", "task_e3", "merge", "merge", "last", "last"]
    assert ran.children == ["merge", "merge#2"]
    assert ran.status == "completed"
    assert verdict(flow) == "sound"
    follows(ran, "multi_merge")


def test_structured_discriminator() -> None:
    """9: the first branch goes on; the others run to their end and are absorbed."""
    flow = Flow("discriminator")
    a1, a3, last = task(flow, "task_a1"), task(flow, "task_a3", seconds=5), task(flow, "last")
    join = flow.join("discriminator", need="any")
    flow.start >> flow.fork("multi_choice_1") >> [a1, a3] >> join >> last >> flow.end()
    ran = play(flow)
    assert ran.started == ["task_a1", "task_a3", "last"]
    assert ran.completed == ["task_a1", "last", "task_a3"]
    assert (ran.status, ran.output) == ("completed", "last")
    assert verdict(flow) == "sound"
    follows(ran, "structured_discriminator")


def test_arbitrary_cycles() -> None:
    """10: an edge may go back to anywhere."""
    flow = Flow("cycles")
    first, again, c1, last = tasks(flow, "first go_to_repetition task_c1 last")
    gate = flow.choice("excl_choice_1")
    flow.start >> first >> gate
    gate.when("not reached('go_to_repetition')") >> again >> first
    gate.otherwise() >> c1 >> last >> flow.end()
    ran = play(flow)
    assert ran.started == ["first", "go_to_repetition", "first", "task_c1", "last"]
    assert verdict(flow) == "sound"
    follows(ran, "arbitrary_cycles")


def test_implicit_termination() -> None:
    """11: a run completes when no token is left, wherever each has ended."""
    flow = Flow("implicit termination")
    first, f1, f2, f3 = tasks(flow, "first task_f1 task_f2 task_f3")
    flow.start >> first >> flow.fork("fork") >> [f1, f2, f3]
    for number, branch in enumerate((f1, f2, f3), 1):
        branch >> flow.end(f"end{number}")
    ran = play(flow)
    assert ran.started == ["first", "task_f1", "task_f2", "task_f3"]
    assert ran.output == {"end1": "task_f1", "end2": "task_f2", "end3": "task_f3"}
    assert verdict(flow) == "sound"
    follows(ran, "implicit_termination")


def test_deferred_choice() -> None:
    """16: which branches are taken is not decided where they part but by what happens elsewhere, meanwhile."""
    flow = Flow("deferred choice")
    make = task(flow, "make_choice", seconds=3, gives=["e2", "e4", "e6"])
    first, last = tasks(flow, "first last")
    join, undecided = flow.join("join_1"), flow.wait("undecided")
    several = flow.fork("deferred_choice_1", join=join)
    flow.start >> flow.fork("both") >> [make, first]
    make >> last >> flow.end("end1")
    first >> undecided
    undecided.when("reached('make_choice')") >> several
    for number, holds in enumerate(["True", "True", "1 == 1", "1 == 1", "1 == 2", "1 == 2"], 1):
        several.when(f"'e{number}' in make_choice and {holds}") >> task(flow, f"task_e{number}") >> join
    join >> flow.end("end2")
    ran = play(flow)
    assert ran.started == ["make_choice", "first", "last", "task_e2", "task_e4"]
    assert [span.begun for span in ran.spans] == [0, 0, 3, 3, 3]
    assert verdict(flow) == "sound"
    follows(ran, "deferred_choice")


def test_cancel_task() -> None:
    """19 (25 in the corpus): one branch withdraws a task of another that is in progress, and nothing else."""
    flow = Flow("cancel task")
    one1, one2, two1, two2b, two3, last = tasks(flow, "one1 one2 two1 two2b two3 last")
    cancel, two2a = task(flow, "cancel", signals="cancelled"), task(flow, "two2a", seconds=60)
    join = flow.join("join")
    flow.start >> flow.fork("both") >> [one1, two1]
    one1 >> one2 >> cancel >> join
    two1 >> flow.fork("inner") >> [two2a, two2b]
    two2a >> flow.end("end of two2a")
    two2a.on("cancelled") >> flow.end("end of two2a, cancelled")
    two2b >> two3 >> join >> last >> flow.end()
    ran = play(flow)
    assert ran.started == ["one1", "two1", "one2", "two2a", "two2b", "cancel", "two3", "last"]
    assert "TaskCancelled" in ran.types
    assert (ran.status, ran.completed) == ("completed", [id for id in ran.started if id != "two2a"])
    assert verdict(flow) == "sound"
    follows(ran, "cancel_task")
