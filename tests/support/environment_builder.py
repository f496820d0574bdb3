"""Environments of made-up distributions for tests without a network: real files, a real RECORD and a real Python.

envparity's probe is a program that runs in an environment. It prints a snapshot, the list of facts about the
environment, as JSON.
"""

import base64
import hashlib
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from envparity.probe.assembly import probe_text
from envparity.project.config import Config
from envparity.snapshot.doors import Door, Look, open_door, probe_settings, snapshot_bytes
from envparity.snapshot.printed import find_snapshot
from envparity.snapshot.types import Snapshot, decode_snapshot

_NOTHING_RUN = Look(behaviour=False)


def record_hash(data: bytes, algorithm: str = "sha256") -> str:
    """Return the hash of `data` as a RECORD writes it."""
    digest = hashlib.new(algorithm, data).digest()
    return f"{algorithm}=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Environment:
    """A virtual environment without pip, into which tests write distributions as an installer would."""

    def __init__(self, folder: Path, python: str = sys.executable) -> None:
        self.folder = folder
        subprocess.run([python, "-I", "-m", "venv", "--without-pip", folder], check=True)
        self.python = folder / "bin" / "python"
        self.site = next((folder / "lib").glob("python3*")) / "site-packages"
        self.config = Config(root=folder)

    def add(
        self,
        name: str,
        version: str = "1.0",
        files: Mapping[str, str | bytes] | None = None,
        *,
        requires: Iterable[str] = (),
        record: bool = True,
        extra_metadata: str = "",
    ) -> Path:
        """Install a distribution and return the path of its dist-info folder.

        The paths of `files` are relative to site-packages. Without `files`, the distribution has one module with its
        own name. Without `record`, it has no RECORD. `extra_metadata` has additional lines for METADATA.
        """
        if files is None:
            files = {f"{name.replace('-', '_')}.py": f"version = {version!r}\n"}
        info = f"{name.replace('-', '_')}-{version}.dist-info"
        needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}{extra_metadata}"
        wheel = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        every = {**files, f"{info}/METADATA": metadata, f"{info}/WHEEL": wheel, f"{info}/INSTALLER": "tests\n"}
        rows: list[str] = []
        for path, content in every.items():
            data = content.encode() if isinstance(content, str) else content
            target = self.site / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            rows.append(f"{path},{record_hash(data)},{len(data)}")
        if record:
            (self.site / info / "RECORD").write_text("\n".join([*rows, f"{info}/RECORD,,"]) + "\n", encoding="utf-8")
        return self.site / info

    def snapshot_bytes(self, *, bytecode: bool = False) -> bytes:
        """Return the snapshot of this environment as the probe prints it; `bytecode` compiles every source again."""
        return snapshot_bytes(self._door(), self.config, None, Look(behaviour=False, bytecode=bytecode))

    def snapshot(self, *, bytecode: bool = False) -> Snapshot:
        """Return the snapshot of this environment, decoded; `bytecode` compiles every source again."""
        return open_door(self._door(), self.config, None, Look(behaviour=False, bytecode=bytecode))

    def probe(
        self,
        *wrapper: str,
        config: Config | None = None,
        look: Look = _NOTHING_RUN,
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Snapshot:
        """Run the probe directly, and not through a door of envparity; return the decoded snapshot.

        `wrapper` has the words of the command line before the environment's Python. Raises AssertionError if the probe
        fails or writes to standard error, because the probe must work in every environment.
        """
        settings = probe_settings(config or self.config, None, look)
        done = subprocess.run(
            [*wrapper, str(self.python), "-I", "-S", "-"],
            input=probe_text(settings).encode(),
            capture_output=True,
            check=False,
            env=environ,
            cwd=cwd,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        printed = find_snapshot(done.stdout, behaviour=bool(settings["behaviour"]))
        return decode_snapshot(printed or b"", "probe")

    def _door(self) -> Door:
        return Door("test", (str(self.python),))
