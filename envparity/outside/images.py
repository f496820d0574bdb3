"""Reads the image archives of `docker save`, `podman save` and `docker export`, and OCI layouts.

An image is a list of layers, which are tar archives, and a configuration. The image names each of these parts by its
SHA-256, and this module checks every SHA-256. So an archive with the right image ID has the right files.
"""

import json
import platform
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from envparity.errors import EnvparityError
from envparity.outside.compression import decompressed
from envparity.outside.disk import disk_tree, open_file
from envparity.outside.regions import Region, whole
from envparity.outside.spool import Spool
from envparity.outside.tar import members
from envparity.outside.tree import DiskFile, File, Tree
from envparity.text import visible

_JSON_AT_MOST = 16 << 20  # bytes of a manifest or a configuration
_LAYERS_AT_MOST = 1024
_DEPTH_AT_MOST = 4  # levels of OCI indexes
_HEX = re.compile(r"[0-9a-f]{64}")
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}
_REF = "org.opencontainers.image.ref.name"
_NAMES = (_REF, "io.containerd.image.name", "containerd.io/image.name")


@dataclass(frozen=True)
class Image:
    """The files of an image or a container, and the facts in its configuration.

    `environment` has the environment variables, and `architecture` is Go's name of the machine, for example `amd64`;
    `user` is the user of the image's processes. These fields are empty for an archive without a configuration.
    `identity` is the SHA-256 of the configuration, and `manifest` is the SHA-256 of the manifest in an OCI layout.
    """

    tree: Tree
    environment: Mapping[str, str] = field(default_factory=dict)
    architecture: str = ""
    identity: str = ""
    user: str = ""
    manifest: str = ""


@dataclass(frozen=True)
class Choice:
    """The image to read from an archive. `name` is its tag or its digest; `platform` is for example `linux/arm64`.

    Without `name`, the archive must have only one image for the platform. Without `platform`, the platform is Linux on
    this machine's processor, or else the only platform of the images that fit `name`.
    """

    name: str | None = None
    platform: str | None = None


class _Missing(EnvparityError):
    """The error for a blob that is missing in the archive. A blob is a file of an OCI layout, named by its SHA-256."""


class Files(Protocol):
    """The files of an OCI layout or of an archive of `docker save`."""

    def region(self, path: str) -> Region:
        """Return the bytes of the file at `path`; raise OSError if the file is missing."""


