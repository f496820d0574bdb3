"""Two tables with the codes of findings as keys. FIXES has the function that makes the fix for a code. WITHOUT_COMMAND
has the reason why a code has no command.

A finding is one problem or difference in environments. A fix has the commands that repair one finding. A door is a way
to reach an environment.
"""

from collections.abc import Callable
from dataclasses import replace

from envparity.fix import editables, integrity, ownership, remake, resolution
from envparity.fix.fix import Fix, Kind
from envparity.fix.place import Place
from envparity.judge.findings import Finding

# A function that makes the fix for a finding. It returns None if envparity knows no command that would be right.
Make = Callable[[Place, Finding], Fix | None]


def _unset(_place: Place, found: Finding) -> Fix | None:
    name = found.message.partition(" ")[0]
    if name not in ("PYTHONPATH", "PYTHONHOME"):
        return None
    return Fix("unset", f"Unset {name}.", (f"unset {name}",))


FIXES: dict[str, Make] = {
    "interpreter-replaced": remake.remade,
    "home-foreign": remake.remade,
    "script-elsewhere": remake.remade,
    "path-hidden": _unset,
    "nothing-installed": resolution.locked,
    "lock-missing": resolution.locked,
    "lock-version": resolution.locked,
    "lock-extra": resolution.unpinned,
    "lock-source": resolution.locked_again,
    "lock-artefact": resolution.locked_again,
    "requirement-unmet": resolution.required,
    "python-unmet": resolution.for_this_python,
    "distribution-twice": resolution.once,
    "file-missing": integrity.again,
    "file-altered": integrity.unedited,
    "file-extraneous": integrity.unneeded,
    "file-renamed": integrity.renamed,
    "file-link": integrity.unlinked,
    "file-unreadable": integrity.permitted,
    "link-broken": integrity.relinked,
    "installed-as-links": integrity.copied,
    "record-missing": integrity.rewritten,
    "record-unhashed": integrity.rewritten,
    "record-incomplete": integrity.rewritten,
    "record-malformed": integrity.rewritten,
    "record-escapes": integrity.rewritten,
    "metadata-broken": integrity.rewritten,
    "metadata-mismatch": integrity.rewritten,
    "path-contested": ownership.one_kept,
    "package-torn": ownership.one_kept,
    "name-shadowed": ownership.unhidden,
    "editable-gone": editables.without_folder,
    "editable-version": editables.with_folder,
    "bytecode-stale": integrity.delete,
    "bytecode-altered": integrity.delete,
    "bytecode-orphan": integrity.delete,
    "bytecode-broken": integrity.delete,
    "extension-foreign": integrity.again,
    "startup-unowned": integrity.unneeded,
    "startup-altered": integrity.unedited,
    "startup-unlocked": resolution.unpinned,
    "stdlib-shadowed": integrity.unneeded,
    "artefact-differs": integrity.retraced,
    "artefact-lacking": integrity.retraced,
    "artefact-foreign": integrity.retraced,
}
_TWO = "No command can know which of the environments is right."
_HARMLESS = "Nothing is wrong, so there is nothing to fix."
_INSTALLERS: tuple[Kind, ...] = ("reinstall", "install", "uninstall", "sync")
_OF_SYSTEM = (
    "pip and uv refuse to change the Python of a system, which the file EXTERNALLY-MANAGED marks. Use the tools of the "
    "system, or make a virtual environment."
)
WITHOUT_COMMAND: dict[str, str] = {
    "interpreter-series": "The environment must be made again with another Python, and only you know how you make it.",
    "interpreter-build": _HARMLESS,
    "stdlib-differs": "The command that replaces a Python depends on how that Python was installed.",
    "stdlib-partly": _HARMLESS,
    "interpreter-patch": "The command that replaces a Python depends on how that Python was installed.",
    "unlocked": "Only you know which lock belongs to the environment.",
    "file-unowned": "Only you know whether you need the file.",
    "record-managed": _HARMLESS,
    "record-built-wrong": "Only the maintainers of the distribution can build a correct wheel.",
    "case-clash": "Only you know which of the two distributions you need.",
    "startup-code": _HARMLESS,
    "artefact-untraced": "The wheel must be built again, and only you know how you build it.",
    "artefact-unhashed": "The lock must be made again with hashes, and only you know how you make it.",
    "name-shared": _HARMLESS,
    "top-level-squatter": "Only the maintainers of the distribution can rename the folder.",
    "editable": "Only you know whether the environment needs the edited code.",
    "library-missing": "The name of the package that brings a library depends on the operating system.",
    "library-differs": _TWO,
    "built-differs": "Only you can change how the distribution is built.",
    "built-elsewhere": _TWO,
    "distribution-differs": _TWO,
    "file-differs": _TWO,
    "file-only-in": _TWO,
    "mode-differs": _TWO,
    "toolchain-range": "The command that installs a tool depends on the operating system.",
    "toolchain-missing": "The command that installs a tool depends on the operating system.",
    "toolchain-extra": "The command that removes a tool depends on the operating system.",
    "toolchain-differs": _TWO,
    "behaviour-failed": "The cause is another finding, or a fault of the project's own program.",
    "behaviour-unexpected": "The cause is another finding, or a fault of the project's own program.",
    "behaviour-differs": _TWO,
    "transform-bytecode": _HARMLESS,
    "transform-path": _HARMLESS,
    "transform-installer": _HARMLESS,
    "transform-venv": _HARMLESS,
    "transform-elf": _HARMLESS,
    "acceptance-unused": "Only you know whether another track or door needs the acceptance.",
}
"""Why a code has no command; `envparity explain CODE` and the page of findings show this reason."""


def fixes_of(place: Place, found: Finding) -> tuple[Fix, ...]:
    """Return a tuple with the fix for a finding about the environment of `place`; empty if no fix is known.

    If pip or uv would have to change the Python of the system, the fix has no command.
    """
    make = FIXES.get(found.code)
    fix = make(place, found) if make else None
    if fix and fix.kind in _INSTALLERS and place.is_of_system:
        fix = Fix("none", _OF_SYSTEM)
    return (replace(fix, door=place.subject.door),) if fix else ()
