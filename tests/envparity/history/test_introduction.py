"""Tests of `introduction`, which finds the release that introduced a requirement. A real pip reads real wheels."""

from pathlib import Path

import pytest
from packaging.markers import default_environment
from wheels import write_wheel

from envparity.history.introduction import Introduction, asking, introduction
from envparity.index.releases import Release, Releases, ReleaseUnknown

MARKERS = {name: str(value) for name, value in default_environment().items()}


def wheel(folder: Path, version: str, *requires: str) -> None:
    write_wheel(folder, "thing", version, *requires)


def test_the_first_release_without_a_gap(wheels: Path) -> None:
    wheel(wheels, "1.0", "other")
    wheel(wheels, "1.1")
    wheel(wheels, "1.2", "other")
    wheel(wheels, "1.10", "other (>=2)")
    wheel(wheels, "1.11", "other>=2")
    wheel(wheels, "2.0")
    found = introduction(Releases(None), "thing", "1.11", asking("Other", MARKERS))
    assert found == Introduction(Release("thing", "1.2"), "1.1", Release("thing", "1.10"))


def test_the_oldest_release_may_have_the_requirement(wheels: Path) -> None:
    wheel(wheels, "1.0", "other")
    wheel(wheels, "1.1", "other")
    found = introduction(Releases(None), "thing", "1.1", asking("other", MARKERS))
    assert found == Introduction(Release("thing", "1.0"), None, Release("thing", "1.0"))


def test_the_index_has_another_release_of_that_version(wheels: Path) -> None:
    wheel(wheels, "1.0")
    assert introduction(Releases(None), "thing", "1.0", asking("other", MARKERS)) is None


def test_an_unreadable_release_ends_the_walk(wheels: Path) -> None:
    wheel(wheels, "1.1", "other")
    (wheels / "thing-1.0.tar.gz").write_bytes(b"an sdist, which is not run to be read")
    with pytest.raises(
        ReleaseUnknown,
        match=r"no wheel of thing==1\.0; thing 1\.1 has the requirement, the releases before it are unknown",
    ):
        introduction(Releases(None), "thing", "1.1", asking("other", MARKERS))


@pytest.mark.parametrize(
    ("requires", "extras", "found"),
    [
        (["other"], ["", "speed"], {"other"}),
        (["other; python_version < '3'"], [""], set()),
        (["other; extra == 'speed'"], [""], set()),
        (["other; extra == 'speed'"], ["speed"], {'other; extra == "speed"'}),
        (["not a requirement at all", "other"], [""], {"other"}),
        (["another", "other-one"], [""], set()),
        (["OTHER[fast] >= 2"], [""], {"OTHER[fast]>=2"}),
        # A requirement whose marker cannot be evaluated does not count, and the next requirement is read.
        (['other; os_name ~= "posix"', "other>=2"], [""], {"other>=2"}),
    ],
)
def test_asking_finds_requirements_that_apply(requires: list[str], extras: list[str], found: set[str]) -> None:
    assert asking("other", MARKERS, extras)(requires) == found


@pytest.mark.network
def test_the_release_that_made_the_environments_differ() -> None:
    found = introduction(Releases(None), "multiaddr", "0.1.0", asking("py-multihash", MARKERS))
    assert found is not None
    assert found.first.version == "0.1.0"
    assert found.before == "0.0.12"
    assert found.first.uploaded is not None
    assert found.first.uploaded.strftime("%Y-%m-%d %H:%M") == "2025-10-27 14:22"
