"""What every construct records fits its own workflow, and one that has changed where the run did not go."""

from __future__ import annotations

from functools import cache

import pytest

from tests.changed import grown, migrated
from tests.constructs import constructs
from tests.runner import Played, play
from wfnb.engine.past import past_machines
from wfnb.errors import ReplayMismatch
from wfnb.testing.enacting import Enacted
from wfnb.testing.histories import History
from wfnb.testing.replaying import replay

CONSTRUCTS = {one.name: one for one in constructs()}


@cache
def undisturbed(name: str) -> Played:
    return play(CONSTRUCTS[name])


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_it_fits_its_own_workflow(name: str) -> None:
    for seed in (None, 1, 2):
        played = play(CONSTRUCTS[name], seed=seed)
        found = replay(History.of(played.run), CONSTRUCTS[name].workflow)
        assert found.events == sum(head.events for head in played.store.heads())
        assert (found.status, found.ahead) == (played.run.status, ())


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_it_fits_where_it_was_taken_up_again(name: str) -> None:
    whole = undisturbed(name)
    for length in range(1, len(whole.log), 4):
        replay(play(CONSTRUCTS[name], log=whole.log[:length], store=whole.store).run, CONSTRUCTS[name].workflow)


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_every_state_is_that_of_the_run(name: str) -> None:
    """Of a run that is followed by its own machine."""
    played = undisturbed(name)
    for head in played.store.heads():
        machines = [machine for _, machine in past_machines(played.store, head.run)]
        enacted = Enacted(head.run, machines[0], machines)
        enacted.follow(played.store.read(head.run))
        if head.run == played.run.id:
            assert enacted.state == played.run.state


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a_task_that_was_not_run_is_missed(name: str) -> None:
    with pytest.raises(ReplayMismatch, match=r"does not fit workflow .*: it starts 'added' there") as caught:
        replay(undisturbed(name).run, grown(CONSTRUCTS[name].workflow))
    assert caught.value.seq == 2


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a_run_that_has_migrated_fits_what_it_follows(name: str) -> None:
    for at in (0.6, 2.6, 5.6):
        played = migrated(CONSTRUCTS[name], grown(CONSTRUCTS[name].workflow), at, tried := list[bool]())
        found = replay(played.run, grown(CONSTRUCTS[name].workflow)) if tried == [True] else None
        assert found is None or found.status == played.run.status
