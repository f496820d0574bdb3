"""Tests of `scripts/docs`, which writes the generated pages or compares them with their sources."""

from pathlib import Path

import pytest
from checkout import run_script

from dev.lockenv.project import Project

pytestmark = pytest.mark.processes


@pytest.mark.slow
def test_up_to_date_pages_exit_with_0(project: Project) -> None:
    done = run_script(project.root, "docs", "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow
def test_outdated_pages_exit_with_1_and_can_be_written_again(checkout: Path) -> None:
    kept: dict[str, str] = {}
    for name, old, new in (
        ("reference/findings.md", "path-contested", "path-disputed"),
        ("reference/licences.md", "LGPL-2.1-or-later", "MIT"),
        ("concepts/why-the-environments-differed.md", "2025-10-27 14:22", "2025-10-28 14:22"),
    ):
        path = checkout / "docs" / name
        kept[name] = path.read_text()
        path.write_text(kept[name].replace(old, new))
    done = run_script(checkout, "docs", "--check", *kept)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "".join(
        f"scripts/docs: docs/{name}: expected the text that its sources give, found another; run scripts/docs\n"
        for name in kept
    )
    done = run_script(checkout, "docs", *kept)
    assert (done.returncode, done.stdout) == (0, "".join(f"docs/{name}\n" for name in kept))
    assert all((checkout / "docs" / name).read_text() == text for name, text in kept.items())


def test_a_pin_that_differs_from_its_page_exits_with_1(checkout: Path) -> None:
    path = checkout / "locks" / "toolchain.toml"
    path.write_text(path.read_text().replace('git = "1:2.39.5', 'git = "1:2.39.6'))
    done = run_script(checkout, "docs", "--check", "docs/reference/toolchain.md")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("scripts/docs: docs/reference/toolchain.md: expected ")
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["surprise"], "expected a generated page, one of reference/commands.md, "),
        (["--surprise"], "unrecognized arguments: --surprise"),
        (["--check", "--record", "all"], "not allowed with argument --check"),
        (["--record", "everything"], "invalid choice: 'everything'"),
    ],
)
def test_a_wrong_command_line_exits_with_2(project: Project, arguments: list[str], says: str) -> None:
    done = run_script(project.root, "docs", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


@pytest.mark.slow
def test_a_script_without_help_exits_with_3(checkout: Path) -> None:
    (checkout / "scripts" / "ping").write_text("#!/bin/sh\nexit 4\n")
    done = run_script(checkout, "docs", "--check", "reference/commands.md")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "scripts/docs: scripts/ping --help: expected status 0 and `usage: scripts/ping …`, found 4: nothing\n"
    )


def test_a_missing_run_exits_with_3(checkout: Path) -> None:
    (checkout / "dev" / "evidence" / "recorded" / "after.json").unlink()
    done = run_script(checkout, "docs", "concepts/why-the-environments-differed.md")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("scripts/docs: expected after.json as scripts/docs writes it, found: ")
    assert done.stderr.count("\n") == 1
