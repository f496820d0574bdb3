"""The fixes for findings about files, RECORD and METADATA: delete wrong files, and install the distribution again.

A function that makes a fix returns None if it knows no command that would be right.
"""

import shlex
from collections.abc import Sequence
from dataclasses import replace

from packaging.utils import canonicalize_name

from envparity.fix.fix import Fix
from envparity.fix.place import Place
from envparity.judge.findings import Finding
from envparity.judge.integrity.records import METADATA_BROKEN
from envparity.judge.rules import Severity
from envparity.snapshot.types import Distribution
from envparity.text import listed

_OF_BASE = (
    "The file belongs to the base Python, and other environments of that Python use it too. Delete it yourself if no "
    "environment needs it."
)


def named(place: Place, found: Finding) -> list[Distribution]:
    """Return the distributions that a finding names; empty if pip or uv must not replace one of them."""
    by_id = place.subject.snapshot.by_id
    ones = [by_id[name] for name in found.distributions if name in by_id]
    return ones if len(ones) == len(found.distributions) and all(map(place.is_own, ones)) else []


def reinstall(place: Place, ones: Sequence[Distribution], before: Sequence[str] = ()) -> Fix | None:
    """Return the fix that installs distributions again, in the installed or pinned versions.

    The commands `before` run first. Return None if `ones` is empty, or if the source of a distribution is unknown.
    """
    commands = place.again(ones) if ones else ()
    if not commands:
        return None
    says = f"Install {listed(one.label for one in ones)} again."
    specs = tuple(place.spec(one) or canonicalize_name(one.name) for one in ones)
    return Fix("reinstall", says, (*before, *commands), specs)


def again(place: Place, found: Finding) -> Fix | None:
    """Return the fix for missing files and foreign extension modules: install the distribution again.

    A foreign extension module is for another Python or machine. If such an extension module belongs to no distribution,
    the fix deletes the module.
    """
    return reinstall(place, named(place, found)) or (delete(place, found) if not found.distributions else None)


def unedited(place: Place, found: Finding) -> Fix | None:
    """Return the fix for edited files: install the distribution again.

    The fix first removes the distribution from uv's cache, because the edit may have changed the cache, too.
    """
    ones = named(place, found)
    return reinstall(place, ones, place.forget(ones))


def unlinked(place: Place, found: Finding) -> Fix | None:
    """Return the fix for links that replaced files or folders: delete the links, and install the distribution again.

    If a folder is a link, an uninstall would delete the files in the folder to which the link leads. So the fix deletes
    the link first.
    """
    ones, paths = named(place, found), [place.path(key) for key in found.paths]
    if None in paths or not ones:
        return None
    links = " ".join(shlex.quote(path) for path in paths if path)
    fix = reinstall(place, ones, [*place.forget(ones), f"rm -- {links}"])
    return replace(fix, paths=found.paths) if fix else None


def relinked(place: Place, found: Finding) -> Fix | None:
    """Return the fix for links whose target does not exist: install copies.

    pip would write to the target of a link, so the fix for pip deletes the links first. Return None for pip if METADATA
    is a broken link, because pip cannot uninstall the distribution then.
    """
    if place.installer.uses_uv:
        return reinstall(place, named(place, found))
    return None if any(path.endswith(".dist-info/METADATA") for path in found.paths) else unlinked(place, found)


def retraced(place: Place, found: Finding) -> Fix | None:
    """Return the fix for files that differ from the wheel: install the distribution again.

    If the files belong to no distribution, the fix deletes them.
    """
    return unedited(place, found) if found.distributions else unneeded(place, found)


def copied(place: Place, found: Finding) -> Fix | None:
    """Return the fix for files that are links into uv's cache: install copies."""
    return reinstall(place, named(place, found)) if place.installer.uses_uv else None


def rewritten(place: Place, found: Finding) -> Fix | None:
    """Return the fix for a RECORD or METADATA that is missing or wrong.

    An uninstall reads both files, so it could delete too few files, or files outside the environment. So the
    commands first delete the metadata folder, and the installer then sees no earlier installation. Return None if
    METADATA is already wrong in the wheel: a new installation would install the same METADATA. Also return None if the
    metadata folder is a link into a cache, as `virtualenv --symlink-app-data` makes it: the installer would change the
    cache.
    """
    if found.code == METADATA_BROKEN.code and found.severity is Severity.NOTE:
        return None
    by_name = place.subject.snapshot.by_name
    ones = [by_name[name] for name in found.distributions if name in by_name and by_name[name].format == "dist-info"]
    if len(ones) != 1 or not place.is_own(ones[0]):
        return None
    one = ones[0]
    entry = place.subject.snapshot.files.get(one.metadata)
    if entry is not None and entry.kind == "link":
        return None
    name, _, version = one.metadata.rpartition("/")[2].removesuffix(".dist-info").partition("-")
    pin = place.subject.pins.get(canonicalize_name(name))
    if pin is not None and pin.version is not None:
        version = pin.version  # the name of the folder may have a wrong version
    folder, spec = place.path(one.metadata), place.spec(one, version.replace("_", "-"))
    if folder is None or spec is None or not version:
        return None
    spec = spec if " @ " in spec else f"{canonicalize_name(name)}=={version}"
    is_locked = pin is not None and place.installer.reads_lock
    option = [] if place.installer.uses_uv else ["--ignore-installed"]
    install = (place.installer.install_lock() if is_locked else None) or place.installer.install([spec], *option)
    says = f"Delete the metadata folder of {name} {version}, and install {name} {version} again."
    commands = (*place.forget(ones), f"rm -r -- {shlex.quote(folder)}", install)
    return Fix("reinstall", says, commands, (spec,), (one.metadata,))


def delete(place: Place, found: Finding, unless: str = "") -> Fix | None:
    """Return the fix for files that nobody needs: delete them.

    `unless` is the end of the sentence in the fix, for example `, unless you need it`. If a file belongs to the base
    Python, the fix has no command.
    """
    if any(map(place.subject.is_of_base, found.paths)):
        return Fix("none", _OF_BASE)
    commands = place.delete(found.paths)
    if not commands:
        return None
    what = "the file" if len(found.paths) == 1 else "the files"
    if any(command.startswith("rm -r ") for command in commands):
        what += " and the folders that hold nothing else"
    return Fix("delete", f"Delete {what}{unless}.", tuple(commands), paths=found.paths)


def unneeded(place: Place, found: Finding) -> Fix | None:
    """Return the fix for files that Python can import and that belong to no distribution: delete them.

    Return None for a note: a program, for example numba or pipx, uses the file.
    """
    if found.severity is Severity.NOTE:
        return None
    return delete(place, found, ", unless you need " + ("it" if len(found.paths) == 1 else "them"))


def renamed(place: Place, found: Finding) -> Fix | None:
    """Return the fix for files whose names have another case than in RECORD: rename them."""
    commands = place.rename(list(zip(found.paths[::2], found.paths[1::2], strict=False)))
    return Fix("rename", "Give the file its name in RECORD.", tuple(commands), paths=found.paths) if commands else None


def permitted(place: Place, found: Finding) -> Fix | None:
    """Return the fix for files that the user may not read: permit everybody to read them, as installers do."""
    paths = [place.path(key) for key in found.paths]
    if "Permission denied" not in found.message or None in paths or not paths:
        return None
    words = " ".join(shlex.quote(path) for path in paths if path)
    return Fix("permit", "Let every user read the file.", (f"chmod a+r -- {words}",), paths=found.paths)
