"""Rules that make two moves that follow each other into one."""

from __future__ import annotations

from wfnb.machine.soundness.core import Core, Move, then

FAR = 100
"""How many places to go back in search of the beginning."""


def shortcut(core: Core, place: int) -> None:
    """A place whose takers need nothing else: make each maker and taker one move.

    Let u mark the place q, and t take from it.  Whatever is fired between u and t can be fired after t as well, because
    t leaves more tokens than it finds only in its own post: so every sequence can be put in an order in which t follows
    u at once, and no marking in which q is marked is a counterexample, since t can be fired there.  A second u while q
    is marked shows as a second token in t's post or outlets; hence t must have some, at least one of the t's.

    Resets: t resets nothing.  A wiper r between u and t must give the same before and after t: it touches neither q nor
    t's post; or it wipes all of both, and t marks no outlet; or it takes from t's post, so that where it can be fired
    before t, t puts a second token into a marked place.

    Thresholds: t counts nothing and nothing counts q; others that count t's post only become enabled sooner.
    """
    makers, takers = core.makers[place], core.takers[place]
    n, k = len(makers), len(takers)
    if not n or not k or (n > 1 < k and n * k > n + k) or place in core.idle or core.watchers[place]:
        return
    shows = False
    for t in takers:
        if len(t.pre) > 1 or t.some or t.resets or t in makers:
            return
        shows = shows or bool(t.post or t.outlets or t.fault)
    if not shows and any(core.origin not in u.pre for u in makers):
        return
    if not core.plain and not all(_reset_alike(core, t, t.post | {place}) for t in takers):
        return
    if k == 1:
        (t,) = takers
        for u in list(makers):
            _append(core, u, t.pre, t)
        core.remove(t)
    else:
        for u in list(makers):
            for t in list(takers):
                _fuse(core, u, place, t)
        for move in [*makers, *takers]:
            core.remove(move)
    core.drop(place)


def follow(core: Core, place: int) -> None:
    """A place with one taker t, which needs other places too, but can be fired whenever the place is marked.

    As for a shortcut, with X for the other places that t takes from.  Each maker u leaves X marked.  While the place is
    marked nothing else takes from X: who wants to needs a place that is never marked at the same time.  Nothing counts
    X, and wipers give the same before and after t.  Nor does X get a second token meanwhile, which would not be seen
    after the rule, because each place of X gets no more than one token in any run; so the place itself gets no second
    one either, while it is marked.  (This is a join that makes itself ready again.)
    """
    takers, makers = core.takers[place], core.makers[place]
    if not core.idle or len(takers) != 1 or not makers or place in core.idle or core.watchers[place]:
        return
    (t,) = takers
    others = t.pre - {place}
    if not others or t.some or t.resets or t.fault or not t.post.isdisjoint(t.pre) or t in makers:
        return
    if not all(others <= u.post for u in makers) or any(core.watchers[p] for p in others):
        return
    if not all(w is t or _excluded(core, place, w) for p in others for w in core.takers[p]):
        return
    if not _reset_alike(core, t, t.post | t.pre) or not all(_once(core, p) for p in others):
        return
    for u in list(makers):
        _append(core, u, t.pre, t)
    if not core.makers[place]:
        core.remove(t)
        core.drop(place)


def _excluded(core: Core, place: int, w: Move) -> bool:
    """Whether a move needs a place that is never marked together with this one."""
    return any(_alternate(core, place, other) for other in w.pre)


def _alternate(core: Core, one: int, other: int) -> bool:
    """Whether two places are never marked together: who puts a token into them takes one from them or empties both.

    The beginning, which is fired once, puts one at most.
    """
    two = {one, other}
    for move in {**core.makers[one], **core.makers[other]}:
        put = len(two & move.post)
        if put > 1 or not (core.origin in move.pre or two & move.pre or two <= move.resets):
            return False
    return True


def _once(core: Core, place: int) -> bool:
    """Whether a place gets at most one token in any run, tokens given back not counted.

    All who put one there take the one that some other such place gets.
    """
    seen: set[int] = set()
    while place != core.origin:
        seen.add(place)
        if len(seen) > FAR:
            return False
        common: set[int] | None = None
        for move in core.makers[place]:
            if place not in move.pre:
                taken = move.pre - move.post
                common = taken if common is None else common & taken
        further = sorted((common or set()) - seen)
        if not further:
            return False
        place = further[0]
    return True


def _reset_alike(core: Core, t: Move, wiped: set[int]) -> bool:
    """Whether every wiper of what t takes and puts gives the same before and after t."""
    for p in wiped:
        for r in core.wipers[p]:
            if r.pre.isdisjoint(t.post) and (t.outlets or t.fault or not wiped <= r.resets):
                return False
    return True


def _append(core: Core, u: Move, taken: set[int], t: Move) -> None:
    """Let u go on as t, which takes what u has just put there."""
    if u.fault:
        return
    term = then(u.term, t.term)
    if t.fault:
        core.spoil(u, t.fault, term, t.doubled)
    elif not (u.post & t.post) <= taken or not u.outlets.isdisjoint(t.outlets):
        core.spoil(u, "unsafe", term, min(u.outlets & t.outlets, default=-1))
    else:
        u.term = term
        for p in taken:
            del core.makers[p][u]
        u.post -= taken
        core.look_again(taken)
        u.post |= t.post
        for p in t.post:
            core.makers[p][u] = None
        if t.outlets:
            u.outlets |= t.outlets
        u.silent = u.silent and t.silent
        core.stale_moves[u] = None
        core.look_again(t.post)


def _fuse(core: Core, u: Move, place: int, t: Move) -> None:
    """Add the move that is u and then t."""
    fused = Move(then(u.term, t.term), set(u.pre), u.post - {place} | t.post)
    fused.resets, fused.some, fused.least = set(u.resets), dict(u.some), u.least
    fused.outlets, fused.silent = u.outlets | t.outlets, u.silent and t.silent
    core.add(fused)
    if t.fault:
        core.spoil(fused, t.fault, fused.term, t.doubled)
    elif not (u.post - {place}).isdisjoint(t.post) or not u.outlets.isdisjoint(t.outlets):
        core.spoil(fused, "unsafe", fused.term, min(u.outlets & t.outlets, default=-1))
