"""Every kind of finding: its stable code, family, usual severity, and what `envparity explain` says of it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Only an error changes the exit status."""

    ERROR = "error"
    NOTE = "note"


class Family(StrEnum):
    """What a finding is about."""

    INTERPRETER = "interpreter"
    RESOLUTION = "resolution"
    INTEGRITY = "integrity"
    OWNERSHIP = "ownership"
    BYTECODE = "bytecode"
    BUILT = "built"
    TOOLCHAIN = "toolchain"
    BEHAVIOUR = "behaviour"
    TRANSFORM = "transform"
    PROJECT = "project"


class Code(StrEnum):
    """The stable names of what can be found; a code never changes its meaning."""

    INTERPRETER_SERIES = "interpreter-series"
    INTERPRETER_PATCH = "interpreter-patch"
    PATH_HIDDEN = "path-hidden"
    UNLOCKED = "unlocked"
    LOCK_MISSING = "lock-missing"
    LOCK_VERSION = "lock-version"
    LOCK_EXTRA = "lock-extra"
    LOCK_SOURCE = "lock-source"
    LOCK_ARTEFACT = "lock-artefact"
    REQUIREMENT_UNMET = "requirement-unmet"
    PYTHON_UNMET = "python-unmet"
    DISTRIBUTION_TWICE = "distribution-twice"
    DISTRIBUTION_DIFFERS = "distribution-differs"
    FILE_MISSING = "file-missing"
    FILE_ALTERED = "file-altered"
    FILE_EXTRANEOUS = "file-extraneous"
    FILE_UNOWNED = "file-unowned"
    FILE_RENAMED = "file-renamed"
    FILE_LINK = "file-link"
    FILE_UNREADABLE = "file-unreadable"
    INSTALLED_AS_LINKS = "installed-as-links"
    RECORD_MISSING = "record-missing"
    RECORD_MANAGED = "record-managed"
    RECORD_UNHASHED = "record-unhashed"
    RECORD_INCOMPLETE = "record-incomplete"
    RECORD_MALFORMED = "record-malformed"
    RECORD_ESCAPES = "record-escapes"
    METADATA_BROKEN = "metadata-broken"
    METADATA_MISMATCH = "metadata-mismatch"
    FILE_DIFFERS = "file-differs"
    FILE_ONLY_IN = "file-only-in"
    MODE_DIFFERS = "mode-differs"
    PATH_CONTESTED = "path-contested"
    PACKAGE_TORN = "package-torn"
    NAME_SHADOWED = "name-shadowed"
    NAME_SHARED = "name-shared"
    TOP_LEVEL_SQUATTER = "top-level-squatter"
    EDITABLE = "editable"
    PTH_CODE = "pth-code"
    BYTECODE_STALE = "bytecode-stale"
    BYTECODE_ALTERED = "bytecode-altered"
    BYTECODE_ORPHAN = "bytecode-orphan"
    BYTECODE_BROKEN = "bytecode-broken"
    EXTENSION_FOREIGN = "extension-foreign"
    LIBRARY_MISSING = "library-missing"
    LIBRARY_DIFFERS = "library-differs"
    BUILT_DIFFERS = "built-differs"
    BUILT_ELSEWHERE = "built-elsewhere"
    TOOLCHAIN_RANGE = "toolchain-range"
    TOOLCHAIN_MISSING = "toolchain-missing"
    TOOLCHAIN_DIFFERS = "toolchain-differs"
    BEHAVIOUR_FAILED = "behaviour-failed"
    BEHAVIOUR_UNEXPECTED = "behaviour-unexpected"
    BEHAVIOUR_DIFFERS = "behaviour-differs"
    TRANSFORM_BYTECODE = "transform-bytecode"
    TRANSFORM_PATH = "transform-path"
    TRANSFORM_INSTALLER = "transform-installer"
    TRANSFORM_VENV = "transform-venv"
    TRANSFORM_ELF = "transform-elf"
    ACCEPTANCE_UNUSED = "acceptance-unused"


