"""Tests of the probe's text: one program that any Python from 3.8 on reads from its standard input.

The probe is the program that envparity runs in an environment to record its files and distributions.
"""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from environment_builder import Environment
from judging import fill

import envparity
from envparity.probe.assembly import SECTIONS, probe_text, section_path, section_text
from envparity.snapshot.doors import Look, probe_settings

# The probe must not use modules that the standard library has lost or gained since 3.8.
SINCE_3_8 = {"tomllib", "zoneinfo", "graphlib", "annotationlib", "compression", "pathlib.types"}
LOST = {"distutils", "imp", "asynchat", "asyncore", "smtpd", "cgi", "pipes", "telnetlib", "crypt", "nntplib"}
NEWER = """
removeprefix removesuffix pairwise batched orig_argv stdlib_module_names bit_count is_relative_to
get_default_scheme get_preferred_scheme file_digest add_note chdir exception sys_version_info pidfd_open
""".split()
OWN = "envparity.probe"


def envparity_says(*arguments: str | Path) -> str:
    """Run `envparity` in a new process, and return its output.

    In this process, `scripts/quality coverage` changes the text of the probe.
    """
    command = [sys.executable, "-m", "envparity", *map(str, arguments)]
    root = Path(envparity.__file__).parents[1]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def source() -> str:
    """Return the text of the probe, which `envparity probe` prints."""
    return envparity_says("probe")


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the names of the modules that a program imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_probe_is_valid_python_3_8(source: str) -> None:
    ast.parse(source, feature_version=(3, 8))


def test_the_probe_imports_only_the_standard_library(source: str) -> None:
    names = set(imported(ast.parse(source)))
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names - SINCE_3_8 - LOST
    assert not names & SINCE_3_8


def test_the_probe_uses_no_attribute_that_python_3_8_lacks(source: str) -> None:
    used = {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    assert not used & set(NEWER)


def test_the_annotations_of_the_probe_are_never_evaluated(empty: Environment, source: str) -> None:
    program = source.replace("sys.exit(main())", 'sys.exit("typing" in sys.modules)')
    subprocess.run([empty.python, "-I", "-S", "-"], input=program.encode(), check=True)


def test_a_probe_that_is_run_by_hand_prints_the_same_snapshot(empty: Environment, source: str) -> None:
    fill(empty)
    by_hand = subprocess.run([empty.python, "-I", "-S", "-"], input=source, capture_output=True, text=True, check=True)
    assert by_hand.stdout == envparity_says("--project", empty.folder, "snapshot", empty.folder)


def test_only_the_settings_differ_between_two_probes(empty: Environment, source: str) -> None:
    text = probe_text(probe_settings(empty.config, None, Look()))
    changed = [line for line in text.splitlines() if line not in probe_text().splitlines()]
    assert [line.partition(" = ")[0] for line in changed] == ["SETTINGS"]
    assert source.count('\nSETTINGS = "{}"  # ') == probe_text().count('\nSETTINGS = "{}"  # ') == 1


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_is_a_module_that_imports_only_what_comes_before_it(name: str) -> None:
    importlib.import_module(f"{OWN}.{name}")
    tree = ast.parse(section_path(name).read_text())
    needed = {module for node in tree.body for module in imported(node) if not isinstance(node, ast.If)}
    before = {f"{OWN}.{one}" for one in SECTIONS[: SECTIONS.index(name)]}
    assert {module for module in needed if module.startswith(OWN)} <= before


def test_no_two_sections_define_the_same_name() -> None:
    names = [name for section in SECTIONS for name in defined(ast.parse(section_text(section)))]
    assert len(names) == len(set(names))


def defined(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a program defines at its top level."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_keeps_its_line_numbers(name: str) -> None:
    whole, text = section_path(name).read_text().splitlines(), section_text(name).splitlines()
    assert len(whole) == len(text)
    assert all(after in (before, "") for before, after in zip(whole, text, strict=True))
    assert len(whole) <= 300
