"""Tests of `read_contents`, which reads names and hashes in a wheel or sdist, and refuses other files as Unreadable."""

import bz2
import csv
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from environment_builder import record_hash
from hostile import NASTY
from hypothesis import given, settings
from hypothesis import strategies as st
from wheels import metadata, sdist_bytes, sdist_files, tar_bytes, wheel_bytes, zip_bytes

from envparity.history.contents import Contents, Unreadable, read_contents

FILES: dict[str, str | bytes] = {
    "demo/__init__.py": "from demo.core import run\n" * 20,
    "demo/core.py": "def run():\n    return 1\n" * 20,
    "demo/_fast.abi3.so": bytes(range(256)) * 8,
    "demo/data.json": "{}",
}
WHEEL = wheel_bytes("demo", "1.0", FILES, ["other>=1"])
UNRECORDED = wheel_bytes("demo", "1.0", FILES, ["other>=1"], record=False)
SDIST = sdist_bytes("demo", "1.0", ("demo",), ["other>=1"])
SDIST_TAR = gzip.decompress(SDIST)
SDIST_ZIP = zip_bytes(sdist_files("demo", "1.0", ("demo",), ["other>=1"]))
EACH = {
    "demo-1.0-py3-none-any.whl": WHEEL,
    "demo-1.0-1-py3-none-any.whl": UNRECORDED,
    "demo-1.0.tar.gz": SDIST,
    "demo-1.0.zip": SDIST_ZIP,
    "demo-1.0.tar": SDIST_TAR,
    "demo-1.0.tar.bz2": bz2.compress(SDIST_TAR),
    "demo-1.0.tar.xz": lzma.compress(SDIST_TAR),
}
INFO = "demo-1.0.dist-info"
SAID = metadata("demo", "1.0")


def read(folder: Path, data: bytes, name: str = "demo-1.0-py3-none-any.whl") -> Contents:
    path = folder / name
    path.write_bytes(data)
    return read_contents(path)


def refused(folder: Path, data: bytes, name: str = "demo-1.0-py3-none-any.whl") -> str:
    with pytest.raises(Unreadable) as error:
        read(folder, data, name)
    assert str(folder) not in str(error.value)
    return str(error.value)


def names(folder: Path, *paths: str) -> dict[str, dict[str, str]]:
    return read(folder, wheel_bytes("demo", "1.0", dict.fromkeys(paths, ""))).names


def test_a_wheel_with_a_package_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, WHEEL)
    assert found == Contents(
        "demo",
        "1.0",
        ("other>=1",),
        {"demo": {"demo": "package"}},
        {path: record_hash(data.encode() if isinstance(data, str) else data) for path, data in FILES.items()},
    )
    assert found.label == "demo 1.0"
    assert found.importable == {"demo"}


def test_a_wheel_without_a_record_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, UNRECORDED) == read(tmp_path, WHEEL)


def test_import_names_of_each_kind_are_read(tmp_path: Path) -> None:
    found = names(
        tmp_path,
        *("one.py", "two.abi3.so", "three.cpython-311-x86_64-linux-gnu.so", "four.pyd", "five.so"),
        *("package/__init__.py", "package/deep/er.py", "space/part.py", "space/sub/__init__.py", "docs/index.html"),
        *("native/__init__.cpython-311-x86_64-linux-gnu.so", "old.pyc", "__pycache__/one.cpython-311.pyc"),
        *("demo.pth", "not-a-name/__init__.py", "not-a-name.py", "demo.libs/libx.so"),
    )
    assert found == {
        "one": {"one.py": "module"},
        "two": {"two.abi3.so": "extension"},
        "three": {"three.cpython-311-x86_64-linux-gnu.so": "extension"},
        "four": {"four.pyd": "extension"},
        "five": {"five.so": "extension"},
        "package": {"package": "package"},
        "space": {"space": "namespace"},
        "docs": {"docs": "data"},
        "native": {"native": "package"},
    }


def test_importable_names_leave_out_namespaces(tmp_path: Path) -> None:
    found = read(
        tmp_path, wheel_bytes("demo", "1", {"a.py": "", "b.abi3.so": "", "c/__init__.py": "", "d/x.py": "", "e/x": ""})
    )
    assert found.importable == {"a", "b", "c"}
    assert set(found.names) == {"a", "b", "c", "d", "e"}


def test_a_name_may_have_two_places(tmp_path: Path) -> None:
    assert names(tmp_path, "demo.py", "demo/__init__.py", "demo.abi3.so") == {
        "demo": {"demo": "package", "demo.abi3.so": "extension", "demo.py": "module"}
    }


