"""Tests of docs/reference/limits.md, the table of the known limits of the libraries.

A known limit is a bug or a missing feature of a library that makes a ping test fail.
"""

from dev.lockenv.project import Project
from dev.matrix.limits import known_limits
from dev.pages.limits import limit_rows, render


def test_every_cause_is_on_the_page_and_each_side_once(project: Project) -> None:
    rows, limits = list(limit_rows(known_limits())), known_limits()
    text = render(project)
    assert all(one.cause in text for one in rows)
    assert {one.cause for one in rows} == {one.cause for one in limits}
    assert sum(len(one.sides) for one in rows) == len(limits)


def test_a_limit_has_its_track_peers_layers_and_cause() -> None:
    rows = limit_rows(known_limits())
    one = next(one for one in rows if one.cause == "libp2p 0.4.0 has no webrtc-direct transport")
    assert (one.whose, one.others, one.over, one.sides) == ("v0.4", (), "`webrtc-direct`", ("dialer", "listener"))
