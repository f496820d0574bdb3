"""The fixes for findings about versions, sources and requirements: install as the lock or the requirements say.

A function that makes a fix returns None if it knows no command that would be right.
"""

import shlex

from packaging.utils import canonicalize_name

from envparity.fix.fix import Fix
from envparity.fix.integrity import named, reinstall
from envparity.fix.place import Place
from envparity.judge.findings import Finding
from envparity.judge.graph import holds, parsed
from envparity.judge.rules import Severity
from envparity.snapshot.types import Distribution
from envparity.text import listed


def locked(place: Place, found: Finding) -> Fix | None:
    """Return the fix for a distribution that is missing or has another version: install the pins of the lock."""
    if found.severity is Severity.NOTE:
        return None  # the distribution has a local version, such as 1.0+cu118, which pip accepts as the pinned 1.0
    command = from_lock(place, found.distributions)
    if command is None:
        return None
    says = f"Install what {_lock_name(place)} pins.{_copy_first(place, command)}"
    return Fix("sync", says, (command,), found.distributions)


def locked_again(place: Place, found: Finding) -> Fix | None:
    """Return the fix for a distribution from a wrong source: uninstall it, and install the pins of the lock."""
    command = from_lock(place, found.distributions)
    by_id = place.subject.snapshot.by_id
    ones = [one for name in found.distributions if (one := by_id.get(name)) and place.is_inside(one)]
    if command is None or len(ones) < len(found.distributions):
        return None
    says = f"Uninstall {listed(found.distributions)}, and install what {_lock_name(place)} pins."
    says += _copy_first(place, command)
    commands = (*place.forget(ones), place.installer.uninstall(found.distributions), command)
    return Fix("sync", says, commands, found.distributions)


def unpinned(place: Place, found: Finding) -> Fix | None:
    """Return the fix for a distribution that the lock does not pin: uninstall it.

    Return None if the lock pins nothing and the finding names several distributions: then the lock is probably wrong.
    """
    ones = named(place, found)
    if len(ones) > 1 and not place.subject.pins:
        return None
    if not ones or (found.code == "lock-extra" and found.severity is Severity.NOTE):
        return None  # the environment may have this distribution, for example the program that made the lock
    says = f"Uninstall {listed(found.distributions)}."
    if all(one.format == "egg-info" and not one.top_level and not place.intact[one.id] for one in ones):
        # No installer knows which files such a distribution has.
        keys = [key for key in place.subject.snapshot.files if any(_is_in(key, one.metadata) for one in ones)]
        commands = place.delete(keys)
        paths = tuple(one.metadata for one in ones)
        return Fix("delete", f"Delete {listed(paths)}.", tuple(commands), paths=paths) if commands else None
    return Fix("uninstall", says, (place.installer.uninstall(found.distributions),), found.distributions)


def _is_in(key: str, folder: str) -> bool:
    return key == folder or key.startswith(f"{folder}/")


def _lock_name(place: Place) -> str:
    return place.subject.lock.origin.rpartition("/")[2] if place.subject.lock else "the lock"


def _copy_first(place: Place, command: str) -> str:
    """Return a sentence that asks for a copy of the lock in the image or on the other machine.

    The sentence is empty if the command needs no copy.
    """
    copied = place.installer.copied_lock
    if not copied or copied not in command:
        return ""
    return f" First copy the lock to {copied} in the image or on the other machine."


def from_lock(place: Place, names: tuple[str, ...]) -> str | None:
    """Return the command that installs the pins of the distributions `names`. It may install all other pins, too.

    Return None if there is no lock, or if no command can install these pins.
    """
    lock = place.subject.lock
    if lock is None:
        return None
    installer = place.installer
    if installer.tool is not None:
        return installer.install_lock()
    pins = [pin for name in names if (pin := place.subject.pins.get(name)) is not None]
    # pip does not accept the URL of a commit together with hashes, so the command names the URL and not the lock.
    urls = [f"{pin.name} @ {pin.url}" for pin in pins if pin.url]
    if urls:
        return installer.install(urls)
    specs = [str(pin.requirement) for pin in pins if pin.version and not pin.local]
    return installer.install_lock() or (installer.install(specs) if specs and len(specs) == len(names) else None)


