"""Tests of `Resolver`, which asks uv what requirements resolve to as of an instant.

An answer has releases with upload times and hashes but no addresses, or the reason why no releases fit.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from index import Index

from envparity.errors import EnvparityError
from envparity.history.resolver import (
    Question,
    Resolution,
    Resolver,
    Selected,
    read_question,
    selected,
)
from envparity.index.clients import IndexClients, IndexUnreachable

LATE = datetime(2025, 6, 1, tzinfo=UTC)
PYLOCK = """
[[packages]]
name = "Some_Thing"
version = "1.0"
sdist = { url = "https://example.invalid/s.tar.gz", upload-time = 2025-01-02T03:04:06Z, hashes = { sha256 = "cc" } }
wheels = [
  { url = "https://example.invalid/b.whl", upload-time = 2025-01-02T03:04:05.9Z, size = 7, hashes = { sha256 = "bb" } },
  { url = "https://example.invalid/a.whl", upload-time = 2025-02-02T03:04:05Z, size = 9, hashes = { sha256 = "aa" } },
]
[[packages]]
name = "commit"
vcs = { url = "https://example.invalid/x.git", commit-id = "0" }
"""


def resolve(*requirements: str, at: datetime = LATE) -> Resolution:
    return Resolver(read_question(requirements, "3.11"), IndexClients()).resolve(at)


def test_a_pylock_is_read_without_its_addresses() -> None:
    thing, commit = selected(PYLOCK)
    first = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert thing == Selected("some-thing", "1.0", first, ("aa", "bb"), "cc", 9)
    assert (thing.key, thing.label) == ("some-thing==1.0", "some-thing 1.0")
    assert commit == Selected("commit", "unversioned")
    assert "example.invalid" not in str([thing, commit])


@pytest.mark.usefixtures("past")
def test_a_past_instant_has_the_versions_of_that_time() -> None:
    before = datetime(2025, 3, 1, 14, 22, 45, tzinfo=UTC)
    assert resolve("app==1.0", at=before).versions == {"app": "1.0", "addr": "0.2", "hash-one": "0.8"}
    after = resolve("app==1.0", at=before + timedelta(seconds=1))
    assert after.versions == {"app": "1.0", "addr": "0.3", "hash-one": "0.8", "hash-two": "2.0"}
    assert after.newest == before
    assert not after.same(resolve("app==1.0", at=before))
    assert after.same(resolve("app", at=before + timedelta(days=1)))


@pytest.mark.usefixtures("past")
def test_requirements_that_conflict_have_a_reason() -> None:
    found = resolve("app==1.0", "hash-two", "addr>=0.4", "hash-two<1")
    assert (found.versions, found.newest, found.lasting) == ({}, None, True)
    assert found.failure is not None
    assert found.failure.startswith("Because ")
    assert "hint" not in found.failure
    assert "\n" not in found.failure


def test_a_failed_build_is_not_a_lasting_answer(index: Index) -> None:
    index.sdist("app", "1.0", "2025-01-01T00:00:00Z", b"this is no archive")
    found = resolve("app")
    assert found.lasting is False
    assert found.failure is not None
    assert "app" in found.failure
    assert "://" not in found.failure


def test_the_upload_time_of_a_release_is_that_of_its_first_file_that_fits(index: Index) -> None:
    index.wheel("app", "1.0", "2024-01-01T00:00:00Z", tag="cp311-cp311-win_amd64")
    index.wheel("app", "1.0", "2024-02-01T00:00:00Z")
    assert resolve("app").newest == datetime(2024, 2, 1, tzinfo=UTC)


@pytest.mark.usefixtures("past")
def test_the_uv_settings_of_the_person_are_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wanted = resolve("app==1.0")
    (tmp_path / "constraints.txt").write_text("addr<0.2\n")
    monkeypatch.setenv("UV_CONSTRAINT", str(tmp_path / "constraints.txt"))
    monkeypatch.setenv("UV_EXCLUDE_NEWER", "2025-01-15")
    monkeypatch.setenv("UV_RESOLUTION", "lowest")
    (tmp_path / "pyproject.toml").write_text('[tool.uv]\noverride-dependencies = ["addr==0.1"]\n')
    monkeypatch.chdir(tmp_path)
    assert resolve("app==1.0") == wanted


def test_an_unreachable_index_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(IndexUnreachable, match=r"^index: expected uv to reach the package index") as caught:
        resolve("app")
    assert "127.0.0.1" not in str(caught.value)


def test_without_uv_the_error_names_uv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        EnvparityError, match=r"^history: expected uv, which resolves the requirements, found no uv next to this Python"
    ) as caught:
        resolve("app")
    assert "; install envparity with its extra: pip install 'CHECKOUT[history]'" in str(caught.value)


def test_a_question_is_the_same_in_any_order_and_spelling() -> None:
    one = read_question(["B_c >= 1", "a"], "3.11")
    assert one == read_question(["a", "B_c>=1", "a"], "3.11")
    assert one.names == ("b-c", "a")


@pytest.mark.parametrize("series", ["", "3", "4.1", "3.11.2", "3.x", "3.111", "\uff13.11"])
def test_a_text_that_is_no_python_series_is_an_error(series: str) -> None:
    with pytest.raises(EnvparityError, match=r"^--python: expected a series of Python such as 3\.11"):
        read_question(["a"], series)


def test_markers_are_those_of_the_first_release_of_the_series() -> None:
    environment = Question(("a",), "3.9").marker_environment
    assert (environment["python_version"], environment["python_full_version"]) == ("3.9", "3.9.0")
    assert Question(("a",), "3.9").platform == f"{environment['sys_platform']} {environment['platform_machine']}"


def test_uv_evaluates_markers_in_the_same_way(index: Index) -> None:
    index.wheel("app", "1.0", "2025-01-01T00:00:00Z", requires=("early; python_full_version < '3.11.3'",))
    index.wheel("early", "1.0", "2025-01-01T00:00:00Z")
    assert set(resolve("app").versions) == {"app", "early"}
