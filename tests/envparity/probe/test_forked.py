"""Tests of a second process that does a part of the work."""

import os

from envparity.probe.forked import Forked, can_fork


def test_the_result_comes_back() -> None:
    assert Forked(lambda: ({"a": "b" * 200_000}, os.getpid())).result()[0] == {"a": "b" * 200_000}
    assert Forked(os.getpid).result() != os.getpid()


def test_a_process_that_fails_has_no_result() -> None:
    assert Forked(lambda: os._exit(3)).result() is None
    assert Forked(lambda: os.kill(os.getpid(), 9)).result() is None


def test_a_second_process_needs_a_second_processor() -> None:
    assert can_fork() is ((os.cpu_count() or 1) > 1)
