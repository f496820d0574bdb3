"""Tests of the comparison of two images, which names the layer, the file and the owner of each difference.

The owner of a file is the installed distribution whose RECORD lists the file.
"""

import gzip
import hashlib
import io
import json
import os
import secrets
import stat
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.doors import verify as module
from dev.doors.engine import Engine
from dev.doors.image import ImagePlan
from dev.doors.verify import build_twice, differences, read_layer
from dev.lockenv.project import Project

SITE = "app/lib/site-packages"
RECORD = f"{SITE}/sample-1.0.dist-info/RECORD"
FILES = {
    f"{SITE}/sample.py": b"print(1)\n",
    RECORD: b'sample.py,sha256=abc,9\n"odd, name.py",,\n../../bin/sample,,\n\nsample-1.0.dist-info/RECORD,,\n',
    f"{SITE}/odd, name.py": b"",
    "app/bin/sample": b"#!\n",
    "app/stray": b"nobody's\n",
}
Loader = Callable[..., str]


def member(name: str, content: bytes = b"", **facts: object) -> tuple[tarfile.TarInfo, bytes]:
    """Return a member of a layer and its content: a file, unless `facts` sets other attributes of the TarInfo."""
    found = tarfile.TarInfo(name)
    found.size, found.mtime, found.mode = len(content), 1762370100, 0o644
    for key, value in facts.items():
        setattr(found, key, value)
    return found, content


def layer_of(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as layer:
        for facts, content in members:
            layer.addfile(facts, io.BytesIO(content))
    return file.getvalue()


def files(change: Mapping[str, tuple[tarfile.TarInfo, bytes] | None] | None = None) -> bytes:
    """Return a layer with FILES; `change` replaces members by name, and None as the value removes a member."""
    members = {name: member(name, content) for name, content in FILES.items()} | dict(change or {})
    return layer_of(*(one for one in members.values() if one))


@pytest.fixture
def load(engine: Engine, tmp_path: Path) -> Iterator[Loader]:
    """Yield a function that makes an image of the given layers and returns its tag; delete the tags after the test."""
    tags: list[str] = []

    def loaded(*layers: bytes, config: Mapping[str, object] | None = None) -> str:
        tags.append(f"py-libp2p-ping-test-tests/verify:{secrets.token_hex(4)}")
        diffs = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]
        facts = {"architecture": "amd64", "os": "linux", "created": "2025-11-05T19:15:00Z", "config": config or {}}
        inner = json.dumps({**facts, "rootfs": {"type": "layers", "diff_ids": diffs}}).encode()
        names = [f"{number}.tar" for number in range(len(layers))]
        manifest = json.dumps([{"Config": "config.json", "RepoTags": [tags[-1]], "Layers": names}]).encode()
        members = [("config.json", inner), ("manifest.json", manifest), *zip(names, layers, strict=True)]
        path = tmp_path / "image.tar"
        path.write_bytes(layer_of(*(member(name, content) for name, content in members)))
        engine.load(tags[-1], path)
        return tags[-1]

    yield loaded
    for tag in tags:
        engine.remove("image", tag)


def test_the_owner_of_each_file_is_found_in_its_layer() -> None:
    entries, owners = read_layer(files())
    assert list(entries) == list(FILES)
    assert owners == {name: "sample-1.0" for name in FILES if name != "app/stray"}


def test_each_property_of_a_member_is_compared() -> None:
    entries, owners = read_layer(
        layer_of(
            member("file", b"content", mode=0o4755, uid=1, gid=2),
            member("folder", type=tarfile.DIRTYPE),
            member("link", type=tarfile.SYMTYPE, linkname="file"),
            member("hard", type=tarfile.LNKTYPE, linkname="file"),
        )
    )
    assert owners == {}
    file, folder, link, hard = entries.values()
    assert (file.mode, file.owner, file.time, file.size) == (0o4755, (1, 2), 1762370100, 7)
    assert file.sha256 == hashlib.sha256(b"content").hexdigest()
    assert len({one.kind for one in entries.values()}) == 4
    assert (folder.sha256, link.sha256, link.link, hard.link) == (None, None, "file", "file")


