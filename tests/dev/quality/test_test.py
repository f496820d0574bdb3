"""Tests of `scripts/test`: the options that it passes to pytest, the tests that it leaves out, and its exit status."""

import json
import re
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.environments import EnvironmentMaker
from dev.quality import left_out
from dev.quality import test as command

WHY = [
    ("slow", "they are slow", "scripts/test --slow"),
    ("redis", "no redis-server on PATH", "apt-get update && apt-get install -y redis-server"),
    ("browser", "no chromium on PATH", "apt-get update && apt-get install -y chromium"),
    ("clock", "no faketime on PATH", "apt-get update && apt-get install -y faketime"),
    ("git", "no git on PATH", "apt-get update && apt-get install -y git"),
    ("signing", "no ssh-keygen on PATH", "apt-get update && apt-get install -y openssh-client"),
    ("docker", "no Docker engine", "scripts/offline engine && scripts/offline images"),
    ("nix", "no Nix", "scripts/nix"),
    ("peers", "the peers of other implementations are not built", "scripts/matrix --build"),
    (
        "netns",
        "network namespaces: expected root, found another user",
        "run as root, on Linux with network namespaces and /dev/net/tun",
    ),
    ("lan", "only a loopback address", "connect to a network"),
    ("network", "they use the package registries", "scripts/test --strict"),
    ("commit", "no environment of v0.4-git", "scripts/ping --track v0.4-git"),
]
# A fake Python, which records the options with which `scripts/test` starts pytest.
_PYTHON = """#!/bin/sh
case "$*" in
  *netrelay*) echo "netrelay: expected root, found another user"; exit {lacks} ;;
  -c*) exit {lacks} ;;
esac
line="${{0##*/}}|"
for word; do
  case $word in --outcome=*) outcome=${{word#--outcome=}} ;; *) line="$line$word|" ;; esac
done
echo "$line" >> {folder}/asked
echo '{left_out}' > "$outcome/left-out.json"
echo '{skipped}' > "$outcome/skipped.json"
exit {status}
"""


