"""Tests of `Releases`, which asks pip and uv about the releases of a distribution.

Most tests use wheels in a folder and no network. Tests marked `network` use the index that this machine is set up for.
"""

import json
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from wheels import write_wheel

from envparity.index.releases import Metadata, Release, Releases, ReleaseUnknown, upload_times


def test_versions_newest_first_without_pre_releases(wheels: Path) -> None:
    for version in ("1.2", "1.10", "2.0rc1"):
        write_wheel(wheels, "thing", version)
    assert Releases(None).versions("Thing") == ("1.10", "1.2")
    assert Releases(None).versions("thing", "2.0rc1") == ("2.0rc1", "1.10", "1.2")


def test_a_kept_list_with_pre_releases_serves_a_final_release(wheels: Path) -> None:
    for version in ("1.2", "1.10", "2.0rc1"):
        write_wheel(wheels, "thing", version)
    releases = Releases(None)
    assert releases.versions("thing", "2.0rc1") == ("2.0rc1", "1.10", "1.2")
    assert releases.versions("thing", "1.2") == releases.versions("thing") == ("1.10", "1.2")


def test_metadata_without_addresses(wheels: Path) -> None:
    write_wheel(wheels, "thing", "1.0", "other>=2", "odd @ https://example.invalid/odd.whl ; python_version > '3'")
    found = Releases(None).metadata("thing", "1.0")
    assert found.requires == ("other>=2", 'odd; python_version > "3"')
    assert found.sha256 is not None
    assert len(found.sha256) == 64


def test_the_bundled_pip_can_answer(wheels: Path, monkeypatch: pytest.MonkeyPatch, bundled_pip: list[str]) -> None:
    monkeypatch.setattr("envparity.index.releases.pip_command", lambda: bundled_pip)
    for version in ("1.2", "1.10", "2.0rc1"):
        write_wheel(wheels, "thing", version, "other")
    assert Releases(None).versions("thing", "1.2") == ("1.10", "1.2")
    assert Releases(None).versions("thing", "2.0rc1") == ("2.0rc1", "1.10", "1.2")
    for series in ("3.8", "3.14"):
        assert Releases(None, series=series).metadata("thing", "1.2").requires == ("other",)
    with pytest.raises(ReleaseUnknown, match=r"^pip finds no release of nothing$"):
        Releases(None).versions("nothing")
    with pytest.raises(ReleaseUnknown, match=r"^pip finds no wheel of thing==2$"):
        Releases(None).metadata("thing", "2")


def test_reading_metadata_installs_nothing(wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wheel(wheels, "thing", "1.0")
    settings = tmp_path / "pip.conf"
    settings.write_text("[install]\nuser = true\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    before = sorted(tmp_path.rglob("*"))
    assert Releases(None).metadata("thing", "1.0").requires == ()
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.network
def test_a_pip_that_is_too_old_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundled_pip: list[str]
) -> None:
    subprocess.run([*bundled_pip, "install", "-q", "--no-deps", "-t", tmp_path / "old", "pip==22.1.2"], check=True)
    begin = f"import sys; sys.path.insert(0, {str(tmp_path / 'old')!r})"
    code = f"{begin}; from pip._internal.cli.main import main; sys.exit(main())"
    monkeypatch.setattr("envparity.index.releases.pip_command", lambda: [bundled_pip[0], "-I", "-c", code])
    releases = Releases(None)
    assert "1.4.0" in releases.versions("jwt")
    with pytest.raises(ReleaseUnknown) as caught:
        releases.metadata("jwt", "1.4.0")
    said = str(caught.value)
    assert said.startswith("expected pip 22.2 or later in the environment of envparity, found pip ")
    assert "which has no --dry-run; install envparity with its extra: pip install 'CHECKOUT[history]'" in said


def test_without_pip_and_uv_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("envparity.index.clients.find_spec", lambda _: None)
    with pytest.raises(ReleaseUnknown, match=r"^no pip in the environment of envparity to ask; .*\[history\]'"):
        Releases(None).versions("thing")
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ReleaseUnknown, match=r"^no uv next to this Python or on PATH to ask .*\[history\]'"):
        Releases(None).uploaded("thing", "1.0")


def test_an_unknown_release_has_no_answer(wheels: Path) -> None:
    write_wheel(wheels, "thing", "1.0")
    with pytest.raises(ReleaseUnknown, match="pip finds no release of nothing"):
        Releases(None).versions("nothing")
    with pytest.raises(ReleaseUnknown, match="pip finds no wheel of thing==2"):
        Releases(None).metadata("thing", "2")


