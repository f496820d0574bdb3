"""Tests of the form in which the answers of all tools are compared."""

from packaging.requirements import Requirement

from dev.quality.locks.entry import entry, entry_of_pin
from envparity.project.locks.lock import Pin


def test_two_spellings_of_one_source_are_one_entry() -> None:
    assert entry("A_b", version="1").name == "a-b"
    assert entry("a", version="1.0").source == entry("a", version="1").source == "==1"
    assert entry("a", version="1.0-rc1").source == "==1rc1"
    commit = "30c6686026d8f9bbb9d32768b477b9e243eaf4c7"
    plain = entry("a", url=f"git+https://example.com/a@{commit}")
    assert entry("a", url=f"git+ssh://git@example.com/a.git@{commit}#subdirectory=x").source == (
        f"@ git+ssh://example.com/a@{commit} in x"
    )
    assert entry("a", url=f"git+https://example.com/a.git@{commit}#egg=a") == plain
    assert str(plain) == f"a @ git+https://example.com/a@{commit}"


def test_a_folder_has_no_version_but_an_editable_commit_has_its_address() -> None:
    assert entry("a", version="1", local=True).source == entry("a", url="file:///x").source == "a folder"
    assert entry("a", url="git+https://example.com/a@1", local=True).source == "@ git+https://example.com/a@1"


def test_a_pin_keeps_its_hashes() -> None:
    hashes = frozenset({"sha256:aa"})
    assert entry_of_pin(Pin("a", Requirement("a==1"), hashes)) == entry("a", version="1", hashes=hashes)
