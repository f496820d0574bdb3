"""Tests of each kind of finding: its severity, paths, distributions and text, and that it has a cause.

A finding is an error or a note about one environment (made by `check`) or about the differences between environments
(made by `compare`). A snapshot is the document with the facts about an environment.
"""

import json
import marshal
import py_compile
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from environment_builder import Environment
from judging import LOCK, OTHER, Change, at_patch, codes, edited, lock_of, only, put, subject, with_file

from envparity.judge.findings import Finding
from envparity.judge.judgement import check, compare
from envparity.judge.registry import EVERY_RULE, FAMILIES
from envparity.judge.rules import Severity
from envparity.project.config import BehaviourCheck, Config, Tool
from envparity.project.locks import read_lock
from envparity.snapshot.types import decode_snapshot

_E, _N = Severity.ERROR, Severity.NOTE


@dataclass(frozen=True)
class Expected:
    """The finding that a case expects; its message must contain `words`."""

    severity: Severity
    words: str
    paths: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spoiled:
    """A case of `check`: `spoil` damages an intact environment, and the damage must give the expected finding.

    `lock` is the text of the lock. With `bytecode`, the snapshot also compares bytecode with its compiled source.
    """

    spoil: Callable[[Environment], object]
    expected: Expected
    lock: str = LOCK
    bytecode: bool = False


@dataclass(frozen=True)
class Edited:
    """A case of `check`: a changed snapshot, or other `tools` in the settings, must give the expected finding.

    The environment is not meant to have the tools `lacking`. If `locked` is false, it is compared with no lock.
    """

    expected: Expected
    change: Change | None = None
    tools: Mapping[str, Tool] | None = None
    lacking: tuple[str, ...] = ()
    locked: bool = True


@dataclass(frozen=True)
class Differs:
    """A case of `compare`: two snapshots that differ must give the expected finding.

    `change` is made to the second snapshot, and `first`, if given, to the first.
    """

    change: Change
    expected: Expected
    first: Change | None = None


def info(environment: Environment, file: str, name: str = "alpha-1.0") -> Path:
    return environment.site / f"{name}.dist-info" / file


def write(path: str, text: str) -> Callable[[Environment], object]:
    return lambda environment: (environment.site / path).write_text(text, encoding="utf-8")


def nothing(_environment: Environment) -> None:
    """Damage nothing, for a case whose lock differs from the environment."""


def note(file: str, value: object) -> Callable[[Environment], object]:
    return lambda environment: info(environment, file).write_text(json.dumps(value), encoding="utf-8")


def record(change: Callable[[str], str]) -> Callable[[Environment], object]:
    def spoil(environment: Environment) -> None:
        path = info(environment, "RECORD")
        path.write_text("".join(change(line) for line in path.read_text().splitlines(keepends=True)), encoding="utf-8")

    return spoil


def link(environment: Environment, *names: str) -> None:
    for name in names:
        path = environment.site / name
        moved = environment.folder.parent / f"cache-{path.name}"
        path.rename(moved)
        path.symlink_to(moved)


def broken_link(environment: Environment) -> None:
    link(environment, "alpha/core.py")
    (environment.site / "alpha/core.py").readlink().unlink()


def torn(environment: Environment) -> None:
    environment.add("gamma", files={"alpha/core.py": "other = 1\n", "alpha/data.txt": "other data\n"})
    (environment.site / "alpha/core.py").write_text("answer = 42\n", encoding="utf-8")


def compiled(environment: Environment, mode: str = "CHECKED_HASH") -> Path:
    source = environment.site / "alpha/core.py"
    made = py_compile.compile(
        str(source), doraise=True, invalidation_mode=getattr(py_compile.PycInvalidationMode, mode)
    )
    assert made is not None
    return Path(made)


def stale(environment: Environment) -> None:
    compiled(environment)
    (environment.site / "alpha/core.py").write_text("answer = 43\n", encoding="utf-8")


def altered(environment: Environment) -> None:
    path = compiled(environment)
    path.write_bytes(path.read_bytes()[:16] + marshal.dumps(compile("answer = 43\n", "core.py", "exec")))


