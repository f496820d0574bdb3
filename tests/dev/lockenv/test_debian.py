"""Tests of installing packages from another Debian release: the mirror that apt uses, and apt's error messages."""

from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.debian import apt, dated_archives, source_of


@pytest.fixture
def apt_get(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path at which a test can write a fake apt-get, in the first folder on PATH."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path / "apt-get"


def write(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def test_another_suite_comes_from_the_same_mirror(apt_get: Path) -> None:
    rows = ["http://other/|bookworm-security|Packages", "http://x/|bookworm|DEP-11", "http://mirror/|bookworm|Packages"]
    write(apt_get, "".join(f"echo '{row}'\n" for row in rows))
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    assert source_of("trixie") == f"deb [signed-by={keyring}] http://mirror/ trixie main\n"


def test_another_system_is_an_error(apt_get: Path) -> None:
    write(apt_get, "echo 'http://mirror/|noble|Packages'")
    with pytest.raises(CommandError, match=r"^expected the main archive of Debian 12 in the sources of apt, found"):
        source_of("trixie")


@pytest.mark.parametrize(
    ("body", "said"), [("echo 'E: no space' >&2; echo >&2; exit 100", "E: no space"), ("exit 1", "no output")]
)
def test_a_failure_is_one_line(apt_get: Path, body: str, said: str) -> None:
    write(apt_get, body)
    with pytest.raises(CommandError) as caught:
        apt("update", "-qq")
    assert str(caught.value) == f"expected apt-get update to succeed, found: {said}"


def test_apt_asks_no_questions(apt_get: Path, tmp_path: Path) -> None:
    write(apt_get, f'echo "$DEBIAN_FRONTEND $*" > {tmp_path}/seen; cat >> {tmp_path}/seen')
    apt("install", "-y", "x")
    assert (tmp_path / "seen").read_text() == "noninteractive install -y x\n"


def test_the_archives_are_in_the_comments_above_the_mirrors(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text(
        "# http://archive/one/20250520T000000Z\ndeb [signed-by=/k] http://mirror/one bookworm main\n\n"
        "# a remark about http://archive/two/\ndeb http://mirror/two bookworm main\n"
    )
    (tmp_path / "sources.list.d" / "debian.sources").write_text(
        "Types: deb\n# http://archive/three/20250520T000000Z\nURIs: http://mirror/three\nSuites: bookworm\n\n"
        "Types: deb\nURIs: http://mirror/four\n"
    )
    assert dated_archives(tmp_path) == {
        "http://mirror/one": "http://archive/one/20250520T000000Z",
        "http://mirror/three": "http://archive/three/20250520T000000Z",
    }


def test_without_sources_there_is_no_archive(tmp_path: Path) -> None:
    assert dated_archives(tmp_path) == {}
