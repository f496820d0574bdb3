"""Tests of how the probe (the program that reads an environment) reads RECORD files of all kinds.

A claim is the hash and the size that a RECORD lists for a file. The probe compares each claim with the file.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from environment_builder import Environment, record_hash
from probing import only_distribution, wrong
from pythons import other_pythons
from wheels import wheel_bytes

from envparity.project.config import Config
from envparity.snapshot.doors import Door, Look, open_door
from envparity.snapshot.types import Snapshot


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


def built_from_source(folder: Path) -> Path:
    """Make the installation of a Python as a build from source makes it, with links to the files of another Python.

    Return the path of its Python. Skip the test if this machine has no such Python.
    """
    code = "import sys, sysconfig; print(sys.version_info >= (3, 8), sysconfig.get_path('stdlib'), sys.executable)"
    for python in other_pythons():
        said = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=False).stdout.split()
        if said[:1] == ["True"] and "dist-packages" not in Path(said[1], "site.py").read_text(encoding="utf-8"):
            library = folder / "lib" / Path(said[1]).name
            library.mkdir(parents=True)
            for path in Path(said[1]).iterdir():
                if path.name not in ("site-packages", "EXTERNALLY-MANAGED"):
                    (library / path.name).symlink_to(path)
            (library / "site-packages").mkdir()
            (folder / "bin").mkdir()
            shutil.copy2(os.path.realpath(said[2]), folder / "bin" / library.name)
            return folder / "bin" / library.name
    pytest.skip("no Python that was built from source; install one, for example with pyenv")


def test_scripts_of_the_base_python_are_no_escape(tmp_path: Path) -> None:
    """The environment uses the site folder of the base, and with it the scripts of its distributions."""
    base = built_from_source(tmp_path / "base")
    wheel = tmp_path / "alpha-1.0-py3-none-any.whl"
    points = {"alpha-1.0.dist-info/entry_points.txt": "[console_scripts]\nalpha = alpha:run\n"}
    wheel.write_bytes(
        wheel_bytes("alpha", "1.0", {"alpha.py": "run = print\n", "alpha-1.0.data/data/share/x": ""} | points)
    )
    pip = [sys.executable, "-I", "-m", "pip", "--python", str(base), "install", "-q", "--no-index"]
    subprocess.run([*pip, "--disable-pip-version-check", str(wheel)], check=True)
    environment = tmp_path / "environment"
    options = ["--without-pip", "--system-site-packages"]
    subprocess.run([base, "-I", "-m", "venv", *options, environment], check=True)
    door = Door("here", (str(environment / "bin" / "python"),))

    def opened() -> Snapshot:
        return open_door(door, Config(root=tmp_path), None, Look(behaviour=False))

    snapshot = opened()
    assert only_distribution(snapshot).problems == ()
    assert wrong(snapshot) == set()
    assert snapshot.files["prefix-2/bin/alpha"].claims == {"alpha": "match"}
    assert snapshot.files["prefix-2/share/x"].claims == {"alpha": "match"}
    (tmp_path / "base" / "bin" / "alpha").write_text("another\n")
    assert wrong(opened()) == {"file-altered"}
    record = next((tmp_path / "base").glob("lib/*/site-packages/alpha-1.0.dist-info/RECORD"))
    with record.open("a") as file:
        file.write(f"../../../../secret,{record_hash(b'x')},1\n")
    assert "record-escapes" in wrong(opened())
