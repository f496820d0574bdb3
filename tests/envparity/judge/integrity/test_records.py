"""Tests of findings (errors and notes) about RECORD and METADATA: broken, forged, unhashed, or in a wrong folder."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from environment_builder import Environment, record_hash
from judging import codes, edit_record, edited, of, only, subject
from oddwheels import ODD, USUAL, write_odd_wheels

from envparity.index.clients import uv_program
from envparity.judge.findings import Finding
from envparity.judge.integrity import check
from envparity.judge.integrity.records import RECORD_BUILT_WRONG
from envparity.judge.rules import Severity


def judge(environment: Environment) -> list[Finding]:
    return list(check(subject(environment.snapshot())))


def test_a_distribution_without_record_is_one_note(empty: Environment) -> None:
    empty.add("quiet", files={"quiet/__init__.py": "", "quiet/more.py": ""}, record=False)
    found = judge(empty)
    assert codes(found) == {"record-missing"}
    assert len(found) == 1


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_a_record_that_pip_or_uv_wrote_and_that_is_gone_is_an_error(installer: str, sound: Environment) -> None:
    info = sound.site / "beta-2.0.dist-info"
    (info / "INSTALLER").write_text(f"{installer}\n")
    (info / "RECORD").unlink()
    found = judge(sound)
    assert codes(found) == {"record-missing"}
    one = only("record-missing", found)
    assert (one.severity, one.paths) == (Severity.ERROR, ("site/beta-2.0.dist-info",))
    assert one.message == f"beta 2.0 has no RECORD, but {installer} installed it and always writes a RECORD"
    (info / "INSTALLER").write_text("conda\n")
    assert only("record-missing", judge(sound)).severity is Severity.NOTE


def test_an_unreadable_record_is_one_error(sound: Environment) -> None:
    edit_record(sound, lambda text: text + '"never closed\n')
    assert {one.code for one in judge(sound) if one.severity is Severity.ERROR} == {"record-malformed"}


@pytest.mark.parametrize("path", ["../../../../../../outside.py", "/etc/passwd", "alpha/../../../../../../../x"])
def test_a_record_that_points_outside_is_an_error(path: str, sound: Environment) -> None:
    edit_record(sound, lambda text: f"{path},sha256=x,1\n{text}")
    one = only("record-escapes", judge(sound))
    assert path in one.message
    assert codes(judge(sound)) == {"record-escapes"}


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ("Name: alpha\nVersion: 1.1\n", "metadata-mismatch"),
        ("Name: omega\nVersion: 1.0\n", "metadata-mismatch"),
        ("Name: Alpha\nVersion: 1.0.0\n", None),
        ("Name: alpha\n", "metadata-broken"),
        ("Version: 1.0\n", "metadata-broken"),
        ("", "metadata-broken"),
    ],
)
def test_metadata_must_match_the_name_of_its_folder(metadata: str, code: str | None, sound: Environment) -> None:
    data = metadata.encode()
    path = sound.site / "alpha-1.0.dist-info" / "METADATA"
    old = path.read_bytes()
    path.write_bytes(data)
    edit_record(sound, lambda text: text.replace(f"{record_hash(old)},{len(old)}", f"{record_hash(data)},{len(data)}"))
    assert codes(judge(sound)) == ({code} if code else set())


def seeded(environment: Environment) -> None:
    """Add the distribution `seed` as virtualenv installs it.

    Its RECORD has no hash for the files that virtualenv writes, and lists the mark file seed-1.0.virtualenv.
    """
    environment.add("seed", files={"seed.py": "", "../../../bin/seed": "", "../../../bin/seed3": ""})
    (environment.site / "seed-1.0.virtualenv").write_text("")

    def unhash(text: str) -> str:
        lines = [line.partition(",")[0] for line in text.splitlines()]
        own = {"seed-1.0.dist-info/INSTALLER", "../../../bin/seed", "../../../bin/seed3"}
        hashed = dict(zip(lines, text.splitlines(), strict=True))
        kept = [f"{line},," if line in own else hashed[line] for line in lines]
        return "\n".join([*kept, "seed-1.0.virtualenv,,", ""])

    edit_record(environment, unhash, "seed-1.0")


def test_files_that_virtualenv_adds_are_no_finding(sound: Environment) -> None:
    seeded(sound)
    assert judge(sound) == []


def test_another_file_without_a_hash_is_reported(sound: Environment) -> None:
    seeded(sound)
    digest = record_hash(b"")
    edit_record(sound, lambda text: text.replace(f"seed.py,{digest},0", "seed.py,,"), "seed-1.0")
    found = judge(sound)
    assert codes(found) == {"record-incomplete"}
    assert only("record-incomplete", found).paths == ("site/seed.py",)


@pytest.mark.parametrize("whose", ["nobody", "another"])
def test_a_file_that_only_looks_like_virtualenvs_is_reported(whose: str, sound: Environment) -> None:
    # The mark file exists, but it is listed in no RECORD, or only in the RECORD of another distribution.
    seeded(sound)
    edit_record(sound, lambda text: text.replace("seed-1.0.virtualenv,,\n", ""), "seed-1.0")
    if whose == "another":
        edit_record(sound, lambda text: f"{text}seed-1.0.virtualenv,{record_hash(b'')},0\n")
    one = only("record-incomplete", judge(sound))
    assert set(one.paths) == {"scripts/seed", "scripts/seed3", "site/seed-1.0.dist-info/INSTALLER"}


def test_without_virtualenvs_mark_the_file_is_reported(sound: Environment) -> None:
    seeded(sound)
    (sound.site / "seed-1.0.virtualenv").unlink()
    edit_record(sound, lambda text: text.replace("seed-1.0.virtualenv,,\n", ""), "seed-1.0")
    assert len(only("record-incomplete", judge(sound)).paths) == 3


@pytest.mark.parametrize(
    ("folder", "version", "code"),
    [
        ("alpha-1.0_1", "1.0-1", None),  # "1.0-1" is an old form of "1.0.post1"; a folder has "_" for "-"
        ("alpha-odd_one", "odd-one", None),
        ("alpha-odd_one", "odd_one", None),
        ("alpha-odd_one", "odd-two", "metadata-mismatch"),
        ("alpha-1.0", "odd", "metadata-mismatch"),
    ],
)
def test_versions_in_folder_names_are_compared_as_versions(
    folder: str, version: str, code: str | None, clean: bytes
) -> None:
    def change(document: dict[str, Any]) -> None:
        document["distributions"][0] |= {"metadata": f"site/{folder}.dist-info", "version": version}

    found = list(check(subject(edited(clean, change))))
    assert codes(found) & {"metadata-mismatch"} == ({code} if code else set())


@pytest.fixture(scope="module", params=["pip", "uv"])
def odd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Return an environment in which pip or uv installed wheels that were built wrong; no test may change it."""
    folder = tmp_path_factory.mktemp("odd")
    environment = Environment(folder / "environment")
    pip = [*request.getfixturevalue("bundled_pip"), "--python"]
    program = pip if request.param == "pip" else [uv_program(), "pip", "install", "--offline", "--python"]
    command = [*program, str(environment.python), *(["install", "--no-index"] if request.param == "pip" else [])]
    subprocess.run([*command, "-q", "--no-deps", *write_odd_wheels(folder)], check=True)
    return environment


