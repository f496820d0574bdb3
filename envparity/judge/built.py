"""The built family: checks extension modules, shared libraries, and distributions that doors built from an sdist.

A family is a group of related checks, and a finding is one problem or difference that a check reports. A door is a way
to reach an environment. A door "builds" a distribution if it installs the distribution from an sdist.
"""

from collections.abc import Iterator, Sequence

from envparity.judge.comparison import Comparison
from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.rules import Rule, Rules, Severity
from envparity.judge.subject import Subject, winner
from envparity.machines import machine_words
from envparity.snapshot.types import File
from envparity.text import some

RULES = Rules("built")
EXTENSION_FOREIGN = RULES.error(
    "extension-foreign",
    title="an extension module for another interpreter or machine",
    meaning="The file's name has the tag of another Python, for example cpython-312. Or the ELF header of the file is "
    "damaged or names another machine. The folder has no file of this module for this interpreter, so this interpreter "
    "cannot import the module. A library for another machine is no finding if its distribution also has a library for "
    "this machine.",
    fix="Reinstall the distribution with this interpreter, for example with `python -m pip install --force-reinstall "
    "--no-deps NAME==VERSION`.",
)
LIBRARY_MISSING = RULES.note(
    "library-missing",
    title="a shared library that was not found",
    meaning="An extension module needs a library that is neither in the environment nor in the folders that the "
    "dynamic linker searches. The import of the module fails, unless another module loads the library first.",
    fix="Install the library, for example with `apt install libgmp10` for libgmp.so.10.",
)
LIBRARY_DIFFERS = RULES.error(
    "library-differs",
    title="different releases of a shared library",
    meaning="Extension modules use different releases of a library in the doors. The finding is a note if the "
    "toolchain file declares that the releases may differ.",
    fix="Install the same release in each door, or declare in the toolchain file that the releases may differ, with a "
    "reason.",
    compared=True,
)
BUILT_DIFFERS = RULES.error(
    "built-differs",
    title="built from the same source with different results",
    meaning="Each door built this distribution from its sdist. uv writes the settings of each build into "
    "uv_build.json, and these settings are the same. But the built files have different bytes.",
    fix="Make the build reproducible: set fixed times, keep folder names out of debug information, and pin the build "
    "requirements.",
    compared=True,
)
BUILT_ELSEWHERE = RULES.note(
    "built-elsewhere",
    title="built from the same source with different tools",
    meaning="Each door built this distribution from its sdist, and the built files have different bytes. The tools of "
    "the builds differ: for example, one door used gcc 12 and another used gcc 13. The finding is an error if the "
    "toolchain file does not declare that these tools may differ.",
    fix="If the bytes must be the same, build with the same compiler and interpreter in each door. If not, declare in "
    "the toolchain file that the tools may differ, with a reason.",
    compared=True,
)


def check(subject: Subject) -> Iterator[Finding]:
    """Yield findings about extension modules for another interpreter or machine, and about missing libraries."""
    yield from _foreign(subject)
    for names, users, owners in _lacking(subject):
        whose = some(subject.labels(owners)) or some(users)
        count = f"{len(names):,} libraries ({some(names)})" if len(names) > 1 else names[0]
        yield subject.finding(
            LIBRARY_MISSING,
            f"{whose}: expected {count} in the environment or on the system, found none",
            paths=users,
            distributions=owners,
            details=[f"{name}: needed by {some(subject.snapshot.libraries[name].needed_by)}" for name in names],
        )


