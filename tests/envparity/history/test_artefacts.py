"""Tests of `Artefacts`: a real pip fetches each wheel or sdist once and by its hash, or reports why it cannot."""

import hashlib
from pathlib import Path

import msgspec
import pytest
from index import Index

from envparity.history.artefacts import Artefacts
from envparity.history.cache import Archive
from envparity.history.contents import Contents
from envparity.history.instant import now
from envparity.history.resolver import Resolver, Selected, read_question
from envparity.index.clients import IndexClients, IndexUnreachable
from envparity.processes import Stopped


def chosen(*requirements: str) -> tuple[Selected, ...]:
    return Resolver(read_question(requirements, "3.11"), IndexClients()).resolve(now()).selected


def read(cache: Path, *releases: Selected) -> tuple[dict[str, Contents], dict[str, str]]:
    with Artefacts(Archive(cache), IndexClients(), "3.11") as artefacts:
        for one in releases:
            artefacts.want([one])
        found = artefacts.finish()
    return found, artefacts.unread


def test_the_contents_of_releases_are_read(past: Index, tmp_path: Path) -> None:
    releases = chosen("addr==0.3")
    found, unread = read(tmp_path, *releases, *chosen("addr==0.4"))
    assert sorted(found) == ["addr==0.3", "addr==0.4", "hash-one==0.8", "hash-two==3.0"]
    assert found["addr==0.3"].requires == ("hash-two>=2",)
    assert set(found["hash-two==3.0"].files) == {"hashing/__init__.py", "hashing/core.py", "hashing/more.py"}
    assert unread == {}
    asked = len(past.asked)
    assert read(tmp_path, *releases)[0].keys() == {"addr==0.3", "hash-two==3.0"}
    assert len(past.asked) == asked


def test_a_missing_release_does_not_stop_the_others(past: Index, tmp_path: Path) -> None:
    releases = chosen("app==1.0")
    past.withdraw("hash-one", "0.8")
    found, unread = read(tmp_path, *releases)
    assert sorted(found) == ["addr==0.4", "app==1.0"]
    assert list(unread) == ["hash-one==0.8"]
    assert unread["hash-one==0.8"].startswith("pip could not fetch its file: ")
    assert "127.0.0.1" not in unread["hash-one==0.8"]


@pytest.mark.usefixtures("past")
def test_a_file_with_another_hash_is_not_used(tmp_path: Path) -> None:
    (release,) = chosen("hash-one")
    found, unread = read(tmp_path, replaced(release, wheels=("0" * 64,)))
    assert (found, list(unread)) == ({}, ["hash-one==0.8"])


def replaced(one: Selected, **fields: object) -> Selected:
    return msgspec.structs.replace(one, **fields)


def test_a_wheel_that_is_too_large_is_not_fetched(past: Index, tmp_path: Path) -> None:
    (release,) = chosen("hash-one")
    past.asked.clear()
    found, unread = read(tmp_path, replaced(release, size=900 << 20))
    assert (found, past.asked) == ({}, [])
    assert unread == {"hash-one==0.8": "its wheel has 900 MiB, and envparity fetches no wheel over 300 MiB"}


@pytest.mark.usefixtures("past")
def test_a_release_without_a_hash_is_not_fetched(tmp_path: Path) -> None:
    assert read(tmp_path, Selected("thing", "1.0"))[1] == {"thing==1.0": "the index gives no hash of its files"}


def test_a_file_that_is_no_wheel_is_reported(index: Index, tmp_path: Path) -> None:
    index.wheel("thing", "1.0", "2025-01-01T00:00:00Z")
    (release,) = chosen("thing")
    index.sdist("thing", "1.0", "2025-01-01T00:00:00Z", b"no archive")
    found, unread = read(tmp_path, replaced(release, wheels=(), sdist=sha256(b"no archive")))
    assert found == {}
    assert "thing==1.0" in unread


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.usefixtures("past")
def test_without_a_network_the_error_says_that_answers_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = chosen("app==1.0")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    with pytest.raises(IndexUnreachable, match=r"to fetch wheels, found no connection; the answers so far are kept"):
        read(tmp_path, *releases)


@pytest.mark.usefixtures("past")
def test_after_a_stop_finish_raises_stopped(tmp_path: Path) -> None:
    releases, clients = chosen("app==1.0"), IndexClients()
    clients.stop()
    with Artefacts(Archive(tmp_path), clients, "3.11") as artefacts:
        artefacts.want(releases)
        with pytest.raises(Stopped):
            artefacts.finish()