def test_a_wheel_that_was_built_wrong_is_a_note_and_no_error(odd: Environment) -> None:
    found = judge(odd)
    assert [one for one in found if one.severity is Severity.ERROR] == []
    notes = {one.distributions[0]: one.message for one in of("record-built-wrong", found)}
    # uv leaves these rows out when it installs the wheel
    left_out = {name for name in ("folders", "packed", "absent", "elsewhere", "twice") if name not in notes}
    assert notes.keys() >= ODD.keys() - left_out
    for name, message in notes.items():
        assert name in ODD or name == "dotted"
        assert name not in ODD or ODD[name][1] in message


def test_the_fix_of_a_wheel_that_was_built_wrong_is_not_to_reinstall_it() -> None:
    assert "einstall" not in RECORD_BUILT_WRONG.fix + RECORD_BUILT_WRONG.meaning


def test_the_same_record_is_an_error_if_it_was_changed_after_the_installation(odd: Environment, tmp_path: Path) -> None:
    copy = copied(odd, tmp_path)
    for record in copy.site.glob("*.dist-info/RECORD"):
        later = record.stat().st_mtime + 60
        os.utime(record, (later, later))
    found = [one for one in judge(copy) if one.severity is Severity.ERROR]
    assert {"file-altered", "record-incomplete"} <= codes(found)
    whose = {name for one in found for name in one.distributions}
    assert {"unlisted", "unhashed", "sized", "literal", "unknown"} <= whose


def test_a_changed_file_of_a_wheel_that_was_built_wrong_is_found(odd: Environment, tmp_path: Path) -> None:
    copy = copied(odd, tmp_path)
    names = (ODD.keys() | USUAL.keys()) - {
        "unlisted",
        "unhashed",
        "literal",
        "unknown",
    }  # these have no hash of core.py
    for name in names:
        (copy.site / name / "core.py").write_text("x = 2\n")
        (copy.site / name / "data" / "text").unlink()
    found = [one for one in judge(copy) if one.severity is Severity.ERROR]
    assert {(one.code, one.paths) for one in found} == {
        *(("file-altered", (f"site/{name}/core.py",)) for name in names),
        *(("file-missing", (f"site/{name}/data/text",)) for name in names),
    }


def copied(environment: Environment, folder: Path) -> Environment:
    """Copy an environment with the times of its files, as archives and images do."""
    subprocess.run(["cp", "-a", environment.folder, folder / "environment"], check=True)
    copy = object.__new__(Environment)
    copy.folder = folder / "environment"
    copy.python = copy.folder / "bin" / "python"
    copy.site = copy.folder / environment.site.relative_to(environment.folder)
    copy.config = environment.config
    return copy
