"""Workflows put together: one after another, side by side, one of several, again and again.

check = wf.seq(fetch, wf.cond("len(fetch) > 10", wf.par(score, count), reject))
wf.start(wf.loop(check, until="score > 0.8", limit=5), url="https://example.org")

What is made is a workflow as any other.  Its parts are copied into it: where two have a node of the same id, the later
one's is called after its part (`review_page`, then `review_page_2`), and what reads it follows.  Inputs of the parts
with one name are one input.  A part that can not be taken apart (several tokens may be left when one reaches an end, it
spawns children, or it reads `input` as a whole) is run as a child, by a call named after it.  Ends that fail or
terminate stay: they end the whole.
"""

from __future__ import annotations

from typing import Any, overload

from wfnb.author.given import condition as bare
from wfnb.author.parts import Part, part_of
from wfnb.author.ways import Ways, free_reads, reads_of
from wfnb.author.whole import Placed, Whole
from wfnb.errors import DefinitionError
from wfnb.model.expression import parse
from wfnb.model.workflow import Call, Choice, Edge, End, Fork, Join, Start, Workflow

_COUNT = Workflow(
    name="value",
    inputs={"value": "any"},
    nodes=(Start("start"), End("end", output="=input.value")),
    edges=(Edge(source="start", target="end"),),
)
"""Gives what it is given: how a count becomes a value."""


def seq(*parts: Part, name: str = "seq") -> Workflow:
    """One part after another: `wf.seq(fetch, score)`.

    The values of earlier parts can be read by their ids; of several with one id the last is meant that every way gives.
    An input of a part that has the name of such a value is that value: what the task `fetch` gives becomes parameter
    `fetch` of `score`.  All other inputs are inputs of the whole.  The output is that of the last part.

    Args:
        parts: workflows, flows, activities, functions, or single nodes (`Task`, `Map`, `Call`, `Approval`).
        name: what the whole is called.

    Raises:
        DefinitionError: two parts declare an input or a signal differently, or no way leads out of a part.
    """
    workflows = _workflows(parts, "seq")
    made = Whole(name)
    edges = made.begin
    for part in workflows[:-1]:
        placed = made.put(part, edges)
        made.remember(placed)
        edges = _onwards(placed)
    made.finish(made.put(workflows[-1], edges, last=True).exits)
    return made.workflow()


def par(*parts: Part, name: str = "par") -> Workflow:
    """Parts side by side: `wf.par(score, count)` starts all and goes on when the last is done.

    The output is a dict of the last value of each part, by its node's id.  A part whose ends say what it gives is run
    as a child, so that its output stands there, by its name.

    Args:
        parts: workflows, flows, activities, functions, or single nodes.
        name: what the whole is called.

    Raises:
        DefinitionError: two parts declare an input or a signal differently, or no way leads out of a part.
    """
    workflows = _workflows(parts, "par")
    if len(workflows) == 1:
        return seq(*workflows, name=name)
    made = Whole(name, {read for part in workflows for read in free_reads(part)})
    fork, join = made.add(Fork("fork")), made.add(Join("join"))
    made.link(made.begin, fork)
    for part in workflows:
        placed = made.put(made.modest(part), [Edge(source=fork, target="")])
        made.link(made.merged(_onwards(placed)), join)
    made.finish([(Edge(source=join, target=""), End("end"))])
    return made.workflow()


@overload
def cond(condition: str, then: Part, otherwise: Part | None = None, /, *, name: str = "cond") -> Workflow: ...


@overload
def cond(*branches: tuple[str, Part], otherwise: Part | None = None, name: str = "cond") -> Workflow: ...


def cond(*branches: Any, otherwise: Part | None = None, name: str = "cond") -> Workflow:
    """One of several parts: `wf.cond("mark > 0.8", keep, drop)`, `wf.cond(("n > 9", many), ("n > 0", some))`.

    The first part whose condition holds is run; else the last, given without a condition; else none.  Conditions read
    inputs, and in a `seq` the values of the parts before it.  The output is that of the part that was run.

    Args:
        branches: a condition, a part, and perhaps the part for where it does not hold; or pairs of both.
        otherwise: the part for where none holds.
        name: what the whole is called.

    Raises:
        DefinitionError: two parts declare an input or a signal differently, or there is no condition.
        ExpressionError: a condition is none.
    """
    pairs, last = _branches(branches, otherwise)
    conditions = [condition for condition, _ in pairs]
    reads, inputs = reads_of(conditions)
    workflows = [part for _, part in pairs] + ([] if last is None else [last])
    made = Whole(name, reads.union(*map(free_reads, workflows)))
    choice = made.add(Choice("choice"))
    made.link(made.begin, choice)
    for condition, part in pairs:
        made.finish(made.put(part, [Edge(source=choice, target="", when=condition)], last=True).exits)
    edge = Edge(source=choice, target="", otherwise=True)
    made.finish([(edge, End("end"))] if last is None else made.put(last, [edge], last=True).exits)
    made.declare(inputs)
    return made.workflow()


