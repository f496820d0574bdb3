"""Makes an installation of Python that a fault may change: most of its files are links to another installation."""

import os
import shutil
import sys
from pathlib import Path

from dev.command.errors import CommandError

_LEFT_OUT = ("site-packages", "dist-packages", "EXTERNALLY-MANAGED", "sitecustomize.py")


def link_python(folder: Path) -> Path:
    """Make an installation in `folder` from links to the files of the running Python; return the path of its Python.

    The interpreter is a copy instead of a link, because it finds its standard library by its own path.
    """
    source = Path(os.__file__).parent
    library = folder / "lib" / source.name
    library.mkdir(parents=True)
    for path in source.iterdir():
        if path.name not in _LEFT_OUT:
            (library / path.name).symlink_to(path)
    python = folder / "bin" / source.name
    python.parent.mkdir()
    shutil.copy2(os.path.realpath(sys.executable), python)
    return python


def as_another_build(python: Path) -> None:
    """Replace a link to a Python by a copy with another build ID, as if somebody had compiled this Python again.

    Raises CommandError if the interpreter has no build ID.
    """
    data = python.read_bytes()
    start = data.find(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0") + 16
    if start < 16:
        raise CommandError(f"{python}: expected a GNU build ID of 20 bytes, found none")
    mode = python.stat().st_mode
    python.unlink()
    python.write_bytes(data[:start] + bytes(255 - byte for byte in data[start : start + 20]) + data[start + 20 :])
    python.chmod(mode)
