"""Two random drawings: the edits between them make one of the other, to the byte, and undo takes them back."""

from __future__ import annotations

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wfnb.author.between import edits_between
from wfnb.author.edits import Restore, apply
from wfnb.model.codec import encode
from wfnb.model.workflow import Workflow
from wfnb.testing.constructs import CONSTRUCTS
from wfnb.testing.workflows import documents, workflows

slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def makes(old: Workflow, new: Workflow) -> None:
    made, inverse = apply(old, edits_between(old, new))
    assert encode(made) == encode(new)
    assert encode(apply(made, inverse)[0]) == encode(old)


@given(documents(), documents())
@settings(slow, max_examples=12)
def test_the_edits_between_two_drawings_make_one_of_the_other(old: Workflow, new: Workflow) -> None:
    makes(old, new)


@given(workflows(constructs=CONSTRUCTS), st.data())
@settings(slow, max_examples=10)
def test_what_both_have_stays(old: Workflow, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from([node.id for node in old.nodes])))
    new = msgspec.structs.replace(
        old,
        nodes=tuple(node for node in old.nodes if node.id not in gone),
        edges=tuple(edge for edge in old.edges if not {edge.source, edge.target} & gone),
    )
    makes(old, new)
    makes(new, old)
    for edits in (edits_between(old, new), edits_between(new, old)):
        assert not any(isinstance(edit, Restore) for edit in edits)
    assert edits_between(old, old) == ()
