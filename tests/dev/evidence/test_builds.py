"""Tests of the recorded builds, which show which build needs which Debian package.

Each build ran with and without a package, and its result is stored. Some of the tests run builds again.
"""

import tomllib

import pytest

from dev.doors.engines import find_engine
from dev.doors.offline.images import python_image
from dev.doors.pins import versions
from dev.evidence.builds import Builds, experiments, try_builds
from dev.evidence.runs import Evidence
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project

PYTHON = python_image("3.11")

# The builds that the last test runs again. They share a container or need few packages, and together they cover every
# part of the toolchain.
AGAIN = (
    *("wheels-v0.4", "other-sdists", "git-uv-without", "git-pip-without", "fastecdsa", "fastecdsa-import"),
    *("fastecdsa-without-libgmp-dev", "coincurve-without-pkg-config"),
)


@pytest.fixture
def builds(evidence: Evidence) -> Builds:
    return evidence.toolchain


def test_each_experiment_was_recorded(builds: Builds, project: Project) -> None:
    wanted = experiments(project)
    assert [one.name for one in builds.outcomes] == [one.name for one in wanted]
    assert [(one.what, one.without) for one in builds.outcomes] == [(one.what, one.without) for one in wanted]
    assert [sorted(one.packages) for one in builds.outcomes] == [sorted(one.packages) for one in wanted]


def test_the_recorded_versions_are_those_of_the_locks(builds: Builds, project: Project) -> None:
    pins = versions(project)
    for one in builds.outcomes:
        assert {name: version for name, version in one.packages.items() if name in pins}.items() <= pins.items()
    assert {name for one in builds.outcomes for name in one.packages} - set(pins) == {"libsecp256k1-dev"}
    assert builds.uv == read_lock(project.lock("tools")).pins["uv"].version
    assert builds.python.startswith(f"{project.toolchain.python_series}.")
    lock = read_lock(project.lock("v0.4"))
    for name in ("fastecdsa", "coincurve"):
        assert builds.find(name).what == f"the sdist of {name} {lock.pins[name].version}"
    assert lock.pins["cffi"].version in builds.find("coincurve-cffi").without


@pytest.mark.parametrize(
    ("name", "there", "absent"),
    [
        ("fastecdsa", {"gcc", "libc6-dev", "libgmp-dev", "python3.11-dev"}, {"cmake", "git", "pkg-config"}),
        ("coincurve", {"gcc", "libsecp256k1-dev", "python3.11-dev"}, {"cmake", "git", "libgmp-dev"}),
        ("coincurve-fetching", {"gcc", "libsecp256k1-dev"}, {"cmake", "git", "libgmp-dev"}),
        ("git-uv", {"git"}, {"gcc"}),
        ("git-pip", {"git"}, {"gcc"}),
        ("other-sdists", set(), {"gcc", "git"}),
    ],
)
def test_with_the_needed_packages_each_build_passes(
    builds: Builds, name: str, there: set[str], absent: set[str]
) -> None:
    found = builds.find(name)
    assert found.status == 0
    assert there <= set(found.packages)
    assert not absent & set(found.packages)


def test_the_wheels_of_the_locks_need_no_package(builds: Builds, project: Project) -> None:
    for track in project.locked_tracks:
        found = builds.find(f"wheels-{track}")
        lock = read_lock(project.lock(track))
        assert (found.status, found.packages) == (0, {})
        # `count` is the number of installed wheels. The other wheels of the lock are for other systems or
        # other Pythons.
        count = int(found.said.split()[1])
        assert len(lock.pins) - len(lock.built) - 10 < count <= len(lock.pins) - len(lock.built)


def test_only_fastecdsa_needs_a_compiler(project: Project) -> None:
    """docs/reference/toolchain.md says this about fastecdsa, the other sdists and coincurve."""
    for track in project.tracks:
        lock = read_lock(project.lock(track))
        assert "fastecdsa" in lock.built
        assert set(lock.built) - {"fastecdsa"} <= {"python-baseconv", "varint", "zeroconf"}
        assert "coincurve" not in lock.built
        assert "--only-binary :all:" in lock.path.read_text()


def test_the_experiments_use_every_package_of_the_compiler(builds: Builds, project: Project) -> None:
    with (project.root / "locks" / "toolchain.toml").open("rb") as file:
        pinned = tomllib.load(file)["debian"]
    assert set(builds.find("fastecdsa").packages) == {*pinned["compiler"], *pinned["python"]}


@pytest.mark.slow
@pytest.mark.docker
@pytest.mark.network
@pytest.mark.timeout(300)
def test_the_builds_repeat_their_recorded_outcomes(builds: Builds, project: Project) -> None:
    told: list[str] = []
    made = try_builds(find_engine(), project, PYTHON.tag, told.append, AGAIN)
    assert sorted(told) == sorted(AGAIN)
    assert {one.name: one for one in made.outcomes} == {name: builds.find(name) for name in AGAIN}
    assert (made.python, made.uv, made.as_of) == (builds.python, builds.uv, builds.as_of)
