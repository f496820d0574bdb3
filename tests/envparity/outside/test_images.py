"""Tests of reading images: `docker save`, `docker export`, OCI layouts, and archives that lie about themselves."""

import gzip
import json
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from archives import (
    config_of,
    digest,
    docker_save,
    entry,
    folder,
    hard_link,
    link,
    oci_files,
    region,
    tar,
    tar_files,
    write_files,
)
from hypothesis import given
from hypothesis import strategies as st

from envparity.errors import EnvparityError
from envparity.outside.images import Choice, Image, OnDisk, read_archive, read_layout
from envparity.outside.python import read_whole
from envparity.outside.spool import Spool

LOWER = tar(folder("app"), entry("app/old", b"old"), entry("app/kept", b"kept"), link("alias", "/app"))
UPPER = tar(entry("app/.wh.old"), entry("alias/new", b"new"), hard_link("hard", "app/kept"))
OTHER = tar(entry("app/old", b"forged"))
FILES = {"/app/kept": b"kept", "/app/new": b"new", "/hard": b"kept", "/app/old": None}
ENVIRONMENT = {"PATH": "/app/bin", "VIRTUAL_ENV": "/app"}


def read(data: bytes, choice: Choice | None = None) -> Image:
    with Spool() as spool:
        image = read_archive(region(data, spool), choice or Choice(), spool, "x.tar")
        _check_readable(image)
        return image


def _check_readable(image: Image) -> None:
    for path, inside in image.tree.walk_all():
        for name in inside.inside:
            image.tree.real(f"{path}/{name}")


def found_in(data: bytes, choice: Choice | None = None) -> dict[str, bytes | None]:
    with Spool() as spool:
        image = read_archive(region(data, spool), choice or Choice(), spool, "x.tar")
        return {path: read_whole(image.tree, path) for path in FILES}


def test_docker_save_gives_the_files_of_all_layers_and_the_settings() -> None:
    data = docker_save(LOWER, UPPER, environment=ENVIRONMENT)
    assert found_in(data) == FILES
    assert read(data).environment == ENVIRONMENT
    assert found_in(gzip.compress(data)) == FILES


def test_an_oci_layout_is_read_as_a_folder_and_as_an_archive(tmp_path: Path) -> None:
    files = oci_files(LOWER, UPPER, environment=ENVIRONMENT)
    assert found_in(tar_files(files)) == FILES
    with Spool() as spool:
        image = read_layout(OnDisk(write_files(tmp_path, files)), Choice(), spool, "x")
        assert {path: read_whole(image.tree, path) for path in FILES} == FILES
        assert image.environment == ENVIRONMENT


def test_a_layer_need_not_be_compressed() -> None:
    assert found_in(tar_files(oci_files(LOWER, UPPER, compress=bytes))) == FILES


def test_docker_export_is_one_tree_in_which_whiteouts_are_ordinary_files() -> None:
    with Spool() as spool:
        data = tar(entry("app/kept", b"kept"), entry("app/.wh.kept", b"?"), entry("manifest.json", b"{}"))
        image = read_archive(region(data, spool), Choice(), spool, "x")
        assert read_whole(image.tree, "/app/kept") == b"kept"
        assert read_whole(image.tree, "/app/.wh.kept") == b"?"
        assert (image.environment, image.identity) == ({}, "")


def several() -> bytes:
    """Return an archive of `docker save` with two images."""
    configs: list[bytes] = [
        json.dumps(config_of([layer], {"N": name})).encode() for layer, name in ((LOWER, "1"), (UPPER, "2"))
    ]
    rows: list[dict[str, Any]] = [
        {"Config": digest(config)[7:] + ".json", "RepoTags": tags, "Layers": [f"{number}.tar"]}
        for number, (config, tags) in enumerate(zip(configs, (["reg/app:1", "app:x"], ["app:latest"]), strict=True))
    ]
    return tar(
        entry("0.tar", LOWER),
        entry("1.tar", LOWER),
        *(entry(row["Config"], config) for row, config in zip(rows, configs, strict=True)),
        entry("manifest.json", json.dumps(rows).encode()),
    )


