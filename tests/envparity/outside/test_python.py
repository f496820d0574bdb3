"""Tests of reading an interpreter's file: its facts are those that the interpreter reports when it runs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from archives import entry, region, tar
from pythons import other_pythons

from envparity.errors import EnvparityError
from envparity.outside.disk import disk_tree
from envparity.outside.python import assumed_python, read_python, stand_ins
from envparity.outside.spool import Spool
from envparity.outside.tar import members
from envparity.outside.tree import Tree

ASK = """
import importlib.machinery as m, importlib.util as u, json, os, sys
print(json.dumps([sys.version.split()[0].rstrip("+"), os.uname().machine, sys.implementation.cache_tag,
    m.EXTENSION_SUFFIXES, sys.implementation._multiarch, u.MAGIC_NUMBER.hex(),
    u.source_hash(b"answer = 1").hex() if hasattr(u, "source_hash") else ""]))
"""


@pytest.mark.parametrize("python", [sys.executable, *other_pythons()])
def test_the_file_says_what_the_running_python_says(python: str) -> None:
    done = subprocess.run([python, "-I", "-S", "-c", ASK], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("this Python is too old or is no Python; install Python 3.8 or later")
    real = subprocess.run(
        [python, "-I", "-S", "-c", "import sys; print(sys.executable)"], capture_output=True, text=True, check=True
    )
    version, machine, tag, suffixes, multiarch, magic, hashed = json.loads(done.stdout)
    found = read_python(disk_tree(Path("/")), real.stdout.strip())
    if found is None:
        assert int(version.split(".")[1]) < 8
        return
    assert (found.version, found.machine, found.cache_tag) == (version, machine, tag)
    assert (list(found.suffixes), found.multiarch) == (suffixes, multiarch)
    if found.minor >= 8:
        assert found.magic is not None
        assert found.magic.hex() == magic
        # The hash in a .pyc file depends on the Python that wrote it, and not on the Python that reads it.
        source_hash = stand_ins(found)["importlib"].util.source_hash
        assert (source_hash is None) == (found.minor < 11)
        assert source_hash is None or source_hash(b"answer = 1").hex() == hashed


@pytest.mark.parametrize(
    "data", [b"", b"#!/bin/sh\n", b"\x7fELF", b"\x7fELF\x02\x01" + b"\0cpython-312\0" * 3, b"\x7fELF" + b"\xff" * 900]
)
def test_another_file_is_no_python(data: bytes) -> None:
    tree = Tree()
    with Spool() as spool:
        tree.add_layer(members(region(tar(entry("bin/python", data)), spool), spool, "x"), "x")
        assert read_python(tree, "/bin/python") is None
        assert read_python(tree, "/bin/none") is None
        assert read_python(tree, "/bin") is None


def test_a_version_without_an_interpreter_has_the_usual_facts() -> None:
    found = assumed_python("3.12", "x86_64")
    assert (found.version, found.series, found.cache_tag) == ("3.12.0", "3.12", "cpython-312")
    assert found.suffixes == (".cpython-312-x86_64-linux-gnu.so", ".abi3.so", ".so")
    assert found.elf == "64-bit machine 62"
    assert assumed_python("3.13.1t", "aarch64").series == "3.13t"


@pytest.mark.parametrize("text", ["", "3", "2.7", "3.x", "3.12.", "3.12; rm", "3.123"])
def test_a_text_that_is_no_version_is_one_clear_error(text: str) -> None:
    with pytest.raises(EnvparityError, match=r"^--python: expected a version such as 3\.12 or 3\.12\.4, found"):
        assumed_python(text, "x86_64")
