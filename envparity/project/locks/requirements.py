"""Reads locks that are requirements files, as pip reads them: each line pins one version with ==, or a URL."""

import codecs
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envparity.errors import EnvparityError
from envparity.project.locks.document import one_hash, pyproject_beside, within
from envparity.project.locks.lock import LockFile, LockFormat, Pin, Select, where_applying
from envparity.text import visible

_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The options of a requirement, which begin after the requirement itself.
_OPTION = re.compile(r"\s(?=--?[a-zA-Z])")
_HASH = re.compile(r"--hash[= ]\s*(\S+)")
# Options on a separate line that name a file with further requirements, and their short forms.
_FILES = {"-r": "requirement", "--requirement": "requirement", "-c": "constraint", "--constraint": "constraint"}
_EDITABLE = ("-e", "--editable")
_DEEPEST = 20  # the most files that name each other
_ARCHIVES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar")


ADVICE = "; a lock has a line NAME==VERSION for each distribution, as `uv pip compile` and `pip freeze` write it"


class NotPinnedError(EnvparityError):
    """A requirement in a requirements file has no version pinned, so the file is no lock."""


@dataclass(frozen=True)
class _Line:
    """One logical line: its words without comment and continuation, the file, the number of its first line."""

    words: str
    path: Path
    number: int

    @property
    def where(self) -> str:
        """Return the place of the line for error messages."""
        return f"{self.path}, line {self.number}"


