"""The probe as a program: one file that any Python from 3.8 on reads from its standard input, and what is around it."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from environment_builder import Environment
from pythons import other_pythons

from envparity.judge.judgement import check
from envparity.judge.subject import Subject
from envparity.project.config import BehaviourCheck, Config
from envparity.snapshot import doors
from envparity.snapshot.doors import PROBE, Door, Look, open_door, probe_text
from envparity.snapshot.types import SCHEMA

SOURCE = (Path(doors.__file__).parent.parent / "probe.py").read_text(encoding="utf-8")
# Modules that the standard library has lost or gained since 3.8 are not for the probe.
SINCE_3_8 = {"tomllib", "zoneinfo", "graphlib", "annotationlib", "compression", "pathlib.types"}
LOST = {"distutils", "imp", "asynchat", "asyncore", "smtpd", "cgi", "pipes", "telnetlib", "crypt", "nntplib"}
NEWER = """
removeprefix removesuffix pairwise batched orig_argv stdlib_module_names bit_count is_relative_to
get_default_scheme get_preferred_scheme file_digest add_note chdir exception sys_version_info pidfd_open
""".split()


def test_it_is_python_3_8() -> None:
    ast.parse(SOURCE, feature_version=(3, 8))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_it_needs_nothing_but_the_standard_library() -> None:
    names = set(_imported(ast.parse(SOURCE)))
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names - SINCE_3_8 - LOST
    assert not names & SINCE_3_8


def test_it_uses_no_attribute_that_3_8_lacks() -> None:
    used = {node.attr for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.Attribute)}
    assert not used & set(NEWER)


def test_its_annotations_are_never_evaluated(empty: Environment) -> None:
    program = SOURCE.replace("sys.exit(main())", 'sys.exit("typing" in sys.modules)')
    subprocess.run([empty.python, "-I", "-"], input=program.encode(), check=True)


@pytest.mark.parametrize("minor", [8, 9, 10, 11, 12, 13, 14])
def test_other_pythons_run_it(minor: int, tmp_path: Path) -> None:
    """Each that this machine has, in an environment with a distribution, its bytecode and a check."""
    for python in other_pythons():
        asked = [python, "-I", "-c", "import sys, venv; print(sys.version_info[1])"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.stdout.strip() == str(minor):
            break
    else:
        pytest.skip(f"no Python 3.{minor} here")
    environment = Environment(tmp_path / "environment", python)
    environment.add("alpha", files={"alpha.py": 'def f(a):\n    return a in {"x", "y", "z", "w"}\n'})
    subprocess.run([environment.python, "-c", "import alpha"], check=True, env={})
    config = Config(root=tmp_path, behaviour=(BehaviourCheck("six", "import alpha; result = alpha.f('x')"),))
    snapshot = environment.probe(config=config, look=Look(bytecode=True))
    assert snapshot.interpreter.series == f"3.{minor}"
    assert snapshot.behaviour["six"].value == "True"
    found = check(Subject("door", snapshot, config, None, None))
    assert [one.code for one in found] == ["unlocked"]
    assert [file.bytecode for file in snapshot.files.values() if file.bytecode] == ["timestamp:fresh"]


def test_two_runs_give_the_same_bytes(empty: Environment) -> None:
    for number in range(20):
        empty.add(f"dist-{number}", files={f"shared/{number}.py": "x", f"big/{number}.bin": b"x" * (600 << 10)})
    subprocess.run([empty.python, "-I", "-c", "import shared"], check=True)
    runs = {empty.snapshot_bytes() for _ in range(3)}
    assert len(runs) == 1
    (data,) = runs
    document = json.loads(data)
    assert document["schema"] == SCHEMA
    assert list(document["files"]) == sorted(document["files"])


def run(environment: Environment, redirection: str) -> subprocess.CompletedProcess[bytes]:
    """The probe with its standard output elsewhere."""
    command = ["sh", "-c", f'exec "$0" -I - {redirection}', str(environment.python)]
    return subprocess.run(command, input=SOURCE.encode(), capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("redirection", "said"),
    [
        (">&-", b"probe: expected standard output to be open, found it closed\n"),
        pytest.param(
            "> /dev/full",
            b"probe: expected to write the snapshot, found: No space left on device\n",
            marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here"),
        ),
    ],
)
def test_an_output_that_cannot_be_written(empty: Environment, redirection: str, said: bytes) -> None:
    done = run(empty, redirection)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", said)


def test_a_reader_that_leaves(empty: Environment) -> None:
    empty.add("alpha", files={f"alpha/{number}.py": "" for number in range(3000)})
    done = run(empty, "| head -c 10")
    assert done.stderr == b"probe: expected to write the snapshot, found: Broken pipe\n"


def test_no_home_no_path_no_locale(empty: Environment) -> None:
    empty.add("alpha")
    assert empty.probe(environ={}).files == empty.probe().files


def test_a_hostile_folder_and_path_are_not_imported_from(empty: Environment, tmp_path: Path) -> None:
    empty.add("alpha")
    trap = tmp_path / "trap"
    trap.mkdir()
    for name in ("json", "hashlib", "csv", "_ssl", "alpha", "sitecustomize", "usercustomize"):
        (trap / f"{name}.py").write_text("raise SystemExit('trapped')\n", encoding="ascii")
    snapshot = empty.probe(environ={"PYTHONPATH": str(trap), "PYTHONSTARTUP": str(trap / "json.py")}, cwd=trap)
    assert snapshot.located.hidden == {"PYTHONPATH": str(trap)}
    found = check(Subject("door", snapshot, empty.config, None, None))
    assert {one.code for one in found} == {"unlocked", "path-hidden"}


def test_the_settings_are_its_only_blank(empty: Environment) -> None:
    text = probe_text(empty.config, None, Look())
    assert [(a, b) for a, b in zip(PROBE.read_text().splitlines(), text.splitlines(), strict=True) if a != b] == [
        (
            'SETTINGS = "{}"  # envparity writes the project\'s settings here',
            next(b for b in text.splitlines() if b.startswith("SETTINGS = ")),
        )
    ]


def test_a_noisy_start_is_passed_over(empty: Environment) -> None:
    """A .pth may print whatever it likes before the probe has a say."""
    (empty.site / "noise.pth").write_text("import sys; sys.stdout.write('noise\\n')\n", encoding="ascii")
    door = Door("noisy", (str(empty.python),))
    snapshot = open_door(door, empty.config, None, Look(behaviour=False))
    assert snapshot.files["site/noise.pth"].pth == "code"


def test_a_second_process_finds_the_same(tmp_path: Path) -> None:
    environment = Environment(tmp_path / "made")
    for number in range(30):
        files = {f"made_{number}/m{one}.py": f"value = {one}\n" * number for one in range(20)}
        environment.add(f"made-{number}", files=files)
    (environment.site / "made_3" / "m1.py").write_text("altered\n")
    (environment.site / "made_4" / "m1.py").unlink()
    compileall: list[str | Path] = [environment.python, "-I", "-m", "compileall", "-q", environment.site]
    subprocess.run(compileall, check=True)
    text = PROBE.read_text()
    assert text.count("SHARED_FROM = 500") == 1
    assert text.count("scan.walk_share(names)") == 1

    def said(program: str) -> bytes:
        command: list[str | Path] = [environment.python, "-I", "-"]
        return subprocess.run(command, input=program.encode(), capture_output=True, check=True).stdout

    alone = said(text.replace("SHARED_FROM = 500", "SHARED_FROM = 10**9"))
    # Where it ends badly, the first process does its work.
    killed = text.replace("scan.walk_share(names)", "os.kill(os.getpid(), signal.SIGKILL)")
    assert said(text) == alone
    assert said(killed) == alone
    assert alone.count(b'"kind":"missing"') == 1