def test_a_compressed_layer_equals_the_uncompressed_layer() -> None:
    assert read_layer(gzip.compress(files())) == read_layer(files())


def test_the_owner_is_found_if_names_begin_with_a_dot() -> None:
    """mmdebstrap writes layers in which each name begins with `./`."""
    entries, owners = read_layer(layer_of(*(member(f"./{name}", content) for name, content in FILES.items())))
    assert {owners.get(name) for name in entries if not name.endswith("stray")} == {"sample-1.0"}


@pytest.mark.docker
def test_equal_images_have_no_difference(engine: Engine, load: Loader) -> None:
    assert list(differences(engine, load(files()), load(files()))) == []


@pytest.mark.docker
@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        (
            f"{SITE}/sample.py",
            {"content": b"print(2)\n"},
            f"sha256 {hashlib.sha256(b'print(1)' + bytes([10])).hexdigest()} or "
            f"{hashlib.sha256(b'print(2)' + bytes([10])).hexdigest()}",
        ),
        (f"{SITE}/sample.py", {"mode": 0o600}, "mode 420 or 384"),
        ("app/bin/sample", {"mtime": 1762370101}, "time 1762370100 or 1762370101"),
        (f"{SITE}/odd, name.py", {"uid": 5}, "owner (0, 0) or (5, 0)"),
        ("app/stray", {"uid": 5, "mode": 0o600}, "mode 420 or 384, owner (0, 0) or (5, 0)"),
    ],
)
def test_a_different_file_is_reported_with_its_layer_and_owner(
    engine: Engine, load: Loader, name: str, change: dict[str, object], says: str
) -> None:
    other = member(name, **{"content": FILES[name], **change})  # type: ignore[arg-type]
    found = list(differences(engine, load(files()), load(files({name: other}))))
    owner = "of no distribution" if name == "app/stray" else "sample-1.0"
    assert found == [f"layer 1: {name} ({owner}): {says}"]


@pytest.mark.docker
def test_a_file_in_only_one_image_is_reported(engine: Engine, load: Loader) -> None:
    """The RECORD in the image that has the file names the owner."""
    less = files({f"{SITE}/sample.py": None, RECORD: None, "app/stray": None})
    found = list(differences(engine, load(less), load(files())))
    assert found == [
        f"layer 1: {RECORD} (sample-1.0): only in one of the two images",
        f"layer 1: {SITE}/sample.py (sample-1.0): only in one of the two images",
        "layer 1: app/stray (of no distribution): only in one of the two images",
    ]


@pytest.mark.docker
def test_the_report_names_the_layer(engine: Engine, load: Loader) -> None:
    """A RECORD in the first layer names the owner of a file in the second layer."""
    one, other = (layer_of(member(f"{SITE}/sample.py", content)) for content in (b"1", b"22"))
    (found,) = differences(engine, load(files(), one), load(files(), other))
    assert found.startswith(f"layer 2: {SITE}/sample.py (sample-1.0): size 1 or 2, sha256 ")


@pytest.mark.docker
def test_a_file_that_became_a_link_is_reported(engine: Engine, load: Loader) -> None:
    link = member("app/stray", type=tarfile.SYMTYPE, linkname="sample")
    (found,) = differences(engine, load(files()), load(files({"app/stray": link})))
    assert found.startswith("layer 1: app/stray (of no distribution): kind ")
    assert "link  or sample" in found


@pytest.mark.docker
def test_a_difference_of_the_config_or_the_number_of_layers_is_reported(engine: Engine, load: Loader) -> None:
    extra = layer_of(member("more"))
    found = list(differences(engine, load(files()), load(files(), extra, config={"User": "nobody"})))
    assert found == ["config: config: {} or {'User': 'nobody'}", "layers: 1 or 2"]


