"""The transform family: the rules for transforms.

A transform is a difference between doors that has a known cause and changes no program's behaviour, for example another
path in the first line of a script. A door is a way to reach an environment. A family is a group of related rules.
"""

import re
from collections.abc import Iterable, Sequence

from envparity.judge.comparison import Comparison
from envparity.judge.family import Family
from envparity.judge.rules import Rule, Rules
from envparity.snapshot.types import File

RULES = Rules("transform")
TRANSFORM_BYTECODE = RULES.note(
    "transform-bytecode",
    title="different bytecode in the doors",
    meaning="Some doors have no bytecode for a source, or the bytecode differs. For example, the bytecode of one door "
    "contains the time of the source, and the bytecode of another contains its hash. With --bytecode, "
    "envparity also compiles each source again and checks that the installed bytecode is the same.",
    fix="You need not do anything.",
    compared=True,
)
TRANSFORM_PATH = RULES.note(
    "transform-path",
    title="different only in the environment's path",
    meaning="These files depend on the path of the environment's own folder. The first line of a script contains the "
    "path, and RECORD contains the hash of that script. Bytecode contains the path of its source. Apart from "
    "the path, the bytes are the same. Bytecode gets this finding only if it also contains the hash of its source. "
    "Other bytecode contains the time of its source, which can differ too, so it gets transform-bytecode.",
    fix="You need not do anything.",
    compared=True,
)
TRANSFORM_INSTALLER = RULES.note(
    "transform-installer",
    title="different files that installers write about an installation",
    meaning="Installers write files about the installation, such as INSTALLER, REQUESTED and direct_url.json. Each "
    "installer also has its own text for the script that starts an entry point. Here the scripts start the same entry "
    "point in every door. An installer can also link files into the environment instead of copying them. Here the "
    "files that the links lead to have the same bytes.",
    fix="You need not do anything. If you use one installer for all doors, the files are the same.",
    compared=True,
)
TRANSFORM_VENV = RULES.note(
    "transform-venv",
    title="different files that come with a new environment",
    meaning="The program that made the environment, such as venv or uv, wrote pyvenv.cfg, the activate scripts and "
    "the links to the interpreter. No distribution owns these files.",
    fix="You need not do anything.",
    compared=True,
)
TRANSFORM_ELF = RULES.note(
    "transform-elf",
    title="an ELF file that was patched after it was installed",
    meaning="A program such as patchelf changed the path of the dynamic linker, or the search path for libraries, in "
    "the file. The code and the constant data of the file are the same.",
    fix="You need not do anything.",
    compared=True,
)
FAMILY = Family(RULES)

# Files in which an installer notes facts about the installation. The files change no program's behaviour.
_INSTALLER_FILES = (
    "INSTALLER",
    "REQUESTED",
    "direct_url.json",
    "provenance_url.json",
    "uv_cache.json",
    "uv_build.json",
)


def rule_of_bytes(doors: Comparison, path: str, present: Sequence[File]) -> Rule | None:
    """Return the rule of the transform that explains why the bytes of a path differ; None if no transform explains it.

    `present` has the file of each door.
    """
    if _in_pycache(path):
        # With --bytecode, the check of each door already reports altered bytecode as an error.
        return TRANSFORM_PATH if _moved(doors, path, present) else TRANSFORM_BYTECODE
    if _is_note(path):
        return TRANSFORM_INSTALLER
    if _same(file.normal for file in present):
        if any(file.elf is None for file in present):
            return TRANSFORM_PATH if _one_installer(doors, present) else TRANSFORM_INSTALLER
        # A file that was patched after its installation no longer matches its RECORD. If every file matches, no file
        # was patched: the doors installed different artefacts (wheels or sdists).
        if not all(_as_installed(file) for file in present):
            return TRANSFORM_ELF
    return TRANSFORM_INSTALLER if _same(file.starts for file in present) else None


def rule_of_absence(path: str) -> Rule | None:
    """Return the rule of the transform that explains why only some doors have a path; None if no transform does."""
    if _in_pycache(path):
        return TRANSFORM_BYTECODE
    return TRANSFORM_INSTALLER if _is_note(path) else None


def rule_of_venv_file(found: Sequence[File | None]) -> Rule:
    """Return the rule for a file such as pyvenv.cfg, which was made together with the environment.

    The rule is TRANSFORM_PATH if only the environment's path in the file differs, otherwise TRANSFORM_VENV. `found` has
    the file of each door, or None if the door lacks it.
    """
    same = len({(file.normal or file.sha256) if file else "missing" for file in found}) == 1
    return TRANSFORM_PATH if same else TRANSFORM_VENV


def _same(values: Iterable[str | None]) -> bool:
    """Return whether all values are known (not None) and equal."""
    different = set(values)
    return len(different) == 1 and None not in different


def _moved(doors: Comparison, path: str, present: Sequence[File]) -> bool:
    """Return whether bytecode has the same source in each door, and differs only in the path that it contains."""
    # Only bytecode that holds the hash of its source qualifies. Other bytecode also differs in the time of its source.
    if not _same(file.normal for file in present) or (
        {file.bytecode for file in present} not in ({"checked-hash:fresh"}, {"unchecked-hash:fresh"})
    ):
        return False
    sources = [subject.snapshot.files.get(_source(path)) for subject in doors.subjects]
    return _same(file.sha256 if file else None for file in sources)


def _one_installer(doors: Comparison, present: Sequence[File]) -> bool:
    """Return whether the same program installed a file in every door; True also for a file of no distribution."""
    owners = {owner for file in present for owner in file.claims}
    installed = [subject.snapshot.by_id for subject in doors.subjects]
    return all(len({one[owner].installer for one in installed if owner in one}) < 2 for owner in owners)


def _in_pycache(path: str) -> bool:
    return path.endswith(".pyc") and "/__pycache__/" in path


def _source(path: str) -> str:
    """Return the path of the source of bytecode: `a/b.py` for `a/__pycache__/b.cpython-311.pyc`."""
    folder, _, name = path.removesuffix(".pyc").rpartition("/__pycache__/")
    return f"{folder}/{re.sub(r'[.][^.]*([.]opt-[0-9a-z]+)?$', '', name)}.py"


def _is_note(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return folder.endswith(".dist-info") and name in _INSTALLER_FILES


def _as_installed(file: File) -> bool:
    return bool(file.claims) and all(verdict == "match" for verdict in file.claims.values())