def required(place: Place, found: Finding) -> Fix | None:
    """Return the fix for an unmet requirement: install the distribution in a version that every requirement allows.

    If the lock pins the distribution, install the pins of the lock.
    """
    wanted = found.distributions[-1]
    if found.severity is Severity.NOTE:
        return None  # the lock pins both distributions, so only another lock helps
    if wanted in place.subject.pins:
        return locked(place, found)
    spec = _every_requirement(place, wanted)
    says = f"Install {wanted} in a version that every installed distribution allows."
    return Fix("install", says, (place.installer.install([spec], deps=True),), (spec,))


def _every_requirement(place: Place, wanted: str) -> str:
    """Return one requirement for `wanted` that joins the requirements of all distributions that require `wanted`."""
    environment = place.subject.snapshot.marker_environment
    specifiers: dict[str, None] = {}
    extras: set[str] = set()
    for one in place.subject.snapshot.by_name.values():
        for text in one.requires:
            requirement = parsed(text)
            if requirement and canonicalize_name(requirement.name) == wanted and holds(requirement.marker, environment):
                specifiers.update(dict.fromkeys(sorted(map(str, requirement.specifier))))
                extras |= requirement.extras
    offered = f"[{','.join(sorted(extras))}]" if extras else ""
    return f"{wanted}{offered}{','.join(specifiers)}"


def for_this_python(place: Place, found: Finding) -> Fix | None:
    """Return the fix for a distribution that excludes this Python: install its newest release for this Python."""
    if not named(place, found) or any(name in place.subject.pins for name in found.distributions):
        return None
    version = place.subject.snapshot.interpreter.version
    says = f"Install the newest release of {listed(found.distributions)} that allows Python {version}."
    # With `deps`, because uv with the option --no-deps ignores the Requires-Python of a wheel.
    command = place.installer.install(found.distributions, afresh=True, deps=True)
    return Fix("install", says, (command,), found.distributions)


def once(place: Place, found: Finding) -> Fix | None:
    """Return the fix for a distribution with several metadata folders: keep one copy, and install it again.

    The fix keeps the copy in the pinned version, else the copy whose RECORD can be read, else the copy with the most
    intact files. It deletes the other copies.
    """
    if found.severity is Severity.NOTE:
        return None  # the copies are in different site folders, so one of them belongs to another environment
    copies = [one for one in place.subject.snapshot.distributions if one.metadata in found.paths]
    pin = place.subject.pins.get(found.distributions[0])
    if len(copies) < len(found.paths) or any(not place.is_own(one) or one.format != "dist-info" for one in copies):
        return None
    kept = max(
        copies,
        key=lambda one: (pin is not None and one.version == pin.version, one.record == "read", place.intact[one.id]),
    )
    gone = [one for one in copies if one is not kept]
    ids = {one.id for one in gone}
    # RECORD may not list the files of a metadata folder, or there may be no RECORD.
    folders = tuple(f"{one.metadata}/" for one in gone)
    present = [
        key
        for key, file in place.subject.snapshot.files.items()
        if file.kind != "missing" and ((file.claims and file.claims.keys() <= ids) or key.startswith(folders))
    ]
    commands = place.delete(present) if present else [f"rmdir -- {_quoted(place, one)}" for one in gone]
    fix = reinstall(place, [kept], commands or ())
    if commands is None or fix is None:
        return None
    says = f"Delete {listed(one.metadata for one in gone)}, and install {kept.label} again."
    return Fix("reinstall", says, fix.commands, fix.distributions, tuple(one.metadata for one in gone))


def _quoted(place: Place, one: Distribution) -> str:
    return shlex.quote(place.path(one.metadata) or "")
