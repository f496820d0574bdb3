"""Wheels and sdists of made-up distributions, as a build backend writes them; the bytes are always the same."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from environment_builder import record_hash

_ZIP_TIME = (2020, 2, 2, 0, 0, 0)
_TIME = 1580601600  # The same time in seconds since 1970.


def wheel_bytes(
    name: str,
    version: str,
    files: Mapping[str, str | bytes] | None = None,
    requires: Iterable[str] = (),
    tag: str = "py3-none-any",
    record: bool = True,
    extra_metadata: str = "",
    rows: Callable[[list[str]], Iterable[str]] = list,
) -> bytes:
    """Return the bytes of a wheel; `files` maps each path in the wheel to its content.

    Without `files`, the wheel has one module with the distribution's name. Without `record`, it has no RECORD. `rows`
    changes the rows of RECORD for the files, for a wheel that was built wrong.
    """
    plain = name.replace("-", "_")
    if files is None:
        files = {f"{plain}.py": f"version = {version!r}\n"}
    info = f"{plain}-{version}.dist-info"
    pure = str(tag.endswith("-any")).lower()
    every: dict[str, str | bytes] = {
        **files,
        f"{info}/METADATA": metadata(name, version, requires, extra_metadata),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: {pure}\nTag: {tag}\n",
    }
    if record:
        right = [f"{path},{record_hash(_bytes(content))},{len(_bytes(content))}" for path, content in every.items()]
        every[f"{info}/RECORD"] = "\n".join([*rows(right), f"{info}/RECORD,,"]) + "\n"
    return zip_bytes(every)


def write_wheel(folder: Path, name: str, version: str, *requires: str) -> None:
    """Write a wheel that contains only metadata into the folder; `requires` are its requirements."""
    (folder / f"{name}-{version}-py3-none-any.whl").write_bytes(wheel_bytes(name, version, {}, requires))


def sdist_bytes(name: str, version: str, top_level: Iterable[str] = ("module",), requires: Iterable[str] = ()) -> bytes:
    """Return an sdist as setuptools writes it, a .tar.gz; `top_level` are the import names that its metadata lists."""
    return tar_bytes(sdist_files(name, version, top_level, requires))


def sdist_files(
    name: str, version: str, top_level: Iterable[str] = ("module",), requires: Iterable[str] = ()
) -> dict[str, str]:
    """Return a dict from path to content of an sdist, so that a test can put the files into another kind of archive."""
    plain = name.replace("-", "_")
    top = f"{plain}-{version}"
    said = metadata(name, version, requires)
    names = list(top_level)
    return {
        f"{top}/PKG-INFO": said,
        f"{top}/pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
        f"{top}/setup.cfg": f"[metadata]\nname = {name}\nversion = {version}\n",
        **{f"{top}/{one}.py": f"version = {version!r}\n" for one in names},
        f"{top}/{plain}.egg-info/PKG-INFO": said,
        f"{top}/{plain}.egg-info/top_level.txt": "".join(f"{one}\n" for one in names),
    }


def metadata(name: str, version: str, requires: Iterable[str] = (), extra: str = "") -> str:
    """Return the text of a distribution's METADATA and PKG-INFO."""
    needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}{extra}"


def zip_bytes(files: Mapping[str, str | bytes]) -> bytes:
    """Return a zip file with these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, _ZIP_TIME)
            entry.external_attr = (0o100755 if ".data/scripts/" in path else 0o100644) << 16
            archive.writestr(entry, _bytes(content), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def tar_bytes(files: Mapping[str, str | bytes]) -> bytes:
    """Return a .tar.gz with these files."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, content in files.items():
            data = _bytes(content)
            member = tarfile.TarInfo(path)
            member.size, member.mtime, member.mode = len(data), _TIME, 0o644
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), mtime=_TIME)


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
