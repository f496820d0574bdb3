"""Tests of the findings about start-up code: code that Python runs on its own, before a program.

A finding is an error or a note. A hook is one piece of start-up code.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import virtualenv.create.via_global_ref
from environment_builder import Environment
from judging import codes, edited, lock_of, of, only, put, subject

from envparity.judge.acceptance import Acceptance
from envparity.judge.findings import Finding
from envparity.judge.judgement import check
from envparity.project.config import Config

STARTUP = {"startup-unowned", "startup-altered", "startup-unlocked", "stdlib-shadowed", "startup-code"}
PRECEDENCE = (
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
    "enabled and __import__('_distutils_hack').add_shim(); \n"
)
NAMESPACE = (
    "import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join(sys._getframe(1).f_locals['sitedir'], "
    "*('mpl_toolkits',));importlib = has_mfs and __import__('importlib.util');"
    "has_mfs and __import__('importlib.machinery');m = has_mfs and sys.modules.setdefault('mpl_toolkits', "
    "importlib.util.module_from_spec(importlib.machinery.PathFinder.find_spec('mpl_toolkits', "
    "[os.path.dirname(p)])));m = m or sys.modules.setdefault('mpl_toolkits', types.ModuleType('mpl_toolkits'));"
    "mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)\n"
)
EASY_INSTALL = (
    "import sys; sys.__plen = len(sys.path)\n/src/alpha\nimport sys; new=sys.path[sys.__plen:]; "
    "del sys.path[sys.__plen:]; p=getattr(sys,'__egginsert',0); sys.path[p:p]=new; sys.__egginsert = p+len(new)\n"
)


def judge(environment: Environment, lock: str | None = None, accept: Sequence[Acceptance] = ()) -> list[Finding]:
    """Return the findings of the family about an environment, perhaps with a lock."""
    config = Config(root=Path(), accept=tuple(accept))
    found = check(subject(environment.snapshot(), lock_of(environment, lock) if lock else None, config))
    return [one for one in found if one.code in STARTUP]


def test_ordinary_hooks_give_one_note(empty: Environment) -> None:
    """The hooks of setuptools, coverage, matplotlib and an editable install belong to distributions."""
    empty.add("setuptools", files={"distutils-precedence.pth": PRECEDENCE})
    empty.add("coverage", files={"a1_coverage.pth": "import coverage; coverage.process_startup()\n"})
    empty.add("matplotlib", files={"matplotlib-nspkg.pth": NAMESPACE})
    empty.add("seedling", files={"__editable__.seedling-1.0.pth": "import finder; finder.install()\n"})
    (found,) = judge(empty)
    assert (found.code, found.severity) == ("startup-code", "note")
    assert len(found.paths) == len(found.distributions) == 4
    (locked,) = judge(empty, "setuptools==1.0\ncoverage==1.0\nmatplotlib==1.0\nseedling==1.0\n")
    assert locked == found


@pytest.mark.parametrize("text", [EASY_INSTALL, NAMESPACE, NAMESPACE.replace("mpl_toolkits", "google")])
def test_lines_of_an_old_setuptools_are_known(empty: Environment, text: str) -> None:
    """`setup.py develop` wrote these files, and no RECORD lists them."""
    (empty.site / "old.pth").write_text(text)
    assert codes(judge(empty)) == {"startup-code"}


@pytest.mark.parametrize(
    "text",
    [
        EASY_INSTALL + "import evil\n",
        NAMESPACE.rstrip() + ";__import__('evil')\n",
        NAMESPACE.replace("('mpl_toolkits',)", "('x',__import__('evil'))"),
        NAMESPACE.replace("mp.append(p)", "mp.append(p) or exec(p)"),
        EASY_INSTALL * 30 + "import evil\n",
        "\ufeffimport evil\n",
        "import\tevil\n",
        "import _virtualenv\n",
    ],
)
def test_code_of_no_distribution_is_an_error(empty: Environment, text: str) -> None:
    (empty.site / "old.pth").write_text(text, encoding="utf-8")
    assert only("startup-unowned", judge(empty)).paths == ("site/old.pth",)


def test_lines_that_python_does_not_run_are_no_hooks(empty: Environment) -> None:
    (empty.site / "a.pth").write_text(" import evil\n#import evil\nimporter\n")
    (empty.site / "b.txt").write_text("import evil\n")
    (empty.site / "usercustomize.py").write_text("import evil\n")  # Python ignores the module in this environment
    assert judge(empty) == []


def test_a_start_file_is_start_up_code(empty: Environment) -> None:
    """Python 3.15 runs these files (PEP 829); Python before 3.15 may still prepare an environment of 3.15."""
    empty.add("alpha", files={"alpha.start": "# comment\n\nalpha:begin\n", "alpha.py": ""})
    (empty.site / "evil.start").write_text("evil:begin\n")
    (empty.site / "empty.start").write_text("# nothing\n")
    found = judge(empty)
    assert only("startup-code", found).paths == ("site/alpha.start",)
    assert only("startup-unowned", found).paths == ("site/evil.start",)
    assert "evil:begin" in only("startup-unowned", found).message


def test_a_changed_hook_is_an_error(empty: Environment) -> None:
    empty.add("setuptools", files={"distutils-precedence.pth": PRECEDENCE})
    (empty.site / "distutils-precedence.pth").write_text("import evil;" + PRECEDENCE)
    found = only("startup-altered", judge(empty))
    assert (found.paths, found.distributions) == (("site/distutils-precedence.pth",), ("setuptools",))


@pytest.mark.parametrize("lock", ["beta==1.0\n", "alpha==2.0\n"])
def test_a_hook_that_the_lock_does_not_pin_is_an_error(empty: Environment, lock: str) -> None:
    empty.add("alpha", files={"alpha.pth": "import alpha\n"})
    assert codes(judge(empty)) == {"startup-code"}
    assert only("startup-unlocked", judge(empty, lock)).distributions == ("alpha",)
    assert codes(judge(empty, "alpha==1.0\n")) == {"startup-code"}


def test_the_hook_of_a_setuptools_that_came_with_the_environment_is_no_error(empty: Environment) -> None:
    """`python -m venv` installs setuptools before Python 3.12; a lock need not pin it, but may."""
    empty.add("setuptools", "65.5.0", files={"distutils-precedence.pth": PRECEDENCE})
    assert "came with the environment" in only("startup-code", judge(empty, "alpha==1.0\n")).message
    assert codes(judge(empty, "setuptools==66.0\n")) == {"startup-unlocked"}
    exact = Config(root=Path(), exact=True)
    found = check(subject(empty.snapshot(), lock_of(empty, "alpha==1.0\n"), exact))
    assert "startup-unlocked" in codes(found)


@pytest.mark.parametrize("name", ["_virtualenv/__init__.py", "_virtualenv.pyc", "_virtualenv.abi3.so"])
def test_a_module_that_python_prefers_to_virtualenvs_own_is_an_error(empty: Environment, name: str) -> None:
    known = Path(virtualenv.create.via_global_ref.__file__).with_name("_virtualenv.py")
    (empty.site / "_virtualenv.pth").write_text("import _virtualenv")
    if name != "_virtualenv.pyc":  # Python prefers the source
        (empty.site / "_virtualenv.py").write_bytes(known.read_bytes())
    path = empty.site / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("import os\n")
    (found,) = judge(empty)  # and no note says that the .pth file is harmless
    assert (found.code, found.paths) == ("startup-altered", (f"site/{name}",))


def test_virtualenvs_own_files_are_known_by_their_bytes(empty: Environment) -> None:
    (empty.site / "_virtualenv.pth").write_text("import _virtualenv")
    known = Path(virtualenv.create.via_global_ref.__file__).with_name("_virtualenv.py")
    (empty.site / "_virtualenv.py").write_bytes(known.read_bytes())
    assert codes(judge(empty)) == {"startup-code"}
    (empty.site / "_virtualenv.py").write_bytes(known.read_bytes() + b"import evil\n")
    assert only("startup-altered", judge(empty)).paths == ("site/_virtualenv.py",)
    (empty.site / "_virtualenv.py").write_bytes(known.read_bytes())
    (empty.site / "_virtualenv.pth").write_text("import _virtualenv, evil")
    assert only("startup-altered", judge(empty)).paths == ("site/_virtualenv.pth",)


def test_the_systems_own_hooks_are_a_note(empty: Environment) -> None:
    (empty.site / "distutils-precedence.pth").write_text(PRECEDENCE)
    data = empty.snapshot_bytes()
    system = subject(edited(data, put(("interpreter", "managed_sites"), ["site"])))
    assert codes(of("startup-code", check(system))) == {"startup-code"}
    assert "startup-unowned" not in codes(check(system))


@pytest.mark.parametrize(
    ("hook", "code"),
    [
        ({"path": "stdlib/sitecustomize.py", "runs": ["import evil"], "sha256": "0"}, "startup-unowned"),
        ({"path": "stdlib/sitecustomize.so", "sha256": "0"}, "startup-unowned"),
        ({"path": "path-1/sitecustomize.py", "runs": [], "sha256": "0"}, "startup-unowned"),
        ({"path": "stdlib/sitecustomize.py", "runs": [], "sha256": "0"}, None),
        ({"path": "user/sitecustomize.py", "sha256": "0", "owner": "alpha", "verdict": "match"}, "startup-code"),
        ({"path": "user/sitecustomize.py", "sha256": "0", "owner": "alpha", "verdict": "sha256:1"}, "startup-altered"),
        ({"path": "user/sitecustomize.py", "sha256": "0"}, "startup-unowned"),
        ({"path": "stdlib/../python311.zip", "kind": "shadow", "sha256": "0"}, "stdlib-shadowed"),
    ],
)
def test_hooks_outside_the_environment(clean: bytes, hook: dict[str, Any], code: str | None) -> None:
    snapshot = edited(clean, put(("startup",), [{"kind": "sitecustomize", **hook}]))
    assert codes(check(subject(snapshot))) & STARTUP == ({code} if code else set())


def test_a_project_accepts_a_hook_by_its_path_and_hash(empty: Environment) -> None:
    (empty.site / "ours.pth").write_text("import ours\n")
    (found,) = judge(empty)
    digest = empty.snapshot().files["site/ours.pth"].sha256 or ""
    for wanted, accepted in (("", True), (digest, True), ("0" * 64, False)):
        one = Acceptance(found.code, "site/ours.pth", "our own hook", wanted or None)
        (judged,) = judge(empty, accept=[one])
        assert (judged.accepted is not None) is accepted


PEX_MODULE = """\
import os
import sys


