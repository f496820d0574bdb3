"""Tests of the names of documents for people."""

import pytest

from envparity.documents import is_document


@pytest.mark.parametrize(
    "name", ["README.md", "license.APACHE", "LICENSES", "CHANGELOG", "release-notes.txt", "notice"]
)
def test_a_document_is_known_by_its_name(name: str) -> None:
    assert is_document(name)


@pytest.mark.parametrize(
    "name", ["readme.py", "changelog.pth", "license/data.txt", "docs/README.md", "data.json", "news.so"]
)
def test_code_and_files_in_folders_are_no_documents(name: str) -> None:
    assert not is_document(name)
