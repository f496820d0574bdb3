"""What the libraries cannot do, in rows."""

import tomllib

from dev.lockenv.project import Project
from dev.pages.limits import limit_rows, render


def test_every_cause_is_told_and_either_side_once(project: Project) -> None:
    rows = list(limit_rows(project))
    with (project.root / "dev" / "matrix" / "limits.toml").open("rb") as file:
        kinds = tomllib.load(file)
    entries = [one for several in kinds.values() for one in several]
    text = render(project)
    assert all(one.cause in text for one in rows)
    assert {one.cause for one in rows} == {one["cause"] for one in entries}
    assert sum(len(one.sides) for one in rows) == len(entries)
    assert [one for one in rows if not one.always] == rows[-len(kinds["unsteady"]) :]


def test_one_of_them(project: Project) -> None:
    one = next(one for one in limit_rows(project) if one.cause == "libp2p 0.4.0 has no WebRTC transport")
    assert (one.whose, one.others, one.over, one.sides) == ("v0.4", (), "`webrtc-direct`", ("dialer", "listener"))
