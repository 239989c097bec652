from dashboard.marks import Mark, marks
from dashboard.theme import PALETTES, PRODUCTION, Scheme


def test_first_versions_have_the_first_hues() -> None:
    assert [mark.hue for mark in marks([1, 2, 3, 4, 5, 6]).values()] == [0, 1, 2, 3, 4, 5]


def test_production_is_drawn_in_ink_and_thick() -> None:
    mark = marks([1, 2, 3], production=2)[2]
    assert mark == Mark(PRODUCTION)
    assert mark.color(Scheme.DARK) == PALETTES[Scheme.DARK].ink
    assert mark.width > marks([1])[1].width


def test_a_version_keeps_its_look_when_newer_ones_come_and_go() -> None:
    few = marks([2, 5], production=2)
    more = marks([2, 5, 11, 17, 300], production=2)
    assert few[5] == more[5]
    assert marks([2, 5, 11], production=2)[11] == more[11]


def test_order_and_repetition_do_not_matter() -> None:
    assert marks([9, 3, 3, 1]) == marks([1, 3, 9])


def test_no_two_versions_look_alike_however_many() -> None:
    for scheme in Scheme:
        looks = {
            (mark.color(scheme), mark.dash, mark.symbol)
            for mark in marks(range(1, 41), production=40).values()
        }
        assert len(looks) == 40


def test_where_all_hues_are_given_a_version_is_dashed() -> None:
    eleventh = marks(range(1, 12))[11]
    assert eleventh.lap == 1
    assert eleventh.dash != "solid"
    assert eleventh.symbol != "circle"