def changed_hook(environment: Environment) -> None:
    environment.add("beta", "2.0", {"beta.pth": "import os\n"})
    (environment.site / "beta.pth").write_text("import sys\n")


def orphan(environment: Environment) -> None:
    compiled(environment)
    (environment.site / "alpha/core.py").unlink()


def with_build(sha256: str, settings: dict[str, str]) -> Change:
    """Return a change of a snapshot that makes site/alpha/core.py look like machine code.

    The file gets the hash `sha256`, and its distribution looks as if it was built with the build settings `settings`.
    """

    def change(document: dict[str, Any]) -> None:
        document["distributions"][0]["build"] = {"config_settings": settings}
        document["files"]["site/alpha/core.py"] |= {"sha256": sha256, "elf": document["interpreter"]["elf"]}

    return change


def without_a_file(document: dict[str, Any]) -> None:
    del document["files"]["site/alpha/core.py"]


CORE = ("site/alpha/core.py",)
PYC = (f"site/alpha/__pycache__/core.{sys.implementation.cache_tag}.pyc",)
ALPHA, GAMMA = ("alpha",), ("gamma",)
INFO = ("site/alpha-1.0.dist-info",)
RECORD = ("site/alpha-1.0.dist-info/RECORD",)
METADATA = "Metadata-Version: 2.1\nName: alpha\nVersion: 1.0\n"
BEHAVIOUR = BehaviourCheck("sum", "result = 2 + 2", "4")

