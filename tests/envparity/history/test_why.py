"""Tests of `envparity why`, which shows what brought a distribution or an import name into an environment.

They use small environments, and those of the tracks. A track is one version of py-libp2p on one Python.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from environment_builder import Environment
from progress_lines import quiet

from dev.lockenv.project import Project
from envparity.errors import EnvparityError
from envparity.history.why import Answer, ContestedPath, Provider, explain
from envparity.index.releases import Releases
from envparity.judge.subject import Subject
from envparity.project.config import Config
from envparity.render.why import render


def ask(environment: Environment, name: str) -> Answer:
    subject = Subject("test", environment.snapshot(), environment.config)
    return explain(subject, name, Releases(None, offline=True))


@pytest.fixture
def collided(tmp_path: Path) -> Environment:
    """Return an environment with two distributions that install the package `hash`. hash-b has overwritten hash-a."""
    environment = Environment(tmp_path)
    environment.add("app", requires=["link>=1", "hash-b>=0.8"])
    environment.add("link", requires=["hash-a"])
    environment.add("hash-a", files={"hash/__init__.py": "a = 1\n", "hash/core.py": "a = 2\n", "hash/only.py": ""})
    environment.add("hash-b", files={"hash/__init__.py": "b = 1\n", "hash/core.py": "b = 2\n"})
    return environment


def test_an_import_name_with_two_providers_names_both(collided: Environment) -> None:
    found = ask(collided, "hash")
    assert found.importable is not None
    (location,) = found.importable.locations
    assert (location.kind, location.path) == ("package", "site/hash")
    assert location.providers == (Provider("hash-a 1.0", 3), Provider("hash-b 1.0", 2))
    both = ("hash-a 1.0", "hash-b 1.0")
    assert found.contested == (
        ContestedPath("site/hash/__init__.py", both, ("hash-b 1.0",)),
        ContestedPath("site/hash/core.py", both, ("hash-b 1.0",)),
    )
    assert not found.torn
    assert [one.label for one in found.distributions] == list(both)
    assert [[step.requirement for step in path] for path in found.distributions[0].paths] == [["link>=1", "hash-a"]]


def test_a_torn_package_is_reported(collided: Environment) -> None:
    (collided.site / "hash" / "core.py").write_text("a = 2\n")
    found = ask(collided, "hash")
    assert found.torn
    text = render(found)
    assert "site/hash/core.py: claimed by hash-a 1.0 and hash-b 1.0; the file has the bytes of hash-a 1.0" in text
    assert "torn" in text


def test_bytes_that_match_no_record_are_reported(collided: Environment) -> None:
    (collided.site / "hash" / "core.py").write_text("neither = 1\n")
    assert "the file has the bytes of no distribution: it was changed later" in render(ask(collided, "hash-a"))


def test_a_distribution_is_found_by_any_spelling_of_its_name(collided: Environment) -> None:
    found = ask(collided, "Hash_A")
    assert found.importable is None
    (one,) = found.distributions
    assert one.label == "hash-a 1.0"
    assert one.provides == ("hash (package)",)
    assert len(found.contested) == 2
    text = render(found)
    assert "app -> link>=1 (1.0) -> hash-a (1.0)" in text
    assert "link 1.0 (hash-a): release unknown: offline, and the cache does not say which releases link has" in text


def test_a_name_may_be_a_distribution_and_an_import_name(collided: Environment) -> None:
    found = ask(collided, "link")
    assert found.importable is not None
    assert [one.label for one in found.distributions] == ["link 1.0"]
    assert found.contested == ()


def test_a_distribution_that_nothing_requires(collided: Environment) -> None:
    assert "no installed distribution requires it" in render(ask(collided, "app"))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("hahs", "found 'hahs'; similar names: hash"),
        ("hash.gone", "similar names: hash"),
        ("zzzzzz", "found 'zzzzzz'"),
        ("\x1b[31m", r"found '\x1b[31m'"),
    ],
)
def test_an_unknown_name_gives_similar_names(collided: Environment, name: str, says: str) -> None:
    with pytest.raises(EnvparityError) as raised:
        ask(collided, name)
    assert says in str(raised.value)
    assert "\x1b" not in str(raised.value)


def test_a_missing_distribution_names_what_requires_it(collided: Environment) -> None:
    collided.add("lacking", requires=["absent>=3"])
    with pytest.raises(EnvparityError, match="lacking requires it: absent>=3"):
        ask(collided, "absent")


def test_requested_by_name_is_shown_unless_every_distribution_was_requested(collided: Environment) -> None:
    folders = list(collided.site.glob("*.dist-info"))
    (collided.site / "app-1.0.dist-info" / "REQUESTED").touch()
    assert "app 1.0  installed by tests, requested by name\n" in render(ask(collided, "app"))
    assert "requested by name" not in render(ask(collided, "link"))
    for folder in folders:
        (folder / "REQUESTED").touch()
    assert len(folders) == 4
    assert "requested by name" not in render(ask(collided, "app"))


def test_an_install_from_a_folder_or_commit_has_no_first_release(collided: Environment) -> None:
    info = collided.add("local", requires=["hash-a"])
    (info / "direct_url.json").write_text('{"url": "file:///x", "dir_info": {}}')
    assert "local 1.0 is installed from a commit, a folder or a file, not from a release" in render(
        ask(collided, "hash-a")
    )


def test_hostile_names_steer_no_terminal(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    environment.add("plain", "1.0[bold]\x1b[2J", files={"plain.py": ""}, requires=["other; extra == '\x1b[2J'"])
    text = render(ask(environment, "plain"))
    assert "\x1b" not in text
    assert r"plain 1.0[bold]\x1b[2J" in text


def why(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "envparity", "why", *arguments]
    return quiet(subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False))


def test_the_command_why_prints_an_answer(project: Project, collided: Environment) -> None:
    done = why(project, "hash", "--door", str(collided.folder), "--offline")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("import hash")
    done = why(project, "nothing-of-the-kind", "--door", str(collided.folder), "--offline")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("envparity: why: expected a distribution, an import name or a file")
    assert done.stderr.count("\n") == 1


def test_outside_a_project_no_folder_is_made(tmp_path: Path) -> None:
    from envparity.history.why import answer

    environment = Environment(tmp_path / "environment")
    environment.add("thing")
    (tmp_path / "elsewhere").mkdir()
    config = Config(root=tmp_path / "elsewhere")
    assert answer(config, "thing", str(environment.folder), None, offline=True).importable is not None
    assert list(config.root.iterdir()) == []


@pytest.mark.network
def test_each_track_has_its_provider_and_the_release_that_brought_it(project: Project) -> None:
    done = why(project, "multihash", "--track", "v0.8")
    assert (done.returncode, done.stderr) == (0, "")
    assert "a package of py-multihash 3.0.0" in done.stdout
    assert (
        "multiaddr 0.1.0 (2025-10-27 14:22 UTC) is the first release that requires py-multihash; 0.0.12 does not"
        in done.stdout
    )
    again = why(project, "multihash", "--track", "v0.8", "--offline")
    assert again.stdout == done.stdout
