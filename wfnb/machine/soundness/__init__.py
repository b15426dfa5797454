"""Proofs about nets: sound or not, why, and how it comes to that."""

from wfnb.machine.soundness.behaviour import Behaviour, Finding, behaviour
from wfnb.machine.soundness.verdict import Soundness, decide

__all__ = ["Behaviour", "Finding", "Soundness", "behaviour", "decide"]
