"""Helpers for tests that read an environment from outside and compare the snapshot with a snapshot from inside.

A snapshot is envparity's list of the files and distributions of an environment, as JSON. To read an environment from
outside, envparity starts no program of the environment.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from environment_builder import Environment, record_hash

from envparity.outside.run import NEEDS_RUNNING
from envparity.probe.assembly import probe_text
from envparity.project.config import Config
from envparity.snapshot.doors import Door, Look, Opened, find_door, open_doors
from envparity.snapshot.outside import Outside


def from_inside(command: Sequence[str | Path]) -> Any:
    """Run the probe with the Python that `command` starts, and return the snapshot as decoded JSON."""
    done = subprocess.run(
        [*map(str, command), "-I", "-S", "-"],
        input=probe_text().encode(),
        capture_output=True,
        check=False,
        timeout=100,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return msgspec.json.decode(done.stdout)


def door_to(text: str | Path, outside: Outside | None = None) -> Door:
    """Return the door that a text on the command line names."""
    return find_door(str(text), Config(root=Path("/")), None, outside or Outside())


def opened(text: str | Path, outside: Outside | None = None, timeout: float = 90) -> list[Opened]:
    """Return the environments behind a door that is read from outside."""
    look = Look(timeout=timeout, outside=outside or Outside())
    return open_doors([door_to(text, outside)], Config(root=Path("/")), None, look)


def raw_from_outside(text: str | Path, outside: Outside | None = None) -> Any:
    """Return the snapshot of the only environment behind a door, as decoded JSON."""
    from envparity.snapshot.doors import snapshot_bytes

    look = Look(timeout=90, outside=outside or Outside())
    return msgspec.json.decode(snapshot_bytes(door_to(text, outside), Config(root=Path("/")), None, look))


def without_running(snapshot: Any) -> bytes:
    """Return the bytes of a snapshot without the facts that need a running interpreter."""
    found = msgspec.json.decode(msgspec.json.encode(snapshot))
    found.pop("level", None)
    for *folders, name in NEEDS_RUNNING:
        holder = found
        for folder in folders:
            holder = holder[folder]
        holder.pop(name, None)
    return msgspec.json.encode(found)


def fill_with_everything(environment: Environment) -> Environment:
    """Install distributions with files of every kind that the probe distinguishes, for example links and bytecode."""
    site, prefix = environment.site, environment.folder
    environment.add("alpha", files={"alpha/__init__.py": "x = 1\n", "alpha/data.bin": os.urandom(700_000)})
    environment.add("beta", files={"beta.py": "", "beta.pth": "import beta\n", "wave.py": "shadow\n"})
    script = (
        f"#!{environment.python}\nimport sys\nfrom beta import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
    )
    (prefix / "bin" / "beta").write_text(script)
    (prefix / "bin" / "beta").chmod(0o755)
    (prefix / "share").mkdir()
    (prefix / "share" / "beta.txt").write_text(f"installed in {prefix}\n")
    with (site / "beta-1.0.dist-info" / "RECORD").open("a") as record:
        record.write(f"../../../bin/beta,{record_hash(script.encode())},{len(script)}\n")
        record.write("../../../share/beta.txt,sha256=wrong,1\n../../../../outside.txt,,\nbeta_missing.py,sha256=x,1\n")
    subprocess.run([environment.python, "-I", "-m", "compileall", "-q", site], check=True)
    (site / "alpha" / "stale.py").write_text("new = 1\n")
    (site / "link.py").symlink_to("beta.py")
    (site / "absolute").symlink_to(site / "alpha")
    (site / "dangling").symlink_to("/none/at/all")
    (site / "circle").symlink_to("circle")
    os.mkfifo(site / "pipe")
    (site / "caf\udce9.py").write_text("")
    old = site / "old-1.0.egg-info"
    old.mkdir()
    (old / "PKG-INFO").write_text("Metadata-Version: 1.0\nName: old\nVersion: 1.0\n")
    (old / "installed-files.txt").write_text("../beta.py\n")
    (site / "mode.py").write_text("")
    (site / "mode.py").chmod(0o700)
    return environment
