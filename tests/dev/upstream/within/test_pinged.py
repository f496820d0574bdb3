"""Tests of the pings in the build of the image, with the real environments of the tracks."""

from pathlib import Path

import pytest

from dev.lockenv.project import Project
from dev.upstream.within.pinged import main, ping

pytestmark = pytest.mark.processes


def python_of(project: Project, track: str) -> Path:
    return project.environment(f"test-{track}") / "bin" / "python"


@pytest.mark.parametrize("transport", ["tcp", "quic-v1"])
@pytest.mark.parametrize("track", ["v0.4", "v0.8"])
def test_a_library_with_its_requirements_pings(project: Project, track: str, transport: str) -> None:
    assert ping(python_of(project, track), project.root / "ping_test.py", transport) is None


def test_nothing_is_pinged_if_the_lock_holds_everything(tmp_path: Path) -> None:
    (tmp_path / "asked.txt").write_text("")
    assert main(tmp_path / "asked.txt", Path("/nowhere/python"), Path("/nowhere/ping_test.py")) == 0


def test_a_difference_that_no_ping_needs_is_no_error(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "asked.txt").write_text("the checkout asks for x, and the lock holds no such distribution\n")
    assert main(tmp_path / "asked.txt", python_of(project, "v0.8"), project.root / "ping_test.py") == 0
    assert capsys.readouterr() == ("", "")


def test_a_failed_ping_names_the_difference_and_the_command(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The environment of the tools has no libp2p, so the application fails with the missing module."""
    line = "the checkout asks for x, and the lock holds no such distribution"
    (tmp_path / "asked.txt").write_text(f"{line}\n")
    python = project.environment("tools") / "bin" / "python"
    assert main(tmp_path / "asked.txt", python, project.root / "ping_test.py") == 3
    said = capsys.readouterr().err
    assert said.startswith("interop/transport: expected a ping over tcp with these distributions, found: ping_test: ")
    assert "No module named" in said
    assert said.endswith(f"; {line}; lock again with: interop/transport/relock\n")
    assert said.count("\n") == 1
