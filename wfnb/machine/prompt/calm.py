"""Whether an ending that a net can reach can be reached where routing comes first, too.

Say a run of the net leads to an ending, and let every routing firing r come as early as it can.  It changes nothing,
but for what is withdrawn in between by some w, or by r itself:

- w withdraws the tokens of r and all that r would have put: r then w leads where w alone leads.
- r withdraws all that w takes and puts (w only moves tokens in the region that r empties): w is left out.
- w withdraws whatever r needs and empties: what brought the tokens of r is left out.  That must have put nothing else,
  no milestone and no lock either, and its own tokens are withdrawn by w in its place.

Whatever can not go on at the same time as r does not matter.  A node that may end the run reaches an ending itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from wfnb.machine.netting.together import together
from wfnb.machine.prompt.turns import Turns
from wfnb.machine.soundness.game import bits, mask


class Calm:
    """What may happen while routing waits.

    Args:
        turns: a net that is sound where routing may wait, or may if it is not set aside.
    """

    def __init__(self, turns: Turns) -> None:
        net, game = turns.net, turns.game
        self.turns, self.pre, self.post = turns, game.pre, game.post
        self.tokens = ~mask(net.idle)
        self.some = [mask(t.some) for t in net.transitions]
        self.resets = [mask(t.resets) for t in net.transitions]
        self.resetting = [w for w, resets in enumerate(self.resets) if resets & self.tokens]
        self.empties = [resets & ~post for resets, post in zip(self.resets, self.post, strict=True)]
        self.wiped = [pre | empties for pre, empties in zip(self.pre, self.empties, strict=True)]
        self.wipers = [w for w, empties in enumerate(self.empties) if empties & self.tokens]
        self.beside = together(len(net.places), net.transitions, net.initial)
        self.makers: dict[int, list[int]] = {}
        self.takers: dict[int, list[int]] = {}
        for number, t in enumerate(net.transitions):
            for place in {*t.pre, *t.some}:
                self.takers.setdefault(place, []).append(number)
            for place in set(t.post) - set(t.pre):
                self.makers.setdefault(place, []).append(number)

    def leads_on(self, aside: frozenset[int]) -> bool:
        """Whether an ending can be reached from everywhere where routing comes first; False says nothing.

        Args:
            aside: routing nodes that may end the run, or that fire at once anyway.
        """
        everything = _First(self.pre, range(len(self.pre)))
        wipers = _First(self.pre, self.wipers)
        for r, meaning in enumerate(self.turns.meanings):
            if self.turns.outside >> r & 1 or meaning.node in aside:
                continue
            if not self._agrees(r, everything if self.empties[r] & self.tokens else wipers):
                return False
        return True

    def can_be_late(self) -> bool:
        """Whether whatever can fire in a net can fire where routing comes first; False says nothing.

        It can where each routing node that empties something is brought its tokens by what puts nothing else, no
        milestone and no lock either, and so could have come as late as the net has the routing, if nothing withdraws
        its own tokens meanwhile, nor needs those that the routing would have taken; routing that empties nothing must
        agree with all that does.
        """
        wipers = _First(self.pre, self.wipers)
        for r in range(len(self.pre)):
            if self.turns.outside >> r & 1:
                continue
            if not (self._can_wait(r) if self.empties[r] & self.tokens else self._agrees(r, wipers)):
                return False
        return True

    def _agrees(self, r: int, others: _First) -> bool:
        """Whether it does not matter which of these fire before a routing transition, though it could."""
        meanings, beside = self.turns.meanings, self._beside(r)
        return all(
            meanings[w].node == meanings[r].node or not self._may_fire(w, beside) or self._agree(r, w)
            for w in others.near(beside)
        )

    def _may_fire(self, w: int, beside: int) -> bool:
        """Whether a transition may be able to fire while only these places, or some of them, are marked."""
        return not self.pre[w] & ~beside and (not self.some[w] or bool(self.some[w] & beside))

    def _beside(self, r: int) -> int:
        """The places that may be marked when r can fire."""
        found = -1
        for place in bits(self.pre[r]):
            found &= self.beside[place]
        some = 0
        for place in bits(self.some[r]):
            some |= self.beside[place]
        return found & some if some else found

    def _agree(self, r: int, w: int) -> bool:
        needs = (self.pre[r] | self.some[r]) & self.tokens
        empties, hit = self.empties[r] & self.tokens, self.empties[w] & needs
        if not hit and self.empties[w] & self.post[r]:
            return False
        if not empties:
            return not hit or not self.post[r] & ~self.wiped[w] or self._left_out(needs, self.wiped[w], set())
        if not hit and not (self.wiped[w] | self.post[w]) & empties:
            return True
        if not hit and not self.post[w] & ~(self.resets[r] | self.pre[w]):
            return True
        return not (empties | needs) & ~self.wiped[w] and self._left_out(needs, self.wiped[w], set())

    def _left_out(self, places: int, wiped: int, known: set[int]) -> bool:
        """Whether what brings tokens to these places could be left out, where all of this is withdrawn later."""
        for place in bits(places):
            for u in self.makers.get(place, ()):
                if u in known:
                    continue
                known.add(u)
                taken = self.pre[u] & self.tokens
                if not self._only_puts(u, place) or taken & ~wiped:
                    return False
                if not self.turns.outside >> u & 1 and not self._left_out(taken, wiped, known):
                    return False
        return True

    def _can_wait(self, r: int) -> bool:
        """Whether what brings the tokens of a routing transition could come just before it fires."""
        ahead = {place: 1 << place for place in bits((self.pre[r] | self.some[r]) & self.tokens)}
        """By place, itself and those to which its token goes on meanwhile."""
        work, routing = list(ahead), {r}
        while work:
            place = work.pop()
            for u in self.makers.get(place, ()):
                taken = self.pre[u] & self.tokens
                if not self._only_puts(u, place) or any(self._withdrawn(taken, p) for p in bits(ahead[place])):
                    return False
                if self.turns.outside >> u & 1:
                    continue
                routing.add(u)
                for before in bits((self.pre[u] | self.some[u]) & self.tokens):
                    known = ahead.get(before, 0)
                    ahead[before] = known | ahead[place] | 1 << before
                    if ahead[before] != known:
                        work.append(before)
        return not any(map(self._is_overtaken, routing))

    def _is_overtaken(self, r: int) -> bool:
        """Whether what another node fires may need so many of the tokens that r needs that r would have fired."""
        needs = (self.pre[r] | self.some[r]) & self.tokens
        count = (self.pre[r] & self.tokens).bit_count() + max(self.turns.net.transitions[r].least, 0)
        takers = {w for place in bits(needs) for w in self.takers.get(place, ())}
        return any(
            ((self.pre[w] | self.some[w]) & needs).bit_count() >= count
            for w in takers
            if self.turns.meanings[w].node != self.turns.meanings[r].node
        )

    def _only_puts(self, u: int, place: int) -> bool:
        """Whether a transition puts a token here and changes nothing else, but for what it takes."""
        put = self.post[u] & (self.tokens | ~self.pre[u])
        return put == 1 << place and not self.empties[u] & self.tokens

    def _withdrawn(self, tokens: int, place: int) -> bool:
        """Whether anything may withdraw some of these tokens while this place is marked, and leave that as it is."""
        return any(
            self.resets[w] & tokens and not self.wiped[w] >> place & 1 and self._may_fire(w, self.beside[place])
            for w in self.resetting
        )


class _First:
    """Transitions by the first place that they need.

    Args:
        pre: what all transitions need, as masks.
        among: which of them.
    """

    def __init__(self, pre: Sequence[int], among: Iterable[int]) -> None:
        self.always: list[int] = []
        self.places = 0
        self.at: dict[int, list[int]] = {}
        for number in among:
            first = pre[number] & -pre[number]
            (self.at.setdefault(first, []) if first else self.always).append(number)
            self.places |= first

    def near(self, marked: int) -> Iterator[int]:
        """Those that some of these places may enable, and maybe others that they do not."""
        yield from self.always
        rest = marked & self.places
        while rest:
            first = rest & -rest
            rest ^= first
            yield from self.at[first]
