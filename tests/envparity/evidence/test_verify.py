"""Tests of the comparison of a statement with a report, a lock, a saved snapshot, an environment and an image.

A snapshot is the document with the facts about an environment.
"""

import json
import sys
import sysconfig
from pathlib import Path

import pytest
from archives import docker_save, oci_files, tar_of, write_files
from environment_builder import Environment
from evidence_kit import Evidence
from judging import LOCK

from envparity.cli.main import main
from envparity.errors import EnvparityError
from envparity.evidence.statement import Refused, Statement, decode_statement, make_statement
from envparity.evidence.verify import check_door, check_lock, check_report
from envparity.project.config import Config
from envparity.snapshot.doors import Look
from envparity.snapshot.outside import Outside

NO_RUN = Outside(no_run=True)


def statement(evidence: Evidence) -> Statement:
    return decode_statement(evidence.statement.read_bytes(), "statement")


def door(evidence: Evidence, text: str | Path, outside: Outside | None = None) -> str:
    look = Look(behaviour=False, outside=outside or Outside())
    return check_door(statement(evidence), str(text), Config(root=evidence.folder), None, look)


def flip(path: Path, at: int) -> None:
    """Change one byte of a file."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_the_report_and_the_lock_of_the_statement(evidence: Evidence) -> None:
    report, lock = evidence.folder / "report.json", evidence.folder / "lock.txt"
    assert check_report(statement(evidence), report) == f"{report} is its report"
    assert check_lock(statement(evidence), lock) == f"{lock} is its lock"
    for path, check in ((report, check_report), (lock, check_lock)):
        flip(path, -1)
        with pytest.raises(Refused, match=rf"^{path}: expected the (report|lock) with the SHA-256 .*, found "):
            check(statement(evidence), path)
        path.unlink()
        with pytest.raises(EnvparityError, match="found: No such file"):
            check(statement(evidence), path)


def test_a_statement_that_says_more_than_its_report(evidence: Evidence) -> None:
    document = json.loads(evidence.statement.read_bytes())
    document["predicate"]["result"]["notes"] += 1
    document["predicate"]["environments"][0]["artefacts"] = True
    lying = decode_statement(json.dumps(document).encode(), "statement")
    with pytest.raises(Refused, match="say what its report says, found another result and environments"):
        check_report(lying, evidence.folder / "report.json")


def test_a_saved_snapshot_is_compared_byte_for_byte(evidence: Evidence) -> None:
    saved = evidence.folder / "snapshot.json"
    assert "is the snapshot of its environment" in door(evidence, saved)
    good = saved.read_bytes()
    for at in (0, len(good) // 2, len(good) - 1):
        flip(saved, at)
        with pytest.raises(Refused, match="expected a snapshot with the SHA-256"):
            door(evidence, saved)
        saved.write_bytes(good)
    saved.write_bytes(json.dumps(json.loads(good), indent=1).encode())
    with pytest.raises(Refused, match="its environment has the same contents, so name the environment"):
        door(evidence, saved)


def test_the_environment_itself_from_inside_and_from_outside(evidence: Evidence, sound: Environment) -> None:
    folder = evidence.environment.folder
    for outside in (Outside(), NO_RUN):
        assert door(evidence, folder, outside) == f"{folder} has its environment {folder} (inside)"
    folder = sound.folder  # the same distributions, in another folder
    for outside in (Outside(), NO_RUN):
        with pytest.raises(Refused, match=r"expected the contents .*, found .* with [\d,]+ files"):
            door(evidence, folder, outside)


def test_an_image_is_known_by_its_digests(tmp_path: Path, sound: Environment) -> None:
    binary = Path(sys.executable).resolve()
    stdlib = Path(sysconfig.get_path("stdlib"))
    base = [binary, *(stdlib / name for name in ("os.py", "abc.py"))]
    layer = tar_of([*base, sound.folder])
    settings = {"VIRTUAL_ENV": str(sound.folder)}
    archive, layout = tmp_path / "app.tar", write_files(tmp_path / "app", oci_files(layer, environment=settings))
    archive.write_bytes(docker_save(layer, environment=settings))
    (tmp_path / "lock.txt").write_text(LOCK)
    report = tmp_path / "report.json"
    main(
        [
            "--project",
            str(tmp_path),
            "check",
            str(layout),
            "--lock",
            str(tmp_path / "lock.txt"),
            "--report",
            str(report),
        ]
    )
    made = make_statement(report.read_bytes(), "report", "2026-11-28T12:00:00Z")
    lock, image, manifest = made.subject
    blobs = {path.name for path in (layout / "blobs/sha256").iterdir()}
    assert lock.name == "lock.txt"
    assert {image.digest.sha256, manifest.digest.sha256} < blobs
    look = Look(behaviour=False)
    for place in (layout, archive):  # the archive has the same configuration, so it has the same image ID
        assert "(outside)" in check_door(made, str(place), Config(root=tmp_path), None, look)
    other = tmp_path / "other.tar"
    other.write_bytes(docker_save(layer, environment=settings | {"LANG": "C"}))
    with pytest.raises(Refused, match=r"other\.tar: expected the image .* and .*, found "):
        check_door(made, str(other), Config(root=tmp_path), None, look)
