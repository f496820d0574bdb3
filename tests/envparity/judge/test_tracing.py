"""Tests of the comparison of files with artefacts (the wheels that a lock names), on snapshots that a test edits.

test_artefacts.py has the tests with real installers and real forgeries.
"""

from typing import Any

from judging import edited

from envparity.artefacts.artefact import Artefact, Artefacts, Wheel
from envparity.judge.tracing import How, Tracing, trace
from envparity.snapshot.types import Snapshot

INFO = "alpha-1.0.dist-info"


def artefacts(snapshot: Snapshot, **others: str) -> Artefacts:
    """Return artefacts that have every site file of alpha as it is installed, and the files of `others`."""
    files = {
        path.removeprefix("site/"): file.sha256 or ""
        for path, file in snapshot.files.items()
        if "alpha" in file.claims and path.startswith("site/") and not path.endswith(("RECORD", "INSTALLER"))
    }
    names = {path.replace("__", "/").replace("_dot_", "."): sha256 for path, sha256 in others.items()}
    return Artefacts({"alpha": Artefact(Wheel("alpha", "1.0", INFO, files=files | names), "lock")}, {})


def traced(clean: bytes, *changes: Any, **others: str) -> Tracing:
    return trace(edited(clean, *changes), artefacts(edited(clean), **others))


def test_the_files_of_one_distribution_are_traced(clean: bytes) -> None:
    found = traced(clean)
    assert found.how["site/alpha/core.py"] is How.LOCK
    assert found.how[f"site/{INFO}/RECORD"] is How.INSTALLER
    assert found.how["site/beta.py"] is How.RECORD
    assert found.how["data/pyvenv.cfg"] is How.MADE
    assert (found.differs, found.lacking, found.foreign) == ({}, {}, {"alpha": ["scripts/alpha"]})


def test_two_wheels_with_one_path_are_not_reported_twice(clean: bytes) -> None:
    """The file has the bytes of one of the wheels; the family ownership reports that both claim the path."""
    snapshot = edited(clean)
    own = artefacts(snapshot).found["alpha"]
    other = Wheel("beta", "2.0", "beta-2.0.dist-info", files={"alpha/core.py": "e" * 64, "beta.py": "e" * 64})
    found = trace(snapshot, Artefacts({"alpha": own, "beta": Artefact(other, "lock")}))
    assert found.differs == {"beta": ["site/beta.py"]}
    assert found.how["site/alpha/core.py"] is How.LOCK


def test_a_script_outside_the_environment_is_not_missing(clean: bytes) -> None:
    """The scripts of a user's site are in a folder that no snapshot has; the probe notes it as a problem of RECORD."""

    def change(document: dict[str, Any]) -> None:
        document["distributions"][0]["problems"] = ["RECORD: ../../../bin/run is outside the environment"]

    here = edited(clean)
    found = artefacts(here).found["alpha"].wheel
    wheel = Wheel("alpha", "1.0", INFO, files=found.files, commands={"run": "alpha:main"})
    both = Artefacts({"alpha": Artefact(wheel, "lock")})
    assert trace(here, both).lacking == {"alpha": ["scripts/run"]}
    assert trace(edited(clean, change), both).lacking == {}


def test_bytecode_counts_as_judged_only_if_its_source_does(clean: bytes) -> None:
    def change(document: dict[str, Any]) -> None:
        files = document["files"]
        for name, state in (("core", "checked-hash:fresh"), ("__init__", "timestamp:stale"), ("gone", "orphan")):
            files[f"site/alpha/__pycache__/{name}.cpython-311.pyc"] = {
                "bytecode": state,
                "claims": {"alpha": "unhashed"},
            }

    folder = "site/alpha/__pycache__"
    found = traced(clean, change).how
    assert found[f"{folder}/core.cpython-311.pyc"] is How.HEADER
    assert found[f"{folder}/__init__.cpython-311.pyc"] is How.UNKNOWN
    assert found[f"{folder}/gone.cpython-311.pyc"] is How.UNKNOWN
    again = edited(clean, change, lambda document: document.update(bytecode="recompiled"))
    assert trace(again, artefacts(edited(clean))).how[f"{folder}/core.cpython-311.pyc"] is How.COMPILED


def test_bytecode_is_traced_only_if_its_source_is(clean: bytes) -> None:
    def change(document: dict[str, Any]) -> None:
        document["bytecode"] = "recompiled"
        for path, owner in ((core, "alpha"), (init, "alpha"), (beta, "beta")):
            document["files"][path] = {"bytecode": "checked-hash:fresh", "claims": {owner: "unhashed"}}
        document["files"]["site/alpha/core.py"]["sha256"] = "0" * 64

    core, init = (f"site/alpha/__pycache__/{name}.cpython-311.pyc" for name in ("core", "__init__"))
    beta = "site/__pycache__/beta.cpython-311.pyc"
    found = traced(clean, change).how
    assert [found[f"site/{name}.py"] for name in ("alpha/core", "alpha/__init__", "beta")] == [
        *(How.WRONG, How.LOCK, How.RECORD)
    ]
    assert [found[path] for path in (core, init, beta)] == [How.WRONG, How.COMPILED, How.RECORD]
