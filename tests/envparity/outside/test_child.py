"""Tests of the process that reads a door from outside: hostile archives, limits, signals, and what is left behind.

A door is a way to reach an environment, here an archive. Reading from outside starts no program of the environment.
"""

import gzip
import json
import lzma
import os
import resource
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pytest
from archives import (
    Entry,
    docker_save,
    entry,
    folder,
    hard_link,
    link,
    oci_files,
    tar,
    tar_files,
)
from progress_lines import without_progress

from envparity.cli.main import main
from envparity.outside.compression import _zstd_module
from envparity.snapshot.outside import child_command

METADATA = b"Metadata-Version: 2.1\nName: alpha\nVersion: 1.0\n"
SOUND: tuple[Entry, ...] = (
    folder("layer/python"),
    entry("layer/python/alpha.py", b""),
    entry("layer/python/alpha-1.0.dist-info/METADATA", METADATA),
    entry("layer/python/alpha-1.0.dist-info/RECORD", b"alpha.py,,\nalpha-1.0.dist-info/METADATA,,\n"),
)


def pax(name: str, headers: dict[str, str], data: bytes = b"") -> Entry:
    info, _ = entry(name, data)
    info.pax_headers = headers
    return info, data


def raw_header(name: str, size: int, kind: bytes = b"0") -> bytes:
    """Return a header that claims `size` bytes, even if fewer bytes follow it."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def many(count: int) -> bytes:
    block = tarfile.TarInfo("f").tobuf()
    return block * count + bytes(1024)


def zeros_in_gzip(size: int) -> bytes:
    once = gzip.compress(bytes(64 << 20), 1)
    return once * (size // (64 << 20))


def zstd_module() -> ModuleType:
    return _zstd_module() or pytest.skip("zstd needs Python 3.14 or backports.zstd; install backports.zstd")


SITE = "layer/python"
EVIL = "/tmp/evil"  # noqa: S108 - the archives try to write it
HOSTILE: dict[str, Callable[[], bytes]] = {
    "a name with ..": lambda: tar(*SOUND, entry("../../../../tmp/evil")),
    "a name with .. inside": lambda: tar(*SOUND, entry("a/../../evil")),
    "an absolute name": lambda: tar(*SOUND, entry(EVIL, b"x")),
    "a link to / and a file behind it": lambda: tar(*SOUND, link("l", "/"), entry("l/tmp/evil", b"x")),
    "a link out and a file behind it": lambda: tar(*SOUND, link("l", "../../.."), entry("l/tmp/evil", b"x")),
    "a hard link out": lambda: tar(*SOUND, hard_link(f"{SITE}/passwd.py", "/etc/passwd")),
    "a hard link with ..": lambda: tar(*SOUND, hard_link(f"{SITE}/passwd.py", "../../../etc/passwd")),
    "links in a circle": lambda: tar(*SOUND, link(f"{SITE}/a", "b"), link(f"{SITE}/b", "a")),
    "a file behind links in a circle": lambda: tar(*SOUND, link("a", "b"), link("b", "a"), entry("a/x")),
    "a long chain of links": lambda: tar(*SOUND, *(link(f"{SITE}/l{n}", f"l{n + 1}") for n in range(500))),
    "the site folder as a link to itself": lambda: tar(*SOUND, link("again", "."), link("layer/up", "..")),
    "device nodes": lambda: tar(
        *SOUND, entry(f"{SITE}/disk.py", kind=tarfile.BLKTYPE), entry(f"{SITE}/null.py", kind=tarfile.CHRTYPE)
    ),
    "a pipe as metadata": lambda: tar(*SOUND[:2], entry(f"{SITE}/b-1.dist-info/METADATA", kind=tarfile.FIFOTYPE)),
    "metadata that is a link to the machine": lambda: tar(
        *SOUND,
        link(f"{SITE}/b-1.dist-info/METADATA", "/etc/passwd"),
        link(f"{SITE}/b-1.dist-info/RECORD", "/proc/self/environ"),
    ),
    "a RECORD that names files of the machine": lambda: tar(
        *SOUND, entry(f"{SITE}/b-1.dist-info/RECORD", b"/etc/passwd,,\n../../../../etc/shadow,sha256=x,1\n")
    ),
    "a gzip bomb": lambda: zeros_in_gzip(7 << 30),
    "an xz bomb in an image": lambda: tar_files(
        {**oci_files(tar(*SOUND)), "blobs/sha256/" + "0" * 64: lzma.compress(bytes(1 << 26))}
    ),
    "a layer that is a bomb": lambda: tar_files(oci_files(tar(*SOUND), compress=lambda _: zeros_in_gzip(7 << 30))),
    "a layer that is a bomb in zstd": lambda: tar_files(
        oci_files(tar(*SOUND), compress=lambda _: zstd_module().compress(bytes(64 << 20)) * 110)
    ),
    "a layer in zstd that wants 2 GB of memory": lambda: tar_files(
        oci_files(tar(*SOUND), compress=lambda _: b"\x28\xb5\x2f\xfd\x04" + bytes([(31 - 10) << 3]) + b"\1\0\0")
    ),
    "garbage after a gzip layer": lambda: tar_files(
        oci_files(tar(*SOUND), compress=lambda data: gzip.compress(data) + b"garbage")
    ),
    "a hard link to a later member": lambda: docker_save(tar(hard_link("a", f"{SITE}/alpha.py"), *SOUND)),
    "a whiteout of a whiteout": lambda: docker_save(
        tar(*SOUND), tar(entry(f"{SITE}/.wh..wh.alpha.py"), entry(f"{SITE}/.wh."), entry("x/../layer/.wh.python"))
    ),
    "a volume label, a part of a file and an unknown kind": lambda: docker_save(
        tar(entry("label", kind=b"V"), entry("part", b"x", kind=b"M"), entry("what", b"x", kind=b"Q"), *SOUND)
    ),
    "layers whose names are no text": lambda: docker_save(tar(*SOUND)).replace(b'"0/layer.tar"', b'"\\ud800/\\u0000"'),
    "a list of layers that lies": lambda: docker_save(tar(*SOUND)).replace(b'"Layers": ["0/', b'"Layers": ["1/'),
    "a layer with another digest": lambda: docker_save(tar(*SOUND)).replace(
        METADATA, METADATA.replace(b"alpha", b"forge")
    ),
    "a million members": lambda: many(1_000_001),
    "a cut archive": lambda: tar(*SOUND)[:3000],
    "a cut gzip file": lambda: gzip.compress(tar(*SOUND))[:-10],
    "a sparse file with wrong pieces": lambda: tar(
        *SOUND,
        pax(
            "s",
            {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9"},
            b"1\n5\n9999\n" + bytes(600),
        ),
    ),
    "a sparse file without an end": lambda: tar(
        *SOUND, pax("s", {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}, b"999999999\n" + b"1\n" * 300)
    ),
    "a pax header with a huge size": lambda: tar(*SOUND, pax("a", {"size": str(1 << 50)})),
    "a pax header with a negative size": lambda: tar(*SOUND, pax("a", {"size": "-512"})),
    "a pax header with another path": lambda: tar(*SOUND, pax("a", {"path": "../../evil"})),
    "a header of many gigabytes": lambda: tar(*SOUND)[:-10240] + raw_header("x", 8 << 30, b"x") + bytes(1024),
    "a long name of many gigabytes": lambda: raw_header("././@LongLink", 4 << 30, b"L") + bytes(2048),
    "names of 64 KiB": lambda: tar(*SOUND, entry("n" * 65536)),
    "folders in folders": lambda: tar(
        *SOUND, folder("/".join(["d"] * 2000)), link("l", "/".join(["d"] * 2000)), entry("l/" + "d/" * 1000)
    ),
    "names that steer a terminal": lambda: tar(
        *SOUND, entry(f"{SITE}/\x1b]0;owned\x07.py"), entry(f"{SITE}/\u202ex.py")
    ),
    "a name that is no text": lambda: tar(*SOUND, entry(f"{SITE}/\udcff\udcfe.py")),
    "a file in place of a folder": lambda: tar(*SOUND, entry("x"), entry("x/y")),
    "an image without files": lambda: docker_save(tar()),
    "an image of another kind": lambda: b"\x1f\x8b" + os.urandom(500),
    "an ELF file with lies as the interpreter": lambda: tar(
        *SOUND, entry("usr/bin/python3", b"\x7fELF\x02\x01" + b"\xff" * 300 + b"\0cpython-312\0", mode=0o755)
    ),
    "an interpreter that is a link to the machine's": lambda: tar(*SOUND, link("usr/bin/python3", sys.executable)),
}


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Run the test in an empty folder, with an empty folder for temporary files; after it, both must be as before."""
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    here.mkdir()
    temporary.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("TMPDIR", str(temporary))
    yield tmp_path
    assert list(here.iterdir()) == list(temporary.iterdir()) == []
    assert not Path(EVIL).exists()


