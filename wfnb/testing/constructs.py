"""The blocks that random workflows are built of, one for each construct; each runs to its end whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias, get_args

from hypothesis import strategies as st

from wfnb.author.edits import SetWorkflow
from wfnb.author.flow import Flow
from wfnb.author.refs import NodeRef
from wfnb.model.workflow import Choice, Compensation, Edge, End, Start, Task, Workflow

Construct: TypeAlias = Literal[
    "inclusive", "partial", "wait", "approval", "error", "timer", "race", "deadline", "rescue", "terminate", "failing",
    "map", "call", "lock", "critical", "milestone", "spawn", "condition", "compensation",
]  # fmt: skip
"""Inclusive forks · joins of any or k · waits · approvals · error edges · timers that interrupt a task · cancellation
groups · groups with a timer · groups that catch · ends that terminate · ends that fail · maps · calls · locks of tasks
· locks of groups · milestones · spawned children · requires and ensures · compensation."""
CONSTRUCTS: frozenset[Construct] = frozenset(get_args(Construct))
"""All of them."""
SIGNAL = "go"
"""The one signal that waits listen for."""
CHILD = "child"
"""The workflow that calls call; it belongs to the document."""

_COSTS = {
    "task": 1, "sequence": 2, "choice": 5, "fork": 7, "loop": 4, "inclusive": 5, "partial": 7, "wait": 3, "approval": 2,
    "error": 2, "timer": 2, "race": 6, "deadline": 3, "rescue": 3, "terminate": 3, "failing": 3, "map": 1, "call": 1,
    "lock": 1, "critical": 3, "milestone": 5, "spawn": 4, "condition": 1, "compensation": 1,
}  # fmt: skip
"""How many nodes a block has at least, blocks inside counted as one."""
_PLAIN = ("task", "task", "sequence", "choice", "fork", "loop")


def build(
    draw: st.DrawFn, activity: str, size: int, *, sound: bool = True, constructs: Iterable[Construct] = ()
) -> Workflow:
    """A random workflow; see `wfnb.testing.workflows.workflows`."""
    return _Blocks(draw, Flow("random"), activity, size, sound=sound, constructs=constructs).whole()


class _Blocks:
    """Draws blocks into a flow.

    A block goes between `before`, nodes that each want one more edge, and the nodes it returns, which do again.
    """

    def __init__(
        self, draw: st.DrawFn, made: Flow, activity: str, size: int, *, sound: bool, constructs: Iterable[Construct]
    ) -> None:
        self.draw = draw
        self.flow = made
        self.activity = activity
        self.left = size
        self.sound = sound
        self.kinds = [*_PLAIN, *sorted(constructs)]
        self.count = 0
        self.looping = 0
        """How many loops are around the block: what is left of a join may not meet its next visit."""
        self.closed = 0
        """How many regions are around the block that only one edge may leave."""

    def whole(self) -> Workflow:
        """The workflow, from its start to its end."""
        if "call" in self.kinds:
            self.flow.document.apply([SetWorkflow(workflows={CHILD: self.child()})])
        self.left -= 3  # the start, the end and the first block
        last = self.block([self.flow.start], depth=3)
        end = self.flow.end("end")
        for ref in last:
            self.connect(ref, end)
        return self.flow.workflow

    def block(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        """Any block; the one node that it was counted as is free again."""
        self.left += 1
        fitting = [kind for kind in self.kinds if _COSTS[kind] <= self.left and self._allowed(kind)] if depth else []
        kind = self.draw(st.sampled_from(fitting or ["task"]))
        self.left -= _COSTS[kind]
        if kind == "task":
            return self.gathered(before)
        if kind == "sequence":
            return self.block(self.block(before, depth - 1), depth - 1)
        draw_one: Callable[[list[NodeRef], int], list[NodeRef]] = getattr(self, kind)
        return draw_one(before, depth)

    def _allowed(self, kind: str) -> bool:
        return not (self.closed and kind in ("terminate", "failing", "spawn"))

    # ------------------------------------------------------------------------------------------- what all are made of

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def task(self) -> NodeRef:
        id = self.name("t")
        return self.flow.task(id, self.activity, id=id)

    def connect(self, source: NodeRef, target: NodeRef) -> None:
        if isinstance(source.node, Choice):
            source.otherwise() >> target
        else:
            source >> target

    def joined(self, before: list[NodeRef], target: NodeRef) -> NodeRef:
        for ref in before:
            self.connect(ref, target)
        return target

    def gathered(self, before: list[NodeRef]) -> list[NodeRef]:
        """One task after several ways."""
        return [self.joined(before, self.task())]

    def spare(self, nodes: int) -> bool:
        """Whether so many more nodes fit, and are wanted; they are counted."""
        if self.left < nodes or not self.draw(st.booleans()):
            return False
        self.left -= nodes
        return True

    def odd(self, decider: NodeRef) -> str:
        return f"{decider.id} % {self.draw(st.integers(2, 3))} == 0"

    def seconds(self) -> float:
        return self.draw(st.sampled_from((0.5, 1, 1.5, 3)))

    # ---------------------------------------------------------------------------------------------- choices and loops

    def choice(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        (decider,) = self.gathered(before)
        gate = self.joined([decider], self.flow.choice(self.name("c")))
        first = self.task()
        gate.when(self.odd(decider)) >> first
        one = self.block([first], depth - 1)
        if self.draw(st.booleans()):
            return [*one, *self.block([gate], depth - 1)]
        self.left += 1
        return [*one, gate]

    def loop(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        (entry,) = self.gathered(before)
        self.looping += 1
        (last,) = self.gathered(self.block([entry], depth - 1))
        self.looping -= 1
        gate = self.joined([last], self.flow.choice(self.name("c")))
        gate.when(f"{last.id} > 0") >> entry
        return [gate]

    def terminate(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        del depth
        return self._out(before, self.flow.end(self.name("e"), terminate=True))

    def failing(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        del depth
        return self._out(before, self.flow.end(self.name("e"), error="Refused", message="as it was drawn"))

    def _out(self, before: list[NodeRef], end: NodeRef) -> list[NodeRef]:
        (decider,) = self.gathered(before)
        gate = self.joined([decider], self.flow.choice(self.name("c")))
        gate.when(f"{decider.id} == {self.draw(st.integers(0, 9))}") >> end
        return [gate]

    # ------------------------------------------------------------------------------------------------ forks and joins

    def fork(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        join = self.flow.join(self.name("j"))
        for branch in self._branches(before, depth):
            if not self.sound and self.draw(st.booleans()):
                for ref in branch:  # one edge for each way out: the join waits for those not taken, too
                    self.connect(ref, join)
                self.left += 1
                continue
            self.joined(self.gathered(branch), join)
        return [join]

    def partial(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        branches = self._branches(before, depth)
        need = self.draw(st.sampled_from(("any", *range(1, len(branches) + 1))))
        rest: Literal["cancel", "absorb"] = (
            "cancel" if self.looping or self.closed or self.draw(st.booleans()) else "absorb"
        )
        join = self.flow.join(self.name("j")).options(need=need, rest=rest)
        for branch in branches:
            self.joined(self.gathered(branch), join)
        return [join]

    def _branches(self, before: list[NodeRef], depth: int) -> list[list[NodeRef]]:
        (one,) = self.gathered(before)
        fork = self.joined([one], self.flow.fork(self.name("f")))
        return [self.block([fork], depth - 1) for _ in range(3 if self.spare(2) else 2)]

    def inclusive(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        (decider,) = self.gathered(before)
        join = self.flow.join(self.name("j"))
        fork = self.joined([decider], self.flow.fork(self.name("f"), join=join))
        self.closed += 1
        last = self.draw(st.sampled_from(("otherwise", "always")))
        for branch in ["when", last, "when"] if self.spare(1) else ["when", last]:
            first = self.task()
            if branch == "when":
                fork.when(self.odd(decider)) >> first
            elif branch == "otherwise":
                fork.otherwise() >> first
            else:
                fork >> first
            more = self.gathered(self.block([first], depth - 1)) if self.spare(2) else [first]
            self.joined(more, join)
        self.closed -= 1
        return [join]

    def milestone(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        del depth
        fork = self.joined(before, self.flow.fork(self.name("f")))
        passed, wait, after = self.task(), self.flow.wait(self.name("w")), self.task()
        join = self.flow.join(self.name("j"))
        fork >> passed >> join
        fork >> wait
        wait.when(f"reached('{passed.id}')") >> after >> join
        return [join]

    def spawn(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        del depth
        fork = self.joined(before, self.flow.fork(self.name("f")))
        spawned, own = self.task(), self.task()
        fork.spawn() >> spawned >> self.flow.end(self.name("e"))
        fork >> own
        return [own]

    # ----------------------------------------------------------------------------------------- what rests, or is ended

    def wait(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        del depth
        wait = self.joined(before, self.flow.wait(self.name("w")))
        one, other = self.task(), self.task()
        wait.after(self.seconds()) >> one
        match self.draw(st.sampled_from(("signal", "guarded", "timer"))):
            case "signal":
                wait.on(SIGNAL) >> other
            case "guarded":
                wait.on(SIGNAL, when=f"signal('{SIGNAL}') == 1") >> other
            case _:
                wait.after(self.seconds() + 0.25) >> other
        return [one, other]

    def approval(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        del depth
        asked, late = self.joined(before, self.flow.approval(self.name("a"), "Go on?")), self.task()
        asked.after(self.seconds()) >> late
        return [asked, late]

    def error(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        del depth
        (tried,), caught = self.gathered(before), self.task()
        tried.on_error() >> caught
        return [tried, caught]

    def timer(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        del depth
        (tried,), late = self.gathered(before), self.task()
        tried.after(self.seconds()) >> late
        return [tried, late]

    def race(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        known = len(self._ids())
        fork = self.joined(before, self.flow.fork(self.name("f")))
        self.closed += 1
        ends = [self.gathered(self.block([fork], depth - 1))[0] for _ in range(2)]
        self.closed -= 1
        self.flow.group(self.name("g"), self._ids()[known:], cancel=True)
        return ends

    def deadline(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        group, last = self._grouped(before, depth)
        late = self.task()
        group.after(self.seconds()) >> late
        return [*last, late]

    def rescue(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        group, last = self._grouped(before, depth)
        caught = self.task()
        group.on_error() >> caught
        return [*last, caught]

    def _grouped(self, before: list[NodeRef], depth: int) -> tuple[NodeRef, list[NodeRef]]:
        known = len(self._ids())
        self.closed += 1
        last = self.block(before, depth - 1)
        self.closed -= 1
        return self.flow.group(self.name("g"), self._ids()[known:]), last

    def _ids(self) -> list[str]:
        return [node.id for node in self.flow.workflow.nodes]

    # ------------------------------------------------------------------------------------------------- kinds of tasks

    def map(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        del depth
        id = self.name("m")
        items = [f"{id}.{index}" for index in range(self.draw(st.integers(0, 3)))]
        body = self.activity if CHILD not in self.flow.workflow.workflows or self.draw(st.booleans()) else CHILD
        node = self.flow.map(id, body, items, width=self.draw(st.sampled_from((None, 1, 2))), id="=item")
        return [self.joined(before, node.options(failure=self.draw(st.sampled_from(("stop", "finish", "skip")))))]

    def call(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        del depth
        id = self.name("k")
        return [self.joined(before, self.flow.call(id, CHILD, id=id))]

    def child(self) -> Workflow:
        undo = Compensation(activity=self.activity, arguments={"id": "='undo ' + input.id"})
        task = Task(
            "work",
            activity=self.activity,
            arguments={"id": "=input.id"},
            compensate=undo if "compensation" in self.kinds else None,
        )
        edges = (Edge(source="start", target="work"), Edge(source="work", target="end"))
        return Workflow(name=CHILD, inputs={"id": "str"}, nodes=(Start("start"), task, End("end")), edges=edges)

    def lock(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        del depth
        return [self.joined(before, self.task().options(lock="one"))]

    def critical(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        del depth
        (first,), last = self.gathered(before), self.task()
        self.flow.group(self.name("g"), [first, last], lock="both")
        return [self.joined([first], last)]

    def condition(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        del depth
        task = self.task()
        return [self.joined(before, task.options(requires="1 < 2", ensures=f"{task.id} >= 0"))]

    def compensation(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        del depth
        task = self.task()
        return [self.joined(before, task.options(compensate=(self.activity, {"id": f"undo {task.id}"})))]
