"""A token game of its own, from the definition of place/transition nets, and everything a small net can do.

It knows nothing of the package but the data of a net, and reads PNML with the standard library.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from wfnb.machine.net import Net


@dataclass
class Game:
    """A net: by transition id, what it takes and puts, how often."""

    takes: dict[str, Counter[str]]
    puts: dict[str, Counter[str]]
    tokens: Counter[str]
    sinks: set[str]

    def enabled(self) -> list[str]:
        return [id for id, takes in self.takes.items() if all(self.tokens[p] >= n for p, n in takes.items())]

    def fire(self, id: str) -> None:
        assert id in self.enabled(), f"{id} is not enabled"
        self.tokens = self.tokens - self.takes[id] + self.puts[id]

    def safe(self) -> bool:
        return all(count <= 1 for count in self.tokens.values())

    def ended(self) -> bool:
        return bool(+self.tokens) and set(+self.tokens) <= self.sinks


def from_pnml(data: bytes) -> Game:
    """The net in a PNML file without namespaces."""
    root = ET.fromstring(data)
    takes: dict[str, Counter[str]] = {node.attrib["id"]: Counter() for node in root.iter("transition")}
    puts: dict[str, Counter[str]] = {id: Counter() for id in takes}
    for arc in root.iter("arc"):
        source, target = arc.attrib["source"], arc.attrib["target"]
        if target in takes:
            takes[target][source] += 1
        else:
            puts[source][target] += 1
    places = {node.attrib["id"]: int(node.findtext("initialMarking/text", "0")) for node in root.iter("place")}
    taken = {place for counts in takes.values() for place in counts}
    return Game(takes, puts, +Counter(places), set(places) - taken)


@dataclass
class Everything:
    """All that a net can do, second tokens not followed; lengths of shortest ways, None where there is no way."""

    sound: bool = True
    fault: int | None = None
    """To a second token or a dead marking, else to one from which no ending is reached."""
    dead: int | None = None
    spilt: int | None = None
    """To a second token in a sink, or a dead marking with a sink marked that is no ending."""
    endless: bool = False
    fired: set[int] = field(default_factory=set)


def everything(net: Net, most: int) -> Everything | None:
    """Look at every marking, one by one; None if there are more than `most`."""
    found = Everything()
    depth = {net.initial: 0}
    before: dict[frozenset[int], list[frozenset[int]]] = {net.initial: []}
    for marking in (frontier := [net.initial]):
        if len(depth) > most:
            return None
        dead = True
        for number, t in enumerate(net.transitions):
            if not set(t.pre) <= marking or len(marking.intersection(t.some)) < t.least:
                continue
            dead = False
            found.fired.add(number)
            kept = marking.difference(t.pre, t.resets)
            if doubled := kept.intersection(t.post):
                found.sound = False
                found.fault = min(found.fault or most, depth[marking] + 1)
                if doubled & net.sinks and found.spilt is None:
                    found.spilt = depth[marking] + 1
                continue
            after = kept.union(t.post)
            if after not in depth:
                depth[after] = depth[marking] + 1
                before[after] = []
                frontier.append(after)
            before[after].append(marking)
        if dead and not net.ended(marking):
            found.dead = depth[marking] if found.dead is None else found.dead
            if marking & net.sinks and found.spilt is None:
                found.spilt = depth[marking]
    if found.dead is not None:
        found.fault = found.dead if found.fault is None else min(found.fault, found.dead)
    good = [marking for marking in depth if net.ended(marking)]
    reached = set(good)
    for marking in good:
        fresh = [earlier for earlier in dict.fromkeys(before[marking]) if earlier not in reached]
        reached.update(fresh)
        good += fresh
    lost = [length for marking, length in depth.items() if marking not in reached]
    found.endless = bool(lost)
    found.sound = found.sound and not lost
    if lost and found.fault is None:
        found.fault = min(lost)
    return found
