"""Tests of how the probe (the program that reads an environment) finds start-up code, without running it.

Start-up code is code that Python runs on its own, before a program.
"""

import subprocess
from pathlib import Path

import pytest
from environment_builder import Environment, record_hash

from envparity.probe.environment import Environment as Found
from envparity.probe.root import Root
from envparity.probe.startup import Startup
from envparity.snapshot.types import Hook

SITE = "/opt/lib/python3.11/site-packages"


class Image:
    """An installation of Python in a folder, which stands for a file system."""

    def __init__(self, folder: Path, series: str = "3.11") -> None:
        self.folder = folder
        self.series = series
        self.put("/opt/bin/python", f"/opt/lib/python{series}/os.py", f"/opt/lib/python{series}/json/__init__.py")
        (folder / f"opt/lib/python{series}/site-packages").mkdir()

    def put(self, *paths: str, text: str = "import evil\n") -> "Image":
        """Write the text to files. Return this image."""
        for path in paths:
            target = self.folder / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        return self

    def hooks(self, user_site: str | None = None, executable: str = "/opt/bin/python") -> list[tuple[str, str]]:
        """Return the kind and the path of each hook."""
        found = Found(executable, self.series, root=Root(str(self.folder)))
        return [(one["kind"], one["path"]) for one in Startup(found, found.path_entries(), user_site).hooks]


@pytest.fixture
def image(tmp_path: Path) -> Image:
    """Return an installation of Python 3.11 without start-up code."""
    return Image(tmp_path / "image")


def test_an_installation_without_hooks(image: Image) -> None:
    image.put(f"{SITE}/a.pth", text="inner\n").put(f"{SITE}/sitecustomise.py", "/opt/bin/other.py")
    assert image.hooks() == []


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["stdlib/sitecustomize.py", "site-packages/sitecustomize.py"], "stdlib/sitecustomize.py"),
        (["site-packages/sitecustomize.py"], "site/sitecustomize.py"),
        (["site-packages/sitecustomize/__init__.py", "sitecustomize.txt"], "site/sitecustomize/__init__.py"),
        (["site-packages/sitecustomize.abi3.so", "site-packages/sitecustomize.py"], "site/sitecustomize.abi3.so"),
        (["site-packages/sitecustomize.pyc"], "site/sitecustomize.pyc"),
        (["lib-dynload/sitecustomize.cpython-311.so"], "stdlib/lib-dynload/sitecustomize.cpython-311.so"),
    ],
)  # fmt: skip
def test_only_the_module_that_python_imports_is_a_hook(image: Image, files: list[str], found: str) -> None:
    for path in files:
        image.put(f"/opt/lib/python3.11/{path.removeprefix('stdlib/')}")
    assert image.hooks() == [("sitecustomize", found)]


def test_a_further_entry_of_the_path_may_have_the_module(image: Image) -> None:
    image.put(f"{SITE}/a.pth", text="/src\n").put("/src/sitecustomize.py")
    assert image.hooks() == [("sitecustomize", "path-1/sitecustomize.py")]


@pytest.mark.parametrize(("system", "used"), [("true", True), ("false", False)])
def test_the_users_folder_is_used_as_python_uses_it(image: Image, system: str, used: bool) -> None:
    image.put("/env/pyvenv.cfg", text=f"home = /opt/bin\ninclude-system-site-packages = {system}\n")
    image.put("/env/lib/python3.11/site-packages/x.txt", "/home/me/site/usercustomize.py", "/home/me/site/u.pth")
    (image.folder / "env/bin").mkdir()
    (image.folder / "env/bin/python").symlink_to("/opt/bin/python")
    mine = [("pth", "user/u.pth"), ("usercustomize", "user/usercustomize.py")]
    assert image.hooks("/home/me/site") == mine
    assert image.hooks("/home/me/site", "/env/bin/python") == (mine if used else [])