def loop(
    body: Part, *, while_: str | None = None, until: str | None = None, limit: int | None = None, name: str = "loop"
) -> Workflow:
    """A part again and again: `wf.loop(improve, until="improve > 0.8", limit=10)`.

    With `until` the body is run, and again until the condition holds.  With `while_` it is run as long as the condition
    holds, which is tested before the first time as well, unless it reads what the body gives.  The output is that of
    the last time, as in `par` by a child where the body's ends say what it gives.

    Args:
        body: a workflow, a flow, an activity, a function, or a single node.
        while_: a condition to go on.
        until: a condition to stop; one of the two at most.
        limit: how often the body is run at most; alone, it is run so often.
        name: what the whole is called.

    Raises:
        DefinitionError: there is no condition and no limit, or both conditions, or no way leads out of the body.
        ExpressionError: the condition is none.
        ValueError: the limit is below 1.
    """
    if (while_ is not None and until is not None) or (while_ is None and until is None and limit is None):
        raise DefinitionError("a loop has one of while_= and until=, or a limit= alone\nsay when it ends")
    if limit is not None and limit < 1:
        raise ValueError(f"limit is {limit}\ngive how often the body is run at most: 1, 2, ...")
    condition = _checked(while_) if while_ is not None else None if until is None else f"not ({_checked(until)})"
    reads, inputs = reads_of([] if condition is None else [condition])
    made = Whole(name)
    (part,) = _workflows((body,), "loop")
    part = made.fitting(made.modest(part if Ways(part).rests() else made.called(part)))
    made.avoid = reads - {node.id for node in part.nodes}
    first = while_ is not None and not reads & set(Ways(part).values())
    _draw(made, part, condition, limit, test_first=first)
    made.declare(inputs)
    return made.workflow()


def _draw(made: Whole, part: Workflow, condition: str | None, limit: int | None, *, test_first: bool) -> None:
    """Draw a body, the choice that leads back to it, and what counts its turns."""
    again = made.add(Choice("again"))
    first: list[str] = []
    left = None
    if limit is not None:
        value, before, turn = made.own(_COUNT), made.fresh("before"), made.fresh("turn")
        count = f"({turn} if reached('{turn}') else 0)"
        made.add(Call(before, workflow=value, arguments={"value": f"={count}"}))
        made.add(Call(turn, workflow=value, arguments={"value": f"={count} + 1"}))
        first = [before, turn]
        left = f"{count if test_first else turn} - {before} < {limit}"
    placed = made.put(part, [])
    assert placed.entry is not None  # a body that does nothing is run by a call
    entry = placed.entry
    if first:
        made.link([Edge(source=first[1], target="")], entry)
        entry = first[1]
    begin = again if test_first else entry
    made.link(made.begin, first[0] if first else begin)
    if first:
        made.link([Edge(source=first[0], target="")], begin)
    test = None if condition is None else placed.names.in_expression(condition)
    guard = f"({test}) and {left}" if test and left else test or left
    made.link([Edge(source=again, target="", when=guard)], entry)
    made.link(_onwards(placed), again)
    made.finish([(Edge(source=again, target="", otherwise=True), End("end"))])


def _checked(condition: str) -> str:
    """A bare condition that is one.

    Raises:
        ExpressionError: it is none.
    """
    parse(text := bare(condition))
    return text


def _workflows(parts: tuple[Part, ...], what: str) -> list[Workflow]:
    if not parts:
        raise DefinitionError(f"{what} has no parts\ngive at least one")
    return [part_of(part) for part in parts]


def _onwards(placed: Placed) -> list[Edge]:
    """What leads out of a part."""
    if not placed.exits:
        raise DefinitionError(
            f"no way leads out of '{placed.part.name}'\nlead one to an end that neither fails nor terminates"
        )
    return placed.open


def _branches(branches: tuple[Any, ...], otherwise: Part | None) -> tuple[list[tuple[str, Workflow]], Workflow | None]:
    last = otherwise
    if branches and isinstance(branches[0], str):
        condition, *ways = branches
        if len(ways) == 2 and last is None:
            last = ways.pop()
        branches = ((condition, *ways),)
    pairs: list[tuple[str, Workflow]] = []
    for branch in branches:
        match branch:
            case (str(condition), part):
                pairs.append((_checked(condition), part_of(part)))
            case _:
                raise DefinitionError(
                    f"{branch!r} is no branch\ngive a condition, a part and perhaps another, or pairs of both"
                )
    if not pairs:
        raise DefinitionError("cond has no condition\ngive a condition and a part")
    return pairs, None if last is None else part_of(last)
