"""What the net of a machine does where routing nodes fire at once, as they do in a run, and nothing comes before them.

It matters only where something is emptied: a token that a run has taken on long ago may still be withdrawn in the net.
"""

from wfnb.machine.prompt.judged import behaviour_of, soundness_of
from wfnb.machine.prompt.turns import Turns

__all__ = ["Turns", "behaviour_of", "soundness_of"]