def _extend_sys_path(path_env_var):
    path = os.environ.get(path_env_var)
    if path:
        entries = path.split(os.pathsep)
        sys.path.extend(entries)
        return entries
    return []


def extend_sys_path(legacy=False):
    entries = _extend_sys_path("PEX_EXTRA_SYS_PATH")
    entries.extend(_extend_sys_path("__PEX_EXTRA_SYS_PATH__"))
    debug = os.environ.pop("__PEX_EXTRA_SYS_PATH_DEBUG__", "")
    if debug:
        import json
        with open(debug, "w") as fp:
            json.dump({"entries": entries, "legacy": legacy}, fp)
"""
OLD_PEX = """\
import os, sys; sys.path.extend(entry for entry in os.environ.get('PEX_EXTRA_SYS_PATH', '').split(':') if entry)
import os, sys; sys.path.extend(entry for entry in os.environ.get('__PEX_EXTRA_SYS_PATH__', '').split(':') if entry)
"""
NEW_PEX = "import PEX_EXTRA_SYS_PATH; PEX_EXTRA_SYS_PATH.extend_sys_path(legacy=True)\n"


@pytest.mark.parametrize(
    "files",
    [
        {"PEX_EXTRA_SYS_PATH.pth": OLD_PEX},
        {"PEX_EXTRA_SYS_PATH.pth": NEW_PEX, "PEX_EXTRA_SYS_PATH.py": PEX_MODULE},
        {"PEX_EXTRA_SYS_PATH.start": "PEX_EXTRA_SYS_PATH:extend_sys_path\n", "PEX_EXTRA_SYS_PATH.py": PEX_MODULE},
    ],
    ids=["before 2.95.3", "since 2.95.3", "Python 3.15"],
)
def test_the_hook_of_pex_is_known_by_its_bytes(empty: Environment, files: dict[str, str]) -> None:
    """pex writes these files into each environment that it makes, for example for `pex --venv`."""
    for name, text in files.items():
        (empty.site / name).write_text(text)
    assert "(of pex)" in only("startup-code", judge(empty)).message
    assert codes(judge(empty)) == {"startup-code"}
    for name, text in files.items():
        (empty.site / name).write_text(text + "import evil\n")
        assert only("startup-altered", judge(empty)).paths == (f"site/{name}",)
        (empty.site / name).write_text(text)