# `check` and `compare` do not make these findings without more. test_acceptance.py, test_session.py and
# test_artefacts.py test them.
ELSEWHERE = {
    *("acceptance-unused", "artefact-differs", "artefact-foreign", "artefact-lacking", "artefact-unhashed"),
    "artefact-untraced",
}
CASES: dict[str, Spoiled | Edited | Differs] = {
    "interpreter-series": Edited(
        Expected(_E, "expected Python ~=3.99.0 (the toolchain file), found cpython 3."),
        tools={"python": Tool("python", "~=3.99.0")},
    ),
    "interpreter-patch": Differs(at_patch("3.11.99"), Expected(_E, "there 3.11.99")),
    "interpreter-replaced": Edited(
        Expected(
            _E,
            "the environment was made with Python 3.9, and bin/python is now Python 3.",
        ),
        lambda document: document["interpreter"].update(
            made_for="3.9.2", other_sites=["lib/python3.9/site-packages"], venv=True
        ),
    ),
    "nothing-installed": Edited(
        Expected(_E, "expected installed distributions, found none in "),
        lambda document: document.update(distributions=[], files={}, names={}),
    ),
    "script-elsewhere": Edited(
        Expected(_E, "scripts/alpha starts /old/bin/python, which does not exist", ("scripts/alpha",), ALPHA),
        lambda document: (
            document["files"]["scripts/alpha"].update(python="gone"),
            document["located"].update(scripts={"scripts/alpha": "/old/bin/python"}),
        ),
    ),
    "path-hidden": Edited(
        Expected(_N, "PYTHONPATH is '/somewhere'"),
        put(("located", "hidden", "PYTHONPATH"), "/somewhere"),
    ),
    "unlocked": Edited(Expected(_N, "no lock"), locked=False),
    "lock-missing": Spoiled(
        nothing,
        Expected(_E, "expected gamma 3.0 (environment.lock.txt), found none", (), GAMMA),
        lock=f"{LOCK}gamma==3.0\n",
    ),
    "lock-version": Spoiled(
        nothing,
        Expected(_E, "expected alpha 1.1 (environment.lock.txt), found alpha 1.0", INFO, ALPHA),
        lock="alpha==1.1\nbeta==2.0\n",
    ),
    "lock-extra": Spoiled(
        lambda environment: environment.add("gamma"),
        Expected(_E, "found gamma 1.0", ("site/gamma-1.0.dist-info",), GAMMA),
    ),
    "lock-source": Spoiled(
        note("direct_url.json", {"url": "https://user:secret@example.com/alpha.whl", "archive_info": {}}),
        Expected(_E, "found alpha 1.0 from https://example.com/alpha.whl", INFO, ALPHA),
    ),
    "lock-artefact": Spoiled(
        note("provenance_url.json", {"url": "x", "archive_info": {"hashes": {"sha256": OTHER}}}),
        Expected(_E, f"found sha256:{OTHER}", INFO, ALPHA),
        lock=f"alpha==1.0 \\\n    --hash=sha256:{'e' * 64}\nbeta==2.0\n",
    ),
    "requirement-unmet": Spoiled(
        lambda environment: environment.add("gamma", requires=["delta>=4"]),
        Expected(
            _E, "gamma 1.0 requires delta>=4, which is not installed", ("site/gamma-1.0.dist-info",), ("gamma", "delta")
        ),
    ),
    "python-unmet": Spoiled(
        lambda environment: environment.add("gamma", extra_metadata="Requires-Python: <3\n"),
        Expected(_E, "gamma 1.0 requires Python <3, found Python 3.", ("site/gamma-1.0.dist-info",), GAMMA),
    ),
    "distribution-twice": Spoiled(
        lambda environment: environment.add("Alpha", "1.1", {"alpha2.py": ""}),
        Expected(
            _E,
            "expected alpha to be installed once, found site/Alpha-1.1.dist-info and site/alpha-1.0.dist-info",
            ("site/Alpha-1.1.dist-info", "site/alpha-1.0.dist-info"),
            ALPHA,
        ),
    ),
    "distribution-differs": Differs(
        put(("distributions", 0, "version"), "1.1"),
        Expected(_E, "expected the same alpha in each door, found: here 1.0, there 1.1", INFO, ALPHA),
    ),
    "file-missing": Spoiled(
        lambda environment: (environment.site / "alpha/core.py").unlink(),
        Expected(_E, "alpha 1.0: in its RECORD, but missing: site/alpha/core.py", CORE, ALPHA),
    ),
    "file-altered": Spoiled(
        write("alpha/core.py", "answer = 43\n"),
        Expected(_E, "alpha 1.0: site/alpha/core.py has sha256 ", CORE, ALPHA),
    ),
    "file-extraneous": Spoiled(
        write("alpha/extra.py", ""),
        Expected(_E, "site/alpha/extra.py: in no distribution's RECORD", ("site/alpha/extra.py",)),
    ),
    "file-unowned": Spoiled(
        lambda environment: (environment.folder / "notes.txt").touch(),
        Expected(_N, "data/notes.txt: belongs to no distribution", ("data/notes.txt",)),
    ),
    "file-renamed": Spoiled(
        lambda environment: (environment.site / "alpha/core.py").rename(environment.site / "alpha/Core.py"),
        Expected(
            _E,
            "expected site/alpha/core.py (alpha 1.0), found site/alpha/Core.py",
            (*CORE, "site/alpha/Core.py"),
            ALPHA,
        ),
    ),
    "file-link": Spoiled(
        lambda environment: link(environment, "alpha/core.py"),
        Expected(_E, "alpha 1.0: expected regular files, found links: site/alpha/core.py", CORE, ALPHA),
    ),
    "link-broken": Spoiled(
        broken_link,
        Expected(_E, "alpha 1.0: a file is a link that leads nowhere: site/alpha/core.py; ", CORE, ALPHA),
    ),
    "file-unreadable": Edited(
        Expected(_E, "site/alpha/core.py: Permission denied", CORE),
        with_file(CORE[0], sha256=None, error="Permission denied", claims={"alpha": "unread"}),
    ),
    "installed-as-links": Spoiled(
        lambda environment: link(
            environment, "beta.py", *(f"beta-2.0.dist-info/{one}" for one in ("METADATA", "WHEEL"))
        ),
        Expected(
            _N,
            "beta 2.0: 3 files are links",
            ("site/beta-2.0.dist-info/METADATA", "site/beta-2.0.dist-info/WHEEL", "site/beta.py"),
            ("beta",),
        ),
    ),
    "record-missing": Spoiled(
        lambda environment: info(environment, "RECORD").unlink(),
        Expected(_N, "alpha 1.0 has no RECORD, so envparity does not check its files", INFO, ALPHA),
    ),
    "record-managed": Edited(
        Expected(_N, "package manager manages alpha 1.0, beta 2.0, so envparity", (), ("alpha", "beta")),
        put(("interpreter", "managed_sites"), ["site"]),
    ),
    "record-unhashed": Spoiled(
        record(lambda line: f"{line.partition(',')[0]},,\n"),
        Expected(_N, "alpha 1.0 lists its files without hashes", INFO, ALPHA),
    ),
    "record-incomplete": Spoiled(
        record(lambda line: "alpha/core.py,,\n" if line.startswith("alpha/core.py") else line),
        Expected(_E, "alpha 1.0: expected a hash in its RECORD for site/alpha/core.py", CORE, ALPHA),
    ),
    "record-built-wrong": Spoiled(
        record(lambda line: line.replace(",sha256=", ",SHA256=")),
        Expected(
            _N,
            "alpha 1.0: the RECORD of its wheel has 7 hashes in another format",
            RECORD,
            ALPHA,
        ),
    ),
    "record-malformed": Spoiled(
        record(lambda line: f"{line.strip()},d,e\n"),
        Expected(_E, "alpha 1.0: RECORD: expected path,hash,size in each line, found: ", RECORD, ALPHA),
    ),
    "record-escapes": Spoiled(
        record(
            lambda line: f"{line}../../../../../../../../../etc/passwd,,\n" if line.startswith("alpha/data") else line
        ),
        Expected(_E, "etc/passwd is outside the environment", RECORD, ALPHA),
    ),
    "metadata-broken": Spoiled(
        lambda environment: info(environment, "METADATA").unlink(),
        Expected(_E, "alpha 1.0 (site/alpha-1.0.dist-info): METADATA: missing", INFO, ALPHA),
    ),
    "metadata-mismatch": Spoiled(
        write("alpha-1.0.dist-info/METADATA", METADATA.replace("1.0", "1.5")),
        Expected(_E, "expected alpha 1.0 in its METADATA, found alpha 1.5", (f"{INFO[0]}/METADATA",), ALPHA),
    ),
    "file-differs": Differs(
        with_file(CORE[0], sha256=OTHER),
        Expected(_E, "site/alpha/core.py: different bytes in: here; there", CORE, ALPHA),
    ),
    "file-only-in": Differs(
        without_a_file, Expected(_E, "site/alpha/core.py: present in here, missing in there", CORE, ALPHA)
    ),
    "mode-differs": Differs(
        with_file(CORE[0], mode="555"),
        Expected(_E, "site/alpha/core.py: different permissions in: here; there", CORE, ALPHA),
    ),
    "path-contested": Spoiled(
        lambda environment: environment.add("gamma", files={"alpha/core.py": "other = 1\n"}),
        Expected(
            _E,
            "alpha 1.0 and gamma 1.0 claim site/alpha/core.py with different bytes; it has the bytes of gamma 1.0",
            CORE,
            ("alpha", "gamma"),
        ),
    ),
    "package-torn": Spoiled(
        torn,
        Expected(
            _E,
            "site/alpha is put together from alpha 1.0 and gamma 1.0: site/alpha/core.py from alpha 1.0; "
            "site/alpha/data.txt from gamma 1.0",
            (*CORE, "site/alpha/data.txt"),
            ("alpha", "gamma"),
        ),
    ),
    "name-shadowed": Spoiled(
        lambda environment: environment.add("gamma", files={"json.py": ""}),
        Expected(
            _E, "site/json.py (module of gamma 1.0) has the name of Python's own module json", ("site/json.py",), GAMMA
        ),
    ),
    "name-shared": Spoiled(
        lambda environment: environment.add("gamma", files={"alpha/more.py": ""}),
        Expected(_N, "the package alpha has files of alpha 1.0 and gamma 1.0", ("site/alpha",), ("alpha", "gamma")),
    ),
    "top-level-squatter": Spoiled(
        lambda environment: environment.add("gamma", files={"tests/__init__.py": ""}),
        Expected(_N, "gamma 1.0 installs site/tests, a name that any project may use", ("site/tests",), GAMMA),
    ),
    "editable": Spoiled(
        note("direct_url.json", {"url": Path(__file__).parent.as_uri(), "dir_info": {"editable": True}}),
        Expected(_N, "alpha 1.0 is editable: its code is outside the environment", INFO, ALPHA),
    ),
    "editable-gone": Spoiled(
        note("direct_url.json", {"url": "file:///no/such/folder", "dir_info": {"editable": True}}),
        Expected(_E, "alpha 1.0 is editable: expected its code in /no/such/folder, found nothing there", INFO, ALPHA),
    ),
    "editable-version": Edited(
        Expected(_E, "alpha 1.0 is editable: expected alpha 1.0 in /src/alpha, found alpha 1.1", INFO, ALPHA),
        lambda document: (
            document["distributions"][0].update(editable=True, source={"state": "there", "version": "1.1"}),
            document["located"].update(projects={"alpha": "/src/alpha"}),
        ),
    ),
    "case-clash": Spoiled(
        lambda environment: environment.add("gamma", files={"Alpha/__init__.py": ""}),
        Expected(
            _N,
            "site/Alpha and site/alpha (alpha 1.0 and gamma 1.0) differ only in",
            ("site/Alpha", "site/alpha"),
            ("alpha", "gamma"),
        ),
    ),
    "startup-code": Spoiled(
        lambda environment: environment.add("beta", "2.0", {"beta.pth": "import os\n"}),
        Expected(_N, "site/beta.pth (of beta 2.0) runs whenever this Python starts", ("site/beta.pth",), ("beta",)),
    ),
    "startup-unowned": Spoiled(
        lambda environment: (environment.site / "x.pth").write_text("import os; os.x = 1\n"),
        Expected(
            _E,
            "site/x.pth (no distribution) runs code whenever this Python starts: import os; os.x = 1",
            ("site/x.pth",),
        ),
    ),
    "startup-altered": Spoiled(
        changed_hook,
        Expected(_E, "site/beta.pth (beta 2.0) runs code whenever this", ("site/beta.pth",), ("beta",)),
    ),
    "startup-unlocked": Spoiled(
        lambda environment: environment.add("gamma", files={"gamma.pth": "import os\n"}),
        Expected(
            _E,
            "site/gamma.pth (gamma 1.0) runs code whenever this Python starts; the lock does not pin it: import os",
            ("site/gamma.pth",),
            GAMMA,
        ),
    ),
    "stdlib-shadowed": Spoiled(
        lambda environment: (environment.folder / "bin/json.py").write_text(""),
        Expected(_E, "scripts/json.py (no distribution) hides a module of the standard library", ("scripts/json.py",)),
    ),
    "home-foreign": Edited(
        Expected(_E, "pyvenv.cfg: expected a Python from the folder of the entry home", ("data/pyvenv.cfg",)),
        put(("interpreter", "home"), "other"),
    ),
    "stdlib-differs": Differs(
        put(("standard_library", "json", "decoder.py"), "x" * 24),
        Expected(_E, "stdlib/json/decoder.py: expected the same bytes", ("stdlib/json/decoder.py",)),
    ),
    "stdlib-partly": Differs(
        put(("standard_library", "json", "other.py"), "x" * 24),
        Expected(_N, "stdlib/json/other.py: present in there, missing in here", ("stdlib/json/other.py",)),
    ),
    "interpreter-build": Differs(
        put(("interpreter", "build"), "00"),
        Expected(_N, "the doors run different builds of cpython 3"),
    ),
    "bytecode-stale": Spoiled(
        stale, Expected(_N, "compiled from a different source; Python compiles the source again", PYC)
    ),
    "bytecode-altered": Spoiled(altered, Expected(_E, "not what its source compiles to", PYC), bytecode=True),
    "bytecode-orphan": Spoiled(orphan, Expected(_N, "its source is missing", PYC)),
    "bytecode-broken": Spoiled(
        lambda environment: compiled(environment).write_bytes(b"short"), Expected(_N, "too short to be bytecode", PYC)
    ),
    "extension-foreign": Spoiled(
        lambda environment: environment.add("gamma", files={"gamma.cpython-27-x86_64-linux-gnu.so": b"MZ"}),
        Expected(_E, "is tagged cpython-27", ("site/gamma.cpython-27-x86_64-linux-gnu.so",), GAMMA),
    ),
    "library-missing": Edited(
        Expected(_N, "alpha 1.0: expected libgone.so.1 in the environment", CORE, ALPHA),
        put(("libraries",), {"libgone.so.1": {"needed_by": list(CORE)}}),
    ),
    "library-differs": Differs(
        put(("libraries",), {"libgmp.so.10": {"needed_by": list(CORE), "file": "libgmp.so.10.5.0"}}),
        Expected(
            _E,
            "expected the same libgmp.so.10 in each door, found: here libgmp.so.10.4.1, there libgmp.so.10.5.0",
            CORE,
        ),
        first=put(("libraries",), {"libgmp.so.10": {"needed_by": list(CORE), "file": "libgmp.so.10.4.1"}}),
    ),
    "built-differs": Differs(
        with_build(OTHER, {"compiler": "gcc 12"}),
        Expected(_E, "alpha: site/alpha/core.py: different bytes in: here; there", CORE, ALPHA),
        first=with_build("e" * 64, {"compiler": "gcc 12"}),
    ),
    "built-elsewhere": Differs(
        with_build(OTHER, {"compiler": "gcc 13"}),
        Expected(
            _E, "alpha: site/alpha/core.py: different bytes in: here; there", CORE, ALPHA
        ),  # an error, because no toolchain file declares that compilers may differ
        first=with_build("e" * 64, {"compiler": "gcc 12"}),
    ),
    "toolchain-range": Edited(
        Expected(_E, "expected git >=99 (the toolchain file), found 2.39.5", (), ("git",)),
        put(("toolchain", "git"), "2.39.5"),
        tools={"git": Tool("git", ">=99")},
    ),
    "toolchain-missing": Edited(
        Expected(_N, "expected git >=2 (the toolchain file), found none", (), ("git",)),
        put(("toolchain", "git"), None),
        tools={"git": Tool("git", ">=2")},
    ),
    "toolchain-extra": Edited(
        Expected(_N, "expected no git behind this door (the toolchain file), found 2.39.5", (), ("git",)),
        put(("toolchain", "git"), "2.39.5"),
        tools={"git": Tool("git", ">=2")},
        lacking=("git",),
    ),
    "toolchain-differs": Differs(
        put(("toolchain", "weaver"), "2"),
        Expected(_N, "expected the same weaver in each door, found: here 1, there 2", (), ("weaver",)),
        first=put(("toolchain", "weaver"), "1"),
    ),
    "behaviour-failed": Edited(
        Expected(_E, "sum: ValueError: no", (), ("sum",)), put(("behaviour",), {"sum": {"error": "ValueError: no"}})
    ),
    "behaviour-unexpected": Edited(
        Expected(_E, "sum: expected 4, found 5", (), ("sum",)), put(("behaviour",), {"sum": {"value": "5"}})
    ),
    "behaviour-differs": Differs(
        put(("behaviour",), {"sum": {"value": "5"}}),
        Expected(_E, "sum: expected the same result in each door, found: here 4, there 5", (), ("sum",)),
        first=put(("behaviour",), {"sum": {"value": "4"}}),
    ),
    "transform-bytecode": Differs(
        with_file(PYC[0], sha256=OTHER, bytecode="checked-hash:fresh"),
        Expected(_N, "present in there, missing in here", PYC),
    ),
    "transform-path": Differs(
        with_file("scripts/alpha", sha256=OTHER), Expected(_N, "scripts/alpha: different bytes", ("scripts/alpha",))
    ),
    "transform-installer": Differs(
        with_file(f"{INFO[0]}/INSTALLER", sha256=OTHER),
        Expected(_N, "INSTALLER: different bytes", (f"{INFO[0]}/INSTALLER",)),
    ),
    "transform-venv": Differs(
        with_file("data/pyvenv.cfg", sha256=OTHER, normal=None),
        Expected(_N, "data/pyvenv.cfg: different bytes", ("data/pyvenv.cfg",)),
    ),
    "transform-elf": Differs(
        with_file(
            CORE[0], sha256=OTHER, elf="64-bit machine 62", normal="a" * 64, claims={"alpha": f"sha256:{'e' * 64}"}
        ),
        Expected(_N, "site/alpha/core.py: different bytes", CORE),
        first=with_file(CORE[0], elf="64-bit machine 62", normal="a" * 64),
    ),
}


