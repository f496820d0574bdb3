"""The fixes for an editable install whose folder is gone, or contains another version than the metadata says.

A fix has the commands that repair one finding. A finding is one problem or difference that envparity reports.
"""

import shlex

from packaging.utils import canonicalize_name

from envparity.fix.fix import Fix
from envparity.fix.place import Place
from envparity.fix.resolution import from_lock
from envparity.judge.findings import Finding
from envparity.snapshot.types import Distribution
from envparity.text import listed


def without_folder(place: Place, found: Finding) -> Fix | None:
    """Return the fix for an editable install whose folder is gone: uninstall it, and install the lock's pin, if any.

    Return None if no command is known, for example because the lock does not pin the distribution and another
    distribution requires it.
    """
    one = _editable(place, found)
    if one is None:
        return None
    pin = place.subject.pins.get(canonicalize_name(one.name))
    uninstall = _unlink(place, one) if one.format == "egg-link" else [place.installer.uninstall(found.distributions)]
    if uninstall is None:
        return None
    if pin is not None:
        command = from_lock(place, found.distributions) if pin.version or pin.url else None
        says = f"Uninstall {listed(found.distributions)}, and install what the lock pins."
        return Fix("sync", says, (*uninstall, command), found.distributions) if command else None
    if place.requirements.required_by(canonicalize_name(one.name)):
        return None
    return Fix("uninstall", f"Uninstall {listed(found.distributions)}.", tuple(uninstall), found.distributions)


def _unlink(place: Place, one: Distribution) -> list[str] | None:
    """Return the commands that delete an egg-link and the line of the editable install in easy-install.pth.

    Old releases of setuptools make editable installs with an egg-link. No installer can uninstall such an install after
    its folder is gone, because the metadata was in the folder. Return None if the path of one of these files is not
    known.
    """
    lines = f"{one.metadata.partition('/')[0]}/easy-install.pth"
    link, added = place.path(one.metadata), place.path(lines)
    deleted = place.delete([one.metadata])
    if link is None or added is None or deleted is None:
        return None
    if lines not in place.subject.snapshot.files:
        return deleted
    link, added, rest = (shlex.quote(path) for path in (link, added, f"{added}.new"))
    return [f"{{ grep -vxFf {link} {added} || true; }} > {rest} && mv -- {rest} {added}", *deleted]


def with_folder(place: Place, found: Finding) -> Fix | None:
    """Return the fix for an editable install whose folder has another version: install the folder again.

    Return None if the path of the folder is not known. Also return None if the folder now has a distribution with
    another name, because the old distribution would stay installed.
    """
    one = _editable(place, found)
    folder = place.subject.snapshot.located.projects.get(one.id) if one else None
    if one is None or folder is None or not folder.isprintable() or one.source is None:
        return None
    if one.source.name and canonicalize_name(one.source.name) != canonicalize_name(one.name):
        return None
    says = f"Install the folder of {listed(found.distributions)} again."
    return Fix("reinstall", says, (place.installer.install(["-e", folder], afresh=True),), found.distributions)


def _editable(place: Place, found: Finding) -> Distribution | None:
    """Return the editable install that a finding names; None if the install does not belong to this environment."""
    by_name = place.subject.snapshot.by_name
    one = by_name.get(found.distributions[0]) if found.distributions else None
    return one if one is not None and place.is_inside(one) else None
