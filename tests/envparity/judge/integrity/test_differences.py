"""Tests of findings (errors and notes) about files that differ between doors: each difference is reported once.

A door is one way to reach an environment.
"""

import os
import subprocess

import msgspec
import pytest
from environment_builder import Environment
from judging import OTHER, beside, codes, edited, only, put, with_file
from oddwheels import write_odd_wheels
from wheels import wheel_bytes

from envparity.index.clients import uv_program
from envparity.judge.rules import Severity
from envparity.snapshot.types import Snapshot


def test_the_message_groups_doors_with_equal_bytes(clean: bytes) -> None:
    core = ("files", "site/alpha/core.py")
    changed = edited(clean, put((*core, "sha256"), OTHER))
    found = only("file-differs", beside(edited(clean), changed, edited(clean)))
    assert found.message == "alpha: site/alpha/core.py: different bytes in: here and elsewhere; there"
    assert found.details[0].startswith("site/alpha/core.py: here and elsewhere ")
    assert found.details[0].endswith(", there ffffffffffff")
    assert found.doors == ("here", "there", "elsewhere")


def test_a_file_that_only_the_last_door_has_is_found(clean: bytes) -> None:
    extra = edited(
        clean, put(("files", "site/alpha/more.py"), {"size": 1, "sha256": OTHER, "claims": {"alpha": "match"}})
    )
    found = only("file-only-in", beside(edited(clean), edited(clean), extra))
    assert found.message == "alpha: site/alpha/more.py: present in elsewhere, missing in here and there"


def test_a_finding_of_one_door_is_not_repeated_as_a_difference(clean: bytes) -> None:
    gone = edited(clean, put(("files", "site/alpha/core.py"), {"kind": "missing", "claims": {"alpha": "missing"}}))
    unread = edited(clean, put(("files", "site/alpha/core.py", "error"), "Permission denied"))
    assert beside(edited(clean), gone) == beside(gone, edited(clean)) == beside(edited(clean), unread) == []


def test_differences_in_link_mode_and_kind_are_found(clean: bytes) -> None:
    core = ("files", "site/alpha/core.py")
    linked = edited(clean, put((*core, "kind"), "link"))
    assert codes(beside(edited(clean), linked)) == {"file-differs"}
    mode = only("mode-differs", beside(edited(clean), edited(clean, put((*core, "mode"), "555"))))
    assert mode.details == ("site/alpha/core.py: here 444, there 555",)


@pytest.fixture(scope="module")
def made(bundled_pip: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Snapshot]:
    """Return snapshots of environments with the same wheels, made by pip and by uv with several of its options."""
    folder = tmp_path_factory.mktemp("made")
    files = {"app/__init__.py": "def main(): ...\n", "app-1.0.data/scripts/app-tool": "#!python\nimport app\n"}
    start = {"app-1.0.dist-info/entry_points.txt": "[console_scripts]\napp = app:main\n"}
    wheel = folder / "app-1.0-py3-none-any.whl"
    wheel.write_bytes(wheel_bytes("app", "1.0", files | start))
    wheels = [str(wheel), *write_odd_wheels(folder)]
    found: dict[str, Snapshot] = {}
    for name in ("pip", "copy", "hardlink", "symlink", "relocatable"):
        environment = Environment(folder / name)
        if name == "relocatable":
            with (environment.folder / "pyvenv.cfg").open("a", encoding="utf-8") as file:
                file.write("relocatable = true\n")
        mode = ["--link-mode", name] if name in ("copy", "hardlink", "symlink") else []
        program = [uv_program(), "pip", "install", "--offline", *mode, "--python", str(environment.python)]
        if name == "pip":
            program = [*bundled_pip, "--python", str(environment.python), "install", "--no-index"]
        cache = os.environ | {"UV_CACHE_DIR": str(folder / "cache")}
        subprocess.run([*program, "-q", "--no-deps", *wheels], check=True, env=cache)
        found[name] = environment.snapshot()
    return found


@pytest.mark.parametrize("name", ["pip", "hardlink", "symlink", "relocatable"])
def test_the_same_wheels_are_the_same_however_they_are_installed(name: str, made: dict[str, Snapshot]) -> None:
    found = beside(made["copy"], made[name])
    assert [one.message for one in found if one.severity is Severity.ERROR] == []
    assert "scripts/app-tool" in made[name].files


@pytest.mark.parametrize("name", ["pip", "symlink", "relocatable"])
def test_a_script_that_does_something_else_differs(name: str, made: dict[str, Snapshot]) -> None:
    data = msgspec.json.encode(made[name])
    change = with_file("scripts/app-tool", sha256=OTHER, normal="e" * 64)
    assert only("file-differs", beside(made["copy"], edited(data, change))).paths == ("scripts/app-tool",)
