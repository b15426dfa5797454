"""Hypothesis strategies for workflows: anything a document may hold, and workflows that run to an end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

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
from wfnb.testing.constructs import Construct, build

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
        executor=st.sampled_from(("", "loop", "thread", "process")),
        priority=st.integers(-9, 9),
        deadline=st.none() | seconds,
        resources=st.dictionaries(texts, st.floats(0, 100), max_size=2),
        requires=texts,
        ensures=texts,
        compensate=st.none() | st.builds(Compensation, activity=texts, arguments=arguments),
        cache=st.booleans(),
        disabled=st.booleans(),
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
        st.builds(Note, named, texts, text=texts, width=st.none() | st.floats(1, 2_000)),
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
def workflows(
    draw: st.DrawFn,
    activity: str = "work",
    size: int = 24,
    *,
    sound: bool = True,
    constructs: Iterable[Construct] = (),
) -> Workflow:
    """Workflows that run: sequences, choices, forks with joins, and loops, nested, with further constructs.

    Every task runs `activity` with one argument `id`, its own id, and must give an integer; guards are over those
    integers, modulo small numbers, so that what the activity gives decides which way a run goes.  Loops end when
    the activity gives 0; ensures hold where it gives no negative number.

    With `constructs` (some or all of `wfnb.testing.constructs.CONSTRUCTS`) a runner must have timers, and nothing else:
    whatever waits for a signal or for a person goes on by itself after at most 3.25 s.  It may send the signal `SIGNAL`
    (bringing 1, or anything else) and answer the approvals (their ids start with `a`) at any time.  Maps and calls run
    the activity with ids such as `m3.0` and `k4`, also by way of the document's own workflow `CHILD`; compensation runs
    it with `undo t5`, and there with `undo k4`.  A run fails at a `failing` end (`Refused`), or where the activity does
    and nothing catches it; where the activity never fails, every other run completes.

    Args:
        draw: Hypothesis' own.
        activity: what the tasks run.
        size: how many nodes there are at most.
        sound: whether every plain fork has a join of all its branches; otherwise some end on their own, or lead to a
            join that waits for ever, or bring two tokens together.
        constructs: what else may occur.
    """
    return build(draw, activity, size, sound=sound, constructs=constructs)