def test_the_data_folder_is_unpacked_as_an_installer_does(tmp_path: Path) -> None:
    data = "demo-1.0.data"
    found = read(
        tmp_path,
        wheel_bytes(
            "demo",
            "1.0",
            {
                f"{data}/purelib/pure.py": "pure",
                f"{data}/platlib/fast/__init__.py": "fast",
                f"{data}/scripts/run.py": "run",
                f"{data}/data/share/x.py": "x",
                f"{data}/headers/demo.h": "h",
                "other-1.0.data/purelib/not.py": "",
            },
        ),
    )
    assert found.names == {"pure": {"pure.py": "module"}, "fast": {"fast": "package"}}
    assert found.files["pure.py"] == record_hash(b"pure")
    assert set(found.files) == {"pure.py", "fast/__init__.py", "other-1.0.data/purelib/not.py"}


def test_a_folder_entry_is_no_file(tmp_path: Path) -> None:
    assert read(tmp_path, zip_bytes({"docs/": "", "demo/": "", "demo/a.py": "", f"{INFO}/METADATA": SAID})).names == {
        "demo": {"demo": "namespace"}
    }


@pytest.mark.parametrize(
    "record",
    [
        *("", "demo.py\n", "demo.py,,\n", "demo.py,md5=abc,3\n", "demo.py,sha512=abc,3\n", "other.py,sha256=abc,3\n"),
        *("\n\n,,,,\n", "\0\n", '"demo.py\n', "sha256=abc\n"),
    ],
)
def test_a_file_without_a_hash_in_record_is_hashed(tmp_path: Path, record: str) -> None:
    found = read(tmp_path, zip_bytes({"demo.py": "abc", f"{INFO}/METADATA": SAID, f"{INFO}/RECORD": record}))
    assert found.files == {"demo.py": record_hash(b"abc")}


def test_a_quoted_path_of_a_record_is_its_file(tmp_path: Path) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(["demo/a,b.py", "sha256=told", 3])
    data = zip_bytes({"demo/a,b.py": "abc", f"{INFO}/METADATA": SAID, f"{INFO}/RECORD": buffer.getvalue()})
    assert read(tmp_path, data).files == {"demo/a,b.py": "sha256=told"}


@pytest.mark.parametrize("record", ["x" * 200_000 + ",sha256=abc,3\n", "\r\rother.py,,\r", "a\rb,sha256=abc,3\r\n"])
def test_a_malformed_record_does_not_stop_the_reading(tmp_path: Path, record: str) -> None:
    try:
        found = read(tmp_path, zip_bytes({"demo.py": "abc", f"{INFO}/METADATA": SAID, f"{INFO}/RECORD": record}))
    except Unreadable:
        return
    assert found.files == {"demo.py": record_hash(b"abc")}


def test_a_wheel_that_vendors_another_is_still_itself(tmp_path: Path) -> None:
    vendored = {"demo/_vendor/more_itertools-10.3.0.dist-info/METADATA": metadata("more-itertools", "10.3.0")}
    found = read(tmp_path, wheel_bytes("demo", "1.0", {"demo/__init__.py": "", **vendored}))
    assert (found.name, found.version, found.names) == ("demo", "1.0", {"demo": {"demo": "package"}})


def test_names_are_canonical_and_versions_are_unchanged(tmp_path: Path) -> None:
    found = read(tmp_path, zip_bytes({f"{INFO}/METADATA": metadata("Zope.Interface__X", " 1.0.POST1 ")}))
    assert (found.name, found.version) == ("zope-interface-x", "1.0.POST1")


def test_requirements_have_no_address(tmp_path: Path) -> None:
    asked = ["other>=2 ; extra == 'x'", "odd @ https://user:secret@example.invalid/odd.whl ; python_version > '3'"]
    asked += ["broken @@ https://example.invalid/x", "folded>=1,\n  <2"]
    expected = ("other>=2 ; extra == 'x'", 'odd; python_version > "3"', "broken", "folded>=1, <2")
    assert read(tmp_path, wheel_bytes("demo", "1.0", {}, asked)).requires == expected


def test_text_after_the_headers_is_not_read(tmp_path: Path) -> None:
    text = "\nName: other\nRequires-Dist: never\n"
    found = read(tmp_path, wheel_bytes("demo", "1.0", {}, ["real"], extra_metadata=text))
    assert (found.name, found.requires) == ("demo", ("real",))


@pytest.mark.parametrize("name", [name for name in EACH if not name.endswith(".whl")])
def test_an_sdist_of_each_form(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, EACH[name], name)
    assert found == Contents("demo", "1.0", ("other>=1",), {"demo": {"demo": "unbuilt"}}, {}, built=False)
    assert found.importable == {"demo"}


