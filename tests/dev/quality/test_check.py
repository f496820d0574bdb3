"""Tests of `scripts/check`: the linters that it runs, their files, and its reports about failed and skipped linters."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project
from dev.quality import check

Calls = list[list[str]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Record the commands of the linters instead of running them; return the list of the commands.

    A command with the word `FAILS` fails.
    """
    run: Calls = []

    def record(words: Sequence[str | Path]) -> int:
        run.append([Path(words[0]).name, *map(str, words[1:])])
        return int("FAILS" in words)

    monkeypatch.setattr(check, "run_child", record)
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")  # this machine may lack Go or Rust
    monkeypatch.setattr(EnvironmentMaker, "test", lambda _self, track: Path(f"/{track}/python"))
    return run


def test_every_linter_runs_in_the_order_of_the_table(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main([]) == 0
    names = ["ruff", "mypy", "shellcheck", "yamllint", "hadolint", "zizmor", "actionlint", "nixfmt"]
    said = capsys.readouterr().out.splitlines()
    assert [
        line
        for line, name in zip(said, names, strict=True)
        if not re.fullmatch(rf"check: {name} ok \(\d+ files?, \d+ s\)", line)
    ] == []
    python = check.python_files()
    ruff = [["ruff", "check", "--quiet", *python], ["ruff", "format", "--check", "--quiet", *python]]
    mypy = [["python", "-m", "mypy", "--cache-dir", f".cache/mypy-{track}"] for track in ("v0.4", "v0.8")]
    assert calls[:4] == [*ruff, *mypy]
    assert [call[0] for call in calls[4:]] == [*names[2:6], "go", "actionlint", "cargo", "nixfmt"]
    assert calls[-1][1] == "--check"
    assert "flake.nix" in calls[-1]


def test_named_linters_run_in_the_given_order_and_fix_files(calls: Calls) -> None:
    assert check.main(["--fix", "nixfmt", "ruff"]) == 0
    assert [call[:3] for call in calls[1:]] == [
        ["nixfmt", "dev/doors/offline/standin/flake.nix", "flake.nix"],
        ["ruff", "check", "--fix"],
        ["ruff", "format", "--quiet"],
    ]


def without_dates(text: str) -> str:
    """Return the lines that do not depend on the date: `scripts/check` also names each support that ends soon."""
    return "".join(line for line in text.splitlines(keepends=True) if " its support " not in line)


def test_the_failed_linters_are_named_and_the_others_still_run(
    calls: Calls, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = check.Linter("bad", lambda: ["x"], lambda _, __: (["one"], ["two", "FAILS"], ["three"]))
    good = check.Linter("good", lambda: ["x", "y"], lambda _, names: (["four", *names],))
    monkeypatch.setattr(check, "LINTERS", (bad, good))
    assert check.main([]) == 1
    assert calls == [["one"], ["two", "FAILS"], ["four", "x", "y"]]
    shown = capsys.readouterr()
    assert shown.out == "check: good ok (2 files, 0 s)\n"
    assert without_dates(shown.err) == "scripts/check: failed: bad\n"


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--strict"], 1)])
def test_a_linter_without_its_toolchain_is_skipped_unless_the_run_is_strict(
    calls: Calls,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    status: int,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "go" else f"/bin/{name}")
    assert check.main([*options, "actionlint"]) == status
    said = "check: actionlint skipped: it needs Go 1.25 or later\n"
    assert capsys.readouterr().err == said + "scripts/check: failed: actionlint\n" * status
    assert calls == []


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--strict"], 1)])
def test_a_linter_without_files_is_skipped_and_never_ok(
    calls: Calls,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    project: Project,
    options: list[str],
    status: int,
) -> None:
    none = check.Linter("none", lambda: check.files("*.no-such-kind"), lambda _, __: (["none", "FAILS"],))
    monkeypatch.setattr(check, "LINTERS", (none,))
    assert (check.main(options), calls) == (status, [])
    shown = capsys.readouterr()
    said = f"check: none skipped: it has no file to check below {project.root}\n"
    assert (shown.out, without_dates(shown.err)) == ("", said + "scripts/check: failed: none\n" * status)


@pytest.mark.parametrize("linter", check.LINTERS, ids=lambda one: one.name)
def test_without_git_each_linter_has_the_same_files(
    linter: check.Linter, calls: Calls, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an unpacked archive, git lists no file; a linter that asked git would report `ok` without reading a file."""
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    with_git = linter.files()
    monkeypatch.setenv("PATH", "/nowhere")
    assert linter.files() == with_git != []
    assert check.main([linter.name]) == 0
    assert capsys.readouterr().out.startswith(f"check: {linter.name} ok ({len(with_git)} file")
    assert linter.name == "mypy" or set(with_git) <= {word for call in calls for word in call}


def test_shell_scripts_are_found_by_their_first_line(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root)
    found = check.shell_scripts()
    assert {"scripts/ping", ".ci/run", ".devcontainer/start", "dev/command/python", "peers/go/build"} <= set(found)
    assert not [name for name in found if name.endswith((".py", ".md"))]


@pytest.mark.parametrize(
    ("arguments", "says"), [(["nonsense"], "expected one of ruff mypy "), (["--hel"], "unrecognized arguments: --hel")]
)
def test_an_unknown_linter_or_option_exits_with_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        check.main(arguments)
    assert caught.value.code == 2
    assert says in capsys.readouterr().err


def test_each_linter_is_a_hook_of_pre_commit(project: Project) -> None:
    (local,) = yaml.safe_load((project.root / ".pre-commit-config.yaml").read_text())["repos"]
    assert [hook["entry"] for hook in local["hooks"]] == [f"scripts/check {linter.name}" for linter in check.LINTERS]