SLOW = {"a gzip bomb", "a layer that is a bomb", "a layer that is a bomb in zstd", "a million members"}


@pytest.mark.parametrize("name", [pytest.param(one, marks=[pytest.mark.slow] * (one in SLOW)) for one in HOSTILE])
def test_a_hostile_archive_is_judged_or_is_one_clear_line(
    name: str, private: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = private / "x.tar"
    path.write_bytes(HOSTILE[name]())
    started = time.monotonic()
    status = main(["check", "--no-lock", "--all", "--python", "3.12", "--format", "json", str(path)])
    out, err = capfd.readouterr()
    err = without_progress(err)
    assert time.monotonic() - started < 100
    assert "Traceback" not in out + err
    assert not {"\x1b", "\x07", "\u202e"} & set(out + err)
    assert "root:x:0:0" not in out
    assert "TMPDIR" not in out
    if status == 2:
        assert (out, err.count("\n")) == ("", 1)
        assert "x.tar" in err
        assert len(err) < 1000
    else:
        assert err == ""
        assert status in (0, 1)
        assert json.loads(out)["doors"][0]["distributions"] >= 1


def run_child(task: dict[str, object], memory: int = 0, written: int = 0) -> "subprocess.CompletedProcess[bytes]":
    """Run the program with at most `memory` bytes of memory and files of at most `written` bytes; 0 is no limit."""

    def limit() -> None:
        for name, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, written)):
            if most:
                resource.setrlimit(name, (most, most))

    return subprocess.run(
        child_command(),
        input=json.dumps(task).encode(),
        capture_output=True,
        check=False,
        preexec_fn=limit,
        timeout=110,
    )


