"""Mutations of the Python that an environment uses: of its standard library, of its programs, and of pyvenv.cfg.

Each decorated function makes one change to a copy of an environment. It returns a text about the change, and the
findings (faults or differences) that envparity must report.
"""

import os
import shutil
import sysconfig
from pathlib import Path

from dev.quality.mutation.expectation import Expected, How, Mutation, kind
from dev.quality.mutation.scene import Scene
from envparity.judge.bytecode import BYTECODE_ALTERED, BYTECODE_STALE
from envparity.judge.installation import STDLIB_DIFFERS, STDLIB_PARTLY
from envparity.judge.integrity.files import FILE_UNOWNED
from envparity.judge.interpreter import HOME_FOREIGN
from envparity.judge.startup import STDLIB_SHADOWED
from envparity.judge.transform import TRANSFORM_BYTECODE, TRANSFORM_PATH, TRANSFORM_VENV

_MOVED = frozenset({TRANSFORM_VENV, TRANSFORM_PATH, TRANSFORM_BYTECODE, BYTECODE_STALE, STDLIB_PARTLY})


def _installation(scene: Scene) -> Path:
    """Copy the environment's Python, let the environment use the copy, and return the copy's standard library folder.

    The copied Python has the same bytes, so it is the same build. The mutation changes a file of the copied Python.
    """
    located = scene.snapshot.located
    binary = Path(located.interpreter["binary"])
    prefix = scene.world.outside / "installation"
    library = Path(sysconfig.get_path("stdlib", vars={"installed_base": located.base_prefix}))
    new = prefix / library.relative_to(located.base_prefix)
    python = prefix / "bin" / binary.name
    scene.edit.create(prefix)
    python.parent.mkdir(parents=True)
    shutil.copy2(binary, python)
    left_out = shutil.ignore_patterns("site-packages", "dist-packages", "config-*", "test", "EXTERNALLY-MANAGED")
    shutil.copytree(library, new, ignore=left_out)
    text = scene.read("data/pyvenv.cfg").decode().replace(f"home = {binary.parent}", f"home = {python.parent}")
    scene.write("data/pyvenv.cfg", text.encode())
    for link in (scene.world.folder / "bin").iterdir():
        if link.is_symlink() and link.readlink().is_absolute():
            scene.edit.take(link)
            link.symlink_to(python)
    return new


def _source(scene: Scene, library: Path) -> Path:
    return scene.chance.choice(sorted(path for path in library.glob("*/*.py") if path.stat().st_size > 200))


@kind("stdlib-changed", How.COMPARE)
def stdlib_changed(scene: Scene) -> Mutation:
    """Change a source of the standard library."""
    library = _installation(scene)
    path = _source(scene, library)
    path.write_bytes(path.read_bytes() + b"\n")
    key = f"stdlib/{path.relative_to(library)}"
    return Mutation(f"changed {key}", (Expected(STDLIB_DIFFERS, (key,)),), _MOVED)


@kind("stdlib-extension-changed", How.COMPARE)
def stdlib_extension_changed(scene: Scene) -> Mutation:
    """Change the machine code of an extension module of the standard library."""
    library = _installation(scene)
    # The probe needs none of these modules.
    names = ("_curses", "audioop", "_zoneinfo", "_xxsubinterpreters", "_dbm", "mmap", "readline", "ossaudiodev", "nis")
    path = scene.chance.choice([one for one in sorted(library.glob("lib-dynload/*.so")) if one.name.startswith(names)])
    path.write_bytes(scene.flip(path.read_bytes(), 4096))
    key = f"stdlib/{path.relative_to(library)}"
    return Mutation(f"changed {key}", (Expected(STDLIB_DIFFERS, (key,)),), _MOVED)


@kind("stdlib-module-added", How.COMPARE)
def stdlib_module_added(scene: Scene) -> Mutation:
    """Add a module to the folder of the standard library, where Python looks before site-packages."""
    library = _installation(scene)
    name = scene.new_name()
    (library / f"{name}.py").write_text("1\n")
    return Mutation(f"added stdlib/{name}.py", (Expected(STDLIB_DIFFERS, (f"stdlib/{name}.py",)),), _MOVED)


@kind("stdlib-bytecode-changed", How.BYTECODE)
def stdlib_bytecode_changed(scene: Scene) -> Mutation:
    """Change bytecode of the standard library, but keep its header, which fits the source."""
    library = _installation(scene)
    path = library / "__pycache__" / f"turtle.{scene.snapshot.interpreter.cache_tag}.pyc"
    data = path.read_bytes()
    path.write_bytes(data.replace(b"circle", b"curcle", 1))
    return Mutation("changed bytecode of turtle", (Expected(BYTECODE_ALTERED, ("stdlib/__pycache__/" + path.name,)),))


@kind("stdlib-shadowed-by-extension")
def stdlib_shadowed_by_extension(scene: Scene) -> Mutation:
    """Add an extension module next to a source of the standard library; Python prefers the extension module."""
    library = _installation(scene)
    suffix = scene.snapshot.interpreter.extension_suffixes[0]
    name = scene.chance.choice(["chess", "this", "antigravity", "turtle", "poplib"])
    (library / f"{name}.py").touch()
    (library / f"{name}{suffix}").write_bytes(b"\x7fELF")
    path = f"stdlib/{name}{suffix}"
    return Mutation(f"added {path}", (Expected(STDLIB_SHADOWED, (path,)),))


@kind("stdlib-archive-added")
def stdlib_archive_added(scene: Scene) -> Mutation:
    """Add the zip archive from which Python imports before it looks into the standard library."""
    library = _installation(scene)
    name = f"python{scene.snapshot.interpreter.series.replace('.', '')}.zip"
    (library.parent / name).write_bytes(b"PK\5\6" + bytes(18))
    return Mutation(f"added {name}", (Expected(STDLIB_SHADOWED, (f"stdlib/../{name}",)),))


@kind("interpreter-changed", How.COMPARE)
def interpreter_changed(scene: Scene) -> Mutation:
    """Append a byte to the interpreter's own file."""
    library = _installation(scene)
    (python,) = (library.parents[1] / "bin").iterdir()
    python.write_bytes(python.read_bytes() + b"\0")
    return Mutation("changed the interpreter", (Expected(STDLIB_DIFFERS, ("stdlib/interpreter",)),), _MOVED)


@kind("home-foreign")
def home_foreign(scene: Scene) -> Mutation:
    """Let pyvenv.cfg name another installation, whose standard library Python then uses."""
    library = _installation(scene)
    for link in (scene.world.folder / "bin").iterdir():
        if link.is_symlink() and link.readlink().is_absolute():
            link.unlink()
            link.symlink_to(scene.snapshot.located.interpreter["binary"])
    return Mutation(f"home is {library.parents[1]}", (Expected(HOME_FOREIGN, ("data/pyvenv.cfg",), says="home"),))


@kind("tool-that-lies")
def tool_that_lies(scene: Scene) -> Mutation:
    """Add a program such as `git`, which prints a wrong version, to the scripts folder, and put this folder on PATH."""
    name = scene.chance.choice(["git", "gcc", "cc", "cmake", "pkg-config", "redis-server"])
    path = f"scripts/{name}"
    lie = f"#!/bin/sh\ntouch {scene.world.outside}/started\necho {name} version 99.99\n"
    scene.write(path, lie.encode(), 0o755)
    command = ("env", f"PATH={scene.world.folder / 'bin'}:{os.environ['PATH']}")
    return Mutation(f"{path} lies", (Expected(FILE_UNOWNED, (path,)),), command=command)