class Archived:
    """The files in an image archive. Each layer is one of these files."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def region(self, path: str) -> Region:
        """Return the bytes of the file at `path`; raise OSError if the file is missing."""
        found = self.tree.find(path, follow=True)
        if not isinstance(found, File) or not isinstance(found.content, Region):
            raise IsADirectoryError(0, "not a file")
        return found.content


class OnDisk:
    """The files in a folder with an OCI layout."""

    def __init__(self, folder: Path) -> None:
        self._tree = disk_tree(folder)

    def region(self, path: str) -> Region:
        """Return the bytes of the file at `path`; raise OSError if the file is missing."""
        found = self._tree.find(path, follow=True)
        if not isinstance(found, File) or not isinstance(found.content, DiskFile):
            raise IsADirectoryError(0, "not a file")
        return whole(open_file(found.content))


def read_archive(region: Region, choice: Choice, spool: Spool, what: str) -> Image:
    """Return the image in an archive; `what` names the archive in errors.

    An archive that is neither the output of `docker save` nor an OCI layout counts as the files of a container, as
    `docker export` writes them. Raise EnvparityError if the archive is damaged, or if it does not have the image of
    `choice`.
    """
    region = decompressed(region, spool, what)
    outer = Tree()
    outer.add_layer(members(region, spool, what), what, whiteouts=False)
    inside = outer.root.inside
    if isinstance(inside.get("manifest.json"), File) and (found := _docker(Archived(outer), choice, spool, what)):
        return found
    if isinstance(inside.get("index.json"), File) and isinstance(inside.get("oci-layout"), File):
        return read_layout(Archived(outer), choice, spool, what)
    if not outer.root.inside:
        raise EnvparityError(f"{what}: expected an archive with files, found an empty archive")
    return Image(outer)


def _docker(files: Files, choice: Choice, spool: Spool, what: str) -> Image | None:
    """Return the image of an archive of `docker save`; None if its manifest.json lists no images."""
    try:
        listed = _json(files, "manifest.json", what)
    except EnvparityError:
        return None
    rows = listed if isinstance(listed, list) else []
    if not rows or not all(isinstance(row, dict) and {"Config", "Layers"} <= row.keys() for row in rows):
        return None
    # A configuration names the layers of its image, so rows with the same configuration are one image.
    named: dict[str, list[str]] = {}
    layers: dict[str, Any] = {}
    for row in rows:
        if isinstance(row["Config"], str):
            tags = row.get("RepoTags")
            named.setdefault(row["Config"], []).extend(map(str, tags if isinstance(tags, list) else ()))
            layers.setdefault(row["Config"], row["Layers"])
    images = {key: (tags or [key], _platform(_json(files, key, what))) for key, tags in named.items()}
    config_name = _chosen(images, choice, what)
    names = layers[config_name]
    if not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise EnvparityError(f"{what}: expected a list of layers in manifest.json, found another value")
    config_region = _file(files, config_name, what)
    identity = config_region.sha256()
    said = _HEX.search(config_name)
    if said and said[0] != identity:
        raise _wrong(what, f"the configuration {config_name}", said[0], identity)
    config = _parsed(config_region, what)
    regions = [_file(files, name, what) for name in names]
    return _image(config, identity, regions, [None] * len(regions), spool, what)


def read_layout(files: Files, choice: Choice, spool: Spool, what: str) -> Image:
    """Return the image of an OCI layout; `read_archive` describes the parameters and the errors."""
    found: dict[str, tuple[list[str], str]] = {}
    _collect(files, _json(files, "index.json", what), [], what, found, 0)
    key = _chosen({key: ([*names, key], made_for) for key, (names, made_for) in found.items()}, choice, what)
    manifest = _parsed(_blob(files, key, what), what)
    described = manifest.get("config"), manifest.get("layers")
    if not isinstance(described[0], dict) or not isinstance(described[1], list):
        raise EnvparityError(f"{what}: expected a manifest with config and layers, found neither in {key}")
    config_region = _blob(files, _digest(described[0], what), what)
    digests = [_digest(layer, what) for layer in described[1]]
    regions = [_blob(files, digest, what, check=False) for digest in digests]
    config = _parsed(config_region, what)
    image = _image(config, config_region.sha256(), regions, [digest[7:] for digest in digests], spool, what)
    return replace(image, manifest=key[7:])


def _collect(
    files: Files,
    index: dict[str, Any],
    names: list[str],
    what: str,
    found: dict[str, tuple[list[str], str]],
    depth: int,
) -> None:
    """Add the image manifests of an OCI index, and of the indexes in it, to `found`.

    `found` maps the digest of a manifest to the names and the platform of its image. `names` are the names that the
    outer index gives to `index`. `depth` is the number of outer indexes.
    """
    rows = index.get("manifests") if isinstance(index, dict) else None
    if not isinstance(rows, list) or depth > _DEPTH_AT_MOST or len(rows) > _LAYERS_AT_MOST:
        raise EnvparityError(f"{what}: expected an index with a list of manifests, found none")
    for row in rows:
        digest = _digest(row, what)
        notes = row.get("annotations") if isinstance(row.get("annotations"), dict) else {}
        if "vnd.docker.reference.digest" in notes or digest in found:
            continue  # the manifest of a statement about another image, or an image that `found` already has
        own = [*names, *(str(notes[name]) for name in _NAMES if name in notes)]
        try:
            inner = _parsed(_blob(files, digest, what), what)
        except _Missing:
            continue  # an index may name images for other platforms that the archive does not have
        if "manifests" in inner:
            _collect(files, inner, own, what, found, depth + 1)
            continue
        made_for = _platform(row.get("platform")) or _platform_of(files, inner, what)
        # None is not an image, for example a Helm chart or a signature. The platform of a statement is unknown/unknown.
        if made_for is not None and "unknown" not in made_for.split("/"):
            found[digest] = own, made_for


def _platform_of(files: Files, manifest: dict[str, Any], what: str) -> str | None:
    """Return the platform in the configuration that a manifest names; None if the manifest is not of an image."""
    config = manifest.get("config")
    if not isinstance(config, dict):
        return None
    found = _any(_blob(files, _digest(config, what), what), what)
    if not isinstance(found, dict) or "rootfs" not in found:
        return None
    return _platform(found)


def _platform(described: object) -> str:
    """Return a platform as a text, for example `linux/arm64/v8`; empty if `described` names no platform.

    `described` is the configuration of an image, or the field `platform` of an entry in an OCI index.
    """
    parts = _object(described)
    return "/".join(str(parts[part]) for part in ("os", "architecture", "variant") if parts.get(part))


def _chosen(images: Mapping[str, tuple[list[str], str]], choice: Choice, what: str) -> str:
    """Return the key of the image that fits `choice`.

    `images` maps the key of each image to its names and its platform, which is empty if the image names none. Raise
    EnvparityError if no image or several images fit.
    """
    if not images:
        raise EnvparityError(f"{what}: expected an image, found no image")
    named = {key: one for key, one in images.items() if choice.name is None or _has_name(one[0], choice.name)}
    if not named:
        raise EnvparityError(f"{what}: expected the image {visible(choice.name or '')}, found {_listed(images)}")
    wanted = choice.platform or f"linux/{_MACHINES.get(platform.machine(), platform.machine())}"
    fitting = {key: one for key, one in named.items() if one[1] in (wanted, "") or one[1].startswith(wanted + "/")}
    fitting = {key: one for key, one in fitting.items() if one[1] == wanted} or fitting
    if not fitting and choice.platform is None and len({one[1] for one in named.values()}) == 1:
        fitting = named  # only one platform, so the user does not have to choose
    if not fitting:
        has = ", ".join(sorted({visible(one[1]) for one in named.values()}))
        raise EnvparityError(f"{what}: expected an image for {wanted}, found {has}; choose with --platform")
    if len(fitting) > 1:
        found = f"{len(fitting)}: {_listed(fitting)}"
        raise EnvparityError(f"{what}: expected one image, found {found}; choose with --image NAME")
    return next(iter(fitting))


def _listed(images: Mapping[str, tuple[list[str], str]]) -> str:
    return ", ".join(sorted({visible(name)[:200] for names, _ in images.values() for name in names[:1]}))


def _has_name(names: Sequence[str], wanted: str) -> bool:
    return any(
        wanted in (name, name.rpartition("/")[2], f"{name}:latest", name.partition(":")[2])
        or name.removesuffix(":latest") == wanted
        for name in names
    )


def _image(
    config: dict[str, Any], identity: str, regions: list[Region], digests: list[str | None], spool: Spool, what: str
) -> Image:
    """Return the image of the layers in `regions`, after a check of every digest.

    `digests` has the SHA-256 of each layer's blob in an OCI layout, or None for a layer of `docker save`.
    """
    said = _object(config.get("rootfs")).get("diff_ids")
    if not isinstance(said, list) or len(said) != len(regions) or len(regions) > _LAYERS_AT_MOST:
        count = len(said) if isinstance(said, list) else "none"
        raise EnvparityError(f"{what}: expected the {count} layers of its configuration, found {len(regions)}")
    tree = Tree()
    with ThreadPoolExecutor(1) as beside:  # a second thread hashes, because hashing does not hold the GIL
        checks: list[Callable[[], None]] = []
        seen: dict[Region, Region] = {}
        for number, (region, packed, unpacked) in enumerate(zip(regions, digests, said, strict=True), 1):
            label = f"{what}: layer {number} of {len(regions)}"
            plain = seen.get(region) or seen.setdefault(region, decompressed(region, spool, label))
            if packed is not None and plain is not region:
                checks.append(_check(beside.submit(region.sha256).result, packed, label))
            checks.append(_check(beside.submit(plain.sha256).result, str(unpacked).removeprefix("sha256:"), label))
            if packed is not None and plain is region and str(unpacked) != f"sha256:{packed}":
                raise _wrong(what, f"layer {number}", packed, str(unpacked))
            tree.add_layer(members(plain, spool, label), label)
        for check in checks:
            check()
    own = _object(config.get("config"))
    image = Image(tree, architecture=str(config.get("architecture") or ""), identity=identity)
    return with_config(image, own)


def with_config(image: Image, config: Mapping[str, Any]) -> Image:
    """Return a copy of `image` with the environment variables and the user of a container's configuration."""
    return replace(image, environment=dict(_variables(config.get("Env"))), user=str(config.get("User") or ""))


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _check(digest: Callable[[], str], expected: str, what: str) -> Callable[[], None]:
    def check() -> None:
        found = digest()
        if found != expected:
            raise _wrong(what, "its bytes", expected, found)

    return check


