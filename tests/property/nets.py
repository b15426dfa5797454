"""Nets for trying the soundness checker: grown from blocks, with locks, cancellation and faults, or quite arbitrary.

Each function draws from a seeded `random.Random`, so that a seed is all there is to a failure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from wfnb.machine.net import Net, Transition


@dataclass
class Draft:
    """A transition that can still be changed."""

    pre: set[int]
    post: set[int]
    resets: set[int] = field(default_factory=set)
    some: set[int] = field(default_factory=set)
    least: int = 0


@dataclass(frozen=True)
class Mix:
    """How likely each construct is, from 0 to 1, wherever there is a choice."""

    loops: float = 0.1
    ends: float = 0.1
    """A branch that ends in a sink of its own."""
    gone: float = 0.0
    """A branch whose token is taken away at its end."""
    regions: float = 0.0
    """A block that can be cancelled while it runs."""
    alarms: float = 0.0
    """How often a region can be cancelled from every place inside, or from most."""
    part: float = 0.2
    """How often cancelling empties only some of the places inside."""
    counts: float = 0.0
    """A join that k of its n branches fire."""
    locks: float = 0.0
    flags: float = 0.0
    """Places that keep their token: set by one transition, read by others."""
    faults: int = 0
    wide: int = 3
    """The most branches of a block."""


class Growing:
    """A net that grows by putting blocks between two places."""

    def __init__(self, random: Random, mix: Mix) -> None:
        self.random = random
        self.mix = mix
        self.drafts: list[Draft] = []
        self.places = 0
        self.idle: set[int] = set()
        self.initial: set[int] = set()

    def place(self) -> int:
        self.places += 1
        return self.places - 1

    def chance(self, likely: float) -> bool:
        return self.random.random() < likely

    def link(self, pre: set[int], post: set[int]) -> Draft:
        draft = Draft(set(pre), set(post))
        self.drafts.append(draft)
        return draft

    def block(self, into: int, out: int, size: int) -> None:
        """About `size` transitions that bring a token from one place to the other."""
        if size <= 1:
            self.link({into}, {out})
            return
        if self.chance(self.mix.regions):
            self.region(into, out, size - 1)
            return
        if self.chance(self.mix.loops):
            self.loop(into, out, size - 1)
            return
        {0: self.chain, 1: self.choice, 2: self.fork}[self.random.randrange(3)](into, out, size)

    def chain(self, into: int, out: int, size: int) -> None:
        first = self.random.randint(1, size - 1)
        middle = self.place()
        self.block(into, middle, first)
        self.block(middle, out, size - first)

    def choice(self, into: int, out: int, size: int) -> None:
        branches = self.random.randint(2, self.mix.wide)
        for _ in range(branches):
            end = self.place() if self.chance(self.mix.ends) else out
            self.block(into, end, max(1, size // branches))

    def fork(self, into: int, out: int, size: int) -> None:
        branches = self.random.randint(2, self.mix.wide)
        heads = [self.place() for _ in range(branches)]
        tails = [self.place() for _ in range(branches)]
        self.link({into}, set(heads))
        for head, tail in zip(heads, tails, strict=True):
            self.block(head, tail, max(1, (size - 2) // branches))
        if self.chance(self.mix.counts):
            self.count(heads, tails, out)
        elif self.chance(self.mix.ends):
            self.link({tails[0]}, {out})  # the others end where they are
        elif self.chance(self.mix.gone):
            self.link({tails.pop()}, set())
            self.link(set(tails), {out})
        else:
            self.link(set(tails), {out})

    def count(self, heads: list[int], tails: list[int], out: int) -> None:
        """A join that fires at the k-th branch; the rest is absorbed, or cancelled with everything made since."""
        least = self.random.randint(1, len(tails))
        if self.chance(0.5):
            first = min(heads)
            inside = set(range(first, self.places)) - {out}
            draft = self.link(set(), {out})
            draft.resets = inside
            if self.chance(0.5):
                draft.post |= inside & self.initial
        else:
            ready, fired = self.place(), self.place()
            self.idle.add(ready)
            self.initial.add(ready)
            draft = self.link({ready}, {out, fired})
            self.link({fired, *tails}, {ready})
        draft.some, draft.least = set(tails), least

    def loop(self, into: int, out: int, size: int) -> None:
        head, tail = self.place(), self.place()
        self.link({into}, {head})
        self.block(head, tail, size)
        self.link({tail}, {head})
        self.link({tail}, {out})

    def region(self, into: int, out: int, size: int) -> None:
        first = self.places
        head = self.place()
        self.link({into}, {head})
        self.block(head, out, size)
        inside = set(range(first, self.places))
        if self.chance(self.mix.alarms):
            for place in sorted(inside):
                if self.chance(0.9):
                    self.link({place}, {out} | inside & self.initial).resets = set(inside)
            return
        draft = self.link({self.random.choice(sorted(inside))}, {out})
        if self.chance(0.5):
            draft.post |= inside & self.initial  # what was ready is ready again
        draft.resets = (
            inside if not self.chance(self.mix.part) else set(self.random.sample(sorted(inside), len(inside) // 2))
        )

    def lock(self) -> None:
        """Two or three transitions take a lock and give it back, at once or at a later one."""
        lock = self.place()
        self.idle.add(lock)
        self.initial.add(lock)
        for draft in self.random.sample(self.drafts, min(len(self.drafts), self.random.randint(2, 3))):
            draft.pre.add(lock)
            later = [other for other in self.drafts if other.pre & draft.post]
            (self.random.choice(later) if later and self.chance(0.6) else draft).post.add(lock)

    def flag(self) -> None:
        flag = self.place()
        self.idle.add(flag)
        self.random.choice(self.drafts).post.add(flag)
        for draft in self.random.sample(self.drafts, min(len(self.drafts), self.random.randint(0, 2))):
            draft.pre.add(flag)
            draft.post.add(flag)

    def fault(self) -> None:
        """One thing that a person gets wrong."""
        random = self.random
        draft = random.choice(self.drafts)
        match random.randrange(11):
            case 0 if len(draft.pre) > 1:  # a merge in place of a join
                self.drafts.remove(draft)
                for place in draft.pre:
                    self.link({place}, draft.post)
            case 1 if len(draft.post) > 1:  # a choice in place of a fork
                self.drafts.remove(draft)
                for place in draft.post:
                    self.link(draft.pre, {place})
            case 2 if len(draft.post) > 1:
                draft.post.discard(random.choice(sorted(draft.post)))
            case 3:
                draft.post.add(random.randrange(self.places))
            case 4 if draft.post:
                draft.post.discard(random.choice(sorted(draft.post)))
                draft.post.add(random.randrange(self.places))
            case 5:  # a join in place of a merge, or a place that nobody marks
                draft.pre.add(random.randrange(self.places))
            case _:
                self.odd(draft)

    def odd(self, draft: Draft) -> None:
        """Something that hardly anybody draws."""
        random = self.random

        def anywhere() -> int:
            return random.randrange(self.places)

        match random.randrange(5):
            case 0:
                draft.resets.update(anywhere() for _ in range(random.randint(1, 4)))
            case 1:
                draft.some.update(anywhere() for _ in range(random.randint(1, 3)))
                draft.least = random.randint(1, len(draft.some))
            case 2:
                self.link({anywhere()}, set())
            case 3:
                self.idle.add(anywhere())
            case _:
                self.link({anywhere()}, {anywhere()})

    def net(self) -> Net:
        taken = {place for draft in self.drafts for place in draft.pre | draft.some}
        sinks = frozenset(range(self.places)) - taken - self.idle
        return Net(
            places=tuple(f"p{place}" for place in range(self.places)),
            transitions=tuple(
                Transition(
                    f"t{number}",
                    tuple(sorted(draft.pre)),
                    tuple(sorted(draft.post)),
                    tuple(sorted(draft.resets - sinks)),
                    tuple(sorted(draft.some)),
                    draft.least,
                )
                for number, draft in enumerate(self.drafts)
            ),
            initial=frozenset(self.initial),
            sinks=sinks,
            idle=frozenset(self.idle),
        )


def grown(random: Random, size: int, mix: Mix) -> Net:
    """A net of about `size` transitions grown from blocks, then spoilt as the mix says."""
    growing = Growing(random, mix)
    start, end = growing.place(), growing.place()
    growing.initial.add(start)
    growing.block(start, end, size)
    while growing.chance(mix.locks):
        growing.lock()
    while growing.chance(mix.flags):
        growing.flag()
    for _ in range(mix.faults):
        growing.fault()
    return growing.net()


def arbitrary(random: Random, size: int = 8) -> Net:
    """A small net without any plan."""
    growing = Growing(random, Mix())
    growing.places = random.randint(3, size)
    everywhere = range(growing.places)

    def few(least: int = 0) -> set[int]:
        return set(random.sample(everywhere, min(growing.places, random.choice([least, 1, 1, 1, 2, 2, 3]))))

    for _ in range(random.randint(2, size + 1)):
        growing.link(few(1), few())
    growing.initial = few(1)
    if random.random() < 0.4:
        for draft in random.sample(growing.drafts, random.randint(1, 2)):
            draft.resets = few(1)
    if random.random() < 0.3:
        draft = random.choice(growing.drafts)
        draft.some = few(1)
        draft.least = random.randint(0, len(draft.some))
        if draft.least and random.random() < 0.5:
            draft.pre = set()
    if random.random() < 0.4:
        growing.idle = few(1)
    return growing.net()


def any_small(random: Random) -> Net:
    """A net of any class, mostly small enough to look at every marking."""
    if random.random() < 0.2:
        return arbitrary(random)
    extra = random.choice(["", "ends", "regions", "regions", "counts", "locks", "flags", "all"])

    def likely(name: str) -> float:
        return random.choice([0.15, 0.4]) if extra in (name, "all") else 0.0

    mix = Mix(
        loops=random.choice([0.0, 0.15]),
        ends=random.choice([likely("ends"), 0.1]),
        gone=random.choice([0.0, 0.0, 0.4]),
        regions=likely("regions"),
        alarms=random.choice([0.0, 0.5, 1.0]),
        part=random.choice([0.0, 0.2, 1.0]),
        counts=likely("counts"),
        locks=likely("locks"),
        flags=likely("flags"),
        faults=random.choice([0, 0, 1, 1, 2, 3, 4]),
    )
    return grown(random, random.randint(2, 16), mix)


def large_faulty(random: Random) -> Net:
    """A larger net, mostly with resets, and mostly wrong."""
    mix = Mix(
        loops=random.choice([0, 0.1]),
        ends=random.choice([0, 0.1]),
        gone=random.choice([0, 0.1]),
        regions=random.choice([0, 0.1, 0.3]),
        alarms=random.choice([0, 0.5, 1]),
        part=random.choice([0, 0.2, 1]),
        counts=random.choice([0, 0.2, 0.4]),
        locks=random.choice([0, 0.4]),
        flags=random.choice([0, 0.3]),
        faults=random.choice([0, 0, 0, 1, 2]),
        wide=random.choice([2, 3, 4]),
    )
    return grown(random, random.randint(15, 70), mix)


def cancelled(random: Random) -> Net:
    """A few places of a region, ways through it and out of it, and transitions that cancel from most of its places."""
    growing = Growing(random, Mix())
    growing.places = random.randint(8, 11)
    growing.initial = {0}
    region = list(range(1, random.randint(4, 6)))
    outside = list(range(len(region) + 1, growing.places))

    def some(places: list[int], most: int) -> set[int]:
        return set(random.sample(places, random.randint(1, min(most, len(places)))))

    growing.link({0}, some(region, 3) | (some(outside, 1) if random.random() < 0.5 else set()))
    for _ in range(random.randint(2, 6)):
        into = region if random.random() < 0.7 else outside
        growing.link(some(region, 1 if random.random() < 0.6 else 2), some(into, 1 if random.random() < 0.8 else 2))
    for _ in range(random.randint(0, 3)):
        growing.link(some(outside, 2), some(outside if random.random() < 0.7 else region, 1))
    ending = some(outside, 1)
    for place in region:
        if random.random() < 0.75:
            draft = growing.link({place}, ending if random.random() < 0.85 else some(outside, 2))
            draft.resets = set(region)
            if random.random() < 0.15:
                draft.resets ^= {random.randrange(1, growing.places)}
    if random.random() < 0.2:
        random.choice(growing.drafts).resets |= some(region, 2)
    return growing.net()


def one_token(random: Random) -> Net:
    """A net in which one token goes about, as in a drawing of states; it may end, vanish, or stay somewhere."""
    growing = Growing(random, Mix())
    growing.places = random.randint(2, 9)
    growing.initial = {0}
    ends = set(random.sample(range(growing.places), random.randint(1, 2)))
    for _ in range(random.randint(1, 2 * growing.places)):
        place = random.randrange(growing.places)
        if place not in ends:
            growing.link({place}, set() if random.random() < 0.05 else {random.randrange(growing.places)})
    if random.random() < 0.2:
        growing.idle = {random.randrange(growing.places)}
    return growing.net()
