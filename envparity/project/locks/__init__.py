"""Reads lock files. The module `lock` has the types. `FORMATS` lists the formats; a separate module reads each one."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from envparity.errors import EnvparityError
from envparity.project.locks import inspected, pdm, pipfile, poetry, pylock, requirements, unsupported, uv
from envparity.project.locks.further import further_formats
from envparity.project.locks.lock import Choice, Lock, LockFile, LockFormat, Markers, Pin, Select
from envparity.project.locks.requirement_lines import decoded

FORMATS: tuple[LockFormat, ...] = (
    uv.FORMAT,
    pylock.FORMAT,
    poetry.FORMAT,
    pdm.FORMAT,
    pipfile.FORMAT,
    inspected.FORMAT,
    unsupported.FORMAT,
    requirements.FORMAT,
)
"""The formats of envparity itself; the last format accepts every file."""


def formats() -> tuple[LockFormat, ...]:
    """Return the formats of envparity and of the plugins, in the order in which `read_lock` tries them.

    The formats of plugins come before `unsupported` and `requirements`, because `requirements` reads every file. Raise
    EnvparityError if a plugin is broken.
    """
    cut = FORMATS.index(unsupported.FORMAT)
    return (*FORMATS[:cut], *further_formats(), *FORMATS[cut:])


def read_lock(path: Path, further: tuple[str, ...] = (), choice: Choice | None = None) -> Lock:
    """Return the lock in a file; raise EnvparityError if the file cannot be read or is not a lock.

    `further` are requirements with URLs that the file leaves out. The installer installs them together with the lock,
    so this function adds them to the pins. `choice` names the groups and extras of the environment; None means those
    that the lock's tool installs without options.
    """
    origin = str(path)
    try:
        data = path.read_bytes()
        text = decoded(data)
    except (OSError, ValueError, LookupError) as error:
        looks = ", ".join(one.looks for one in formats() if one is not unsupported.FORMAT)
        said = error.strerror if isinstance(error, OSError) else f"a file that is no text ({error})"
        raise EnvparityError(f"{path}: expected a lock ({looks}), found: {said}{requirements.ADVICE}") from error
    form = next(one for one in formats() if one.reads(path.name, text))
    if not text.strip() and form is not requirements.FORMAT and form is not unsupported.FORMAT:
        raise EnvparityError(f"{path}, line 1: expected {form.looks}, found an empty file; make the lock again")
    choice = choice or Choice()
    if form is not uv.FORMAT:  # the other formats have no workspaces, so an option that names a member is an error
        choice.of_packages((), origin)
    file = LockFile(path, text, choice)
    maker, whole, digest = form.maker(text), form.whole(text), sha256(data).hexdigest()
    pins = tuple(requirements.read_pin(one, origin) for one in further)

    def selecting(file: LockFile) -> Select:
        select = form.read(file)
        if not pins:
            return select
        return lambda environment: (*select(environment), *(pin for pin in pins if pin.applies(environment)))

    def without_groups(environment: Markers) -> Iterable[Pin]:
        return selecting(replace(file, choice=replace(choice, no_default_groups=True)))(environment)

    places = partial(form.places, file)
    return Lock(origin, selecting(file), maker, whole, digest, places, form.may_lack_project, without_groups)
