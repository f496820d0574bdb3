"""Tests of rules for every file of the repository."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from dev.dispatch import COMMANDS
from dev.doors.sources import list_sources
from dev.lockenv.project import Project

# The names are split here, so that this file does not break its own rule.
REGISTRIES = [
    "py" + "pi.org",
    "pythonhos" + "ted.org",
    "deb." + "debian.org",
    "registry." + "npmjs",
    "proxy." + "golang",
    "repo1." + "maven",
]
PACKAGES = ["dev", "envparity", "pingtest"]
TESTED_ELSEWHERE = {
    "dev/__main__.py": "command/test_command",
    "dev/doors/docker.py": "doors/test_registry, doors/test_docker_parity",
    "dev/doors/door.py": "doors/test_registry: an interface without a body",
    "dev/evidence/record.py": "it made the files of dev/evidence/recorded",
    "dev/incident/facts.py": "incident/test_expect, which builds all of them",
    "dev/incident/run.py": "incident/test_command, which really runs it",
    "dev/incident/stages.py": "incident/test_command, which really runs it",
    "dev/lockenv/toolchain.py": "lockenv/test_project",
    "dev/matrix/declared.py": "matrix/test_plan, matrix/test_implementations",
    "dev/matrix/endings.py": "matrix/test_verdict, which makes all of them",
    "dev/matrix/limits.py": "matrix/test_run, pages/test_limits",
    "dev/pages/why_evidence.py": "pages/test_why",
    "dev/matrix/ping.py": "repository/test_scripts",
    "dev/pages/schemas.py": "envparity/test_schemas",
    "dev/pages/templates.py": "every test of a page",
    "dev/quality/bench.py": "quality/test_bench_dial",
    "dev/quality/bench_image.py": "it measures, and takes minutes and a Docker engine",
    "dev/quality/bench_network.py": "it measures, and takes root and network namespaces",
    "dev/quality/bench_parity.py": "it measures, and takes minutes",
    "dev/quality/command.py": "pages/test_commands",
    "dev/quality/many_pings.py": "matrix/test_run, quality/test_soak",
    "dev/quality/mutation/": "quality/test_mutations",
    "dev/quality/reference.py": "quality/test_bench_dial",
    "dev/quality/remembered.py": "scripts/quality mutants, which judges by what it remembers",
    "envparity/__main__.py": "cli/test_main",
    "envparity/cli/": "cli/test_main, cli/test_explain: as a person calls them",
    "envparity/errors.py": "a class without a body",
    "envparity/history/story.py": "history/test_run, because it needs resolutions and wheels",
    "envparity/judge/further.py": "test_installed_plugins",
    "envparity/judge/family.py": "judge/test_registry and every test of a family",
    "envparity/judge/rules.py": "judge/test_registry and every test of a family",
    "envparity/plugin.py": "test_installed_plugins, whose plugin imports it",
    "envparity/probe/programs.py": "tests of the probe, which run it assembled",
    "envparity/probe/reading.py": "tests of the probe, which run it assembled",
    "envparity/probe/text.py": "tests of the probe, which run it assembled",
    "envparity/project/chosen.py": "test_api, cli/test_main",
    "envparity/project/locks/further.py": "test_installed_plugins",
    "envparity/project/locks/lock.py": "project/locks/test_requirements",
    "envparity/render/files.py": "render/test_write, for each kind of result",
    "envparity/render/templates.py": "every test of a page",
    "envparity/render/why.py": "history/test_why",
    "pingtest/library.py": "test_roles and dev/matrix/test_run: it needs libp2p",
    "pingtest/process.py": "test_roles: it needs processes",
}
"""A dict from each module or folder without its own test file to the test that runs it, or to another reason."""


def tracked(project: Project, *patterns: str) -> list[str]:
    return list_sources(project.root, *patterns)


def modules(project: Project) -> list[str]:
    return tracked(project, *(f"/{name}/**/*.py" for name in PACKAGES))


@pytest.mark.parametrize("host", REGISTRIES)
def test_no_file_names_the_host_of_a_package_registry(project: Project, host: str) -> None:
    assert [name for name in tracked(project) if host in (project.root / name).read_text(errors="replace")] == []


def test_the_root_stays_small(project: Project) -> None:
    assert len({name.partition("/")[0] for name in tracked(project)}) <= 33
    assert sorted(name.partition("/")[0] for name in tracked(project, "/*/__init__.py")) == PACKAGES


def test_there_are_few_scripts_and_each_is_a_command(project: Project) -> None:
    assert [name.removeprefix("scripts/") for name in tracked(project, "/scripts/")] == sorted(COMMANDS)
    assert len(COMMANDS) <= 18


def test_tests_and_documents_are_not_packages(project: Project) -> None:
    """libp2p and pymultihash install packages named `tests` and `docs`, so this repository must not have them too."""
    assert tracked(project, "/tests/**/__init__.py", "/docs/**/__init__.py") == []


def test_no_module_and_no_function_is_long(project: Project) -> None:
    long = []
    for name in [*modules(project), "ping_test.py"]:
        text = (project.root / name).read_text()
        size = len(text.splitlines())
        if size > 450:
            long.append(f"{name}: {size} lines")
        long += [f"{name}: {where}" for where in long_functions(text)]
    assert long == []


def long_functions(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or 0) - node.lineno + 1
            if size > 60:
                yield f"{node.name} has {size} lines"


def test_a_long_function_is_found() -> None:
    assert list(long_functions("def f():\n" + "    x = 1\n" * 60)) == ["f has 61 lines"]
    assert list(long_functions("def f():\n" + "    x = 1\n" * 59)) == []


def test_the_application_stays_small(project: Project) -> None:
    sizes = {
        name: len((project.root / name).read_text().splitlines())
        for name in ("ping_test.py", *tracked(project, "/pingtest/**/*.py"))
    }
    assert sum(sizes.values()) < 1_200
    assert max(sizes.values()) <= 300


def test_no_command_line_accepts_an_abbreviated_option(project: Project) -> None:
    """A misspelt option must be an error; argparse must not take it for a longer option."""
    found = 0
    for name in tracked(project, "*.py"):
        for call in ast.walk(ast.parse((project.root / name).read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] in ("ArgumentParser", "add_parser"):
                found += 1
                assert "allow_abbrev=False" in ast.unparse(call), f"{name}:{call.lineno}"
    assert found > 3


def test_every_module_has_its_tests(project: Project) -> None:
    named = {name for name in modules(project) if PurePosixPath(name).name != "__init__.py"}
    tests = {
        re.sub(r"/test_(?=[^/]*$)", "/", name.removeprefix("tests/")) for name in tracked(project, "/tests/**/*.py")
    }
    elsewhere = {name for name in named if name.startswith(tuple(TESTED_ELSEWHERE))}
    assert sorted(named - tests - elsewhere) == []
    assert [one for one in TESTED_ELSEWHERE if not any(name.startswith(one) for name in named)] == []
