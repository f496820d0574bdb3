"""Environments that a real installer made from wheels, for the tests that compare files with the wheels of a lock.

The only artefacts here are wheels: each pin of a lock has one wheel.
"""

import hashlib
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from environment_builder import Environment, record_hash
from wheels import wheel_bytes

from envparity.artefacts.cache import WheelCache
from envparity.artefacts.chain import Chain
from envparity.index.clients import IndexClients
from envparity.judge.subject import Subject
from envparity.project.locks import read_lock

UV = Path(sys.executable).with_name("uv")
INFO = "alpha-1.0.dist-info"
DATA = "alpha-1.0.data"
# The files of a wheel, with at least one file of every kind that installers distinguish.
ALPHA: Mapping[str, str | bytes] = {
    "alpha/__init__.py": "from alpha.core import answer\n",
    "alpha/core.py": "def answer():\n    return 42\n",
    "alpha/data file é.txt": "some data\n",
    "alpha_top.py": "top = 1\n",
    "alpha.pth": "import sys; sys.alpha = 1\n",
    f"{INFO}/entry_points.txt": "[console_scripts]\nalpha = alpha.core:answer\nalpha3 = alpha.core:answer [more]\n"
    "[gui_scripts]\nAlpha-Window = alpha.core:answer\n",
    f"{DATA}/scripts/alpha-run": "#!python\nprint('alpha')\n",
    f"{DATA}/scripts/alpha-options": "#!pythonw -E\nprint('options')\n",
    f"{DATA}/scripts/alpha-shell": "#!/bin/sh\necho alpha\n",
    f"{DATA}/scripts/alpha-bytes": b"\x7fELF no program",
    f"{DATA}/data/share/alpha/read.me": "read me\n",
    f"{DATA}/data/bin/alpha-data": "#!/bin/sh\necho data\n",
    f"{DATA}/data/etc/alpha.conf": "[alpha]\n",
    f"{DATA}/headers/alpha.h": "#define ALPHA 1\n",
    f"{DATA}/purelib/alpha/pure.py": "pure = 1\n",
    f"{DATA}/platlib/alpha/plat.py": "plat = 1\n",
}


def write_wheels(folder: Path) -> dict[str, str]:
    """Write the wheels of `alpha` and `beta` into the folder; return the line of a lock for each."""
    folder.mkdir(parents=True, exist_ok=True)
    lines: dict[str, str] = {}
    for name, version, files in (("alpha", "1.0", ALPHA), ("beta", "2.0", {"beta.py": "import alpha\n"})):
        data = wheel_bytes(name, version, files)
        (folder / f"{name}-{version}-py3-none-any.whl").write_bytes(data)
        lines[name] = f"{name}=={version} --hash=sha256:{hashlib.sha256(data).hexdigest()}\n"
    return lines


def with_uv(environment: Environment, wheels: Path, *options: str) -> None:
    """Install both wheels with uv; without a cache, so that no test changes a file of the cache through a link."""
    _run(
        UV,
        "pip",
        "install",
        "-q",
        "--no-cache",
        "--no-index",
        "--python",
        environment.python,
        *options,
        *_named(wheels),
    )


def with_pip(environment: Environment, wheels: Path, *options: str) -> None:
    """Install both wheels with pip."""
    pip = [sys.executable, "-I", "-m", "pip", "--python", str(environment.python), "install", "-q", "--no-index"]
    _run(*pip, "--disable-pip-version-check", *options, *_named(wheels))


Install = Callable[[Environment, Path], None]


def _named(wheels: Path) -> list[str]:
    return ["--find-links", str(wheels), "alpha==1.0", "beta==2.0"]


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def traced(environment: Environment, lock: str, cache: Path, built: Path | None = None, **look: bool) -> Subject:
    """Return the environment and its artefacts as a subject that envparity can judge; `lock` is the text of the lock.

    The artefacts come from the cache, from the real pip, or from `built`, a folder of wheels that were built again.
    """
    path = environment.folder.with_suffix(".lock.txt")
    path.write_text(lock, encoding="utf-8")
    subject = Subject("here", environment.snapshot(**look), environment.config, None, read_lock(path))
    with IndexClients() as clients:
        artefacts = Chain(WheelCache(cache), clients, built).artefacts(subject.snapshot, subject.pins)
    return replace(subject, artefacts=artefacts)


def rewrite(environment: Environment, path: str, data: bytes | None, algorithm: str = "sha256") -> None:
    """Change, add or (with None) delete a file, and change RECORD of alpha so that RECORD agrees.

    `path` is relative to site-packages. `algorithm` is the hash algorithm of the file in RECORD; if it is empty, RECORD
    has no hash of the file.
    """
    file = environment.site / path
    record = environment.site / INFO / "RECORD"
    text = record.read_text(encoding="utf-8")
    rows = [row for row in text.splitlines() if row.rsplit(",", 2)[0] != path]
    if data is None:
        file.unlink()
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        rows.append(f"{path},{record_hash(data, algorithm) if algorithm else ''},{len(data)}")
    record.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