def test_the_record_of_a_users_file_is_read(image: Image) -> None:
    data = b"import good\n"
    image.put("/site/good.pth", text=data.decode()).put("/site/changed.pth")
    row = f"good.pth,{record_hash(data)},{len(data)}\nchanged.pth,{record_hash(b'else')},4\n"
    image.put("/site/Good_One-1.0.dist-info/RECORD", text=row)
    found = Found("/opt/bin/python", "3.11", root=Root(str(image.folder)))
    changed, good = Startup(found, [], "/site").hooks
    assert (good["owner"], good["verdict"]) == ("good-one", "match")
    assert changed["owner"] == "good-one"
    assert changed["verdict"].startswith("sha256:")


def test_a_start_file_takes_the_place_of_code_from_python_315_on(tmp_path: Path) -> None:
    for series, expected in (("3.14", [("pth", "site/a.pth"), ("start", "site/a.start")]), ("3.15", [("start", "site/a.start")])):  # fmt: skip # noqa: E501
        image = Image(tmp_path / series, series)
        site = f"/opt/lib/python{series}/site-packages"
        image.put(f"{site}/a.pth").put(f"{site}/a.start", text="evil:begin\n").put(f"{site}/.b.start", text="x:y\n")
        assert image.hooks() == expected


def test_lines_end_as_in_each_version_of_python(tmp_path: Path) -> None:
    """From Python 3.13 on, a form feed ends a line of a .pth file."""
    for series, hooks in (("3.12", []), ("3.13", [("pth", "site/a.pth")])):
        image = Image(tmp_path / series, series)
        image.put(f"/opt/lib/python{series}/site-packages/a.pth", text="# comment\x0cimport evil\n")
        assert image.hooks() == hooks


def test_a_path_file_that_cannot_be_read_is_a_hook(image: Image) -> None:
    """Python reads a .pth file of any size."""
    image.put(f"{SITE}/a.pth", text="#" * (17 << 20) + "\nimport evil\n")
    assert image.hooks() == [("pth", "site/a.pth")]


def test_long_code_is_cut_and_says_so(image: Image) -> None:
    image.put(f"{SITE}/a.pth", text="import a;" + "x" * 2000 + "\n" + "import b\n" * 30)
    found = Found("/opt/bin/python", "3.11", root=Root(str(image.folder)))
    (hook,) = Startup(found, [], None).hooks
    assert len(hook["runs"]) == 21
    assert (len(hook["runs"][0]), hook["runs"][0][-1]) == (1001, "…")
    assert hook["runs"][-1] == "… and 11 more lines"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/opt/lib/python311.zip", "stdlib/../python311.zip"),
        ("/opt/lib/python3.11/os.cpython-311-x86_64-linux-gnu.so", "stdlib/os.cpython-311-x86_64-linux-gnu.so"),
        ("/opt/lib/python3.11/os/__init__.py", "stdlib/os/__init__.py"),
        ("/opt/bin/json.py", "scripts/json.py"),
        ("/opt/bin/os/__init__.py", "scripts/os/__init__.py"),
    ],
)
def test_files_that_hide_the_standard_library(image: Image, path: str, name: str) -> None:
    assert image.put(path).hooks() == [("shadow", name)]


def test_no_hook_runs_before_or_during_the_look(empty: Environment, tmp_path: Path) -> None:
    """The hooks work in a Python without -S; the probe's output is the same with and without their effect."""
    ran = tmp_path / "ran"
    for name in ("a", "b"):
        (empty.site / f"{name}.pth").write_text(f"import os; open({str(ran)!r}, 'a').write('{name}')\n")
    (empty.site / "c.pth").write_text(
        'import os; os.scandir = None; os.write(1, b\'{"schema":"envparity-snapshot-\')\n'
    )
    subprocess.run([empty.python, "-I", "-c", ""], check=True, capture_output=True)
    before = ran.read_text()  # some versions of Python run the hooks twice
    assert set(before) == set("ab")
    found = empty.snapshot()
    assert ran.read_text() == before
    assert [hook.path for hook in found.startup if hook.kind == "pth"] == ["site/a.pth", "site/b.pth", "site/c.pth"]
    assert isinstance(found.startup[0], Hook)
