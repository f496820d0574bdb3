"""Tests of findings (errors and notes) about tools such as git: versions outside the ranges in the toolchain file."""

from pathlib import Path

import pytest
from judging import beside, codes, declaring, edited, of, only, put, subject

from envparity.judge.judgement import compare
from envparity.judge.rules import Severity
from envparity.judge.toolchain import check, version_in
from envparity.project.config import Config, Tool


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("2.39.5", "2.39.5"),
        ("gcc (Debian 12.2.0-14+deb12u1) 12.2.0", "12.2.0"),
        ("OpenSSL 3.0.17 1 Jul 2025", "3.0.17"),
        ("glibc 2.36", "2.36"),
        ("clang version 17", "0"),
        ("", "0"),
        ("no number", "0"),
        (f"{'1' * 5000}.2", "0"),
    ],
)
def test_the_version_in_the_output_of_a_tool_is_found(said: str, found: str) -> None:
    assert version_in(said) == found


@pytest.mark.parametrize(
    ("version", "wanted", "code"),
    [
        ("2.39.5", ">=2.30", None),
        ("2.29", ">=2.30", "toolchain-range"),
        ("3.0rc1", ">=2.30", None),
        ("nonsense", ">=2.30", "toolchain-range"),
        ("nonsense", None, None),
        (None, ">=2.30", "toolchain-missing"),
        (None, None, "toolchain-missing"),
    ],
)
def test_a_tool_outside_its_range_is_an_error(
    version: str | None, wanted: str | None, code: str | None, clean: bytes
) -> None:
    snapshot = edited(clean, put(("toolchain", "git"), version))
    config = Config(root=Path(), tools={"git": Tool("git", wanted)})
    assert codes(check(subject(snapshot, config=config))) == ({code} if code else set())


def test_a_tool_that_the_probe_did_not_ask_for_is_not_missing(clean: bytes) -> None:
    config = Config(root=Path(), tools={"weaver": Tool("weaver", ">=1"), "libraries": Tool("libraries", None, "why")})
    assert list(check(subject(edited(clean), config=config))) == []


def test_the_message_names_tool_range_and_version(clean: bytes) -> None:
    snapshot = edited(clean, lambda document: document["toolchain"].update(git=None, cc=None, zlib="1.0"))
    tools = {"zlib": Tool("zlib", ">=2"), "git": Tool("git", None), "cc": Tool("cc", ">=9"), "asked": Tool("asked", "")}
    assert [one.message for one in check(subject(snapshot, config=Config(root=Path(), tools=tools)))] == [
        "expected cc >=9 (the toolchain file), found none",
        "expected git (the toolchain file), found none",
        "expected zlib >=2 (the toolchain file), found 1.0",
    ]


def test_a_tool_that_a_door_is_not_meant_to_have_gives_no_note(clean: bytes) -> None:
    config = Config(root=Path(), tools={"git": Tool("git", ">=2")}, lacking={"image": frozenset({"git"})})
    with_git, without = (
        edited(clean, put(("toolchain", "git"), "2.39.5")),
        edited(clean, put(("toolchain", "git"), None)),
    )
    assert list(check(subject(without, config=config, door="image"))) == []
    assert codes(check(subject(without, config=config, door="laptop"))) == {"toolchain-missing"}
    assert codes(check(subject(with_git, config=config, door="image"))) == {"toolchain-extra"}
    # The other doors must still agree.
    doors = [("laptop", with_git), ("image", without), ("host", with_git)]
    assert not of("toolchain-differs", compare([subject(one, config=config, door=name) for name, one in doors]))
    other = edited(clean, put(("toolchain", "git"), "2.40.0"))
    differing = compare([subject(one, config=config, door=name) for name, one in (*doors, ("other", other))])
    assert only("toolchain-differs", differing).declared is None


def test_a_declared_difference_has_its_reason(clean: bytes) -> None:
    here, there = (edited(clean, put(("toolchain", "git"), version)) for version in ("2.39.5", "2.40.0"))
    found = only("toolchain-differs", beside(here, there, config=declaring("git")))
    assert (found.severity, found.declared) == (Severity.NOTE, "why git may")


@pytest.mark.parametrize(("other", "severities"), [("99.0", [Severity.NOTE]), (None, [])])
def test_a_tool_that_the_toolchain_file_does_not_name_may_be_missing(
    clean: bytes, other: str | None, severities: list[Severity]
) -> None:
    here, there = (edited(clean, put(("toolchain", "cmake"), version)) for version in ("3.25.1", other))
    for config in (Config(root=Path()), declaring("git")):
        found = [one for one in beside(here, there, config=config) if one.code == "toolchain-differs"]
        assert [one.severity for one in found] == severities