def test_each_code_has_a_case_and_a_rule() -> None:
    assert set(CASES) | ELSEWHERE == set(EVERY_RULE)
    compared = {code for code, case in CASES.items() if isinstance(case, Differs)}
    assert compared == {code for code, rule in EVERY_RULE.items() if rule.compared}


@pytest.mark.parametrize("code", [code for code, case in CASES.items() if isinstance(case, Spoiled)])
def test_damage_to_a_sound_environment_is_found(code: str, sound: Environment) -> None:
    case = CASES[code]
    assert isinstance(case, Spoiled)
    case.spoil(sound)
    findings = check(subject(sound.snapshot(bytecode=case.bytecode), lock_of(sound, case.lock)))
    hold(case.expected, only(code, findings))


@pytest.mark.parametrize("code", [code for code, case in CASES.items() if isinstance(case, Edited)])
def test_an_edited_snapshot_gives_the_finding(code: str, clean: bytes, tmp_path: Path) -> None:
    case = CASES[code]
    assert isinstance(case, Edited)
    (tmp_path / "lock.txt").write_text(LOCK)
    lacking = {"here": frozenset(case.lacking)}
    config = Config(root=tmp_path, tools=dict(case.tools or {}), lacking=lacking, behaviour=(BEHAVIOUR,))
    changes = [case.change] if case.change else []
    lock = read_lock(tmp_path / "lock.txt") if case.locked else None
    hold(case.expected, only(code, check(subject(edited(clean, *changes), lock, config))))


