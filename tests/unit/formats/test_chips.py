"""Guards on static pictures: where they stand, and what is cut where there is no room."""

from __future__ import annotations

import random

from wfnb.formats.chips import Box, Chip, placed


def overlap(a: Box, b: Box) -> bool:
    return abs(a[0] - b[0]) * 2 < a[2] + b[2] and abs(a[1] - b[1]) * 2 < a[3] + b[3]


def test_a_guard_between_two_cards_that_are_near_covers_neither() -> None:
    gate, card = (100.0, 100.0, 44.0, 44.0), (250.0, 100.0, 150.0, 46.0)
    (chip,) = placed([Chip("mark > 0.3", "6", "", (148.0, 100.0))], [gate, card])
    assert chip.words == "mark > 0.3 · 6"
    assert not overlap(chip.box, gate)
    assert not overlap(chip.box, card)


def test_guards_of_one_choice_do_not_cover_each_other() -> None:
    luck = random.Random(3)
    for _ in range(200):
        chips = [Chip("x > 1", "", "timer", (luck.uniform(0, 900), 100.0 * n)) for n in range(6)]
        nodes = [(chip.middle[0] + 200, chip.middle[1], 150.0, 46.0) for chip in chips]
        boxes = [chip.box for chip in placed(chips, nodes)]
        assert not any(overlap(a, b) for n, a in enumerate(boxes) for b in boxes[:n])


def test_what_is_cut_is_told_whole_in_its_title_and_its_count_is_not_cut() -> None:
    walls = [(200.0, y, 300.0, 30.0) for y in (20.0, 60.0, 140.0, 180.0)]
    sides = [(20.0, 100.0, 40.0, 60.0), (280.0, 100.0, 80.0, 60.0)]
    (chip,) = placed([Chip("len(orders) > 17 and late", "1,000", "", (150.0, 100.0))], walls + sides)
    assert chip.words == "len(orders)… · 1,000"
    assert "<title>len(orders) &gt; 17 and late</title>" in chip.drawn()


def test_where_there_is_no_room_at_all_it_stands_all_the_same() -> None:
    (chip,) = placed([Chip("a", "", "", (0.0, 0.0))], [(0.0, 0.0, 500.0, 500.0)])
    assert chip.middle == (0.0, 0.0)
