"""Tests of how the probe (the program that reads an environment) finds the shared libraries of extension modules.

It finds each library where the dynamic linker finds it.
"""

import subprocess
from pathlib import Path

import pytest
from environment_builder import Environment


@pytest.fixture
def built(empty: Environment, tmp_path: Path) -> Environment:
    """Return an environment in which high.so needs liblow-1a.so.2, libgone.so (which is missing) and the C library."""
    source = tmp_path / "a.c"
    libraries = empty.site / "alpha.libs"
    libraries.mkdir()

    def compile_(text: str, target: Path, *options: str) -> None:
        source.write_text(text, encoding="ascii")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", target, source, *options], check=True)

    compile_("int low(void){return 1;}\n", libraries / "liblow-1a.so.2", "-Wl,-soname,liblow-1a.so.2")
    compile_("int gone(void){return 1;}\n", tmp_path / "libgone.so")
    compile_(
        '#include <stdio.h>\nint low(void);int gone(void);int high(void){return puts("")+low()+gone();}\n',
        empty.site / "high.so",
        f"-L{tmp_path}",
        "-lgone",
        "-Wl,-rpath,$ORIGIN/alpha.libs",
        str(libraries / "liblow-1a.so.2"),
    )
    return empty


def test_libraries_are_found_like_the_linker_finds_them(built: Environment) -> None:
    snapshot = built.probe()
    low, gone, c = (snapshot.libraries[name] for name in ("liblow-1a.so.2", "libgone.so", "libc.so.6"))
    assert (low.inside, low.needed_by) == ("site/alpha.libs/liblow-1a.so.2", ("site/high.so",))
    assert (gone.file, gone.inside) == (None, None)
    assert c.file is not None
    assert "site/high.so" in c.needed_by
    assert snapshot.files["site/high.so"].elf == snapshot.interpreter.elf


def test_a_patched_search_path_leaves_the_normal_hash(built: Environment) -> None:
    path = built.site / "high.so"
    before = built.probe().files["site/high.so"]
    path.write_bytes(path.read_bytes().replace(b"$ORIGIN/alpha.libs", b"$ORIGIN/other.libs"))
    after = built.probe().files["site/high.so"]
    assert before.sha256 != after.sha256
    assert before.normal == after.normal
    assert before.normal is not None
