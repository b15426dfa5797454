"""The 7-tuple (S, A, T, s0, F, E, C) of a machine.

S  the states that can be marked: the places of its net.  A state of the whole machine is a marking, a subset of S.
A  the actions: what is done when a transition fires.
T  the transitions, each with what it takes, empties and gives, its action, and what has to happen and to hold.
s0 the initial marking, a subset of S.
F  the final markings: some sink is marked, and besides sinks only places that may keep a token.
E  the events that drive it: completions, signals, timers.
C  the conditions that it asks: the guards.

A transition without an event fires as soon as it can, one without an action only routes, one without a condition
always may.  From marking m, transition t leads to ((m - pre) - resets) + post where pre is within m, `least` of `some`
are marked, its event happens and its condition holds.  A net of one token, such as that of an explicit state
machine, is the ordinary state machine with s0 and F in S.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from wfnb.machine.formal import latex
from wfnb.machine.net import Net

_NONE: Mapping[int, str] = {}


@dataclass(frozen=True, slots=True)
class Rule:
    """A transition by names.

    Attributes:
        id: its name, unique in the net.
        pre: what it takes a token from.
        post: what it puts a token into.
        resets: what it empties in between.
        some: of these `least` must be marked; they keep their tokens.
        least: 0 where `some` is not used.
        action: what is done, None if it only routes.
        event: what has to happen, None if it fires as soon as it can.
        condition: what has to hold, None if it always may.
    """

    id: str
    pre: tuple[str, ...]
    post: tuple[str, ...]
    resets: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    least: int = 0
    action: str | None = None
    event: str | None = None
    condition: str | None = None

    def __str__(self) -> str:
        needs = f" with {self.least} of {_braces(self.some)}" if self.least else ""
        arrow = f" --{self.arrow()}--> " if self.arrow() else " --> "
        resets = f" emptying {_braces(self.resets)}" if self.resets else ""
        return f"{self.id}: {_braces(self.pre)}{needs}{arrow}{_braces(self.post)}{resets}"

    def arrow(self) -> str:
        """`event [condition] / action`, as state diagrams write it; what is absent is left out."""
        parts = [self.event or "", f"[{self.condition}]" if self.condition is not None else ""]
        parts.append(f"/ {self.action}" if self.action is not None else "")
        return " ".join(filter(None, parts))

    def latex(self) -> str:
        """The same, for mathematics."""
        needs = rf"\ \left(\ge {self.least}\text{{ of }}{latex.braces(self.some)}\right)" if self.least else ""
        over = latex.name(self.arrow(), 2 * latex.NAME_LENGTH) if self.arrow() else r"\ "
        resets = rf"\ \setminus\ {latex.braces(self.resets)}" if self.resets else ""
        return (
            rf"{latex.name(self.id)}:\ {latex.braces(self.pre)}{needs}{resets}"
            rf" \xrightarrow{{{over}}} {latex.braces(self.post)}"
        )


@dataclass(frozen=True, slots=True)
class Final:
    """The final markings; `marking in F` asks for a set of names.

    Attributes:
        sinks: places where tokens end; at least one is marked.
        idle: places that may keep a token besides.
    """

    sinks: frozenset[str]
    idle: frozenset[str]

    def __contains__(self, marking: object) -> bool:
        if not isinstance(marking, set | frozenset):
            return False
        return not marking.isdisjoint(self.sinks) and marking <= self.sinks | self.idle

    def __str__(self) -> str:
        kept = f" + {_braces(sorted(self.idle))}" if self.idle else ""
        return f"some of {_braces(sorted(self.sinks))}, and nothing else{kept and ' but' + kept[2:]}"


class Formal(NamedTuple):
    """The 7-tuple; unpacks as `S, A, T, s0, F, E, C`.  The head of this module says what each is."""

    S: tuple[str, ...]
    A: tuple[str, ...]
    T: tuple[Rule, ...]
    s0: frozenset[str]
    F: Final
    E: tuple[str, ...]
    C: tuple[str, ...]

    def __repr__(self) -> str:
        lines = [
            f"(S, A, T, s0, F, E, C) with {len(self.S)} places and {len(self.T)} transitions",
            f"  S   {_braces(self.S)}",
            f"  A   {_braces(self.A)}",
            *(f"  {'T' if first else ' '}   {text}" for first, text in _first(_some(self.T))),
            f"  s0  {_braces(sorted(self.s0))}",
            f"  F   {self.F}",
            f"  E   {_braces(self.E)}",
            f"  C   {_braces(self.C)}",
        ]
        return "\n".join(lines)

    def _repr_latex_(self) -> str:
        sinks, idle = (latex.braces(sorted(places)) for places in (self.F.sinks, self.F.idle))
        within = rf"{sinks} \cup {idle}" if self.F.idle else sinks
        rules = [rule.latex() for rule in self.T[: latex.SHOWN]]
        if len(self.T) > latex.SHOWN:
            rules.append(rf"\dots\ \left({len(self.T)}\right)")
        return latex.aligned(
            [
                r"M &= (S, A, T, s_0, F, E, C)",
                f"S &= {latex.braces(self.S)}",
                f"A &= {latex.braces(self.A)}",
                *(rf"{'T' if first else ''} &{'=' if first else ''}\ {rule}" for first, rule in _first(rules)),
                *([] if rules else [r"T &= \emptyset "]),
                f"s_0 &= {latex.braces(sorted(self.s0))}",
                rf"F &= \{{m \subseteq {within} \mid m \cap {sinks} \neq \emptyset \}}",
                f"E &= {latex.braces(self.E)}",
                f"C &= {latex.braces(self.C)}",
            ]
        )


def seven_tuple(
    net: Net,
    *,
    labels: Mapping[int, str] = _NONE,
    events: Mapping[int, str] = _NONE,
    conditions: Mapping[int, str] = _NONE,
) -> Formal:
    """The 7-tuple of a net.

    Args:
        net: the net.
        labels: by transition number, the action that is done when it fires.
        events: by transition number, the event that fires it.
        conditions: by transition number, the guard that has to hold.
    """

    def named(places: Iterable[int]) -> tuple[str, ...]:
        return tuple(net.places[place] for place in places)

    rules = tuple(
        Rule(
            id=transition.id,
            pre=named(transition.pre),
            post=named(transition.post),
            resets=named(transition.resets),
            some=named(transition.some) if transition.least else (),
            least=transition.least,
            action=labels.get(number),
            event=events.get(number),
            condition=conditions.get(number),
        )
        for number, transition in enumerate(net.transitions)
    )
    return Formal(
        S=net.places,
        A=_distinct(rule.action for rule in rules),
        T=rules,
        s0=frozenset(named(net.initial)),
        F=Final(frozenset(named(net.sinks)), frozenset(named(net.idle))),
        E=_distinct(rule.event for rule in rules),
        C=_distinct(rule.condition for rule in rules),
    )


def _distinct(names: Iterable[str | None]) -> tuple[str, ...]:
    """Each once, in the order of the transitions."""
    return tuple(dict.fromkeys(name for name in names if name is not None))


def _first(items: Iterable[str]) -> Iterator[tuple[bool, str]]:
    for index, item in enumerate(items):
        yield index == 0, item


def _some(rules: tuple[Rule, ...]) -> list[str]:
    shown = [str(rule) for rule in rules[: latex.SHOWN]] or ["{}"]
    return [*shown, f"... ({len(rules)})"] if len(rules) > latex.SHOWN else shown


def _braces(names: Iterable[str]) -> str:
    listed = list(names)
    more = f", ... ({len(listed)})" if len(listed) > latex.SHOWN else ""
    return "{" + ", ".join(listed[: latex.SHOWN]) + more + "}"
