"""A run that goes on with a changed definition: where its tokens, and all else that its state says, stand in that one.

Nodes are the same by id and kind, edges by source, target and trigger; what can not be told so is named, not guessed.
That a marking exists in the changed drawing does not make it a good one: a branch that was added behind a fork which
has fired already would be waited for in vain (the dynamic change bug of Ellis, Keddara, Rozenberg 1995, "Dynamic
Change within Workflow Systems").  So the net of the changed drawing is searched from there on, too.
"""

from wfnb.machine.migration.fits import misfits
from wfnb.machine.migration.follow import follow
from wfnb.machine.migration.image import Image, image_of
from wfnb.machine.migration.moved import migrate

__all__ = ["Image", "follow", "image_of", "migrate", "misfits"]