def _lacking(subject: Subject) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Yield groups of missing libraries: the libraries, the files that need them, and the distributions of these files.

    All libraries that one distribution needs are in one group. If several distributions need the same library, the
    libraries of these distributions are in one group too. So a missing system package makes only one group.
    """
    groups: list[tuple[set[str], set[str], set[str]]] = []
    for name, library in subject.snapshot.libraries.items():
        if library.file is not None or library.inside is not None:
            continue
        files = subject.snapshot.files
        owners = {owner for path in library.needed_by if path in files for owner in files[path].claims}
        names, users = {name}, set(library.needed_by)
        apart = []
        for group in groups:
            if group[2] & owners:
                names |= group[0]
                users |= group[1]
                owners |= group[2]
            else:
                apart.append(group)
        groups = [*apart, (names, users, owners)]
    for names, users, owners in groups:
        yield sorted(names), sorted(users), sorted(owners)


def _foreign(subject: Subject) -> Iterator[Finding]:
    python = subject.snapshot.interpreter
    native = {
        owner
        for path, file in subject.snapshot.files.items()
        if python.elf is not None and file.elf == python.elf and path.endswith(".so")
        for owner in file.claims
    }
    for path, file in subject.snapshot.files.items():
        if file.kind == "missing" or not path.startswith("site") or not path.endswith((".so", ".pyd")):
            continue
        folder, _, name = path.rpartition("/")
        stem, _, tag = name.partition(".")
        tagged = "cpython-" in tag or "pypy" in tag or tag.startswith("cp3")
        if tagged and "." + tag not in python.extension_suffixes and not _own(subject, f"{folder}/{stem}"):
            words = f"is tagged {tag.rpartition('.')[0]}"
        elif file.elf is not None and python.elf is not None and file.elf != python.elf:
            if not file.elf.startswith("malformed") and set(winner(file)) & native:
                continue  # the wheel has libraries for several machines, and a program loads the right one
            words = file.elf if file.elf.startswith("malformed") else f"is an ELF file for {machine_words(file.elf)}"
        else:
            continue
        machine = machine_words(python.elf) if python.elf else python.platform
        here = f"{python.abi or python.cache_tag} on {machine}"
        message = f"{path} {words}, expected an extension module for {here}"
        yield subject.finding(EXTENSION_FOREIGN, message, paths=[path], distributions=sorted(file.claims))


def _own(subject: Subject, stem: str) -> bool:
    """Return whether the environment has an extension module for its interpreter at `stem`, a path without suffix."""
    suffixes = subject.snapshot.interpreter.extension_suffixes
    found = (subject.snapshot.files.get(f"{stem}{suffix}") for suffix in suffixes)
    return any(file is not None and file.kind != "missing" for file in found)


def compare(doors: Comparison) -> Iterator[Finding]:
    """Yield a finding for each shared library that every door has, but not in the same release.

    `check` reports a missing library. The family `integrity` compares the files of builds, together with all other
    files, and calls `rule_of_build`.
    """
    for name in sorted({name for subject in doors.subjects for name in subject.snapshot.libraries}):
        found = [subject.snapshot.libraries.get(name) for subject in doors.subjects]
        users = sorted({path for one in found if one for path in one.needed_by})
        files = [(one.inside or one.file) if one else None for one in found]
        if None not in found and len(set(files)) > 1:
            yield doors.unequal(
                LIBRARY_DIFFERS, f"{some(users)}: expected the same {name}", files, "libraries", paths=users
            )


def rule_of_build(doors: Comparison, present: Sequence[File], *, elf: bool) -> Rule | None:
    """Return the rule for a file that differs because each door built it; None if builds do not explain the difference.

    `present` has the file of each door. `elf` is True if all these files are ELF files, which hold machine code.
    Different build settings, such as another compiler, explain different machine code, but no other difference.
    """
    owners = {owner for file in present for owner in file.claims}
    if len(owners) != 1 or not all(file.claims.get(owner) in ("match", None) for file in present for owner in owners):
        return None
    (owner,) = owners
    if None in doors.builds(owner):
        return None
    if not doors.build_settings_that_differ(owner):
        return BUILT_DIFFERS
    return BUILT_ELSEWHERE if elf else None


def explanation(doors: Comparison, owner: str) -> tuple[Severity, str, str | None]:
    """Return the severity of a difference between builds, the build settings that differ, and why they may differ.

    `owner` is the id of the distribution. The severity is NOTE if the project's toolchain file declares that all these
    settings may differ. Otherwise the severity is ERROR, and the last value is None.
    """
    settings = sorted(doors.build_settings_that_differ(owner))
    reasons = [reason for setting in settings if (reason := doors.declared(setting))]
    declared = len(reasons) == len(settings)
    return (
        Severity.NOTE if declared else Severity.ERROR,
        ", ".join(settings),
        "; ".join(dict.fromkeys(reasons)) if declared else None,
    )


FAMILY = Family(RULES, check, compare)
