"""What holds for every file of the repository."""

import ast
import re
import subprocess

import pytest

from dev.lockenv.project import Project

# Written apart, so that this file is no exception to its own rule.
REGISTRIES = [
    "py" + "pi.org",
    "pythonhos" + "ted.org",
    "deb." + "debian.org",
    "registry." + "npmjs",
    "proxy." + "golang",
    "repo1." + "maven",
]


_PACKAGES = [
    *("account/*.py", "bom/*.py", "container/*.py", "doors/*.py", "envparity/**.py", "handbook/*.py"),
    *("incident/*.py", "lockenv/*.py", "nixhost/*.py", "pingtest/**.py"),
]


def tracked(project: Project, *patterns: str) -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (project.root / name).is_file()]


@pytest.mark.parametrize("host", REGISTRIES)
def test_no_file_names_the_host_of_a_package_registry(project: Project, host: str) -> None:
    assert [name for name in tracked(project) if host in (project.root / name).read_text(errors="replace")] == []


def test_the_application_stays_small(project: Project) -> None:
    names = ["ping_test.py", *(name for name in tracked(project, "pingtest/*.py") if "/matrix/" not in name)]
    sizes = {name: len((project.root / name).read_text().splitlines()) for name in names}
    assert sum(sizes.values()) < 900
    assert max(sizes.values()) <= 300


def test_no_command_line_takes_part_of_an_option_for_the_whole(project: Project) -> None:
    """A misspelt option is told, and does nothing."""
    found = 0
    for name in tracked(project, "*.py"):
        for call in ast.walk(ast.parse((project.root / name).read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] in ("ArgumentParser", "add_parser"):
                found += 1
                assert "allow_abbrev=False" in ast.unparse(call), f"{name}:{call.lineno}"
    assert found > 20


def test_every_module_has_its_tests(project: Project) -> None:
    modules = {name for name in tracked(project, *_PACKAGES) if not name.endswith("__init__.py")}
    tests = {re.sub(r"/test_(?=[^/]*$)", "/", name.removeprefix("tests/")) for name in tracked(project, "tests/**.py")}
    tested_elsewhere = {
        "account/__main__.py",  # test_main
        "account/record.py",  # scripts/why --record: dev/evidence/recorded is what it made
        "bom/__main__.py",  # test_main
        "container/__main__.py",  # test_main
        "container/errors.py",  # a class without a body
        "doors/__main__.py",  # test_main
        "envparity/__main__.py",  # test_main
        "envparity/errors.py",  # a class without a body
        "envparity/history/story.py",  # history/test_run, for it takes resolutions and wheels
        "envparity/options.py",  # test_main
        "envparity/render/files.py",  # test_write, of either kind of result
        "handbook/__main__.py",  # test_main
        "handbook/errors.py",  # a class without a body
        "incident/__main__.py",  # test_main
        "incident/facts.py",  # test_expect, which builds them all
        "incident/run.py",  # test_main, which runs it for real
        "incident/stages.py",  # test_main, as run.py
        "lockenv/errors.py",  # a class without a body
        "lockenv/toolchain.py",  # test_project
        "lockenv/__main__.py",  # test_main
        "nixhost/__main__.py",  # test_main
        "nixhost/errors.py",  # a class without a body
        "pingtest/library.py",  # test_roles and matrix/test_run: it is libp2p that it needs
        "pingtest/process.py",  # test_roles: it is processes that it needs
        "pingtest/matrix/__main__.py",  # repository/test_scripts
        "pingtest/matrix/endings.py",  # test_verdict, which makes them all
        "pingtest/matrix/errors.py",  # a class without a body
        "pingtest/matrix/many_pings.py",  # matrix/test_run, matrix/test_soak
        "pingtest/matrix/reference.py",  # matrix/test_bench
    }
    assert modules - tests - tested_elsewhere == set()
    assert tested_elsewhere <= modules
