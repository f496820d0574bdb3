"""Tests of `scripts/check`: the linters that it runs, their files, and its reports about failed and skipped linters."""

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
    monkeypatch.setattr(EnvironmentMaker, "test", lambda _self, track: Path(f"/{track}/python"))
    return run


def test_every_linter_runs_in_the_order_of_the_table(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main([]) == 0
    names = ["ruff", "mypy", "shellcheck", "yamllint", "hadolint", "zizmor", "actionlint", "nixfmt"]
    assert capsys.readouterr().out.splitlines() == [f"check: {name} ok (0 s)" for name in names]
    ruff = [["ruff", "check", "--quiet", "."], ["ruff", "format", "--check", "--quiet", "."]]
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


def test_the_failed_linters_are_named_and_the_others_still_run(
    calls: Calls, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = check.Linter("bad", lambda _: (["one"], ["two", "FAILS"], ["three"]))
    monkeypatch.setattr(check, "LINTERS", (bad, check.Linter("good", lambda _: (["four"],))))
    assert check.main([]) == 1
    assert calls == [["one"], ["two", "FAILS"], ["four"]]
    shown = capsys.readouterr()
    *ending, failed = shown.err.splitlines()
    assert (shown.out, failed) == ("check: good ok (0 s)\n", "scripts/check: failed: bad")
    assert all(" its support " in line for line in ending)


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


def test_a_linter_without_files_does_not_run(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    none = check.Linter("none", lambda _: (["none", "FAILS"],), only=("*.no-such-kind",))
    monkeypatch.setattr(check, "LINTERS", (none,))
    assert (check.main([]), calls) == (0, [])


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