def test_settings_that_would_change_the_answer_are_left_out(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wheel(wheels, "thing", "1.0", "other")
    monkeypatch.setenv("PIP_CONSTRAINT", "/nowhere")
    monkeypatch.setenv("PIP_NO_BINARY", ":all:")
    monkeypatch.setenv("PIP_QUIET", "3")
    assert Releases(None).metadata("thing", "1.0").requires == ("other",)


def test_a_folder_has_no_times_of_upload(wheels: Path) -> None:
    write_wheel(wheels, "thing", "1.0")
    with pytest.raises(ReleaseUnknown, match=r"thing==1\.0"):
        Releases(None).uploaded("thing", "1.0")
    assert Releases(None).release("thing", "1.0") == Release("thing", "1.0", None)


def test_an_answer_is_kept_for_offline_use(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, "thing", "1.0", "other")
    cache = tmp_path / "project" / ".cache" / "releases.json"
    first = Releases(cache)
    asked = (first.versions("thing", "1.0"), first.metadata("thing", "1.0"))
    first.save()
    later = Releases(cache, offline=True)
    assert (later.versions("thing", "1.0"), later.metadata("thing", "1.0")) == asked
    with pytest.raises(ReleaseUnknown, match="offline, and the cache does not say which releases thing has"):
        later.versions("thing", "1.1")  # newer than the list of releases in the cache
    assert list(cache.parent.iterdir()) == [cache]
    assert str(wheels) not in cache.read_text()


def test_two_processes_lose_no_answers(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, "one", "1.0")
    write_wheel(wheels, "two", "1.0")
    cache = tmp_path / "releases.json"
    first, second = Releases(cache), Releases(cache)
    first.metadata("one", "1.0")
    second.metadata("two", "1.0")
    first.save()
    second.save()
    assert set(json.loads(cache.read_text())["metadata"]) == {"one==1.0", "two==1.0"}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": "another"}', '{"uploaded": {"a==1": "soon"}}', "\xff", '{"versions": 3}']
)
def test_a_broken_cache_is_no_cache(wheels: Path, tmp_path: Path, text: str) -> None:
    write_wheel(wheels, "thing", "1.0", "other")
    cache = tmp_path / "releases.json"
    cache.write_bytes(text.encode("latin-1"))
    releases = Releases(cache)
    assert releases.metadata("thing", "1.0").requires == ("other",)
    releases.save()
    assert Releases(cache, offline=True).metadata("thing", "1.0").requires == ("other",)


def test_a_cache_that_cannot_be_written_is_ignored(wheels: Path, tmp_path: Path) -> None:
    write_wheel(wheels, "thing", "1.0")
    (tmp_path / "file").touch()
    releases = Releases(tmp_path / "file" / "releases.json")
    releases.metadata("thing", "1.0")
    releases.save()
    assert (tmp_path / "file").read_bytes() == b""


def test_an_index_that_cannot_be_reached_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://127.0.0.1:1/simple")
    asked: list[str] = []
    releases = Releases(None, tell=asked.append)
    started = time.monotonic()
    for name in ("one", "two", "three"):
        with pytest.raises(ReleaseUnknown, match="the package index cannot be reached"):
            releases.versions(name)
    assert asked == ["which releases one has"]
    assert time.monotonic() - started < 60


def test_without_time_left_there_is_no_answer(wheels: Path) -> None:
    write_wheel(wheels, "thing", "1.0")
    with pytest.raises(ReleaseUnknown, match="no answer within 0 s"):
        Releases(None, budget=0).versions("thing")


def test_an_invalid_version_has_no_answer() -> None:
    with pytest.raises(ReleaseUnknown, match="'unknown' is not a version"):
        Releases(None).versions("thing", "unknown")


@pytest.mark.parametrize("text", ["", "packages = []", "[[packages]]\nname = 'a'", "not toml"])
def test_a_pylock_without_times(text: str) -> None:
    assert list(upload_times(text)) == []


def test_a_pylock_with_times() -> None:
    text = (
        '[[packages]]\nname = "a"\nsdist = { upload-time = 2025-10-27T14:22:47Z }\n'
        'wheels = [{ upload-time = 2025-10-27T14:22:45Z }, { url = "x" }]\n'
    )
    assert [when.second for when in upload_times(text)] == [45, 47]


@pytest.mark.network
def test_the_configured_index_has_upload_times() -> None:
    releases = Releases(None)
    assert releases.uploaded("multiaddr", "0.1.0") == datetime(2025, 10, 27, 14, 22, 45, tzinfo=UTC)
    assert "0.0.12" in releases.versions("multiaddr", "0.1.0")
    assert isinstance(releases.metadata("multiaddr", "0.1.0"), Metadata)
    assert "py-multihash" in releases.metadata("multiaddr", "0.1.0").requires