def _variables(listed: object) -> Iterator[tuple[str, str]]:
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, str) and "=" in one:
            name, _, value = one.partition("=")
            yield name, value


def _wrong(what: str, part: str, expected: str, found: str) -> EnvparityError:
    return EnvparityError(f"{what}: expected {visible(part)} with the SHA-256 {visible(expected)[:80]}, found {found}")


def _digest(row: object, what: str) -> str:
    digest = row.get("digest") if isinstance(row, dict) else None
    if not isinstance(digest, str) or not digest.startswith("sha256:") or not _HEX.fullmatch(digest[7:]):
        raise EnvparityError(f"{what}: expected a SHA-256 digest, found {visible(str(digest))[:100]!r}")
    return digest


def _blob(files: Files, digest: str, what: str, *, check: bool = True) -> Region:
    try:
        region = files.region(f"blobs/sha256/{digest[7:]}")
    except OSError as error:
        raise _Missing(f"{what}: expected the blob {digest}, found: {error.strerror}") from error
    if check and (found := region.sha256()) != digest[7:]:
        raise _wrong(what, "a blob", digest[7:], found)
    return region


def _file(files: Files, path: str, what: str) -> Region:
    try:
        return files.region(path)
    except OSError as error:
        named = visible(str(path))[:200]
        raise EnvparityError(f"{what}: expected the file {named!r}, which its manifest names, found none") from error


def _json(files: Files, path: str, what: str) -> Any:
    return _any(_file(files, path, what), what)


def _parsed(region: Region, what: str) -> dict[str, Any]:
    found = _any(region, what)
    if not isinstance(found, dict):
        raise EnvparityError(f"{what}: expected a JSON object, found another value")
    return found


def _any(region: Region, what: str) -> Any:
    if region.size > _JSON_AT_MOST:
        raise EnvparityError(f"{what}: expected at most {_JSON_AT_MOST} bytes of JSON, found {region.size}")
    try:
        return json.loads(region.read(0, region.size))
    except (ValueError, RecursionError) as error:
        raise EnvparityError(f"{what}: expected JSON, found: {visible(str(error))[:200]}") from error
