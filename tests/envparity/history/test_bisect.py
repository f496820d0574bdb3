"""Tests of `envparity bisect`: it finds the release that broke a command.

It blames no release if the command is unsteady, which means that its results differ in equal environments.
"""

from pathlib import Path

import pytest
from index import Index

from envparity.errors import EnvparityError
from envparity.history.bisect import Bisection, bisect
from envparity.history.run import Asked
from envparity.project.config import Config

CALL = "from hashing import Func; Func()"


def search(
    cache: Path,
    *command: str,
    between: tuple[str, str] = ("2025-01-15", "2025-04-15"),
    installer: str = "pip",
    again: int = 1,
    requirement: str = "app==1.0",
) -> Bisection:
    asked = Asked((requirement,), since=between[0], until=between[1], cache=str(cache / "cache"))
    return bisect(Config(root=cache), asked, command, installer=installer, again=again, timeout=60)


def test_bisect_finds_the_release_that_broke_the_command(past: Index, tmp_path: Path) -> None:
    # pip installs distributions without requirements first. So this hash-two, which requires leaf, comes after hash-one
    # and overwrites the files of hash-one.
    past.withdraw("hash-two", "3.0")
    other = {"hashing/__init__.py": "from hashing.core import encode\n", "hashing/core.py": "def encode(): pass\n"}
    past.wheel("hash-two", "3.0", "2023-01-01T00:00:00Z", other, requires=("leaf",))
    past.wheel("leaf", "1.0", "2023-01-01T00:00:00Z")
    past.wheel("leaf", "1.1", "2025-04-01T00:00:00Z")
    found = search(tmp_path, "python", "-c", CALL)
    (event,) = found.events
    assert (found.found, found.unsteady, found.between) == (True, None, 3)
    assert event.releases == ("addr 0.3",)
    assert [one.name for one in event.gained] == ["hashing"]
    assert [one.text for one in event.changes] == ["addr 0.2 -> 0.3", "hash-two 3.0 enters", "leaf 1.0 enters"]
    tried = [(one.as_of.isoformat()[:10], one.releases, one.word) for one in found.trials]
    assert tried[:4] == [
        ("2025-01-15", (), "passes"),
        ("2025-04-16", ("leaf 1.1",), "fails"),
        ("2025-02-01", ("addr 0.2",), "passes"),
        ("2025-03-01", ("addr 0.3",), "fails"),
    ]
    assert tried[4:] == [tried[2], tried[3]]
    assert "cannot import name 'Func'" in found.trials[1].said


@pytest.mark.usefixtures("past")
def test_chance_is_not_blamed_on_a_release(tmp_path: Path) -> None:
    # The command passes in its first run, then fails three times. It passes again in its fifth run, which repeats an
    # instant at which the command failed before.
    count = tmp_path / "count"
    script = f"echo x >> {count}; n=$(wc -l < {count}); test $n -eq 1 -o $n -ge 5"
    found = search(tmp_path, "sh", "-c", script, installer="uv", again=3)
    assert found.unsteady is not None
    assert (found.events, found.found) == ((), False)
    outcomes = {trial.passed for trial in found.trials if trial.as_of == found.unsteady}
    assert outcomes == {True, False}


@pytest.mark.usefixtures("past")
def test_an_unsteady_end_is_reported(tmp_path: Path) -> None:
    count = tmp_path / "count"
    found = search(tmp_path, "sh", "-c", f"echo x >> {count}; test $(wc -l < {count}) -ge 2", installer="uv")
    assert found.unsteady == found.trials[0].as_of
    assert [one.passed for one in found.trials] == [False, True]


@pytest.mark.slow
@pytest.mark.usefixtures("past")
def test_states_that_cannot_be_judged_leave_several_events(tmp_path: Path) -> None:
    judge = "import importlib.metadata as m, sys; v = m.version('addr'); sys.exit({'0.1': 0, '0.2': 125}.get(v, 1))"
    found = search(tmp_path, "python", "-c", judge, installer="uv", again=0)
    assert [one.releases for one in found.events] == [("addr 0.2",), ("addr 0.3",)]
    assert (found.found, found.unsteady) == (False, None)
    assert [one.word for one in found.trials] == ["passes", "fails", "cannot be judged", "fails"]


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            ["false"],
            r"--good: expected the command to pass as of 2025-01-15 .*, found that it fails: status 1: nothing",
        ),
        (["true"], r"--bad: expected the command to fail as of .*, found that it passes: status 0: nothing"),
        (["sh", "-c", "exit 125"], r"--good: expected the command to pass as of .*, found that it cannot be judged"),
        ([], r"bisect: expected -- COMMAND at the end of the command line, found none"),
    ],
)
def test_the_command_must_pass_at_good_and_fail_at_bad(tmp_path: Path, command: list[str], said: str) -> None:
    with pytest.raises(EnvparityError, match=f"^{said}"):
        search(tmp_path, *command, installer="uv", again=0)


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize(
    ("between", "said"),
    [
        (("2025-04-15", "2025-01-15"), r"--good: expected a time before --bad \(2025-01-16 00:00 UTC\)"),
        (
            ("2025-02-10", "2025-02-20"),
            r"bisect: expected a change between --good and --bad, found the same environment",
        ),
        (("2025-02-10", "2999-01-01"), r"--bad: expected a time in the past"),
        (("", "2025-02-20"), r"bisect: expected --good and --bad, found only one of them"),
    ],
)
def test_a_period_without_a_change_is_an_error(tmp_path: Path, between: tuple[str, str], said: str) -> None:
    with pytest.raises(EnvparityError, match=f"^{said}"):
        search(tmp_path, "true", between=between)


def test_the_good_instant_needs_a_resolution(index: Index, tmp_path: Path) -> None:
    index.wheel("app", "1.0", "2025-01-20T00:00:00Z")
    index.wheel("app", "1.0.post1", "2025-02-20T00:00:00Z")
    with pytest.raises(EnvparityError, match=r"^--good: .* cannot be judged: nothing to install: Because "):
        search(tmp_path, "false", installer="uv")
