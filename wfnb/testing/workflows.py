"""Hypothesis strategies for workflows: anything a document may hold, and workflows that run to an end."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from wfnb.author.flow import Flow
from wfnb.author.refs import NodeRef
from wfnb.model.workflow import (
    Approval,
    Call,
    Choice,
    Compensation,
    Edge,
    End,
    Fork,
    Group,
    Join,
    Map,
    Node,
    Note,
    Retry,
    Signal,
    Start,
    Task,
    Wait,
    Workflow,
)

ids = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8) | st.sampled_from("abcdefgh")
"""Node ids: printable text, often short and alike."""
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
"""JSON values."""
seconds = st.floats(0.001, 1e6) | st.integers(1, 1_000)
retries = st.builds(
    Retry,
    attempts=st.integers(1, 9),
    delay=seconds,
    factor=st.floats(1, 10),
    maximum=seconds,
    jitter=st.floats(0, 1),
    errors=st.lists(texts, max_size=2).map(tuple),
)


some_texts = st.dictionaries(texts, texts, max_size=3)
arguments = st.dictionaries(texts, json, max_size=3)
needs: st.SearchStrategy[Any] = st.sampled_from(("all", "any")) | st.integers(1, 9)


def _task(id: str) -> st.SearchStrategy[Node]:
    return st.builds(
        Task,
        st.just(id),
        texts,
        activity=texts,
        arguments=arguments,
        retry=st.none() | retries,
        timeout=st.none() | seconds,
        heartbeat=st.none() | seconds,
        priority=st.integers(-9, 9),
        deadline=st.none() | seconds,
        resources=st.dictionaries(texts, st.floats(0, 100), max_size=2),
        requires=texts,
        ensures=texts,
        compensate=st.none() | st.builds(Compensation, activity=texts, arguments=arguments),
        cache=st.booleans(),
        lock=texts,
        prerequisites=st.lists(texts, max_size=2).map(tuple),
    )


def _map(id: str) -> st.SearchStrategy[Node]:
    return st.builds(
        Map,
        st.just(id),
        texts,
        items=json,
        activity=texts,
        workflow=texts,
        arguments=arguments,
        width=st.none() | st.integers(1, 9),
        failure=st.sampled_from(("stop", "finish", "skip")),
    )


def _node(id: str, known: list[str]) -> st.SearchStrategy[Node]:
    named = st.just(id)
    others = st.sampled_from(known) | texts
    return st.one_of(
        st.builds(Start, named, texts),
        st.builds(End, named, texts, output=json, terminate=st.booleans(), error=texts, message=texts),
        _task(id),
        st.builds(Choice, named, texts),
        st.builds(Fork, named, texts, join=others),
        st.builds(Join, named, texts, need=needs, rest=st.sampled_from(("absorb", "cancel"))),
        st.builds(Wait, named, texts),
        st.builds(Approval, named, texts, prompt=texts, form=some_texts),
        _map(id),
        st.builds(Call, named, texts, workflow=texts, arguments=arguments),
        st.builds(Note, named, texts, text=texts),
        st.builds(
            Group,
            named,
            texts,
            members=st.lists(others, max_size=3).map(tuple),
            cancel=st.booleans(),
            lock=texts,
        ),
    )


def edges(source: st.SearchStrategy[str], target: st.SearchStrategy[str]) -> st.SearchStrategy[Edge]:
    """Edges of every trigger, guarded or not."""
    triggers: dict[str, st.SearchStrategy[Any]] = {
        "error": texts,
        "after": seconds | texts.map("={}".format),
        "until": texts,
        "on": texts,
    }
    fields: dict[str, st.SearchStrategy[Any]] = {
        "source": source,
        "target": target,
        "when": st.none() | texts,
        "otherwise": st.booleans(),
        "spawn": st.booleans(),
    }
    plain = st.builds(Edge, **fields)
    return plain | st.one_of([st.builds(Edge, **fields, **{name: given}) for name, given in triggers.items()])


@st.composite
def documents(draw: st.DrawFn, *, nested: bool = True) -> Workflow:
    """Any document that can be written: mostly no workflow that makes sense.

    Args:
        draw: Hypothesis' own.
        nested: whether it may have workflows of its own.
    """
    known = draw(st.lists(ids, unique=True, max_size=6))
    nodes = tuple(draw(_node(id, known)) for id in known)
    ends = st.sampled_from(known) if known else ids
    position = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
    signal = st.builds(Signal, type=texts, transient=st.booleans())
    return Workflow(
        name=draw(texts),
        description=draw(texts),
        inputs=draw(some_texts),
        signals=draw(st.dictionaries(texts, signal, max_size=2)),
        nodes=nodes,
        edges=tuple(draw(st.lists(edges(ends, ends), max_size=8, unique=True))),
        workflows=draw(st.dictionaries(texts, documents(nested=False), max_size=1)) if nested else {},
        layout=draw(st.dictionaries(ends, position, max_size=6)),
    )


@st.composite
def workflows(draw: st.DrawFn, activity: str = "work", size: int = 12, *, sound: bool = True) -> Workflow:
    """Workflows that run: sequences, choices, forks with joins, and loops, nested.

    Every task runs `activity` with one argument `id`, its own id, and must give an integer; guards are over those
    integers, modulo small numbers, so that what the activity gives decides which way a run goes.  Loops end when
    the activity gives 0.

    Args:
        draw: Hypothesis' own.
        activity: what the tasks run.
        size: about how many tasks there are at most.
        sound: whether every fork has a join of all its branches; otherwise some end on their own, or lead to a join
            that waits for ever, or bring two tokens together.
    """
    made = Flow("random")
    parts = _Parts(draw, made, activity, size, sound=sound)
    last = parts.block([made.start], depth=3)
    end = made.end("end")
    for ref in last:
        parts.connect(ref, end)
    return made.workflow


class _Parts:
    def __init__(self, draw: st.DrawFn, made: Flow, activity: str, left: int, *, sound: bool) -> None:
        self.draw = draw
        self.flow = made
        self.activity = activity
        self.left = left
        self.sound = sound
        self.count = 0

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def task(self) -> NodeRef:
        self.left -= 1
        id = self.name("t")
        return self.flow.task(id, self.activity, id=id)

    def connect(self, source: NodeRef, target: NodeRef) -> None:
        if isinstance(source.node, Choice):
            source.otherwise() >> target
        else:
            source >> target

    def block(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        """Something between `before` and what it returns: nodes that each want one more edge."""
        kinds = ["task", "task", "sequence", "choice", "fork", "loop"] if depth and self.left > 0 else ["task"]
        match self.draw(st.sampled_from(kinds)):
            case "task":
                task = self.task()
                for ref in before:
                    self.connect(ref, task)
                return [task]
            case "sequence":
                return self.block(self.block(before, depth - 1), depth - 1)
            case "choice":
                return self.choice(before, depth)
            case "fork":
                return self.fork(before, depth)
            case _:
                return self.loop(before, depth)

    def choice(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        (decider,) = self.gathered(before)
        gate = self.flow.choice(self.name("c"))
        self.connect(decider, gate)
        first = self.task()
        gate.when(f"{decider.id} % {self.draw(st.integers(2, 3))} == 0") >> first
        one = self.block([first], depth - 1) if depth else [first]
        other = self.block([gate], depth - 1) if self.draw(st.booleans()) else [gate]
        return [*one, *other]

    def fork(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        (one,) = self.gathered(before)
        fork = self.flow.fork(self.name("f"))
        self.connect(one, fork)
        branches = [self.block([fork], depth - 1) for _ in range(self.draw(st.integers(2, 3)))]
        join = self.flow.join(self.name("j"))
        for branch in branches:
            if not self.sound and self.draw(st.booleans()):
                for ref in branch:  # one edge for each way out: the join waits for those not taken, too
                    self.connect(ref, join)
                continue
            (last,) = self.gathered(branch)
            self.connect(last, join)
        return [join]

    def loop(self, before: list[NodeRef], depth: int) -> list[NodeRef]:
        (entry,) = self.gathered(before)
        (last,) = self.gathered(self.block([entry], depth - 1))
        gate = self.flow.choice(self.name("c"))
        self.connect(last, gate)
        gate.when(f"{last.id} > 0") >> entry
        return [gate]

    def gathered(self, before: list[NodeRef]) -> list[NodeRef]:
        """One task after several ways."""
        task = self.task()
        for ref in before:
            self.connect(ref, task)
        return [task]
