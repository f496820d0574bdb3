"""Tests of `interop/transport/relock` in real checkouts: it locks what the checkout asks for, and keeps other pins."""

import subprocess
from pathlib import Path

import pytest
from pylibp2p import made_up, released

from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project
from dev.upstream.difference import write
from dev.upstream.folder import files

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]


def relock(checkout: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [str(checkout / "interop" / "transport" / "relock"), *options]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)


def versions(checkout: Path, name: str = "checkout") -> dict[str, str]:
    pins = read_lock(checkout / "interop" / "transport" / "locks" / f"{name}.txt").pins
    return {pin.name: pin.version for pin in pins.values()}


@pytest.mark.slow
@pytest.mark.parametrize(("version", "track"), [("0.4.0", "v0.4"), ("0.8.1", "v0.8")])
def test_a_checkout_of_a_release_keeps_every_pin(project: Project, tmp_path: Path, version: str, track: str) -> None:
    checkout = released(tmp_path, version)
    write(checkout, files(project, track))
    before = {name: versions(checkout, name) for name in ("checkout", "build", "tools")}
    done = relock(checkout)
    assert done.returncode == 0, done.stderr
    assert {name: versions(checkout, name) for name in before} == before
    text = (checkout / "interop" / "transport" / "locks" / "checkout.txt").read_text()
    assert str(tmp_path) not in text
    assert "file:" not in text
    assert (relock(checkout).stdout, text) == ("", text)


@pytest.fixture
def small(project: Project, tmp_path: Path) -> Path:
    """Return a checkout that asks for little, so that uv resolves it quickly, with the folder of v0.8 in it."""
    checkout = made_up(tmp_path / "py-libp2p", "trio>=0.26.0")
    path = checkout / "pyproject.toml"
    path.write_text(path.read_text().replace('"aiortc>=1.5.0,<2.0"', ""))
    write(checkout, files(project, "v0.8"))
    return checkout


def test_only_what_the_checkout_asks_for_changes(small: Path) -> None:
    path = small / "pyproject.toml"
    path.write_text(path.read_text().replace('"trio>=0.26.0"', '"trio>=0.26.0", "iniconfig<2", "attrs<26"'))
    path.write_text(path.read_text().replace('"wheel"]', '"wheel", "flit-core<4"]'))
    before = versions(small)
    done = relock(small)
    assert done.returncode == 0, done.stderr
    assert {"interop/transport/locks/checkout.txt", "interop/transport/locks/build.txt"} <= set(
        done.stdout.splitlines()
    )
    after = versions(small)
    assert after["iniconfig"].startswith("1.")
    assert after["attrs"].startswith("25.")
    assert after["trio"] == before["trio"]
    assert "flit-core" in versions(small, "build")
    assert {name for name in after if after[name] != before.get(name)} == {"attrs", "iniconfig"}


def test_requirements_that_contradict_each_other_are_one_line(small: Path) -> None:
    path = small / "pyproject.toml"
    path.write_text(path.read_text().replace('"trio>=0.26.0"', '"trio>=0.26.0", "trio<0.26.0"'))
    done = relock(small)
    assert (done.returncode, done.stdout) == (1, "")
    (said,) = [line for line in done.stderr.splitlines() if not line.endswith(" s so far")]
    assert said.startswith("interop/transport/relock: locking checkout: uv ended with status 1:")
