"""Tests of how the probe (the program that reads an environment) lists and hashes files of all kinds.

The files are links, loops, pipes and devices, or have unusual names, no permission to read, or an enormous size.
"""

import os
import socket
import subprocess
import time
from pathlib import Path

import pytest
from environment_builder import Environment

from envparity.probe.files import LARGE
from envparity.snapshot.doors import Look
from envparity.text import visible

ROOT = os.geteuid() == 0
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def test_links_are_named_and_not_followed(empty: Environment, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "secret.py").write_text("secret = 1\n", encoding="ascii")
    for name, target in (
        ("folder", str(elsewhere)),
        ("file.py", str(elsewhere / "secret.py")),
        ("inside.py", "alpha.py"),
        ("loop", "loop"),
        ("self", "."),
        ("up", ".."),
        ("dangling", "nowhere"),
    ):
        (empty.site / name).symlink_to(target)
    empty.add("alpha")
    snapshot = empty.probe()
    links = {path: file.target for path, file in snapshot.files.items() if file.kind == "link" and path[:4] == "site"}
    assert links == {
        "site/folder": None,
        "site/file.py": None,
        "site/inside.py": "site/alpha.py",
        "site/loop": "site/loop",
        "site/self": "data/lib/python3.11/site-packages",
        "site/up": "data/lib/python3.11",
        "site/dangling": "site/nowhere",
    }
    assert not any("secret" in path for path in snapshot.files)
    assert snapshot.located.links["site/folder"] == str(elsewhere)


@pytest.mark.parametrize("size", [10, 600 << 10, 17 << 20])
def test_a_claimed_link_is_judged_by_the_bytes_behind_it(empty: Environment, tmp_path: Path, size: int) -> None:
    empty.add("alpha", files={"alpha/data.bin": b"x" * size, "alpha/__init__.py": "", "alpha/loop.py": "loop"})
    for name in ("data.bin", "__init__.py"):
        (empty.site / "alpha" / name).rename(tmp_path / name)
        (empty.site / "alpha" / name).symlink_to(tmp_path / name)
    (empty.site / "alpha" / "loop.py").unlink()
    (empty.site / "alpha" / "loop.py").symlink_to("loop.py")
    subprocess.run([empty.python, "-I", "-c", "import alpha"], check=True)
    files = empty.probe().files
    data = files["site/alpha/data.bin"]
    assert (data.kind, data.size, data.claims, len(data.sha256 or "")) == ("link", size, {"alpha": "match"}, 64)
    assert files["site/alpha/loop.py"].claims == {"alpha": "unread"}
    (bytecode,) = (file.bytecode for path, file in files.items() if path.endswith(".pyc"))
    assert bytecode == "timestamp:fresh"


def test_files_of_a_package_behind_a_link_are_read(empty: Environment, tmp_path: Path) -> None:
    large = b"x" * LARGE  # a second thread hashes such a file
    empty.add("alpha", files={"alpha/__init__.py": "x = 1\n", "alpha/large.bin": large, "beta/large.bin": large})
    (empty.site / "alpha").rename(tmp_path / "alpha")
    (empty.site / "alpha").symlink_to(tmp_path / "alpha")
    files = empty.probe().files
    for path in ("site/alpha/__init__.py", "site/alpha/large.bin"):
        assert (files[path].kind, files[path].claims) == ("link", {"alpha": "match"})


def test_the_probe_does_not_wait_for_pipes_and_sockets(empty: Environment) -> None:
    empty.add("alpha", files={"alpha/pipe.py": "x", "alpha/folder.py": "x"})
    package = empty.site / "alpha"
    for name in ("pipe.py", "folder.py"):
        (package / name).unlink()
    (package / "folder.py").mkdir()
    os.mkfifo(package / "pipe.py")
    os.mkfifo(package / "own.pth")
    (package / "__pycache__").mkdir()
    os.mkfifo(package / "__pycache__" / "pipe.pyc")
    with socket.socket(socket.AF_UNIX) as one:
        here = Path.cwd()
        os.chdir(package)  # the path of a socket must be short, so use its name alone
        try:
            one.bind("socket")
        finally:
            os.chdir(here)
        files = empty.probe().files
    for path in ("pipe.py", "folder.py"):
        assert files[f"site/alpha/{path}"].kind == "special"
        assert files[f"site/alpha/{path}"].claims == {"alpha": "unread"}
    for path in ("own.pth", "socket", "__pycache__/pipe.pyc"):
        assert files[f"site/alpha/{path}"].kind == "special"


@pytest.mark.skipif(not ROOT, reason="only root can make a device; run as root")
def test_devices_are_not_opened(empty: Environment) -> None:
    empty.add("alpha", files={"zero.py": "x"})
    (empty.site / "zero.py").unlink()
    for name in ("zero.py", "other"):
        try:
            os.mknod(empty.site / name, 0o20666, os.makedev(1, 5))
        except PermissionError:
            pytest.skip("this system forbids making a device; run outside of a container")
    files = empty.probe().files
    assert (files["site/zero.py"].kind, files["site/other"].kind) == ("special", "special")


