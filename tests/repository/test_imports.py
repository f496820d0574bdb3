"""Tests of the imports between rooms, read from every import statement, at any place in a module.

A room is a package with one purpose inside `dev` or `envparity`, such as `dev.doors` or `envparity.judge`.
"""

import ast
import re
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from dev.lockenv.project import Project

OURS = ("pingtest", "envparity", "dev")
ORDER = (
    *({"command"}, {"lockenv"}, {"doors"}, {"matrix", "incident"}, {"evidence"}, {"sbom", "release"}, {"pages"}),
    *({"upstream"}, {"quality"}),
)  # fmt: skip
"""The rooms of dev in their order: each room imports only rooms of earlier sets."""
CORE = ("history", "index", "judge", "project", "snapshot")
"""The rooms of envparity that must neither print nor format."""


def imported(path: Path, module: str) -> set[str]:
    """Return the absolute names of all modules of this repository that a file imports.

    `module` is the name of the file's own module. `from a import b` counts as `a` and as `a.b`.
    """
    found: set[str] = set()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            found |= {origin, *(f"{origin}.{one.name}" for one in node.names)}
    return {one for one in found if one.partition(".")[0] in OURS}


def room(module: str) -> str:
    """Return the room of a module: `dev.doors.offline.images` is in `dev.doors`."""
    return ".".join(module.split(".")[:2])


@pytest.fixture(scope="module")
def imports(project: Project) -> dict[str, set[str]]:
    """Return a dict from each module of the three packages to the modules of these packages that it imports."""
    found: dict[str, set[str]] = {}
    for package in OURS:
        for path in sorted((project.root / package).rglob("*.py")):
            names = path.relative_to(project.root).with_suffix("").parts
            module = ".".join(names).removesuffix(".__init__")
            found[module] = imported(path, module)
    assert len(found) > 150
    return found


@pytest.mark.parametrize("package", ["pingtest", "envparity"])
def test_pingtest_and_envparity_import_no_other_package_of_ours(package: str, imports: dict[str, set[str]]) -> None:
    wrong = {
        (module, one)
        for module, those in imports.items()
        for one in those
        if module.partition(".")[0] == package != one.partition(".")[0]
    }
    assert wrong == set()


def test_ping_test_imports_only_pingtest(project: Project) -> None:
    assert {one.partition(".")[0] for one in imported(project.root / "ping_test.py", "ping_test")} == {"pingtest"}


def test_the_core_of_envparity_imports_no_room_that_prints(imports: dict[str, set[str]]) -> None:
    core, outer = {f"envparity.{one}" for one in CORE}, {"envparity.render", "envparity.cli", "envparity.__main__"}
    assert {room(module) for module in imports} >= core
    wrong = {
        (module, one)
        for module, those in imports.items()
        for one in those
        if room(module) in core and room(one) in outer
    }
    assert wrong == set()


def test_the_image_has_each_module_that_its_modules_import(project: Project, imports: dict[str, set[str]]) -> None:
    copied = set(re.findall(r"^COPY (dev/\w+) ", (project.root / "Dockerfile").read_text(encoding="utf-8"), re.M))
    rooms = {one.replace("/", ".") for one in copied}
    assert rooms == {"dev.command", "dev.lockenv"}
    wrong = {
        (module, one)
        for module, those in imports.items()
        for one in those - {"dev"}
        if room(module) in rooms and room(one) not in rooms
    }
    assert wrong == set()


def test_the_rooms_of_dev_have_no_import_cycle(imports: dict[str, set[str]]) -> None:
    rooms: dict[str, set[str]] = defaultdict(set)
    for module, those in imports.items():
        if module.count("."):
            rooms[room(module)] |= {room(one) for one in those if one.count(".")} - {room(module)}
    TopologicalSorter({one: those for one, those in rooms.items() if one.startswith("dev.")}).prepare()


def test_the_rooms_of_dev_import_in_their_order(imports: dict[str, set[str]]) -> None:
    place = {f"dev.{one}": number for number, those in enumerate(ORDER) for one in those}
    rooms = {room(module) for module in imports if module.count(".") > 1 and module.startswith("dev.")}
    assert rooms == set(place), "every room of dev has its place in ORDER"
    wrong = {
        (module, one)
        for module, those in imports.items()
        for one in those
        if place.get(room(module), -1) <= place.get(room(one), -1) and room(module) in rooms - {room(one)}
    }
    assert wrong == set()