@pytest.mark.parametrize(("name", "number"), [("reg/app:1", "1"), ("app:1", "1"), ("app:x", "1")])
def test_the_name_chooses_one_of_several_images(name: str, number: str) -> None:
    assert read(several(), Choice(name=name)).environment == {"N": number}


@pytest.mark.parametrize("name", [None, "app:2"])
def test_without_a_right_name_the_error_lists_the_images(name: str | None) -> None:
    with pytest.raises(EnvparityError, match=r"^x\.tar: expected .*, found .*app:latest.*reg/app:1"):
        read(several(), Choice(name=name))


def saved_for(platforms: Mapping[str, str]) -> bytes:
    """Return an archive of `docker save` with one image for each tag of `platforms`."""
    files: dict[str, bytes] = {"layer.tar": LOWER}
    rows: list[dict[str, Any]] = []
    for tag, platform in platforms.items():
        parts = dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))
        config = json.dumps(config_of([LOWER], {"P": platform}) | parts).encode()
        rows.append({"Config": f"{digest(config)[7:]}.json", "RepoTags": [tag], "Layers": ["layer.tar"]})
        files[rows[-1]["Config"]] = config
    return tar_files({**files, "manifest.json": json.dumps(rows).encode()})


def test_docker_save_with_images_for_several_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    both = saved_for({"app:amd": "linux/amd64", "app:arm": "linux/arm64/v8"})
    for choice, found in (
        (Choice(), "linux/amd64"),
        (Choice(name="app:arm"), "linux/arm64/v8"),
        (Choice(platform="linux/arm64"), "linux/arm64/v8"),
        (Choice("app:amd", "linux/amd64"), "linux/amd64"),
    ):
        assert read(both, choice).environment == {"P": found}
    only = saved_for({"app:1": "linux/arm64/v8"})
    assert read(only).environment == {"P": "linux/arm64/v8"}
    for data, choice in ((only, Choice(platform="linux/amd64")), (both, Choice("app:arm", "linux/amd64"))):
        with pytest.raises(EnvparityError) as raised:
            read(data, choice)
        wrong = "x.tar: expected an image for linux/amd64, found linux/arm64/v8; choose with --platform"
        assert str(raised.value) == wrong


def test_a_manifest_without_an_image_is_one_line() -> None:
    with pytest.raises(EnvparityError, match=r"^x\.tar: expected an image, found no image$"):
        read(tar_files({"manifest.json": json.dumps([{"Config": 5, "Layers": []}]).encode()}))


def test_one_image_with_several_rows_is_one_image() -> None:
    data = docker_save(LOWER)
    found = re.search(rb'\[\{"Config".*\}\]', data)
    assert found is not None
    row = json.loads(found[0])[0]
    again = tar(
        entry("0/layer.tar", LOWER),
        entry(row["Config"], json.dumps(config_of([LOWER])).encode()),
        entry("manifest.json", json.dumps([row, {**row, "RepoTags": ["other:2"]}, {**row, "RepoTags": 5}]).encode()),
    )
    assert found_in(again)["/app/old"] == b"old"
    assert found_in(again, Choice(name="other:2"))["/app/old"] == b"old"


def test_a_chart_next_to_an_image_is_no_second_image() -> None:
    """A registry also keeps charts and signatures in the form of an image, with a configuration of another kind."""
    files = oci_files(LOWER, UPPER)
    chart = json.dumps({"name": "chart"}).encode()
    manifest = json.dumps({"config": {"digest": digest(chart)}, "layers": []}).encode()
    index = json.loads(files["index.json"])
    index["manifests"].insert(0, {"digest": digest(manifest)})
    files |= {f"blobs/sha256/{digest(data)[7:]}": data for data in (chart, manifest)}
    assert found_in(tar_files({**files, "index.json": json.dumps(index).encode()})) == FILES


def test_the_exact_platform_goes_before_its_variants() -> None:
    data = indexed("linux/amd64/v3", "linux/amd64")
    assert read(data, Choice(platform="linux/amd64")).environment == {"P": "linux/amd64"}
    assert read(data, Choice(platform="linux/amd64/v3")).environment == {"P": "linux/amd64/v3"}