@pytest.mark.parametrize("code", [code for code, case in CASES.items() if isinstance(case, Differs)])
def test_a_difference_is_found(code: str, clean: bytes) -> None:
    case = CASES[code]
    assert isinstance(case, Differs)
    first = edited(clean, *([case.first] if case.first else []))
    other = edited(clean, case.change)
    found = only(code, compare([subject(first), subject(other, door="there")]))
    assert found.doors == ("here", "there")
    hold(case.expected, found)
    # Two equal snapshots have no difference.
    assert compare([subject(other), subject(other, door="there")]) == []


def test_a_sound_environment_has_no_finding(clean: bytes, tmp_path: Path) -> None:
    (tmp_path / "lock.txt").write_text(LOCK)
    snapshot = decode_snapshot(clean, "clean")
    one = subject(snapshot, read_lock(tmp_path / "lock.txt"))
    assert check(one) == []
    assert compare([one, subject(snapshot, door="there"), subject(snapshot, door="elsewhere")]) == []


def test_one_damage_gives_one_finding(sound: Environment) -> None:
    (sound.site / "alpha/core.py").unlink()
    assert codes(check(subject(sound.snapshot(), lock_of(sound)))) == {"file-missing"}


def test_every_rule_has_its_texts() -> None:
    for code, one in EVERY_RULE.items():
        assert code == one.code == code.lower().replace("_", "-")
        assert one.title.strip()
        assert one.meaning.endswith(".")
        assert one.fix.endswith(".")
        assert (one.family == "transform") is code.startswith("transform-")
    assert list(dict.fromkeys(one.family for one in EVERY_RULE.values())) == [one.rules.family for one in FAMILIES]


def hold(expected: Expected, found: Finding) -> None:
    """Check that a finding has the expected parts, a message of one line, and no acceptance."""
    assert expected.words in found.message
    assert "\n" not in found.message
    assert found.severity is expected.severity
    assert found.paths == expected.paths
    assert found.distributions == expected.distributions
    assert found.doors in (("here",), ("here", "there"))
    assert found.accepted is None