NAMES = [
    b"latin-\xe9.py",
    b"\xff\xfe",
    b"new\nline.py",
    b"escape-\x1b[31m.py",
    "right-\N{RIGHT-TO-LEFT OVERRIDE}-left.py".encode(),
    "snow-\N{SNOWMAN}.py".encode(),
    b"back\\slash.py",
    b"quote'\"<b>.py",
    b"space .py",
    b"\xed\xa0\x80.py",
    b"-n",
    b"x" * 255,
]


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX"])
def test_file_names_of_every_kind_are_listed(empty: Environment, locale: str) -> None:
    site = os.fsencode(empty.site)
    package = site + b"/odd"
    (empty.site / "odd").mkdir()
    for name in NAMES:
        with open(package + b"/" + name, "wb") as file:  # noqa: PTH123 - Path takes no bytes
            file.write(b"x")
    snapshot = empty.probe(environ={"LC_ALL": locale})
    found = {path.removeprefix("site/odd/") for path in snapshot.files if path.startswith("site/odd/")}
    assert len(found) == len(NAMES)
    assert {"latin-\\xe9.py", "back\\x5cslash.py", "snow-\N{SNOWMAN}.py", "new\nline.py"} <= found
    assert not any("\x1b" in visible(path) or "\n" in visible(path) for path in snapshot.files)


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_odd_names_are_matched_with_their_record(empty: Environment, locale: str) -> None:
    names = ["caf\N{LATIN SMALL LETTER E WITH ACUTE}.txt", "back\\slash.txt", 'a,"b".txt', "a\u2028b\x0bc.txt"]
    info = empty.add("alpha", files={"alpha.py": ""})
    rows = [b"alpha.py,,"]
    for name in [*map(os.fsencode, names), b"latin-\xe9.txt"]:
        with open(os.fsencode(empty.site) + b"/" + name, "wb") as file:  # noqa: PTH123 - Path takes no bytes
            file.write(b"")
        rows.append(b'"' + name.replace(b'"', b'""') + b'",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0')
    info.joinpath("RECORD").write_bytes(b"\r\n".join(rows) + b"\r\n")
    files = empty.probe(environ={"LC_ALL": locale}).files
    texts = {path: file for path, file in files.items() if path.endswith(".txt")}
    assert len(texts) == 5
    assert all(file.claims == {"alpha": "match"} for file in texts.values())


@pytest.mark.skipif(not ROOT, reason="only root can run the probe as another user; run as root")
def test_files_that_the_user_may_not_read_are_reported(empty: Environment, tmp_path: Path) -> None:
    empty.add("alpha", files={"alpha/__init__.py": "x", "hidden/__init__.py": "y"})
    closed = empty.add("beta")
    (empty.site / "alpha" / "__init__.py").chmod(0)
    (empty.site / "hidden").chmod(0)
    (closed / "METADATA").chmod(0)
    (closed / "RECORD").chmod(0)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and folder.stat().st_mode & 0o5 != 0o5:
            folder.chmod(0o755)  # otherwise only root may enter this folder of pytest
    snapshot = empty.probe(*NOBODY, environ={}, cwd=Path("/"))
    assert snapshot.files["site/alpha/__init__.py"].error == "Permission denied"
    assert snapshot.files["site/alpha/__init__.py"].claims == {"alpha": "unread"}
    assert snapshot.files["site/hidden"].error == "Permission denied"
    assert snapshot.files["site/hidden/__init__.py"].error == "cannot be reached"
    assert snapshot.by_id["beta"].record == "malformed"
    assert "METADATA: Permission denied" in snapshot.by_id["beta"].problems


@pytest.mark.skipif(not ROOT, reason="only root can mount a file system; run as root")
def test_a_read_only_environment_can_be_read(empty: Environment) -> None:
    empty.add("alpha")
    allowed = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    if allowed.returncode != 0:
        pytest.skip("this system has no mount namespaces, or forbids them; run on Linux, outside of a container")
    script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && ! touch "$1/x" 2>&- && shift && exec "$@"'
    wrapper = ("unshare", "-m", "sh", "-c", script, "sh", str(empty.folder))
    assert empty.probe(*wrapper) == empty.probe()


def test_the_probe_writes_no_file(empty: Environment) -> None:
    empty.add("alpha")
    before = {path: path.lstat().st_mtime_ns for path in empty.folder.rglob("*")}
    empty.probe(look=Look(bytecode=True))
    assert {path: path.lstat().st_mtime_ns for path in empty.folder.rglob("*")} == before


def test_an_enormous_sparse_file_is_not_hashed(empty: Environment) -> None:
    with (empty.site / "vast.bin").open("wb") as file:
        file.truncate(10 << 30)
    started = time.monotonic()
    file_ = empty.probe().files["site/vast.bin"]
    assert (file_.size, file_.sha256, file_.error) == (10 << 30, None, "too large to hash")
    assert time.monotonic() - started < 60


def test_files_in_a_very_deep_folder_are_listed(empty: Environment) -> None:
    here = os.open(empty.site, os.O_RDONLY)
    depth = 600  # folders with names of ten letters, so the path is longer than the system allows
    for _ in range(depth):
        os.mkdir("deepfolder", dir_fd=here)
        below = os.open("deepfolder", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    try:
        (error,) = [file.error for file in empty.probe().files.values() if file.error]
        assert error == "File name too long"
    finally:
        subprocess.run(["rm", "-rf", empty.site / "deepfolder"], check=True)


def test_files_outside_the_site_folder_are_listed(empty: Environment) -> None:
    script = f"#!{empty.python}\nprint(1)\n"
    empty.add(
        "alpha",
        files={
            "../../../bin/alpha": script,
            "../../../share/alpha/data.txt": "data",
            "../../../include/site/python3.11/alpha/alpha.h": "#pragma once\n",
            "alpha.py": "",
        },
    )
    files = empty.probe().files
    for path in ("scripts/alpha", "data/share/alpha/data.txt", "data/include/site/python3.11/alpha/alpha.h"):
        assert files[path].claims == {"alpha": "match"}
    assert files["scripts/alpha"].normal is not None
