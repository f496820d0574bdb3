"""Tests of the kinds of damage that `scripts/quality projects` makes."""

from dev.quality.projects.damage import EVERY_DAMAGE
from envparity.judge.registry import EVERY_RULE


def test_there_are_at_least_ten_kinds_of_damage_and_each_names_codes_that_exist() -> None:
    assert len({one.name for one in EVERY_DAMAGE}) == len(EVERY_DAMAGE) >= 10
    assert all(one.codes and set(one.codes) <= EVERY_RULE.keys() for one in EVERY_DAMAGE)
    assert len({code for one in EVERY_DAMAGE for code in one.codes}) >= 10
