"""Where a run stands, as a marking of its machine's net."""

from __future__ import annotations

from dataclasses import replace

from wfnb.machine.machine import Machine
from wfnb.machine.net import Net
from wfnb.machine.netting import net_of
from wfnb.model.state import State


def standing(machine: Machine, state: State) -> Net:
    """The net of a machine, with the tokens of a run as its beginning.

    Raises:
        NetTooLarge: there is none.
    """
    netted = net_of(machine)
    net, ids, special = netted.net, machine.ids, machine.special
    number = {name: place for place, name in enumerate(net.places)}
    at_edge = {edge: place for place, edge in enumerate(netted.edges) if edge >= 0}
    named = {f"before {ids[node]}" if node in special.locks else f"in {ids[node]}" for node in state.ready}
    named |= {f"in {ids[node]}" for node in state.busy}
    named |= {f"end {ids[machine.graph.target[edge]]}" for edge in state.ended}
    named |= {f"reached {id}" for id in state.facts.reached}
    named |= {f"group {ids[holder]} has its lock" for holder in state.held.values() if holder in special.groups}
    gone = {"start", *(f"lock {name}" for name in state.held)}
    for join, need in special.needs.items():
        if state.arrived.get(join, 0) >= need:
            gone.add(f"join {ids[join]} waits")
            named.add(f"join {ids[join]} has fired")
    marked = {number[name] for name in named if name in number} | {at_edge[edge] for edge in state.waiting}
    return replace(net, initial=frozenset(marked | (net.initial - {number[name] for name in gone if name in number})))