@dataclass(frozen=True)
class Rule:
    """What a code means and how to mend what it finds."""

    family: Family
    severity: Severity
    title: str
    meaning: str
    mend: str


_E, _N = Severity.ERROR, Severity.NOTE

RULES: dict[Code, Rule] = {
    Code.INTERPRETER_SERIES: Rule(
        Family.INTERPRETER,
        _E,
        "another Python",
        "Implementation, minor version, ABI or platform is not the expected one, or not the same in every door. "
        "Wheels are chosen by these, so everything else may differ in consequence.",
        "Make the environment with the Python that the toolchain file names.",
    ),
    Code.INTERPRETER_PATCH: Rule(
        Family.INTERPRETER,
        _E,
        "another patch level of Python",
        "The doors run different patch levels of one Python. A marker on python_full_version can then select "
        "another set of distributions. A note where the toolchain file declares that the patch level may differ.",
        "Use the same interpreter in each door, or declare the difference with its reason in the toolchain file.",
    ),
    Code.PATH_HIDDEN: Rule(
        Family.INTERPRETER,
        _N,
        "modules from elsewhere",
        "PYTHONPATH, PYTHONHOME or the user's own site folder adds modules that are not in the environment. The "
        "snapshot, taken with -I, does not see them; a program started without -I does.",
        "Unset the variable, or start programs with -I or -s.",
    ),
    Code.UNLOCKED: Rule(
        Family.RESOLUTION,
        _N,
        "no lock to compare with",
        "Versions were judged by the requirements of what is installed alone, for no lock was given.",
        "Name a track of a project that has a lock.",
    ),
    Code.LOCK_MISSING: Rule(
        Family.RESOLUTION,
        _E,
        "not installed, but locked",
        "The lock pins this distribution for this interpreter and platform, markers evaluated, and it is not there.",
        "Make the environment anew from the lock.",
    ),
    Code.LOCK_VERSION: Rule(
        Family.RESOLUTION,
        _E,
        "another version than the lock's",
        "The distribution is installed in another version than the lock pins.",
        "Make the environment anew from the lock; `envparity why NAME` tells what asks for it.",
    ),
    Code.LOCK_EXTRA: Rule(
        Family.RESOLUTION,
        _E,
        "installed, but not locked",
        "The distribution is in the environment and the lock does not pin it for this interpreter and platform.",
        "Uninstall it by making the environment anew; if it is needed, add it to the track and lock again.",
    ),
    Code.LOCK_SOURCE: Rule(
        Family.RESOLUTION,
        _E,
        "installed from another source than the lock's",
        "The distribution came from a folder, a URL or a commit, or is editable, where the lock pins a release "
        "(or another commit).",
        "Make the environment anew from the lock.",
    ),
    Code.LOCK_ARTEFACT: Rule(
        Family.RESOLUTION,
        _E,
        "an artefact that the lock does not hold",
        "The installer recorded the hash of the wheel or sdist that it installed, and the lock has no such hash for "
        "this version.",
        "Find out where that artefact came from; make the environment anew with hash checking on.",
    ),
    Code.REQUIREMENT_UNMET: Rule(
        Family.RESOLUTION,
        _E,
        "a requirement that is not met",
        "An installed distribution requires another that is missing or of another version. A note where both are "
        "just as the lock pins them: then the lock decided so.",
        "Install what is required, or drop what requires it; `envparity why NAME` shows the requirement's path.",
    ),
    Code.PYTHON_UNMET: Rule(
        Family.RESOLUTION,
        _E,
        "not for this Python",
        "The distribution's Requires-Python excludes this interpreter.",
        "Install a release of it that is for this Python.",
    ),
    Code.DISTRIBUTION_TWICE: Rule(
        Family.RESOLUTION,
        _E,
        "installed twice",
        "Two metadata folders say that the same distribution is installed; which one tools report is chance. A note "
        "where they are in different site folders: then the first on sys.path hides the other.",
        "Uninstall it until none is left, then install it once.",
    ),
    Code.DISTRIBUTION_DIFFERS: Rule(
        Family.RESOLUTION,
        _E,
        "not the same distribution in each door",
        "A distribution has different versions in the doors, or is not in all of them. A note where a marker on the "
        "declared patch level of Python explains it.",
        "Install both doors from one lock.",
    ),
    Code.FILE_MISSING: Rule(
        Family.INTEGRITY,
        _E,
        "missing, but in a RECORD",
        "A distribution's RECORD lists the file and it is not there: something deleted it, or an uninstall of another "
        "distribution that claimed the same path took it along.",
        "Reinstall the distribution.",
    ),
    Code.FILE_ALTERED: Rule(
        Family.INTEGRITY,
        _E,
        "not the bytes that were installed",
        "The file's hash or size is not the one in the RECORD of the only distribution that claims it.",
        "Reinstall the distribution; if the edit was meant, install it as a release or as editable.",
    ),
    Code.FILE_EXTRANEOUS: Rule(
        Family.INTEGRITY,
        _E,
        "belongs to nobody",
        "A file among the importable ones that no RECORD lists: copied in by hand, left by an interrupted or half "
        "uninstall, or written by a program as it ran.",
        "Delete it, or make the environment anew.",
    ),
    Code.FILE_UNOWNED: Rule(
        Family.INTEGRITY,
        _N,
        "in the environment, of no distribution",
        "A file in the environment's folder, outside its importable folders, that no RECORD lists and that the making "
        "of an environment does not explain.",
        "Nothing has to be done; keep generated files elsewhere.",
    ),
    Code.FILE_RENAMED: Rule(
        Family.INTEGRITY,
        _E,
        "renamed in case alone",
        "A file of a RECORD is there under a name that differs in upper and lower case only: imports work on one "
        "kind of file system and fail on another.",
        "Reinstall the distribution on a case-sensitive file system.",
    ),
    Code.FILE_LINK: Rule(
        Family.INTEGRITY,
        _E,
        "a link where a file was installed",
        "Wheels hold no links, and the rest of this distribution is files: somebody replaced this one. What it leads "
        "to can change without the environment being touched.",
        "Reinstall the distribution.",
    ),
    Code.FILE_UNREADABLE: Rule(
        Family.INTEGRITY,
        _E,
        "cannot be read",
        "The user that the probe ran as may not read it, or reading failed: it cannot be judged, nor imported.",
        "Mend the permissions, or open the door as the user that runs the programs.",
    ),
    Code.INSTALLED_AS_LINKS: Rule(
        Family.INTEGRITY,
        _N,
        "installed as links into a cache",
        "The installer linked these distributions' files instead of copying them (uv --link-mode symlink). They are "
        "judged by the bytes that the links lead to.",
        "Install with copies if the environment must outlive the cache.",
    ),
    Code.RECORD_MISSING: Rule(
        Family.INTEGRITY,
        _N,
        "no RECORD",
        "The distribution does not say which files are its own (system packages and eggs do not): they are listed and "
        "hashed, and not judged.",
        "Install it from a wheel if its files are to be judged.",
    ),
    Code.RECORD_MANAGED: Rule(
        Family.INTEGRITY,
        _N,
        "looked after by the system's package manager",
        "These distributions are in a folder of the system's own packages (PEP 668). Distributions of Linux change "
        "files after RECORD was written (they strip extension modules and move scripts): their files are not judged.",
        "Ask the package manager, for example with: dpkg --verify.",
    ),
    Code.RECORD_UNHASHED: Rule(
        Family.INTEGRITY,
        _N,
        "a RECORD without hashes",
        "The distribution lists its files without their hashes: that they are there is judged, their bytes are not.",
        "Install it from a wheel if its bytes are to be judged.",
    ),
    Code.RECORD_INCOMPLETE: Rule(
        Family.INTEGRITY,
        _E,
        "lines of RECORD without a hash",
        "The RECORD has hashes, but not for these files, although the wheel specification asks for them: somebody took "
        "them out.",
        "Reinstall the distribution.",
    ),
    Code.RECORD_MALFORMED: Rule(
        Family.INTEGRITY,
        _E,
        "a RECORD that cannot be read",
        "The RECORD is not the table of path, hash and size that the wheel specification describes; the files of the "
        "distribution are not judged.",
        "Reinstall the distribution.",
    ),
    Code.RECORD_ESCAPES: Rule(
        Family.INTEGRITY,
        _E,
        "a RECORD that points outside the environment",
        "A path of the RECORD leads out of the environment. It was not opened; an uninstall would delete what it "
        "names.",
        "Do not uninstall the distribution with its installer; make the environment anew.",
    ),
    Code.METADATA_BROKEN: Rule(
        Family.INTEGRITY,
        _E,
        "metadata that cannot be read",
        "The distribution's metadata is missing or malformed: name, version or requirements are not known.",
        "Reinstall the distribution.",
    ),
    Code.METADATA_MISMATCH: Rule(
        Family.INTEGRITY,
        _E,
        "METADATA and its folder disagree",
        "Name or version in METADATA is not that of the folder it lies in: installers tell one, programs the other.",
        "Reinstall the distribution.",
    ),
    Code.FILE_DIFFERS: Rule(
        Family.INTEGRITY,
        _E,
        "not the same bytes in each door",
        "The same file of the same version has different bytes in the doors, and no known transform explains it. If "
        "each matches its own RECORD, the doors installed different artefacts, or a RECORD was forged.",
        "Install both doors from one lock with hash checking on.",
    ),
    Code.FILE_ONLY_IN: Rule(
        Family.INTEGRITY,
        _E,
        "not in each door",
        "A file is in some doors only, although the distribution that it belongs to is in all of them.",
        "Install both doors from one lock.",
    ),
    Code.MODE_DIFFERS: Rule(
        Family.INTEGRITY,
        _E,
        "not the same permissions in each door",
        "Who may read or execute the file is not the same in each door.",
        "Set the permissions as the installer did, or install with the same umask.",
    ),
    Code.PATH_CONTESTED: Rule(
        Family.OWNERSHIP,
        _E,
        "two distributions claim one path",
        "The RECORDs of two distributions list the same path with different bytes. The one that was written last is "
        "there, which depends on the installer, its version and its threads. Identical files are no finding.",
        "Keep one of the two: `envparity why NAME` shows what brought each in; pin the release before that.",
    ),
    Code.PACKAGE_TORN: Rule(
        Family.OWNERSHIP,
        _E,
        "one package, put together from two",
        "Of the paths that two distributions both claim in this package, some hold the bytes of one and some of the "
        "other. No release of either was ever tested like that.",
        "Keep one of the two and reinstall it.",
    ),
    Code.NAME_SHADOWED: Rule(
        Family.OWNERSHIP,
        _E,
        "an import name that hides another",
        "Two modules answer to one import name, or one has the name of a module of Python itself: one of them can "
        "never be imported. A note where they are in different site folders.",
        "Remove one of the two.",
    ),
    Code.NAME_SHARED: Rule(
        Family.OWNERSHIP,
        _N,
        "one package, files of several distributions",
        "Several distributions have files in one regular package, at different paths. What works depends on all of "
        "them being there. Namespace packages are no finding.",
        "Nothing has to be done; know that uninstalling one leaves the other's files in place.",
    ),
    Code.TOP_LEVEL_SQUATTER: Rule(
        Family.OWNERSHIP,
        _N,
        "a common name taken at top level",
        "The distribution installs a top-level folder or module with a name that any project may use for its own "
        "files; which of the two is imported depends on the path.",
        "Never import a folder of that name of your own; tell the distribution's maintainers.",
    ),
    Code.EDITABLE: Rule(
        Family.OWNERSHIP,
        _N,
        "its code is elsewhere",
        "The distribution is installed as editable: its code is in a folder outside the environment and is not judged.",
        "Install it as a wheel where environments are to be compared.",
    ),
    Code.PTH_CODE: Rule(
        Family.OWNERSHIP,
        _N,
        "runs code at every start",
        "A .pth file with an import line is executed whenever this Python starts.",
        "Know whose it is; nothing has to be done if you trust that distribution.",
    ),
    Code.BYTECODE_STALE: Rule(
        Family.BYTECODE,
        _N,
        "bytecode of another source",
        "The bytecode says that it was compiled from other source than lies beside it. Python compiles it again, "
        "except for unchecked bytecode, which it runs: that is an error.",
        "Delete the `__pycache__` folder.",
    ),
    Code.BYTECODE_ALTERED: Rule(
        Family.BYTECODE,
        _E,
        "bytecode that its source does not compile to",
        "The bytecode says that it belongs to the source beside it, and this interpreter compiles that source to "
        "something else. Python runs the bytecode. Found with --bytecode only.",
        "Delete the `__pycache__` folder and find out who wrote there.",
    ),
    Code.BYTECODE_ORPHAN: Rule(
        Family.BYTECODE,
        _N,
        "bytecode without its source",
        "A file in `__pycache__` whose source is gone; Python passes it over.",
        "Delete it.",
    ),
    Code.BYTECODE_BROKEN: Rule(
        Family.BYTECODE,
        _N,
        "bytecode that this interpreter cannot use",
        "The file is named as this interpreter's bytecode and is too short or of another format; Python compiles anew.",
        "Delete it.",
    ),
    Code.EXTENSION_FOREIGN: Rule(
        Family.BUILT,
        _E,
        "an extension module for another interpreter or machine",
        "The file's name carries the tag of another Python, or its ELF header another machine, and none for this one "
        "lies beside it: it cannot be imported here.",
        "Reinstall the distribution with this interpreter.",
    ),
    Code.LIBRARY_MISSING: Rule(
        Family.BUILT,
        _N,
        "a shared library that was not found",
        "An extension module asks for a library that is neither in the environment nor where the dynamic linker looks. "
        "The import fails unless something loads that library before.",
        "Install the library.",
    ),
    Code.LIBRARY_DIFFERS: Rule(
        Family.BUILT,
        _E,
        "not the same shared library in each door",
        "Extension modules are linked with different releases of a library. A note where the toolchain file declares "
        "that they may differ.",
        "Install the same release, or declare the difference with its reason in the toolchain file.",
    ),
    Code.BUILT_DIFFERS: Rule(
        Family.BUILT,
        _E,
        "built from the same source, not the same bytes",
        "A distribution that each door built from its sdist, with the same tools as far as they are recorded, has "
        "different bytes.",
        "Make the build reproducible: fixed times, no folder names in debug information, pinned build requirements.",
    ),
    Code.BUILT_ELSEWHERE: Rule(
        Family.BUILT,
        _N,
        "built from the same source with other tools",
        "A distribution that each door built from its sdist has different bytes, and what it was built with differs as "
        "the toolchain file declares that it may.",
        "Build with the same compiler and interpreter where the bytes must be the same.",
    ),
    Code.TOOLCHAIN_RANGE: Rule(
        Family.TOOLCHAIN,
        _E,
        "a tool outside its range",
        "The tool's version is not in the range that the toolchain file allows.",
        "Install a version in the range, or move the range with a reason.",
    ),
    Code.TOOLCHAIN_MISSING: Rule(
        Family.TOOLCHAIN,
        _N,
        "a tool that is not there",
        "The toolchain file names a tool that this door does not have: nothing that needs it can be built here.",
        "Install it if something is to be built here.",
    ),
    Code.TOOLCHAIN_DIFFERS: Rule(
        Family.TOOLCHAIN,
        _E,
        "not the same tool in each door",
        "A tool has different versions in the doors, or is not in all of them. A note where the toolchain file "
        "declares that it may differ.",
        "Install the same version, or declare the difference with its reason in the toolchain file.",
    ),
    Code.BEHAVIOUR_FAILED: Rule(
        Family.BEHAVIOUR,
        _E,
        "a behaviour check failed",
        "One of the project's own checks raised an error or ended its process in this environment.",
        "Read the error; findings of the other families usually tell its cause.",
    ),
    Code.BEHAVIOUR_UNEXPECTED: Rule(
        Family.BEHAVIOUR,
        _E,
        "a behaviour check gave something else",
        "One of the project's own checks gave another result than pyproject.toml expects.",
        "Find out which distribution computes it: `envparity why NAME`.",
    ),
    Code.BEHAVIOUR_DIFFERS: Rule(
        Family.BEHAVIOUR,
        _E,
        "not the same behaviour in each door",
        "One of the project's own checks gives different results in the doors.",
        "Look at the findings on files and distributions first.",
    ),
    Code.TRANSFORM_BYTECODE: Rule(
        Family.TRANSFORM,
        _N,
        "bytecode differs",
        "Bytecode is in some doors only, or was compiled in another mode, or differs for sources that are the same. "
        "Whether it is what its source compiles to, --bytecode tells.",
        "Nothing has to be done.",
    ),
    Code.TRANSFORM_PATH: Rule(
        Family.TRANSFORM,
        _N,
        "differs in the environment's path alone",
        "First lines of scripts, the RECORD lines that hold their hashes, and bytecode that is checked by its source's "
        "hash, name the environment's own folder; apart from it the bytes are the same.",
        "Nothing has to be done.",
    ),
    Code.TRANSFORM_INSTALLER: Rule(
        Family.TRANSFORM,
        _N,
        "differs in what the installer writes",
        "INSTALLER, REQUESTED, direct_url.json and the like are the installer's own notes; and each has its own words "
        "for the script that starts an entry point: here it starts the same one in every door.",
        "Nothing has to be done; one installer in every door makes them the same.",
    ),
    Code.TRANSFORM_VENV: Rule(
        Family.TRANSFORM,
        _N,
        "what each environment makes for itself",
        "pyvenv.cfg, the activate scripts and the links to the interpreter come from whatever made the environment; no "
        "distribution owns them.",
        "Nothing has to be done.",
    ),
    Code.TRANSFORM_ELF: Rule(
        Family.TRANSFORM,
        _N,
        "an ELF file patched after it was installed",
        "Interpreter or library search path was rewritten (patchelf does so); code and constant data are the same.",
        "Nothing has to be done.",
    ),
    Code.ACCEPTANCE_UNUSED: Rule(
        Family.PROJECT,
        _N,
        "accepted, but not found",
        "pyproject.toml accepts a finding that this run could have made and did not: it was mended, or its pattern is "
        "misspelt. Left in place, it would hide the finding should it come back.",
        "Take the acceptance out, unless another track or door needs it.",
    ),
}

# Made by comparing doors alone; the others by looking at one.
COMPARED = frozenset(
    code
    for code in Code
    if code.endswith("-differs")
    or RULES[code].family is Family.TRANSFORM
    or code in (Code.INTERPRETER_PATCH, Code.FILE_ONLY_IN, Code.BUILT_ELSEWHERE)
)

# What is told where there is a lock to hold an environment against.
LOCKED = frozenset(code for code in Code if code.startswith("lock-"))


def rule(code: Code) -> Rule:
    """The rule of a code."""
    return RULES[code]
