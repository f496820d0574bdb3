"""Tests of fetching artefacts (wheels and sdists): a real pip asks a real index, and says why it fails."""

from pathlib import Path

import pytest
from index import Index

from envparity.index.clients import IndexClients, IndexUnreachable, Said
from envparity.index.fetch import fetch


def fetched(folder: Path, *lines: str, options: tuple[str, ...] = ()) -> tuple[Said, list[str]]:
    with IndexClients() as clients:
        said = fetch(clients, lines, folder / "files", *options, series="3.11", purpose="tests")
    assert isinstance(said, Said)
    return said, sorted(path.name for path in (folder / "files").glob("*"))


def test_files_are_fetched_without_their_requirements(past: Index, tmp_path: Path) -> None:
    said, found = fetched(tmp_path, "addr==0.3", "app==1.0")
    assert (said.status, found) == (0, ["addr-0.3-py3-none-any.whl", "app-1.0-py3-none-any.whl"])
    assert past.asked


@pytest.mark.usefixtures("past")
def test_a_wrong_hash_is_refused(tmp_path: Path) -> None:
    said, found = fetched(tmp_path, f"app==1.0 --hash=sha256:{'0' * 64}", options=("--require-hashes",))
    assert (said.status, found) == (1, [])
    assert "HASHES" in said.reason


@pytest.mark.usefixtures("past")
def test_a_missing_release_is_named(tmp_path: Path) -> None:
    assert "No matching distribution found for app==9" in fetched(tmp_path, "app==9")[0].reason


def test_without_a_network_the_error_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(IndexUnreachable, match=r"^index: expected pip to reach the package index"):
        fetched(tmp_path, "app==1.0")
