"""Tests of the lock files: every pin has hashes, and the locks of one environment pin the same versions."""

from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project

LOCKS = ["v0.4", "v0.4-git", "v0.8", "tools", "build", "node"]


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes_and_no_lock_has_a_url(project: Project, name: str) -> None:
    lock = read_lock(project.lock(name))
    assert lock.pins
    text = project.lock(name).read_text()
    assert "://" not in text
    assert "/tmp" not in text  # noqa: S108 - a comment of uv once named a file there
    assert text.count("==") >= len(lock.pins)
    assert all(pin.text.count("--hash=sha256:") >= 1 for pin in lock.pins.values())


def test_the_tracks_pin_their_libraries(project: Project) -> None:
    old, new = read_lock(project.lock("v0.4")).pins, read_lock(project.lock("v0.8")).pins
    commit = read_lock(project.lock("v0.4-git")).pins
    for pins in (old, commit):
        assert pins["multiaddr"].version == "0.0.12"
        assert pins["pymultihash"].version == "0.8.2"
        assert "py-multihash" not in pins
    assert new["multiaddr"].version == "0.2.0"
    assert new["py-multihash"].version == "3.0.0"
    assert "pymultihash" not in new
    assert (old["libp2p"].version, new["libp2p"].version) == ("0.4.0", "0.8.1")
    assert "libp2p" not in commit


@pytest.mark.parametrize("track", ["v0.4", "v0.4-git", "v0.8"])
def test_a_track_and_the_tools_fit_into_one_environment(project: Project, track: str) -> None:
    pins, tools = read_lock(project.lock(track)).pins, read_lock(project.lock("tools")).pins
    shared = pins.keys() & tools.keys()
    assert shared
    assert {name: pins[name].version for name in shared} == {name: tools[name].version for name in shared}


def test_tools_and_build_requirements_are_never_built(project: Project) -> None:
    assert read_lock(project.lock("tools")).built == ()
    assert read_lock(project.lock("build")).built == ()
    assert read_lock(project.lock("v0.4")).built == ("fastecdsa", "python-baseconv", "varint", "zeroconf")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("idna==3.10\n", "a hash for idna"),
        ("idna==3.10 \\\n    --hash=md5:00\n", "a hash for idna"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_not_a_lock_is_an_error(tmp_path: Path, text: str | None, found: str) -> None:
    path = tmp_path / "x.txt"
    if text is not None:
        path.write_text(text)
    with pytest.raises(CommandError, match=found) as caught:
        read_lock(path)
    assert "scripts/lock" in str(caught.value)