class Machine:
    """A simulated machine on which either every program is missing or none is, with a fake pytest."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.patch = monkeypatch

    def set(self, *, lacks: bool, commit: bool = True, status: int = 0, tests: str = "{}", skipped: str = "{}") -> None:
        def find(*_arguments: object) -> object:
            if lacks:
                raise CommandError("engine: expected Docker, found none")
            return object()

        for name in ("v0.4", "v0.8"):
            text = _PYTHON.format(lacks=int(lacks), folder=self.folder, status=status, left_out=tests, skipped=skipped)
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)
        self.patch.setattr(left_out, "find_engine", find)
        self.patch.setattr(left_out, "find_nix", find)
        self.patch.setattr("shutil.which", lambda name: None if lacks else f"/bin/{name}")
        self.patch.setattr("dev.lockenv.packages.package_manager", lambda: "apt")
        self.patch.setattr("os.geteuid", lambda: 0)
        self.patch.setattr(left_out, "_peers", find if lacks else lambda *_: None)
        self.patch.setattr(left_out, "was_made", lambda *_: commit)
        self.patch.setattr(command, "_cores", lambda: 2)
        self.patch.setattr(EnvironmentMaker, "track", lambda *_: None)
        self.patch.setattr(EnvironmentMaker, "tools", lambda _: None)
        self.patch.setattr(EnvironmentMaker, "test", lambda _, track: self.folder / track)

    def asked(self) -> dict[str, list[str]]:
        """Return a dict from track to the options that pytest got, from --leave-out on, and forget the options.

        A track is one pinned version of libp2p, such as v0.4.
        """
        path = self.folder / "asked"
        found = {}
        for line in path.read_text().splitlines() if path.exists() else ():
            track, *words = line.split("|")[:-1]
            assert words[:4] == ["-m", "pytest", "-p", "dev.quality.pytest_run"]
            found[track] = words[4:]
        path.unlink(missing_ok=True)
        return found


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


WORKERS = ["-n", "3", "--dist", "loadgroup"]
BESIDE = ["-q", "-p", "no:cacheprovider", "-m", "not processes", "tests/pingtest"]


def words(marks: str, *others: str) -> list[str]:
    return [f"--leave-out={marks}", "-rfExX", *others]


def after_waiting(shown: str) -> str:
    """Return the output without the line about waiting, which appears only if the run on the other track ends last."""
    return shown.removeprefix("test: waiting for the in-process tests on the other track\n")


def test_everything_runs_if_nothing_is_missing(machine: Machine, capfd: pytest.CaptureFixture[str]) -> None:
    machine.set(lacks=False)
    assert command.main(["--all", "--strict"]) == 0
    assert machine.asked() == {"v0.4": words("", *WORKERS), "v0.8": words("", *BESIDE)}
    shown = capfd.readouterr()
    assert (after_waiting(shown.out), shown.err) == ("\ntest: the in-process tests on libp2p 0.8\n", "")


@pytest.mark.parametrize(
    ("options", "marks"), [([], "slow,network"), (["--slow"], "quick,network"), (["--all"], "network")]
)
def test_the_options_choose_the_speed_of_the_tests(machine: Machine, options: list[str], marks: str) -> None:
    machine.set(lacks=False)
    assert command.main(options) == 0
    assert machine.asked() == {"v0.4": words(marks, *WORKERS), "v0.8": words(marks, *BESIDE)}


def test_slow_and_all_exclude_each_other(machine: Machine, capfd: pytest.CaptureFixture[str]) -> None:
    machine.set(lacks=False)
    with pytest.raises(SystemExit) as stopped:
        command.main(["--slow", "--all"])
    assert stopped.value.code == 2
    assert "--all: not allowed with argument --slow" in capfd.readouterr().err


def test_the_table_at_the_end_has_every_test_that_did_not_run(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    marks = [mark for mark, _, _ in WHY]
    tests = {mark: [f"tests/a/test_{mark}.py::test_b"] for mark in marks}
    machine.set(lacks=True, commit=False, tests=json.dumps(tests), skipped=json.dumps({"a; b": ["tests/c.py::test_d"]}))
    assert command.main([]) == 0
    assert machine.asked() == {
        "v0.4": words(",".join(marks), *WORKERS),
        "v0.8": words(",".join(marks), *BESIDE),
    }
    shown = capfd.readouterr()
    assert shown.err == ""
    _, _, after = shown.out.partition(f"test: {len(WHY) + 1} tests did not run\n\n")
    found = [tuple(re.split("  +", line.strip())) for line in after.splitlines()]
    assert found[0] == ("tests", "where", "why", "how to run them")
    assert found[2:] == [
        *(("1", f"tests/a/test_{mark}.py", why, how) for mark, why, how in WHY),
        ("1", "tests/c.py", "a", "b"),
    ]


def test_a_strict_run_ends_if_something_is_missing(machine: Machine, capfd: pytest.CaptureFixture[str]) -> None:
    machine.set(lacks=True)
    assert command.main(["--strict"]) == 3
    said = (
        "expected redis-server on PATH, found none; install it with: apt-get update && apt-get install -y redis-server"
    )
    assert capfd.readouterr().err == f"scripts/test: {said}\n"
    assert machine.asked() == {}


def test_other_options_go_to_pytest_and_chosen_tests_run_on_one_track(machine: Machine) -> None:
    machine.set(lacks=False)
    options = ["tests/pingtest", "-k", "two words", "--strict", "--help"]
    assert command.main(options) == 0
    assert machine.asked() == {"v0.4": words("slow,network", *WORKERS, *options)}
    assert command.main(["--strict", "--lf"]) == 0
    assert machine.asked() == {"v0.4": words("slow", *WORKERS, "--lf")}


@pytest.mark.parametrize(
    ("options", "everything", "workers"),
    [
        (["-x", "--durations=15"], True, WORKERS),
        (["-p", "randomly"], True, WORKERS),
        (["--reverse", "-v"], True, WORKERS),
        (["-n", "2"], True, WORKERS[2:]),
        (["-n0"], True, WORKERS[2:]),
        (["--numprocesses=4", "tests/dev"], False, WORKERS[2:]),
        (["-p", "no:xdist"], True, []),
        (["--pdb", "tests/dev"], False, ["-n", "0", *WORKERS[2:]]),
        (["-s"], True, ["-n", "0", *WORKERS[2:]]),
        (["-k", "word"], False, WORKERS),
        (["-m", "docker"], False, WORKERS),
        (["--durations"], False, []),
    ],
)
def test_options_that_choose_tests_or_workers_are_recognised(
    monkeypatch: pytest.MonkeyPatch, options: list[str], everything: bool, workers: list[str]
) -> None:
    monkeypatch.setattr(command, "_cores", lambda: 2)
    assert command.ask(options) == command.Asked(everything, tuple(workers))


@pytest.mark.parametrize(("cores", "workers"), [(1, "1"), (2, "3"), (3, "4"), (8, "12")])
def test_three_workers_share_two_cores(monkeypatch: pytest.MonkeyPatch, cores: int, workers: str) -> None:
    monkeypatch.setattr(command, "_cores", lambda: cores)
    assert command.ask([]).workers[:2] == ("-n", workers)


@pytest.mark.parametrize("status", [1, 2, 4, 5])
def test_the_status_is_that_of_pytest(machine: Machine, status: int) -> None:
    machine.set(lacks=False, status=status)
    assert command.main([]) == status


def test_a_failure_on_the_other_track_alone_is_a_failure_and_is_shown(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.set(lacks=False)
    (machine.folder / "v0.8").write_text("#!/bin/sh\necho one failed\nexit 1\n")
    assert command.main([]) == 1
    shown = after_waiting(capfd.readouterr().out)
    assert shown == "\ntest: the in-process tests on libp2p 0.8\none failed\n"


def test_a_track_without_a_slow_test_is_not_a_failure(machine: Machine) -> None:
    machine.set(lacks=False)
    (machine.folder / "v0.8").write_text("#!/bin/sh\nexit 5\n")
    assert command.main(["--slow"]) == 0
    assert command.main([]) == 5
