"""Tests of the situations of Python itself, of places and of wheels."""

from dev.evidence.faults.shown import SHOWN
from dev.evidence.faults.shown_places import PLACES


def test_each_situation_of_a_place_is_among_all_situations() -> None:
    assert all(SHOWN[code] is shown for code, shown in PLACES.items())
    assert {code for code, shown in PLACES.items() if shown.doors == 2} == {
        *("interpreter-build", "stdlib-differs", "stdlib-partly")
    }
