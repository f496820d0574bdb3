"""Tests of the list of stacks, the environments that `scripts/quality stacks` makes."""

import re

from dev.quality.stacks.stack import Maker, every_stack
from envparity.judge.registry import EVERY_RULE


def test_there_are_at_least_sixty_stacks_of_every_maker_and_many_pythons() -> None:
    stacks = every_stack()
    assert len(stacks) >= 60
    assert len({stack.name for stack in stacks}) == len(stacks)
    assert {stack.by for stack in stacks} == set(Maker)
    assert len({stack.python for stack in stacks}) >= 5
    assert all(re.fullmatch(r"3\.\d+", stack.python) and stack.install for stack in stacks)


def test_each_true_finding_is_a_code_that_envparity_knows_with_a_reason() -> None:
    for stack in every_stack():
        for key, reason in stack.true.items():
            assert key.removeprefix("note ").partition(" ")[0] in EVERY_RULE, (stack.name, key)
            assert len(reason) > 10, (stack.name, key)