def test_an_image_of_5_gb_is_read_in_500_mb_of_memory(private: Path) -> None:
    path = private / "large.tar"
    size = 5 << 30
    with path.open("wb") as file:
        file.write(raw_header("large/file", size))
        file.seek(size, os.SEEK_CUR)
        file.write(tar(*SOUND))
    done = run_child({"source": str(path), "kind": "archive", "python": "3.12"}, memory=500 << 20)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout.split(b"\n")[1])["distributions"][0]["name"] == "alpha"


def test_too_little_memory_is_one_clear_line(private: Path) -> None:
    path = private / "many.tar"
    path.write_bytes(many(60_000))
    done = run_child({"source": str(path), "kind": "archive"}, memory=40 << 20)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == 1
    assert b"Traceback" not in done.stderr


def test_a_folder_without_room_is_one_clear_line(private: Path) -> None:
    path = private / "x.tar.gz"
    path.write_bytes(gzip.compress(os.urandom(1 << 20) + tar(*SOUND)))
    done = run_child({"source": str(path), "kind": "archive"}, written=1 << 16)
    wrong = f"found {private / 'temporary'}: File too large; name another folder in TMPDIR\n"
    assert (done.returncode, done.stderr.decode()) == (2, f"expected a folder for temporary files, {wrong}")


def test_a_folder_for_temporary_files_that_is_missing_is_one_clear_line(
    private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(private / "missing"))
    done = run_child({"source": str(private), "kind": "folder"})
    wrong = f"found {private / 'missing'}: No such file or directory; name another folder in TMPDIR\n"
    assert (done.returncode, done.stderr.decode()) == (2, f"expected a folder for temporary files, {wrong}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_leaves_nothing_behind(number: signal.Signals, private: Path) -> None:
    path = private / "x.tar.gz"
    path.write_bytes(zeros_in_gzip(5 << 30))
    task = json.dumps({"source": str(path), "kind": "archive"}).encode()
    with subprocess.Popen(child_command(), stdin=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdin is not None
        child.stdin.write(task)
        child.stdin.close()
        until = time.monotonic() + 60
        while not _has_spool(child.pid):
            assert time.monotonic() < until
            time.sleep(0.01)
        child.send_signal(number)
        assert child.wait(20) != 0


def _has_spool(pid: int) -> bool:
    """Return whether a process has opened a file in the folder for temporary files."""
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            if "temporary" in str(one.readlink()):
                return True
    return False


def test_sigterm_to_envparity_ends_the_child(private: Path) -> None:
    path = private / "x.tar.gz"
    path.write_bytes(zeros_in_gzip(5 << 30))
    command = [sys.executable, "-m", "envparity", "check", "--no-lock", str(path)]
    root = Path(child_command()[5])
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(root)}, stderr=subprocess.PIPE)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    until = time.monotonic() + 60
    while not (found := _children(process.pid)):
        assert time.monotonic() < until, children
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 143
    process.communicate()
    assert not any(Path(f"/proc/{one}").exists() for one in found)


def _children(pid: int) -> list[str]:
    found: list[str] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += task.read_text().split()
    return found
