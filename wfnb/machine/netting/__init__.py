"""The net of a machine: what moves, as places and transitions, for proofs and pictures.

Edges into one node lead to one place, because what comes along them is merged: the inside of a task, a wait, a map or
a call (where a lock is taken there is a place before it, too), the moment before a choice or a fork, an end.  Each edge
into a join is a place of its own.  A task that fails where nothing catches it ends the run, and so has no transition;
guards are left open, so that every edge of a choice can be taken.

Other places: a lock that is free, a group that has it, a milestone that was reached, a join of k of n branches that
waits (`armed`) or has fired, and the state of an inclusive fork between two of its decisions.
"""

from wfnb.machine.netting.build import net_of, netted
from wfnb.machine.netting.meaning import Cause, Meaning, Netted, NetTooLarge

__all__ = ["Cause", "Meaning", "NetTooLarge", "Netted", "net_of", "netted"]