def decoded(data: bytes) -> str:
    """Return the text of a file in the encoding that pip takes: that of its byte order mark or its coding comment.

    Without both the encoding is UTF-8. Raise ValueError or LookupError if the bytes are not in this encoding.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding)
    for line in data.split(b"\n")[:2]:
        if found := _CODING.match(line):
            return data.decode(found[1].decode("ascii"))
    return data.decode("utf-8")


def at_urls(requirements: Iterable[str]) -> tuple[str, ...]:
    """Return the requirements that name a URL; a lock leaves them out. Raise EnvparityError if a text is not valid."""
    return tuple(text for text in requirements if _requirement(text, "dependency group").url)


def _lines(text: str, path: Path) -> Iterator[_Line]:
    """Yield the logical lines of a file, as pip joins and cuts them."""
    parts: list[str] = []
    start = 1
    for number, line in enumerate(text.splitlines(), 1):
        if not parts:
            start = number
        if line.endswith("\\") and not _COMMENT.match(line):
            parts.append(line[:-1])
            continue
        parts.append(f" {line}" if parts and _COMMENT.match(line) else line)
        yield from _cut("".join(parts), path, start)
        parts = []
    yield from _cut("".join(parts), path, start)


def _cut(text: str, path: Path, number: int) -> Iterator[_Line]:
    words = _COMMENT.sub("", text).strip()
    if words:
        yield _Line(_VARIABLE.sub(lambda found: os.environ.get(found[1]) or found[0], words), path, number)


class _Reader:
    """Reads a requirements file and the files that it names."""

    def __init__(self) -> None:
        self.pins: list[Pin] = []
        self.loose: list[tuple[_Line, Requirement, frozenset[str]]] = []
        """The requirements that pin no version: a constraint may pin their version."""
        self.constraints: dict[str, list[Pin]] = {}
        self.built: set[str] = set()
        """The names that --no-binary gives: installers build these distributions."""
        self.wheels: set[str] = set()
        """The names that --only-binary gives."""

    def read(self, text: str, path: Path, *, constraint: bool = False, depth: int = 0) -> None:
        for line in _lines(text, path):
            option, value = _option(line.words)
            if option in _FILES:
                self._include(line, value, constraint=constraint or _FILES[option] == "constraint", depth=depth)
            elif option in _EDITABLE:
                self._add(replace(_local_or_url(value, line), local=True), constraint=constraint)
            elif option == "--no-binary":
                _note_formats(value, self.built, self.wheels)
            elif option == "--only-binary":
                _note_formats(value, self.wheels, self.built)
            elif not line.words.startswith("-"):
                self._requirement(line, constraint=constraint)

    def _include(self, line: _Line, value: str, *, constraint: bool, depth: int) -> None:
        if "://" in value and not value.startswith("file:"):
            raise EnvparityError(
                f"{line.where}: expected a file on this machine, found an address: {visible(value)[:200]}; download it"
            )
        if depth == _DEEPEST:
            raise EnvparityError(f"{line.where}: expected no file that includes itself, found {visible(value)[:200]}")
        path = line.path.parent / value
        try:
            text = decoded(path.read_bytes())
        except (OSError, ValueError, LookupError) as error:
            said = error.strerror if isinstance(error, OSError) else error
            raise EnvparityError(f"{line.where}: expected the file {visible(value)[:200]}, found: {said}") from error
        self.read(text, path, constraint=constraint, depth=depth + 1)

    def _requirement(self, line: _Line, *, constraint: bool) -> None:
        words, *options = _OPTION.split(line.words, maxsplit=1)
        hashes = frozenset(one_hash(one, line.where) for one in _HASH.findall(" ".join(options)))
        if _is_place(words):
            pin = _local_or_url(words, line)
            self._add(replace(pin, hashes=pin.hashes | hashes), constraint=constraint)
            return
        requirement = _requirement(words, line.where)
        pin = Pin(canonicalize_name(requirement.name), requirement, hashes)
        if pin.url is not None:
            self._add(_at_url(pin), constraint=constraint)
        elif _is_exact(requirement):
            self._add(pin, constraint=constraint)
        elif not constraint:
            self.loose.append((line, requirement, hashes))

    def _add(self, pin: Pin, *, constraint: bool) -> None:
        if constraint:
            self.constraints.setdefault(pin.name, []).append(pin)
        else:
            self.pins.append(pin)

    def all_pins(self) -> Iterator[Pin]:
        """Yield every pin; raise EnvparityError for a requirement whose version neither it nor a constraint pins."""
        for pin in self._versions():
            from_source = pin.name in self.built or (":all:" in self.built and pin.name not in self.wheels)
            yield replace(pin, from_source=from_source) if from_source else pin

    def _versions(self) -> Iterator[Pin]:
        yield from self.pins
        exact = {pin.name for pin in self.pins}
        for line, requirement, hashes in self.loose:
            name = canonicalize_name(requirement.name)
            if name in exact:
                continue
            constraints = self.constraints.get(name, [])
            if not constraints:
                raise NotPinnedError(
                    f"{line.where}: expected one version pinned with ==, found {visible(str(requirement))[:200]!r}; "
                    "make a lock, for example with `uv pip compile` or `pip-compile`"
                )
            for pin in constraints:
                yield replace(pin, hashes=pin.hashes | hashes)


def _note_formats(value: str, these: set[str], others: set[str]) -> None:
    """Note the names in an option --no-binary or --only-binary: `these` get the names, `others` lose them.

    `:all:` stands for every name that no option names, and `:none:` takes back the options before it.
    """
    for name in value.split(","):
        if name == ":none:":
            these.clear()
        else:
            these.add(name if name == ":all:" else canonicalize_name(name))
            others.discard(name if name == ":all:" else canonicalize_name(name))


def _option(words: str) -> tuple[str, str]:
    """Return the option that a line begins with and its value; both are empty for a requirement."""
    if words.startswith("--"):
        name, _, value = words.replace("=", " ", 1).partition(" ") if "=" in words.split()[0] else words.partition(" ")
        return name, _unquoted(value)
    if words.startswith("-"):
        return words[:2], _unquoted(words[2:].lstrip("= "))
    return "", ""


def _unquoted(value: str) -> str:
    try:
        parts = shlex.split(value)
    except ValueError:
        return value.strip()
    return parts[0] if parts else ""


def _is_place(words: str) -> bool:
    """Return whether a line names an archive, a folder or a URL in the place of a requirement."""
    if re.match(r"[A-Za-z0-9][\w.-]*\s*(\[[^\]]*\])?\s*@\s", words):
        return False
    first = words.partition(" ;")[0].strip()
    return (
        "://" in first
        or first.startswith((".", "/", "~", "file:"))
        or first.lower().endswith(_ARCHIVES)
        or ("/" in first and not re.match(r"[\w.-]+\s*(\[.*?\])?\s*[<>=!~;@]", first))
    )


def _local_or_url(value: str, line: _Line) -> Pin:
    """Return the pin of an editable install, an archive or a URL without a name before it."""
    value, _, marker = value.partition(" ;")
    value = value.strip()
    address, _, fragment = value.partition("#")
    egg = next((part[4:] for part in fragment.split("&") if part.startswith("egg=")), "")
    hashed = re.search(r"(sha256|sha384|sha512|sha1|md5)=([0-9a-fA-F]+)", fragment)
    hashes = frozenset({f"{hashed[1]}:{hashed[2].lower()}"} if hashed else ())
    remote = "://" in address and not address.startswith("file:")
    name, version = _from_archive(address)
    folder = line.path.parent / unquote(urlsplit(address).path if "://" in address else re.sub(r"\[.*\]$", "", address))
    name = re.sub(r"\[.*\]$", "", unquote(egg)) or name or ("" if remote else _project_name(folder))
    if not name:
        raise EnvparityError(
            f"{line.where}: expected the name of the distribution, found {visible(value)[:200]!r}; write NAME @ URL"
        )
    ending = f" ; {marker.strip()}" if marker.strip() else ""
    text = f"{name} @ {value}{ending}" if remote else f"{name}{f'=={version}' if version else ''}{ending}"
    return Pin(str(canonicalize_name(name)), _requirement(text, line.where), hashes, local=not remote)


def _at_url(pin: Pin) -> Pin:
    """Return the pin of `NAME @ URL`, with the hash in the fragment of the URL."""
    url = pin.url or ""
    hashed = re.search(r"#(?:.*&)?(sha256|sha384|sha512)=([0-9a-fA-F]+)", url)
    hashes = pin.hashes | ({f"{hashed[1]}:{hashed[2].lower()}"} if hashed else set())
    return replace(pin, hashes=hashes)


def _from_archive(address: str) -> tuple[str, str | None]:
    """Return the name and version in the file name of a wheel or sdist; both are empty for another address."""
    file = unquote(address.rstrip("/").rpartition("/")[2])
    if file.endswith(".whl") and file.count("-") >= 4:
        name, version = file.split("-")[:2]
        return name, version
    for ending in _ARCHIVES[1:]:
        if file.endswith(ending) and (found := re.fullmatch(r"(.+)-(\d[^-]*)", file.removesuffix(ending))):
            return found[1], found[2]
    return "", None


def _project_name(folder: Path) -> str:
    """Return the name of the project in a folder; empty if its files do not say it."""
    project: Mapping[str, object] = pyproject_beside(folder)
    name = within(project, "project", "name") or within(project, "tool", "poetry", "name")
    if isinstance(name, str):
        return name
    for file, pattern in (
        ("setup.cfg", r"(?m)^name\s*=\s*([\w.-]+)\s*$"),
        ("setup.py", r"\bname\s*=\s*['\"]([\w.-]+)"),
    ):
        try:
            found = re.search(pattern, (folder / file).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if found:
            return found[1]
    return ""


def _is_exact(requirement: Requirement) -> bool:
    specifiers = list(requirement.specifier)
    return len(specifiers) == 1 and (
        specifiers[0].operator == "===" or (specifiers[0].operator == "==" and not specifiers[0].version.endswith(".*"))
    )


def read_pin(words: str, origin: str) -> Pin:
    """Return the pin in a text that pins one version or a URL; raise EnvparityError for any other text.

    The error names the file `origin`.
    """
    words, *options = _OPTION.split(words, maxsplit=1)
    requirement = _requirement(words, origin)
    hashes = frozenset(one_hash(one, origin) for one in _HASH.findall(" ".join(options)))
    pin = Pin(canonicalize_name(requirement.name), requirement, hashes)
    if pin.url is None and not _is_exact(requirement):
        raise EnvparityError(f"{origin}: expected one version pinned with ==, found {visible(words)[:200]!r}")
    return pin


def _requirement(text: str, where: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        reason = visible(str(error).splitlines()[0])
    except RecursionError:
        reason = "too deeply nested"
    raise EnvparityError(f"{where}: expected NAME==VERSION, found {visible(text)[:200]!r}: {reason[:200]}{ADVICE}")


def _read(file: LockFile) -> Select:
    file.choice.of_groups((), (), file.origin)
    file.choice.of_extras((), file.origin)
    reader = _Reader()
    reader.read(file.text, file.path)
    return where_applying(tuple(reader.all_pins()))


FORMAT = LockFormat("lines of NAME==VERSION", lambda _name, _text: True, _read)
