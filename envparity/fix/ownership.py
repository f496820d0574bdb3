"""The fixes for findings about paths and import names of several distributions: keep one of these distributions.

A function that makes a fix returns None if it knows no command that would be right.
"""

from collections.abc import Sequence

from packaging.utils import canonicalize_name

from envparity.fix.fix import Fix
from envparity.fix.integrity import delete, named
from envparity.fix.place import Place
from envparity.judge.findings import Finding
from envparity.judge.rules import Severity
from envparity.snapshot.types import Distribution
from envparity.text import listed


def one_kept(place: Place, found: Finding) -> Fix | None:
    """Return the fix for contested paths: uninstall all distributions but one, and install that distribution again.

    The uninstall also deletes the contested files, so the kept distribution must be installed again afterwards. If the
    lock pins several of the distributions, the fix has no command: its text says that the lock must change first.
    """
    ones = named(place, found)
    pinned = [name for one in ones if (name := canonicalize_name(one.name)) in place.subject.pins]
    if len(pinned) > 1 and place.subject.lock is not None:
        lock = place.subject.lock.path.name
        both = "both" if len(pinned) == 2 else "all of them"
        says = (
            f"{lock} pins {listed(pinned)}, so an installation from the lock brings {both} back. `envparity why NAME` "
            "shows who requires them. Remove those that you do not need from your requirements, make the lock again, "
            "and run `envparity fix` again."
        )
        return Fix("none", says)
    kept = _kept(place, ones)
    spec = place.spec(kept) if kept else None
    again = place.again([kept]) if kept else ()
    if kept is None or spec is None or not again:
        return None
    gone = [canonicalize_name(one.name) for one in ones if one is not kept]
    name = canonicalize_name(kept.name)
    swap = f"{gone[0]} instead, swap the two names" if len(gone) == 1 else f"another one, swap its name and {name}"
    says = (
        f"Uninstall {listed(gone)}, and install {kept.label} again. To keep {swap} in these commands, and write the "
        "version of the distribution that you keep."
    )
    commands = (*place.forget([kept]), place.installer.uninstall(gone), *again)
    return Fix("uninstall", says, commands, (*gone, spec))


def unhidden(place: Place, found: Finding) -> Fix | None:
    """Return the fix for a module that hides another module of the same name: uninstall a distribution.

    The distribution has one of the two modules, and no pin and no requirement needs the distribution. If the finding
    names no distribution, the fix deletes the module.
    """
    if found.severity is Severity.NOTE:
        return None  # the modules are in different site folders, or something needs the distribution
    if not found.distributions:
        return delete(place, found)
    ones = named(place, found)
    kept = _kept(place, ones) if len(ones) > 1 else None
    gone = [one for one in ones if one is not kept]
    if not ones or (len(ones) > 1 and kept is None) or not _is_free(place, gone):
        return None
    names = [canonicalize_name(one.name) for one in gone]
    return Fix("uninstall", f"Uninstall {listed(names)}.", (place.installer.uninstall(names),), tuple(names))


def _kept(place: Place, ones: Sequence[Distribution]) -> Distribution | None:
    """Return the distribution to keep; None if `ones` has fewer than two, or if several of them are needed.

    A distribution is needed if the lock pins it, or if a distribution that is not in `ones` requires it. Keep the
    needed distribution. If none is needed, keep the distribution that the user asked for by name, if there is exactly
    one. Otherwise keep the distribution with the most intact files.
    """
    if len(ones) < 2:
        return None
    asked = [one for one in ones if one.requested]
    kept = max(
        ones, key=lambda one: (_is_needed(place, one, ones), len(asked) == 1 and one in asked, place.intact[one.id])
    )
    return kept if _is_free(place, [one for one in ones if one is not kept]) else None


def _is_free(place: Place, gone: Sequence[Distribution]) -> bool:
    """Return whether an uninstall of all distributions in `gone` breaks no pin and no requirement."""
    return not any(_is_needed(place, one, gone) for one in gone)


def _is_needed(place: Place, one: Distribution, among: Sequence[Distribution]) -> bool:
    """Return whether the lock pins a distribution, or a distribution that is not in `among` requires it."""
    name, others = canonicalize_name(one.name), {canonicalize_name(other.name) for other in among}
    if name in place.subject.pins:
        return True
    return any(edge.source not in others for edge in place.requirements.required_by(name))
