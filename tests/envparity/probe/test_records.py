"""Tests of how the probe (the program that reads an environment) reads RECORD files of all kinds.

A claim is the hash and the size that a RECORD lists for a file. The probe compares each claim with the file.
"""

import hashlib
import os
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from environment_builder import Environment, record_hash
from probing import only_distribution, wrong


@pytest.mark.parametrize(
    "record",
    [
        b"alpha.py,\0,1\n",
        b'"alpha.py,sha256=,1\n',
        b'"alpha.py"x,sha256=,1\n',
        b"alpha.py,sha256=a,1,2\n",
        b",sha256=a,1\n",
        b"a" * 200000 + b",,\n",
    ],
    ids=["nul", "unclosed", "quote", "columns", "nameless", "huge"],
)
def test_a_malformed_record_is_reported(empty: Environment, record: bytes) -> None:
    empty.add("alpha").joinpath("RECORD").write_bytes(record)
    snapshot = empty.probe()
    assert only_distribution(snapshot).record == "malformed"
    assert "record-malformed" in wrong(snapshot)


def test_an_enormous_record_counts_as_malformed(empty: Environment) -> None:
    with empty.add("alpha").joinpath("RECORD").open("ab") as file:
        file.truncate(17 << 20)
    assert only_distribution(empty.probe()).record == "malformed"


def test_a_record_without_hashes_is_marked_unhashed(empty: Environment) -> None:
    info = empty.add("alpha")
    info.joinpath("RECORD").write_text("alpha.py,,\nalpha-1.0.dist-info/METADATA\n", encoding="ascii")
    snapshot = empty.probe()
    assert only_distribution(snapshot).record == "unhashed"
    assert snapshot.files["site/alpha.py"].claims == {"alpha": "unhashed"}
    assert "record-unhashed" in wrong(snapshot)


def test_a_missing_record_gives_one_note_and_its_files_are_not_judged(empty: Environment) -> None:
    empty.add("alpha", record=False)
    assert wrong(empty.probe()) == {"record-missing"}


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512", "md5", "blake2b"])
def test_hashes_of_every_algorithm_are_checked(empty: Environment, algorithm: str) -> None:
    info = empty.add("alpha")
    good = (
        urlsafe_b64encode(hashlib.new(algorithm, (empty.site / "alpha.py").read_bytes()).digest()).decode().rstrip("=")
    )
    record = info / "RECORD"
    for said, verdict in (
        (f"{algorithm}={good}", "match"),
        (f"{algorithm}={good[::-1]}", f"{algorithm}:"),
        (f"{algorithm}=###", "malformed:"),
        (algorithm, "malformed:"),
        (f"{algorithm}=\N{GREEK SMALL LETTER MU}", "malformed:"),
    ):
        record.write_text(f"alpha.py,{said},\n", encoding="utf-8")
        assert empty.probe().files["site/alpha.py"].claims["alpha"].startswith(verdict)


@pytest.mark.parametrize("algorithm", ["crc32", "shake_128", "", "\x1b[31m"])
def test_an_unknown_algorithm_is_reported(empty: Environment, algorithm: str) -> None:
    empty.add("alpha").joinpath("RECORD").write_text(f"alpha.py,{algorithm}=abc,\n", encoding="utf-8")
    assert empty.probe().files["site/alpha.py"].claims == {"alpha": f"unknown:{algorithm}"}


def test_of_two_rows_for_one_file_the_worse_verdict_counts(empty: Environment) -> None:
    path = empty.add("alpha") / "RECORD"
    row = path.read_text(encoding="ascii").splitlines()[0]
    other = f"alpha.py,{record_hash(b'other')},5"
    for rows in ([row, row, other], [other, row]):
        path.write_text("\n".join(rows) + "\n", encoding="ascii")
        assert empty.probe().files["site/alpha.py"].claims["alpha"].startswith("sha256:")


@pytest.mark.parametrize("row", ["../../../../secret", "{folder}/secret", "x/../../../../../secret", "/dev/zero"])
def test_a_path_outside_the_environment_is_never_opened(empty: Environment, tmp_path: Path, row: str) -> None:
    secret = tmp_path / "secret"
    os.mkfifo(secret)  # a program that opens this pipe to read it would wait
    path = empty.add("alpha") / "RECORD"
    text = row.format(folder=tmp_path)
    with path.open("a", encoding="ascii") as file:
        file.write(f"{text},{record_hash(b'x')},1\n")
    snapshot = empty.probe()
    assert not any("secret" in name or "zero" in name for name in snapshot.files)
    assert only_distribution(snapshot).problems == (f"RECORD: {text} is outside the environment",)
    assert wrong(snapshot) == {"record-escapes"}


def test_rows_with_unusual_spellings_are_read(empty: Environment) -> None:
    path = empty.add("alpha", files={"alpha/__init__.py": "", "alpha/b.py": "b", "alpha/c.py": "c"}) / "RECORD"
    text = path.read_text(encoding="ascii")
    path.write_text(
        text.replace("alpha/__init__.py", "./alpha//__init__.py")
        .replace("alpha/b.py", "alpha/./b.py")
        .replace("alpha/c.py", f"{empty.site}/alpha/x/../c.py")
        + "alpha/,,\nalpha/__pycache__,,\n",
        encoding="ascii",
    )
    assert wrong(empty.probe()) == set()


def test_two_distributions_of_one_name_are_both_kept(empty: Environment) -> None:
    empty.add("alpha", "1.0")
    empty.add("alpha", "2.0")
    snapshot = empty.probe()
    assert [one.id for one in snapshot.distributions] == ["alpha", "alpha@site/alpha-2.0.dist-info"]
    assert "distribution-twice" in wrong(snapshot)