@pytest.mark.docker
@pytest.mark.parametrize("what", ["order", "attributes", "owner's name"])
def test_other_differences_between_two_layers_are_reported(engine: Engine, load: Loader, what: str) -> None:
    members = [member(name, content) for name, content in FILES.items()]
    if what == "order":
        members.reverse()
    elif what == "attributes":
        members[0][0].pax_headers = {"SCHILY.xattr.user.one": "1"}
    else:
        members[0][0].uname = "somebody"
    one, other = load(files()), load(layer_of(*members))
    assert engine.image(one) != engine.image(other)
    assert list(differences(engine, one, other))


@pytest.mark.docker
def test_a_missing_image_is_one_line(engine: Engine) -> None:
    with pytest.raises(CommandError, match=r"^saving py-libp2p-ping-test-tests:never-made: ") as caught:
        list(differences(engine, "py-libp2p-ping-test-tests:never-made", "py-libp2p-ping-test-tests:nor-this"))
    assert "\n" not in str(caught.value)


def test_the_copy_is_in_another_folder_with_another_owner(project: Project) -> None:
    before = os.umask(0o022)
    try:
        with module._copy(project) as other:
            root = other.root
            assert " " in str(root)
            assert other.tracks == project.tracks
            for name, mode in (("Dockerfile", 0o600), ("dev/command/python", 0o700), ("locks/v0.4.txt", 0o600)):
                assert stat.S_IMODE((root / name).stat().st_mode) == mode
                assert (root / name).read_bytes() == (project.root / name).read_bytes()
                assert (root / name).stat().st_mtime != (project.root / name).stat().st_mtime
            assert not (root / ".git").exists()
            assert not (root / ".cache").exists()
            assert stat.S_IMODE((root / "locks").stat().st_mode) == 0o700
        assert not root.exists()
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_without_git_the_copy_has_the_same_files(project: Project, checkout: Path) -> None:
    with module._copy(replace(project, root=checkout)) as copy:
        names = {path.relative_to(copy.root).as_posix() for path in copy.root.rglob("*") if path.is_file()}
    assert names == {".gitignore", "pyproject.toml", "locks/toolchain.toml"}


@pytest.fixture
def checkout(project: Project, tmp_path: Path) -> Path:
    """Make a checkout with only the files that the build reads; the test adds a Dockerfile. Return its path."""
    for name in (".gitignore", "pyproject.toml", "locks/toolchain.toml"):
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_bytes((project.root / name).read_bytes())
    return tmp_path / "root"


@pytest.fixture
def plan(engine: Engine) -> Iterator[ImagePlan]:
    """Yield the plan of a build; delete its images after the test."""
    tag = f"py-libp2p-ping-test-tests/twice:{secrets.token_hex(4)}"
    yield ImagePlan(tag, "v0.4", "runtime", {"SOURCE_DATE_EPOCH": "1762370100"}, {})
    for name in (tag, f"{tag}-again"):
        engine.remove("image", name)


@pytest.mark.docker
def test_two_equal_builds_are_verified(engine: Engine, project: Project, checkout: Path, plan: ImagePlan) -> None:
    (checkout / "Dockerfile").write_text("FROM scratch AS runtime\nLABEL one=two\n")
    first, second, found = build_twice(engine, replace(project, root=checkout), plan)
    assert first == second == engine.image(plan.tag)
    assert found == []
    assert engine.image(f"{plan.tag}-again") is None


@pytest.mark.docker
def test_two_different_builds_are_reported(engine: Engine, project: Project, checkout: Path, plan: ImagePlan) -> None:
    """The Dockerfile copies a file with its mode and time, which differ between the two builds."""
    (checkout / "Dockerfile").write_text("FROM scratch AS runtime\nCOPY Dockerfile /one\n")
    os.utime(checkout / "Dockerfile", (0, 0))
    first, second, found = build_twice(engine, replace(project, root=checkout), plan)
    assert first != second
    assert first == engine.image(plan.tag)
    (line,) = found
    assert line.startswith("layer 1: one (of no distribution): mode 420 or 384, time 0")
    assert engine.image(f"{plan.tag}-again") is None
