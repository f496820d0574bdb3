"""Tests of findings about the source of a distribution: exactly what the lock pins is no finding, all else is an error.

pip and uv really install from each source, and then envparity looks at the environment.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from environment_builder import Environment
from judging import lock_of, subject
from sources import COMMITTED, Sources, make_sources

from envparity.index.clients import uv_program
from envparity.judge.resolution import check
from envparity.judge.source import compared_facts
from envparity.snapshot.types import Snapshot

pytestmark = pytest.mark.git
SOURCE = {"lock-source", "lock-artefact", "lock-version"}


@dataclass(frozen=True)
class Installed:
    """An environment with a distribution from each source, and what its installer lists as its content."""

    environment: Environment
    snapshot: Snapshot
    sources: Sources
    frozen: str

    def found(self, line: str) -> dict[str, str]:
        """Return the codes and messages of the findings about sources, with a lock that has the pin `line`."""
        whose = line.partition("@")[0].partition("=")[0].strip()
        found = check(subject(self.snapshot, lock_of(self.environment, line + "\n")))
        return {one.code: one.message for one in found if one.code in SOURCE and whose in one.distributions}

    def noted(self, name: str) -> bool:
        """Return whether the installer noted the hash of the wheel; uv only does so if its requirement had the hash."""
        return bool(self.snapshot.by_name[name].artefact_hashes)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """Return the sources that every environment of this module is installed from."""
    return make_sources(tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="module", params=["pip", "uv"])
def installed(
    request: pytest.FixtureRequest, sources: Sources, bundled_pip: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    """Return an environment that pip or uv made from a requirements file with one line for each source."""
    folder = tmp_path_factory.mktemp(request.param)
    environment = Environment(folder / "environment")
    wanted = folder / "requirements.txt"
    wanted.write_text("\n".join(sources.requirements.values()) + "\n", encoding="utf-8")
    if request.param == "pip":
        program, options = [*bundled_pip, "--python", str(environment.python)], ["--no-index"]
        listing = [*program, "freeze"]
    else:
        program, options = [uv_program(), "pip"], ["--offline", "--python", str(environment.python)]
        listing = [*program, "freeze", "--python", str(environment.python)]
    subprocess.run([*program, "install", "-q", "--no-deps", *options, "-r", wanted], check=True, cwd=folder)
    frozen = subprocess.run(listing, check=True, capture_output=True, text=True, cwd=folder).stdout
    return Installed(environment, environment.snapshot(), sources, frozen)


def test_a_distribution_from_the_pinned_source_is_no_finding(installed: Installed) -> None:
    for name, line in installed.sources.requirements.items():
        if name != "named":  # a lock cannot have a path without a name
            assert installed.found(line) == {}, line


def test_the_list_of_the_installer_as_a_lock_gives_no_finding(installed: Installed) -> None:
    lines = installed.frozen.splitlines()
    assert len(lines) == len(installed.sources.requirements)
    for line in lines:
        assert installed.found(line) == {}, line


@pytest.mark.parametrize("name", ["located", "hashed", "named"])
def test_a_wheel_from_a_folder_is_the_release_that_the_lock_pins(name: str, installed: Installed) -> None:
    digest = installed.sources.digest(name)
    assert installed.found(f"{name}==1.0") == {}
    assert installed.found(f"{name}==1.0 --hash=sha256:{'0' * 64} --hash=sha256:{digest}") == {}
    mirror = installed.found(f"{name} @ https://example.com/{name}-1.0-py3-none-any.whl#sha256={digest}")
    assert mirror.keys() == (set() if installed.noted(name) else {"lock-source"})
    assert installed.found(f"{name}==2.0").keys() == {"lock-version"}


def test_a_wheel_with_another_hash_is_an_error_if_the_hash_was_noted(installed: Installed) -> None:
    assert installed.found(f"hashed==1.0 --hash=sha256:{'0' * 64}").keys() == {"lock-artefact"}


@pytest.mark.parametrize("name", COMMITTED)
def test_another_commit_is_an_error(name: str, installed: Installed) -> None:
    sources = installed.sources
    commit = sources.second if name == "newest" else sources.first
    other = sources.first if name == "newest" else sources.second
    where = f"#subdirectory={name}"
    for revision in (f"@{commit}", f"@{commit[:7]}"):
        assert installed.found(f"{name} @ {sources.repository}{revision}{where}") == {}
        assert installed.found(f"{name} @ git+https://example.com/mirror.git{revision}{where}") == {}
    for line in (
        f"{name} @ {sources.repository}@{other}{where}",
        f"{name} @ {sources.repository}@{other[:9]}{where}",
        f"{name} @ {sources.repository}@v2{where}",
        f"{name} @ {sources.repository}@{commit}",
        f"{name} @ {sources.repository}@{commit}#subdirectory=other",
        f"{name} @ git+file:///another/repository@v1{where}",
        f"{name} @ file://{sources.folder}/{name}",
        f"{name}==1.0",
    ):
        assert installed.found(line).keys() == {"lock-source"}, line


@pytest.mark.parametrize(
    "line",
    [
        "unpacked==1.0",
        "unpacked @ file:///another/folder",
        "unpacked @ https://example.com/unpacked-1.0.tar.gz",
        "unpacked @ git+https://example.com/unpacked.git@v1",
    ],
)
def test_a_folder_that_the_lock_does_not_pin_is_an_error(line: str, installed: Installed) -> None:
    assert installed.found(line).keys() == {"lock-source"}


def test_releases_from_a_folder_of_wheels_are_no_finding(sources: Sources, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "environment")
    lock = tmp_path / "lock.txt"
    names = ("located", "hashed", "named")
    lock.write_text("".join(f"{name}==1.0 --hash=sha256:{sources.digest(name)}\n" for name in names))
    options = ["--no-index", "--find-links", str(sources.folder / "wheels"), "--require-hashes", "-r", str(lock)]
    command = [uv_program(), "pip", "install", "-q", "--python", str(environment.python), *options]
    subprocess.run(command, check=True, cwd=tmp_path)
    found = check(subject(environment.snapshot(), lock_of(environment, lock.read_text())))
    assert [one.code for one in found] == []


def test_the_report_says_which_facts_were_compared_with_the_lock(installed: Installed) -> None:
    sources, snapshot = installed.sources, installed.snapshot

    def facts(text: str) -> str | None:
        return compared_facts(subject(snapshot, lock_of(installed.environment, text)))

    digest = f"--hash=sha256:{sources.digest('hashed')}"
    assert facts(f"hashed==1.0 {digest}\nabsent==1.0\n") == (
        "versions of 1 distribution; of 1 also the hash of the wheel or sdist, as direct_url.json has it"
    )
    assert facts("hashed==1.0\nnamed==1.0\n") == (
        "versions of 2 distributions; no hashes of wheels, because the lock has none"
    )
    commits = facts(f"{sources.requirements['tagged']}\nunpacked==1.0 {digest}\n")
    assert commits == (
        "versions of 1 distribution; commits of 1, as direct_url.json has them; "
        "no hashes of wheels, because the installer noted none"
    )
    assert compared_facts(subject(snapshot)) is None
