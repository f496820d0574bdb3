"""The CPU time of the processes that a test starts, which other programs on a busy machine do not change."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def less_cpu_time_than(seconds: float) -> Iterator[None]:
    """Check that the processes that start and end in the block need less than `seconds` of CPU time together."""
    before = os.times()
    yield
    after = os.times()
    took = after.children_user - before.children_user + after.children_system - before.children_system
    assert took < seconds
