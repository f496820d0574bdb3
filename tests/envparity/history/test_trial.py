"""Tests of trials: a real pip or uv installs the releases of a past instant, and a command runs in the environment."""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from index import Index
from pids import ends

from envparity.errors import EnvparityError
from envparity.history.resolver import Resolution, Resolver, read_question
from envparity.history.trial import INSTALLERS, Laboratory, State, Trial
from envparity.index.clients import IndexClients, IndexUnreachable

pytestmark = pytest.mark.usefixtures("past")
OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"


def trial(as_of: str, *command: str, installer: str = "uv", timeout: float = 30) -> Trial:
    question = read_question(("app==1.0",), OWN)
    resolution = Resolver(question, IndexClients()).resolve(datetime.fromisoformat(as_of).replace(tzinfo=UTC))
    return Laboratory(question, installer, command, timeout, IndexClients()).run(state(resolution))


def state(resolution: Resolution) -> State:
    return State(resolution.asked, ("addr 0.2",), resolution)


@pytest.mark.parametrize("installer", INSTALLERS)
def test_the_command_runs_with_the_releases_of_the_instant(installer: str) -> None:
    show = "import addr, importlib.metadata as m; print(addr.__file__.count('envparity-bisect-'), m.version('addr'))"
    done = trial("2025-02-15", "python", "-c", show, installer=installer)
    assert (done.passed, done.status, done.said) == (True, 0, "1 0.2")
    assert (done.as_of, done.releases) == (datetime(2025, 2, 15, tzinfo=UTC), ("addr 0.2",))
    assert done.seconds > 0


def test_the_last_line_of_a_failure_is_kept() -> None:
    done = trial("2025-02-15", "python", "-c", "print('some output'); import no_such")
    assert (done.passed, done.status, done.word) == (False, 1, "fails")
    assert done.said == "ModuleNotFoundError: No module named 'no_such'"


def test_status_125_means_that_the_command_cannot_judge() -> None:
    done = trial("2025-02-15", "sh", "-c", "exit 125")
    assert (done.passed, done.status, done.word) == (None, 125, "cannot be judged")


def test_a_command_that_does_not_end_fails() -> None:
    done = trial("2025-02-15", "sh", "-c", "sleep 60 & sleep 60", timeout=0.5)
    assert (done.passed, done.status) == (False, None)
    assert done.said == "the command: no answer within 0 s"
    assert done.seconds < 50


def test_a_command_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(EnvparityError, match=r"^bisect: expected a command to run, found: cannot run no-such-program"):
        trial("2025-02-15", "no-such-program")


@pytest.mark.parametrize("installer", INSTALLERS)
def test_releases_that_cannot_be_installed_cannot_be_judged(past: Index, installer: str) -> None:
    question = read_question(("app==1.0",), OWN)
    resolution = Resolver(question, IndexClients()).resolve(datetime(2025, 2, 15, tzinfo=UTC))
    past.withdraw("hash-one", "0.8")
    done = Laboratory(question, installer, ["true"], 30, IndexClients()).run(state(resolution))
    assert (done.passed, done.status) == (None, None)
    assert done.said.startswith(f"{installer} could not install the releases: ")
    assert "127.0.0.1" not in done.said


def test_a_pip_that_is_too_old_is_no_failure_of_the_command(
    monkeypatch: pytest.MonkeyPatch, bundled_pip: list[str]
) -> None:
    monkeypatch.setattr("envparity.history.trial.pip_command", lambda: bundled_pip)
    with pytest.raises(EnvparityError) as caught:
        trial("2025-02-15", "true", installer="pip")
    said = str(caught.value)
    assert said.startswith("bisect: expected pip 26 or later, found pip ")
    way_out = "use --installer uv, or install envparity with its extra: pip install 'CHECKOUT[history]'"
    assert f"which has no option --uploaded-prior-to; {way_out}" in said


def test_without_a_resolution_there_is_nothing_to_install() -> None:
    resolution = Resolution(datetime(2025, 1, 1, tzinfo=UTC), failure="no such thing")
    done = Laboratory(read_question(("app",), OWN), "pip", ["true"], 30, IndexClients()).run(state(resolution))
    assert (done.passed, done.said) == (None, "nothing to install: no such thing")


def test_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    trial("2025-02-15", "python", "-c", "import app")
    assert list(tmp_path.iterdir()) == []


def test_a_python_that_this_machine_lacks_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvparityError, match=r"^--python: expected python3\.99 on PATH to make environments with"):
        Laboratory(read_question(("app",), "3.99"), "pip", ["true"], 30, IndexClients())


def test_processes_that_the_command_leaves_are_ended(tmp_path: Path) -> None:
    done = trial("2025-02-15", "sh", "-c", f"sleep 60 & echo $! > {tmp_path}/pid; echo said")
    assert (done.passed, done.said) == (True, "said")
    assert ends(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("installer", INSTALLERS)
def test_without_a_network_nothing_is_judged(monkeypatch: pytest.MonkeyPatch, installer: str) -> None:
    question = read_question(("app==1.0",), OWN)
    resolution = Resolver(question, IndexClients()).resolve(datetime(2025, 2, 15, tzinfo=UTC))
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(IndexUnreachable, match=f"^index: expected {installer} to reach the package index"):
        Laboratory(question, installer, ["true"], 30, IndexClients()).run(state(resolution))
