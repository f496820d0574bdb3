"""Tests with hostile input: envparity reports a finding or a one-line error, and never prints a traceback.

A finding is an error or a note about an environment. No text of the input may control the terminal.
"""

import json
import random
from pathlib import Path

import pytest
from environment_builder import Environment
from hostile import NASTY, mutated
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import codes, fill, lock_of, subject

from envparity.errors import EnvparityError
from envparity.judge.findings import Finding
from envparity.judge.judgement import check, compare
from envparity.judge.report import Report, make_report
from envparity.project.config import BehaviourCheck, Config, Tool
from envparity.project.locks.lock import Lock
from envparity.snapshot.types import Snapshot, decode_snapshot
from envparity.text import visible

CONFIG = Config(
    root=Path(),
    tools={name: Tool(name, ">=1", "why") for name in ("python", "git", "gmp", "compiler", "libraries")},
    behaviour=(BehaviourCheck("sum", "result = 1", "1"),),
)
HEADERS = (
    "Name: {}",
    "Version: {}",
    "Requires-Dist: {}",
    "Requires-Dist: alpha ; {}",
    "Requires-Python: {}",
    "Provides-Extra: {}",
    "{}",
)


@pytest.fixture(scope="session")
def lock(tmp_path_factory: pytest.TempPathFactory) -> Lock:
    folder = tmp_path_factory.mktemp("lock")
    return lock_of(fill(Environment(folder / "environment")))


def judge(*snapshots: Snapshot, lock: Lock | None) -> Report:
    """Return the report about these snapshots, which have the recorded facts about environments.

    `lock` is the lock of each environment, or None for no lock.
    """
    subjects = [subject(one, lock, CONFIG, f"door{number}") for number, one in enumerate(snapshots)]
    findings = [one for each in subjects for one in check(each)] + compare(subjects)
    return make_report("compare", None, subjects, findings)


def texts(one: Finding) -> list[str]:
    return [one.message, *one.paths, *one.distributions, *one.doors, *one.details, one.because or ""]


def harmless(report: Report) -> None:
    """Check that no text of a report has a control character."""
    said = [text for one in report.findings for text in texts(one)]
    said += [text for door in report.doors for text in (door.name, door.python, door.platform)]
    for table in (report.rows, report.tools):
        said += [text for name, values in table.items() for text in (name, *values) if text is not None]
    for why in report.why:
        said += [why.door, why.distribution]
        said += [text for path in why.paths for step in path for text in (step.source, step.requirement, step.target)]
    assert [text for text in said if text != visible(text)] == []


@settings(max_examples=100)
@given(seed=st.integers(0, 2**32), times=st.integers(1, 30))
def test_a_mutated_snapshot_is_judged_or_refused(clean: bytes, lock: Lock, seed: int, times: int) -> None:
    document = json.loads(clean)
    mutated(document, random.Random(seed), times)  # noqa: S311 - the seed is enough to repeat the test
    try:
        found = decode_snapshot(json.dumps(document).encode("utf-8", "replace"), "mutated")
    except EnvparityError as error:
        assert str(error).isprintable()
        return
    harmless(judge(found, decode_snapshot(clean, "clean"), lock=lock))
    harmless(judge(decode_snapshot(clean, "clean"), found, lock=None))


@pytest.mark.parametrize("name", NASTY)
def test_a_name_of_any_kind_is_judged(clean: bytes, lock: Lock, name: str) -> None:
    document = json.loads(clean)
    first, second = document["distributions"]
    first |= {"name": name, "version": name, "requires": [name, f"alpha{name}", f"beta ; {name}"], "problems": [name]}
    first |= {"requires_python": name, "direct_url": {"url": name, "commit": name, "hashes": {name: name}}}
    second |= {"metadata": name, "id": name, "build": {"config_settings": {name: name}}, "top_level": [name]}
    core = document["files"]["site/alpha/core.py"]
    document["files"] |= {
        name: core,
        f"site/{name}": core | {"claims": {name: name, "alpha": "match"}, "sha256": name, "normal": name},
        f"site/{name}.so": core | {"elf": name, "bytecode": name, "claims": {}},
        f"scripts/{name}": {"kind": "link", "target": name, "error": name},
        f"site/{name}.py": {"kind": "missing", "claims": {name: "missing"}},
    }
    place = {"kind": "package", "path": name, "providers": [name, "alpha"]}
    document["names"] |= {name: {"places": [place, place | {"path": f"site/{name}"}], "stdlib": True}}
    document["libraries"] = {name: {"needed_by": [name]}, "libc": {"needed_by": [name], "file": name}}
    document["toolchain"] |= {name: name, "git": name}
    document["behaviour"] = {name: {"error": name}, "sum": {"value": name}}
    document["problems"] = [name, f"{name}: {name}"]
    document["interpreter"] |= {"version": name, "platform": name, "implementation": name, "elf": name, "abi": name}
    document["interpreter"]["markers"] = dict.fromkeys(document["interpreter"]["markers"], name)
    document["located"]["hidden"] = {name: name}
    found = decode_snapshot(json.dumps(document).encode(), "nasty")
    harmless(judge(found, decode_snapshot(clean, "clean"), lock=lock))


def test_hostile_metadata_is_findings(sound: Environment) -> None:
    """The probe, which is the program that reads an environment, must end and list every hostile distribution."""
    chance = random.Random(3)  # noqa: S311 - the same ones each time
    for number, name in enumerate(NASTY):
        text = "\n".join(["Metadata-Version: 2.1", *(header.format(name) for header in HEADERS)])
        write(sound, f"nasty{number}-1.0.dist-info", text.encode("utf-8", "surrogatepass"), records(name, number))
    for number in range(150):
        write(sound, f"noise{number}-1.0.dist-info", noise(chance), noise(chance))
    write(sound, "huge-1.0.dist-info", b"Name: huge\nVersion: 1\nRequires-Dist: " + b"x" * (17 << 20), b"a,,\n")
    write(sound, "long-1.0.dist-info", b"Name: long\nVersion: 1\nRequires-Dist: " + b"(" * 100_000, b"a" * (2 << 20))
    found = sound.snapshot()
    harmless(judge(found, found, lock=lock_of(sound)))
    assert {"alpha", "beta", "huge", "long"} <= found.by_id.keys()
    assert len(found.distributions) == len(NASTY) + 154
    findings = check(subject(found))
    assert {"record-malformed", "record-escapes", "metadata-broken", "file-missing"} <= codes(findings)
    assert not any("root:" in text for one in findings for text in texts(one)), "what a RECORD names was read"
    assert all(path.partition("/")[0] in ("site", "scripts", "data", "prefix") for path in found.files)


def records(name: str, number: int) -> bytes:
    rows = [
        f"{name},{name},{name}",
        f"../{name},sha256={name},1",
        "/etc/passwd,,",
        f"nasty{number}-1.0.dist-info/RECORD,,",
    ]
    return "\n".join(rows).encode("utf-8", "surrogatepass")


def noise(chance: random.Random) -> bytes:
    words = [
        b"Name",
        b":",
        b" ",
        b"\n",
        b"\r",
        b",",
        b'"',
        b"sha256=",
        b"../",
        b"a.py",
        b"\0",
        b"\xff",
        b"Version: 1\n",
        b";",
    ]
    return b"".join(chance.choice(words) for _ in range(chance.randrange(60)))


def write(environment: Environment, info: str, metadata: bytes, record: bytes) -> None:
    folder = environment.site / info
    folder.mkdir()
    (folder / "METADATA").write_bytes(metadata)
    (folder / "RECORD").write_bytes(record)