def indexed(*platforms: str, nested: bool = False) -> bytes:
    """Return an OCI archive with an image for each platform, perhaps in a nested index."""
    files: dict[str, bytes] = {}
    rows: list[dict[str, Any]] = []
    for platform in platforms:
        one = oci_files(LOWER, environment={"P": platform}, platform=platform)
        rows += json.loads(one.pop("index.json"))["manifests"]
        files |= one
    attestation = {**rows[0], "platform": {"os": "unknown", "architecture": "unknown"}}
    attestation["annotations"] = {"vnd.docker.reference.digest": rows[0]["digest"]}
    index = json.dumps({"manifests": [attestation, *rows]}).encode()
    if nested:
        files[f"blobs/sha256/{digest(index)[7:]}"] = index
        name = {"org.opencontainers.image.ref.name": "app:1"}
        index = json.dumps({"manifests": [{"digest": digest(index), "annotations": name}]}).encode()
    return tar_files({**files, "index.json": index})


@pytest.mark.parametrize("nested", [False, True])
def test_the_platform_is_this_machines_unless_the_user_names_another(
    nested: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    data = indexed("linux/amd64", "linux/arm64", nested=nested)
    assert read(data).environment == {"P": "linux/amd64"}
    assert read(data, Choice(platform="linux/arm64")).environment == {"P": "linux/arm64"}
    assert read(indexed("linux/s390x")).environment == {"P": "linux/s390x"}  # there is no other
    with pytest.raises(EnvparityError, match="expected an image for linux/riscv64, found linux/amd64, linux/arm64; ch"):
        read(data, Choice(platform="linux/riscv64"))


def lying(**changed: Any) -> bytes:
    """Return an archive of `docker save` in which one thing is not as it should be."""
    config = json.dumps(changed.get("config", config_of([LOWER]))).encode()
    name = changed.get("name", digest(config)[7:] + ".json")
    row = {"Config": name, "RepoTags": None, "Layers": changed.get("layers", ["a.tar"])}
    return tar(
        *changed.get("first", ()),
        entry("a.tar", changed.get("layer", LOWER)),
        entry(name, config),
        entry("manifest.json", changed.get("manifest", json.dumps([row]).encode())),
    )


def oci_lying(**changed: bytes) -> bytes:
    files = oci_files(LOWER)
    layer = next(name for name, data in files.items() if data.startswith(b"\x1f\x8b"))
    if "layer" in changed:
        files[layer] = changed["layer"]
    return tar_files(files | {name.replace("__", "."): data for name, data in changed.items() if name != "layer"})


NO_HASH = "0" * 64
LIES = {
    "another layer than the configuration names": (lying(layer=OTHER), "expected its bytes with the SHA-256"),
    "a configuration that is not its digest": (lying(name=f"{NO_HASH}.json"), "expected the configuration 0+.json wit"),
    "a layer twice": (lying(layers=["a.tar", "a.tar"]), "expected the 1 layers of its configuration, found 2"),
    "no layer": (lying(layers=[]), "expected the 1 layers of its configuration, found 0"),
    "a missing layer": (lying(layers=["b.tar"]), "expected the file 'b.tar'"),
    "a layer outside": (lying(layers=["../../etc/passwd"]), "expected the file"),
    "a layer behind a link in a circle": (
        lying(layers=["l"], first=[link("l", "l")]),
        "expected the file 'l', which its manifest names, found none",
    ),
    "a layer that is a folder": (lying(layers=["d"], first=[folder("d")]), "expected the file 'd'"),
    "layers that are numbers": (lying(layers=[1]), "expected a list of layers"),
    "layers that are a text": (lying(layers="a.tar"), "expected a list of layers"),
    "no configuration of layers": (lying(config={}), "expected the none layers"),
    "layers that are no list": (lying(config={"rootfs": {"diff_ids": "x"}}), "expected the none layers"),
    "a configuration that is a list": (lying(config=[]), "expected a JSON object"),
    "a layer that is no archive": (lying(layer=b"x" * 600, config=config_of([b"x" * 600])), "expected a tar archive"),
    "a wrong blob": (oci_lying(layer=gzip.compress(OTHER)), "expected its bytes with the SHA-256"),
    "a truncated blob": (oci_lying(layer=gzip.compress(LOWER)[:-20]), "expected compressed bytes that are whole"),
    "an index that is a text": (oci_lying(index__json=b'"x"'), "expected an index with a list"),
    "an index without manifests": (oci_lying(index__json=b'{"manifests":[]}'), "found no image"),
    "an index of numbers": (oci_lying(index__json=b'{"manifests":[1]}'), "expected a SHA-256 digest"),
    "an index with a path as digest": (
        oci_lying(index__json=b'{"manifests":[{"digest":"sha256:../../../../etc/passwd"}]}'),
        "expected a SHA-256 digest",
    ),
    "an index with another algorithm": (oci_lying(index__json=b'{"manifests":[{"digest":"md5:0"}]}'), "a SHA-256 dig"),
    "an index that is nested too deeply": (oci_lying(index__json=b"[" * 100_000), "expected JSON"),
    "an index with bytes that are no text": (oci_lying(index__json=b"\xff\xfe"), "expected JSON"),
    "a missing manifest": (
        oci_lying(index__json=json.dumps({"manifests": [{"digest": f"sha256:{NO_HASH}"}]}).encode()),
        "found no image",
    ),
    "nothing": (tar(), "expected an archive with files"),
}


@pytest.mark.parametrize("name", LIES)
def test_an_archive_that_contradicts_itself_is_one_clear_error(name: str) -> None:
    data, found = LIES[name]
    with pytest.raises(EnvparityError, match=rf"^x\.tar.*{found}") as raised:
        read(data)
    assert "\n" not in str(raised.value)


def test_an_index_in_a_circle_ends(tmp_path: Path) -> None:
    index = json.dumps({"manifests": [{"digest": f"sha256:{NO_HASH}"}]}).encode()
    files = {"oci-layout": b"{}", "index.json": index, f"blobs/sha256/{NO_HASH}": index}
    with Spool() as spool, pytest.raises(EnvparityError, match=r"expected a blob with the SHA-256 0+"):
        read_layout(OnDisk(write_files(tmp_path, files)), Choice(), spool, "x")


def test_a_blob_that_is_a_link_out_of_the_layout_is_not_read(tmp_path: Path) -> None:
    files = oci_files(LOWER)
    root = write_files(tmp_path / "layout", files)
    blob = next(root / name for name, data in files.items() if data.startswith(b"\x1f\x8b"))
    blob.rename(tmp_path / "secret")
    blob.symlink_to(tmp_path / "secret")
    with Spool() as spool, pytest.raises(EnvparityError, match="expected the blob"):
        read_layout(OnDisk(root), Choice(), spool, "x")


SEEDS = [
    docker_save(LOWER, UPPER),
    tar_files(oci_files(LOWER, UPPER)),
    gzip.compress(docker_save(LOWER)),
    LOWER,
    tar(entry("é" * 90, b"x"), link("l", "x" * 200), form=tarfile.GNU_FORMAT),
]


@given(st.sampled_from(SEEDS), st.data())
def test_a_damaged_archive_is_read_or_is_one_clear_error(seed: bytes, data: st.DataObject) -> None:
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(0, len(damaged) - 1)))
        what = data.draw(st.sampled_from(["byte", "cut", "insert", "repeat", "zero", "block"]))
        if what == "byte":
            damaged[at : at + 1] = data.draw(st.binary(min_size=1, max_size=1))
        elif what == "cut":
            del damaged[at : at + data.draw(st.integers(1, 2000))]
        elif what == "insert":
            damaged[at:at] = data.draw(st.binary(max_size=600))
        elif what == "repeat":
            damaged[at:at] = damaged[at : at + data.draw(st.integers(1, 2000))]
        elif what == "zero":
            damaged[at : at + 12] = bytes(12)
        else:
            damaged[at // 512 * 512 + 124 : at // 512 * 512 + 136] = data.draw(st.binary(min_size=12, max_size=12))
    try:
        read(bytes(damaged))
    except EnvparityError as error:
        assert "\n" not in str(error)
