"""Tests of the proof: what a run found to be equal in each environment, and between them."""

from pathlib import Path
from typing import Any

from judging import LOCK, altered, edited, put, subject

from envparity.judge.judgement import judged
from envparity.judge.proof import DoorProof, Equal, Proof, proof_of
from envparity.project.locks import read_lock


def nothing_installed(document: dict[str, Any]) -> None:
    document["distributions"], document["files"] = [], {}


def test_a_sound_environment_is_as_its_lock_and_its_records_say(clean: bytes, tmp_path: Path) -> None:
    (tmp_path / "lock.txt").write_text(LOCK)
    one = subject(edited(clean), read_lock(tmp_path / "lock.txt"))
    recorded = [file for file in one.snapshot.files.values() if "match" in file.claims.values()]
    assert len(recorded) >= 10
    expected = DoorProof("here", 2, len(recorded), sum(file.size for file in recorded))
    assert proof_of([one], judged([one])) == Proof((expected,), None)


def test_a_file_or_pin_that_a_finding_names_is_not_proved(clean: bytes, tmp_path: Path) -> None:
    (tmp_path / "lock.txt").write_text(LOCK.replace("alpha==1.0", "alpha==1.1"))
    one = subject(edited(clean, altered), read_lock(tmp_path / "lock.txt"))
    sound = proof_of([subject(edited(clean))], [])
    (door,) = proof_of([one], judged([one])).doors
    assert (door.pinned, door.files) == (1, sound.doors[0].files - 1)


def test_a_pin_that_is_not_installed_is_not_proved(clean: bytes, tmp_path: Path) -> None:
    """No finding names the pins of an environment whose Python imports nothing, because another Python made it."""
    (tmp_path / "lock.txt").write_text(LOCK)
    empty = edited(clean, put(("interpreter", "other_sites"), ["/v/lib/python3.10/site-packages"]), nothing_installed)
    (door,) = proof_of([one := subject(empty, read_lock(tmp_path / "lock.txt"))], judged([one])).doors
    assert door.pinned == 0


def test_doors_share_versions_and_files(clean: bytes) -> None:
    here = subject(edited(clean))
    there = subject(edited(clean, altered, put(("distributions", 1, "version"), "2.1")), door="there")
    hashed = [file for file in here.snapshot.files.values() if file.sha256 is not None]
    changed = here.snapshot.files["site/alpha/core.py"].size
    assert proof_of([here, here], []).equal == Equal(2, len(hashed), sum(file.size for file in hashed))
    expected = Equal(1, len(hashed) - 1, sum(file.size for file in hashed) - changed)
    assert proof_of([here, there], []).equal == expected
