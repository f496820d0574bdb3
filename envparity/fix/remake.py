"""The fixes that make a virtual environment again at its path: it was moved, or its Python was replaced or deleted."""

import re
from collections import Counter
from pathlib import Path

from packaging.utils import canonicalize_name

from envparity.fix.fix import Fix
from envparity.fix.installer import Installer
from envparity.fix.place import Place
from envparity.judge.findings import Finding
from envparity.judge.interpreter import SEEDS
from envparity.judge.rules import Severity
from envparity.project.config import Config
from envparity.project.locks.lock import Choice, Lock
from envparity.snapshot.types import Distribution
from envparity.text import visible

_SAYS = "Make the environment again with {}, and install {}."


def remade(place: Place, found: Finding) -> Fix | None:
    """Return the fix that makes the environment again, with the Python that the environment uses now.

    If the Python from which the environment was made is gone, the fix uses a Python of the same series. The commands
    install the pins of the lock, and the installed distributions that the lock need not pin, such as the project
    itself. Without a lock, they install each distribution in its installed version. Return None for a note, outside a
    virtual environment, and if the source of a distribution is unknown.
    """
    subject, interpreter = place.subject, place.subject.snapshot.interpreter
    python = subject.snapshot.located.interpreter.get("binary")
    if found.severity is Severity.NOTE or not interpreter.venv or python is None:
        return None
    own = [one for one in subject.snapshot.distributions if place.is_inside(one)]
    extra = [one for one in own if canonicalize_name(one.name) not in (subject.pins.keys() | SEEDS)]
    if subject.lock is not None:
        extra = [one for one in extra if canonicalize_name(one.name) in subject.excused]
    commands = [place.installer.install_lock()] if subject.lock is not None else []
    if extra or not commands:
        commands.append(_others(place, extra))
    installs = [one for one in commands if one is not None]
    if not installs or len(installs) < len(commands):
        return None
    if interpreter.home == "missing" or Path(python).is_relative_to(place.installer.environment):
        python = interpreter.series  # the Python that made the environment is gone
    made = place.installer.make(python, sees_base=bool(interpreter.base_sites))
    says = _SAYS.format(f"Python {interpreter.version}", _what(subject.lock))
    return Fix("remake", says, (*made, *installs), tuple(one.id for one in own))


def _others(place: Place, ones: list[Distribution]) -> str | None:
    """Return the command that installs distributions without a pin; None if `ones` is empty or a source is unknown."""
    words: list[str] = []
    for one in ones:
        folder = place.subject.snapshot.located.projects.get(one.id)
        spec = place.spec(one)
        if one.editable and folder is not None and folder.isprintable():
            words += ["-e", folder]
        elif spec is not None:
            words.append(spec)
        else:
            return None
    return place.installer.install(words) if words else None


def without_python(environment: Path, config: Config, lock: Lock | None) -> Fix | None:
    """Return the fix for an environment whose Python is gone, so that nothing can run in it.

    The environment gets a Python of the same series, such as 3.11, and the distributions that the lock pins. Return
    None if pyvenv.cfg names no series, or if no command can install the lock.
    """
    try:
        text = (environment / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    entries = dict(re.findall(r"(?m)^\s*([\w-]+)\s*=\s*(.*?)\s*$", text))
    series = re.match(r"\d+\.\d+", entries.get("version_info") or entries.get("version") or "")
    infos = list(environment.glob("lib/python*/site-packages/*.dist-info"))
    counts = Counter(name for one in infos if (name := _installer(one)))
    installer = Installer(
        str(environment),
        str(environment / "bin" / "python"),
        counts or Counter({"uv": 1} if "uv" in entries else {}),
        has_pip=any(one.name.startswith("pip-") for one in infos),
        lock=lock.origin if lock else None,
        maker=lock.maker if lock else None,
        choice=config.choice or Choice(),
    )
    install = installer.install_lock()
    if series is None or install is None:
        return None
    sees_base = entries.get("include-system-site-packages", "").lower() == "true"
    made = installer.make(series[0], sees_base=sees_base)
    return Fix("remake", _SAYS.format(f"Python {series[0]}", _what(lock)), (*made, install))


def _installer(info: Path) -> str:
    try:
        return (info / "INSTALLER").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _what(lock: Lock | None) -> str:
    return f"what {visible(Path(lock.origin).name)} pins" if lock else "the same distributions"