@pytest.mark.parametrize("make", [tar_bytes, zip_bytes])
def test_an_sdist_with_a_src_folder(tmp_path: Path, make: Callable[[dict[str, str]], bytes]) -> None:
    top = {"d-1/PKG-INFO": SAID, "d-1/src/d.egg-info/top_level.txt": "one\n\n two \nnot-a-name\nx/y\n\x1b[2J\n"}
    nested = {"d-1/deep/PKG-INFO": metadata("other", "2"), "d-1/top_level.txt": "never\n", "PKG-INFO": "Name: never"}
    found = read(tmp_path, make({**nested, **top}), "d-1.tar.gz" if make is tar_bytes else "d-1.zip")
    assert found.label == "demo 1.0"
    assert found.names == {"one": {"one": "unbuilt"}, "two": {"two": "unbuilt"}}


def test_an_sdist_without_setuptools_says_no_names(tmp_path: Path) -> None:
    assert read(tmp_path, tar_bytes({"demo-1.0/PKG-INFO": SAID, "demo-1.0/demo.py": ""}), "demo-1.0.tar.gz").names == {}


@pytest.mark.parametrize("name", [name for name in EACH if name.endswith((".whl", ".gz", ".zip"))])
@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9])
def test_a_truncated_file_is_unreadable(tmp_path: Path, name: str, part: float) -> None:
    assert name in refused(tmp_path, EACH[name][: int(len(EACH[name]) * part)], name)


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize(
    "data", [b"<html>Not found</html>", b"PK\3\4", b"PK\5\6" + bytes(18), b"\x1f\x8b", bytes(10240)]
)
def test_a_file_of_another_kind_is_unreadable(tmp_path: Path, name: str, data: bytes) -> None:
    assert refused(tmp_path, data, name).startswith(f"{name} ")


def test_a_missing_file_or_a_folder_is_unreadable(tmp_path: Path) -> None:
    for name in ("a.whl", "a.tar.gz", "a.zip"):
        with pytest.raises(Unreadable, match=rf"^{name} cannot be read: "):
            read_contents(tmp_path / name)
        (tmp_path / name).mkdir()
        with pytest.raises(Unreadable, match=rf"^{name} cannot be read: "):
            read_contents(tmp_path / name)


@pytest.mark.parametrize(
    "said", ["", "Name: demo\n", "Version: 1\n", "Name:\nVersion: 1\n", "\nName: demo\nVersion: 1\n"]
)
def test_metadata_without_name_and_version_is_unreadable(tmp_path: Path, said: str) -> None:
    assert refused(tmp_path, zip_bytes({f"{INFO}/METADATA": said})) == "its metadata has no name and version"
    assert refused(tmp_path, tar_bytes({"d/PKG-INFO": said}), "d.tar.gz") == "its metadata has no name and version"


def test_no_metadata_is_unreadable(tmp_path: Path) -> None:
    assert refused(tmp_path, zip_bytes({"demo.py": ""})) == "demo-1.0-py3-none-any.whl has no METADATA"
    assert refused(tmp_path, zip_bytes({"d/x": ""}), "d.zip") == "d.zip has no PKG-INFO"
    assert refused(tmp_path, tar_bytes({"d/x": ""}), "d.tar.gz") == "d.tar.gz has no PKG-INFO"


def test_metadata_of_any_size_is_not_read(tmp_path: Path) -> None:
    huge = SAID + "\n" + "x" * (8 << 20)
    assert refused(tmp_path, zip_bytes({f"{INFO}/METADATA": huge})) == f"{INFO}/METADATA is larger than 8 MiB"
    record = {f"{INFO}/METADATA": SAID, f"{INFO}/RECORD": huge}
    assert refused(tmp_path, zip_bytes(record)) == f"{INFO}/RECORD is larger than 8 MiB"
    assert refused(tmp_path, zip_bytes({"d/PKG-INFO": huge}), "d.zip") == "d/PKG-INFO is larger than 8 MiB"
    assert refused(tmp_path, tar_bytes({"d/PKG-INFO": huge}), "d.tar.gz") == "d.tar.gz has no PKG-INFO"


def test_a_declared_size_is_not_believed(tmp_path: Path) -> None:
    """The tar headers of these sdists declare a size of 8 GiB or more, or a negative size."""
    for size in (b"77777777777\0", b"\x80" + (1 << 62).to_bytes(11, "big"), b"\xff" * 12, b"-0000000001\0"):
        member = tarfile.TarInfo("demo-1.0/PKG-INFO").tobuf()
        broken = bytearray(member[:124] + size + member[136:])
        broken[148:156] = b" " * 8
        broken[148:156] = f"{sum(broken[:512]):06o}\0 ".encode()
        assert refused(tmp_path, gzip.compress(bytes(broken) + bytes(1024)), "demo-1.0.tar.gz")


