"""Extension modules: for this interpreter and machine, and with the libraries that they ask for."""

from collections.abc import Iterator

from envparity.judge.codes import Code
from envparity.judge.findings import Finding, finding, some
from envparity.judge.subject import Subject
from envparity.snapshot.types import File


def check(subject: Subject) -> Iterator[Finding]:
    """All of this family for one environment."""
    yield from _foreign(subject)
    for name, library in subject.snapshot.libraries.items():
        if library.file is None and library.inside is None:
            yield finding(
                Code.LIBRARY_MISSING,
                f"{some(library.needed_by)} asks for {name}, which is neither in the environment nor on the system",
                paths=library.needed_by,
                doors=[subject.door],
            )


def _foreign(subject: Subject) -> Iterator[Finding]:
    python = subject.snapshot.interpreter
    for path, file in subject.snapshot.files.items():
        if file.kind == "missing" or not path.startswith("site") or not path.endswith((".so", ".pyd")):
            continue
        folder, _, name = path.rpartition("/")
        stem, _, tag = name.partition(".")
        tagged = "cpython-" in tag or "pypy" in tag or tag.startswith("cp3")
        if tagged and "." + tag not in python.extension_suffixes and not _own(subject, f"{folder}/{stem}"):
            yield _finding(subject, path, file, f"is tagged {tag.rpartition('.')[0]}")
        elif file.elf is not None and python.elf is not None and file.elf != python.elf:
            said = file.elf if file.elf.startswith("malformed") else f"is an ELF file for a {file.elf}"
            yield _finding(subject, path, file, said)


def _own(subject: Subject, stem: str) -> bool:
    """Whether an extension module for this very interpreter is there under a name."""
    suffixes = subject.snapshot.interpreter.extension_suffixes
    found = (subject.snapshot.files.get(f"{stem}{suffix}") for suffix in suffixes)
    return any(file is not None and file.kind != "missing" for file in found)


def _finding(subject: Subject, path: str, file: File, said: str) -> Finding:
    python = subject.snapshot.interpreter
    return finding(
        Code.EXTENSION_FOREIGN,
        f"{path} {said}, expected one for {python.abi or python.cache_tag} on a {python.elf or python.platform}",
        paths=[path],
        distributions=sorted(file.claims),
        doors=[subject.door],
    )
