"""Make tar archives, and archives of images in the forms of `docker save`, `docker export` and OCI tools."""

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from envparity.outside.regions import Region
from envparity.outside.spool import Spool

Entry = tuple[tarfile.TarInfo, bytes]


def entry(name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, *, mode: int = 0o644, target: str = "") -> Entry:
    """Return a member for `tar`. `target` is the target of a link; `kind` is one of tarfile's types."""
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.linkname, info.size, info.mtime = kind, mode, target, len(data), 1_700_000_000
    return info, data


def folder(name: str) -> Entry:
    """Return a folder for `tar`."""
    return entry(name, kind=tarfile.DIRTYPE, mode=0o755)


def link(name: str, target: str) -> Entry:
    """Return a symbolic link for `tar`."""
    return entry(name, kind=tarfile.SYMTYPE, target=target)


def hard_link(name: str, target: str) -> Entry:
    """Return a hard link for `tar`."""
    return entry(name, kind=tarfile.LNKTYPE, target=target)


def tar(*entries: Entry, form: int = tarfile.PAX_FORMAT) -> bytes:
    """Return a tar archive with these members."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form, errors="surrogateescape") as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def tar_of(paths: Iterable[Path], followed: Iterable[Path] = ()) -> bytes:
    """Return a tar archive of files and folders of this machine, with their absolute paths, owners and times.

    For a link in `followed`, the archive contains the file that the link leads to, and not the link.
    """
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in paths:
            archive.add(path)
        archive.dereference = True
        for path in followed:
            archive.add(path)
    return made.getvalue()


def digest(data: bytes) -> str:
    """Return the digest of bytes in the form that images use: `sha256:` and hexadecimal digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def config_of(layers: Sequence[bytes], environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the configuration of an image with these uncompressed layers and environment variables."""
    return {
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine),
        "os": "linux",
        "config": {"Env": [f"{name}={value}" for name, value in (environment or {}).items()]},
        "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]},
    }


def docker_save(
    *layers: bytes, environment: Mapping[str, str] | None = None, tags: Sequence[str] = ("app:1",)
) -> bytes:
    """Return the archive that `docker save` writes for an image with these layers."""
    config = json.dumps(config_of(layers, environment)).encode()
    names = [f"{number}/layer.tar" for number in range(len(layers))]
    config_name = digest(config)[7:] + ".json"
    manifest = json.dumps([{"Config": config_name, "RepoTags": list(tags), "Layers": names}]).encode()
    return tar(
        *(entry(name, layer) for name, layer in zip(names, layers, strict=True)),
        entry(config_name, config),
        entry("manifest.json", manifest),
    )


def oci_files(
    *layers: bytes, compress: Any = gzip.compress, environment: Mapping[str, str] | None = None, platform: str = ""
) -> dict[str, bytes]:
    """Return a dict from path to content of the files of an OCI layout.

    `compress` compresses each layer. `platform` is, for example, `linux/arm64`; if it is empty, the image is for this
    machine.
    """
    blobs: dict[str, bytes] = {}

    def keep(data: bytes, kind: str) -> dict[str, Any]:
        blobs[f"blobs/sha256/{digest(data)[7:]}"] = data
        return {"mediaType": kind, "digest": digest(data), "size": len(data)}

    described = config_of(layers, environment)
    if platform:
        described["os"], described["architecture"] = platform.split("/")[:2]
    config = keep(json.dumps(described).encode(), "application/vnd.oci.image.config.v1+json")
    packed = [keep(compress(layer), "application/vnd.oci.image.layer.v1.tar+gzip") for layer in layers]
    manifest = json.dumps({"schemaVersion": 2, "config": config, "layers": packed}).encode()
    row = keep(manifest, "application/vnd.oci.image.manifest.v1+json")
    if platform:
        row["platform"] = dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))
    index = {"schemaVersion": 2, "manifests": [row]}
    return {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": json.dumps(index).encode(), **blobs}


def write_files(root: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below the folder `root`, and return `root`."""
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def tar_files(files: Mapping[str, bytes]) -> bytes:
    """Return a tar archive of files."""
    return tar(*(entry(name, data) for name, data in files.items()))


def region(data: bytes, spool: Spool) -> Region:
    """Write bytes to a temporary file of `spool`, and return the part of the file that has them."""
    return spool.add([data], "test")