def test_a_link_is_no_metadata(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SAID)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            link = tarfile.TarInfo("demo-1.0/PKG-INFO")
            link.type, link.linkname = kind, str(tmp_path / "secret")
            archive.addfile(link)
    assert refused(tmp_path, buffer.getvalue(), "demo-1.0.tar.gz") == "demo-1.0.tar.gz has no PKG-INFO"


def test_an_endless_chain_of_long_names_is_unreadable(tmp_path: Path) -> None:
    link = tarfile.TarInfo("x")
    link.type, link.size = tarfile.GNUTYPE_LONGNAME, 2
    assert refused(tmp_path, gzip.compress((link.tobuf(tarfile.GNU_FORMAT) + b"a\0" + bytes(510)) * 3000), "d.tar.gz")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_wheel_that_is_packed_otherwise_and_broken_is_unreadable(tmp_path: Path, method: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr(f"{INFO}/METADATA", SAID * 9)
    assert read(tmp_path, buffer.getvalue()).label == "demo 1.0"
    broken = bytearray(buffer.getvalue())
    broken[60:90] = b"\xff" * 30
    assert refused(tmp_path, bytes(broken))


def test_an_encrypted_wheel_is_unreadable(tmp_path: Path) -> None:
    broken = bytearray(zip_bytes({f"{INFO}/METADATA": SAID}))
    broken[6] |= 1
    broken[broken.index(b"PK\1\2") + 8] |= 1
    assert refused(tmp_path, bytes(broken))


def test_a_broken_stream_is_unreadable(tmp_path: Path) -> None:
    """The list of files in the archive is intact, but the compressed data is damaged."""
    for name in ("demo-1.0-py3-none-any.whl", "demo-1.0.zip"):
        where = f"{INFO}/METADATA" if name.endswith(".whl") else "demo-1.0/PKG-INFO"
        broken = bytearray(zip_bytes({where: SAID * 9}))
        start = 30 + len(where)
        broken[start : start + 4] = b"\xff" * 4
        assert refused(tmp_path, bytes(broken), name)


@pytest.mark.parametrize("text", NASTY)
def test_hostile_text_is_read_or_unreadable(tmp_path: Path, text: str) -> None:
    """A wheel or sdist with `text` in its metadata and paths is read or is Unreadable. No other file is written."""
    said = f"Metadata-Version: 2.1\nName: {text}\nVersion: {text}\nRequires-Dist: {text}\nRequires-Dist: a @ {text}\n"
    path = text.replace("\0", "")[:60_000].encode("utf-8", "replace").decode()
    for name, data in {
        "d.whl": zip_bytes({path or "x": "", f"{INFO}/METADATA": said, f"{INFO}/RECORD": f"{text},{text}\n" * 2}),
        "d.tar.gz": tar_bytes({f"d/{path}": "", "d/PKG-INFO": said, "d/d.egg-info/top_level.txt": text}),
    }.items():
        try:
            found = read(tmp_path, data, name)
        except Unreadable:
            continue
        assert all(one.isidentifier() for one in found.names)
    assert {one.name for one in tmp_path.iterdir()} == {"d.whl", "d.tar.gz"}


@settings(max_examples=400)
@given(
    name=st.sampled_from(sorted(EACH)),
    seed=st.integers(0, 2**32),
    times=st.integers(1, 6),
    inside=st.booleans(),
    cut=st.floats(0, 4),
)
def test_a_mutated_file_is_read_or_unreadable(
    tmp_path_factory: pytest.TempPathFactory, name: str, seed: int, times: int, inside: bool, cut: float
) -> None:
    """Change `times` random bytes, and cut the file off at `cut` times its length.

    With `inside`, change the bytes before they are compressed with gzip, so that the gzip stream is intact.
    """
    chance = random.Random(seed)  # noqa: S311 - the seed is enough to repeat the test
    inside = inside and name.endswith(".gz")
    data = bytearray(SDIST_TAR if inside else EACH[name])
    for _ in range(times):
        data[chance.randrange(len(data))] = chance.randrange(256)
    del data[int(len(data) * cut) :]
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(gzip.compress(bytes(data), 1) if inside else bytes(data))
    try:
        found = read_contents(path)
    except Unreadable as error:
        assert str(error)
        return
    assert found.name
    assert found.version
