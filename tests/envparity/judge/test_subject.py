"""Tests of `Subject`, one environment to judge: the files that a check may report, and facts about distributions."""

from typing import Any

from environment_builder import Environment, record_hash
from judging import codes, edit_record, edited, lock_of, put, subject, with_file

from envparity.judge.judgement import check
from envparity.judge.rules import Severity
from envparity.judge.subject import folder_of

CORE = "site/alpha/core.py"


def test_in_sound_distributions_only_unowned_files_are_notable(clean: bytes) -> None:
    one = subject(edited(clean))
    assert CORE not in one.notable
    assert all(file.role == "venv" or "unhashed" in file.claims.values() for file in one.notable.values())


def test_a_file_that_differs_from_its_record_is_notable(clean: bytes) -> None:
    changes = [
        with_file(CORE, claims={"alpha": "size:1"}),
        with_file(CORE, claims={"alpha": "match", "beta": "match"}),
        with_file(CORE, claims={}),
        with_file(CORE, kind="link"),
        with_file(CORE, error="Permission denied"),
        with_file(CORE, pth="code"),
        with_file(CORE, elf="32-bit machine 3"),
        with_file(CORE, bytecode="checked-hash:stale"),
        with_file(CORE, bytecode="orphan", claims={}),
    ]
    for change in changes:
        assert CORE in subject(edited(clean, change)).notable
    for change in (
        with_file(CORE, bytecode="checked-hash:fresh"),
        with_file(CORE, bytecode="timestamp:fresh", claims={}),
    ):
        assert CORE not in subject(edited(clean, change)).notable


def test_files_of_the_systems_package_manager_are_not_judged(clean: bytes) -> None:
    def managed(document: dict[str, Any]) -> None:
        document["interpreter"]["managed_sites"] = ["site-2"]
        document["distributions"][0]["metadata"] = "site-2/alpha-1.0.dist-info"

    one = subject(
        edited(clean, managed, with_file("site-2/stray.py"), with_file("scripts/alpha", claims={"alpha": "missing"}))
    )
    assert one.managed == {"alpha"}
    assert [judged.id for judged in one.judged] == ["beta"]
    assert not {"site-2/stray.py", "scripts/alpha"} & one.notable.keys()


def test_distributions_without_a_readable_record_are_unjudged(clean: bytes) -> None:
    change = put(("distributions", 0, "record"), "malformed")
    assert [one.id for one in subject(edited(clean, change)).unjudged] == ["alpha"]
    assert subject(edited(clean)).unjudged == ()


def test_without_a_lock_there_are_no_pins(clean: bytes) -> None:
    assert subject(edited(clean)).pins == {}
    assert subject(edited(clean)).metadata["site/alpha-1.0.dist-info"].name == "alpha"


def test_folder_of_returns_the_first_two_parts_of_a_path() -> None:
    assert folder_of("site/alpha/a/b.py") == "site/alpha"
    assert folder_of("site/beta.py") == "site/beta.py"
    assert folder_of("site") == "site"


def test_the_notes_that_conda_rewrites_are_not_judged(sound: Environment) -> None:
    """conda unpacks files that pip installed from a folder on another machine, and writes INSTALLER again."""
    info = sound.site / "alpha-1.0.dist-info"
    url = '{"dir_info": {}, "url": "file:///home/conda/feedstock_root/build_artifacts/alpha_17/work"}'
    (info / "direct_url.json").write_text(url)
    edit_record(sound, lambda text: f"{text}alpha-1.0.dist-info/direct_url.json,{record_hash(b'of pip')},6\n")
    for installer, wanted in (("conda", set()), ("pip", {"lock-source", "file-altered"})):
        (info / "INSTALLER").write_text(installer)
        found = check(subject(sound.snapshot(), lock_of(sound)))
        assert {one.code for one in found if one.severity is Severity.ERROR} == wanted
    (info / "INSTALLER").write_text("conda")
    (sound.site / "alpha/core.py").write_text("answer = 43\n")
    assert codes(check(subject(sound.snapshot(), lock_of(sound)))) == {"file-altered"}
