"""Finds the Python of an environment's folder, and makes the error messages about a path that is no environment."""

import os
import re
import sys
from contextlib import suppress
from pathlib import Path

from envparity.errors import EnvparityError
from envparity.text import visible

APPLE = re.compile(
    r"(?im)^\s*home\s*=\s*/(?:Library|Users|System|Applications|opt/homebrew|opt/local|usr/local/Cellar|usr/local/opt)/"
)
"""Matches an entry `home` of pyvenv.cfg that names a folder in which macOS has its Pythons."""
MACH_O = (b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\xce\xfa\xed\xfe")
"""The first bytes of a program of macOS."""
_ZIP = b"PK\x03\x04"
_NAMES = ("bin/python", "bin/python3")
_AGAIN = "make the environment again, for example with: python3 -m venv --clear {}; then install from the lock"


def python_of(folder: Path, text: str) -> str:
    """Return the absolute path of the Python in an environment's folder, without following links.

    Raise EnvparityError if the folder has no Python that exists and can run here. `text` is the folder as the user
    wrote it.
    """
    for name in _NAMES:
        if (folder / name).exists() and not _is_apple(folder / name):
            return os.path.abspath(folder / name)  # noqa: PTH100 - resolve() would follow the link
    if (system := _foreign_system(folder)) is not None:
        raise EnvparityError(
            f"{visible(text)}: expected an environment whose Python can run here, found an environment of {system}; "
            f"read its files instead: envparity check {visible(text)} --no-run"
        )
    for name in _NAMES:
        refuse_broken(folder / name, f"{text.rstrip('/')}/{name}")
    shown = visible(text)
    if (folder / "pyvenv.cfg").is_file():
        raise EnvparityError(
            f"{shown}: expected an environment with bin/python in it, found pyvenv.cfg and no bin/python; "
            f"{_AGAIN.format(shown)}"
        )
    for site in sorted(folder.glob("lib/python*/site-packages")):
        if any(site.glob("*.dist-info")):
            inside, version = site.relative_to(folder), site.parent.name.removeprefix("python")
            raise EnvparityError(
                f"{shown}: expected an environment with bin/python in it, found only distributions, as `pip install "
                f"--prefix` installs them; check them with: envparity check {visible(str(Path(text) / inside))} "
                f"--python {visible(version)}"
            )
    raise EnvparityError(
        f"{shown}: expected an environment with bin/python in it, found none{_or_here(folder, text)}; for a folder of "
        "`pip install --target` add --python VERSION, for a root file system write root:FOLDER"
    )


def lost_its_python(folder: Path) -> bool:
    """Return whether the Python of a virtual environment is gone, for example after an upgrade of the system.

    Return False for an environment of another system, such as Windows.
    """
    with suppress(OSError):
        is_empty = not any((folder / name).exists() for name in _NAMES)
        return is_empty and (folder / "pyvenv.cfg").is_file() and _foreign_system(folder) is None
    return False


def _foreign_system(folder: Path) -> str | None:
    """Return `Windows` or `macOS` if an environment is for that system and not for this machine; otherwise None."""
    if (folder / "Scripts" / "python.exe").is_file():
        return "Windows"
    if sys.platform == "darwin":
        return None
    return "macOS" if any(_is_apple(folder / name) for name in _NAMES) or APPLE.search(_config(folder)) else None


def _is_apple(program: Path) -> bool:
    """Return whether a file is a program of macOS, and this machine has another system."""
    if sys.platform == "darwin":
        return False
    with suppress(OSError), program.open("rb") as file:
        return file.read(4) in MACH_O
    return False


def _config(folder: Path) -> str:
    try:
        return (folder / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def refuse_broken(python: Path, text: str) -> None:
    """Raise EnvparityError if a path is a link that leads nowhere: the Python to which it led is gone.

    `text` is the path as the user wrote it.
    """
    with suppress(OSError, ValueError):  # not every text can be a path
        if python.is_symlink() and not python.exists():
            folder = visible(os.path.dirname(os.path.dirname(text)) or ".")  # noqa: PTH120 - text may be no plain path
            raise EnvparityError(
                f"{visible(text)}: expected a Python, found a link to {visible(os.path.realpath(python))}, which does "
                f"not exist; {_AGAIN.format(folder)}"
            )


def refuse_program(path: Path, text: str) -> None:
    """Raise EnvparityError if an executable file is a program that a Python runs, such as `bin/pip`, and not a Python.

    envparity would start this program instead of a Python. `text` is the path as the user wrote it. A shell script may
    be a wrapper that starts a Python, so a shell script is allowed.
    """
    if path.name.startswith(("python", "pypy")):
        return
    with suppress(OSError), path.open("rb") as file:
        first = file.readline(500)
        is_archive = first.startswith(_ZIP) or file.read(4) == _ZIP
        if not is_archive and not re.match(rb"#!.*\b(python|pypy)[\d.]*\b", first):
            return
        folder = path.absolute().parent.parent
        if is_archive:
            found, advice = "a zip archive with a program, as pex, shiv and zipapp make it", "it was made from"
        else:
            found, advice = "a program that a Python runs", "it belongs to"
        near = f", {visible(str(folder))}" if (folder / "pyvenv.cfg").is_file() else ""
        raise EnvparityError(
            f"{visible(text)}: expected a Python, found {found}; check the environment that {advice}{near}"
        )


def refuse_lock(path: Path, text: str) -> None:
    """Raise EnvparityError if a file's name ends like the name of a lock, for example with `.txt` or `.toml`.

    `text` is the path in the message.
    """
    if path.suffix in (".txt", ".in", ".lock", ".toml", ".cfg", ".yml", ".yaml"):
        shown = visible(text)
        raise EnvparityError(
            f"{shown}: expected an environment or a saved snapshot, found a file that may be a lock; to compare an "
            f"environment with it, write: envparity check FOLDER --lock {shown}"
        )


def refuse_archive(path: Path, text: str) -> None:
    """Raise EnvparityError if a file is a zip archive, for example a wheel. `text` is the path in the message."""
    with suppress(OSError), path.open("rb") as file:
        if file.read(4) == _ZIP:
            raise EnvparityError(
                f"{visible(text)}: expected an environment or a saved snapshot, found a zip archive, such as a wheel "
                "or a program of zipapp; check the environment that it was installed in or made from"
            )


def nothing_at(text: str) -> str:
    """Return the part of an error message that says that no file is at the path `text`, with advice.

    Return an empty text if `text` does not look like a path.
    """
    if not re.fullmatch(r"[\w./~-]{1,200}", text):
        return ""
    return f", and there is no file or folder of this name{_or_here(Path.cwd(), text)}"


def why_unstartable(program: str) -> str:
    """Return the part of an error message for a Python that cannot start; empty if the reason is unknown.

    There are two known reasons. The folder of the Python that made the environment does not exist any more. Or
    virtualenv before 20.0 made the environment: its Python cannot start without its module `site`, which the option -S
    leaves out.
    """
    folder = Path(program).parent.parent
    if any(folder.glob("lib/python*/orig-prefix.txt")):
        return (
            "; a virtualenv before 20.0 made the environment, and such a Python does not start with -S; read its "
            f"files instead: envparity check {visible(str(folder))} --no-run"
        )
    with suppress(OSError, UnicodeDecodeError):
        home = re.search(r"(?m)^\s*home\s*=\s*(.+?)\s*$", (folder / "pyvenv.cfg").read_text(encoding="utf-8"))
        if home and not Path(home[1]).is_dir():
            return (
                f"; pyvenv.cfg names the Python in {visible(home[1])}, which does not exist; "
                f"{_AGAIN.format(visible(str(folder)))}"
            )
    return ""


def _or_here(folder: Path, text: str) -> str:
    """Return advice that names an environment inside `folder`; without one, name a command that makes one."""
    with suppress(OSError):
        for one in sorted(folder.iterdir()):
            if (one / "pyvenv.cfg").is_file() and (one / "bin" / "python").exists():
                return f"; there is an environment in {visible(str(one))}"
    return f"; make an environment with: python3 -m venv {visible(text)}"
