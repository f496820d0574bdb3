"""A limit for the CPU time of a test's processes. A busy machine changes their duration, but hardly their CPU time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def less_cpu_time_than(seconds: float) -> Iterator[None]:
    """Check that all processes that start and end in the block need less than `seconds` of CPU time in total."""
    before = os.times()
    yield
    after = os.times()
    took = after.children_user - before.children_user + after.children_system - before.children_system
    assert took < seconds
