"""Reports, statements and keys for tests of the evidence that envparity gives; the real commands make all of them.

A statement is a JSON document about a report. Somebody signs the statement with ssh-keygen.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from environment_builder import Environment
from judging import LOCK

from envparity.cli.main import main


@dataclass(frozen=True)
class Evidence:
    """A folder with `report.json`, `statement.json`, its signature, `snapshot.json` and the lock `lock.txt`.

    `allowed` is the file of allowed signers, with the one key of `alice`.
    """

    folder: Path
    environment: Environment

    @property
    def statement(self) -> Path:
        """Return the path of the statement. Its signature is in `statement.json.sig`."""
        return self.folder / "statement.json"

    @property
    def allowed(self) -> Path:
        """Return the path of the file of allowed signers."""
        return self.folder / "allowed"

    def check(self) -> int:
        """Check the environment, write the report, and return the exit status."""
        lock, report = str(self.folder / "lock.txt"), str(self.folder / "report.json")
        where = ["--project", str(self.folder), "check", str(self.environment.folder)]
        return main([*where, "--lock", lock, "--report", report])

    def verify(self, *arguments: str | Path) -> int:
        """Run `envparity verify` on the statement and its signature, and return its exit status."""
        return main(["verify", str(self.statement), "--allowed-signers", str(self.allowed), *map(str, arguments)])

    def verify_all(self) -> int:
        """Run `envparity verify` with the report, lock, snapshot and environment; return its exit status."""
        files = ("--report", self.folder / "report.json", "--lock", self.folder / "lock.txt")
        snapshot = ("--environment", self.folder / "snapshot.json")
        return self.verify(*files, *snapshot, "--environment", self.environment.folder)

    def sign(self, key: str = "alice", namespace: str = "envparity") -> None:
        """Sign the statement with a key of the folder; replace an older signature."""
        self.statement.with_name("statement.json.sig").unlink(missing_ok=True)
        command: list[str | Path] = [
            "ssh-keygen",
            "-q",
            "-Y",
            "sign",
            "-n",
            namespace,
            "-f",
            self.folder / key,
            self.statement,
        ]
        subprocess.run(command, check=True, capture_output=True)

    def allow(self, key: str = "alice", options: str = "") -> None:
        """Write the file of allowed signers, with one key of the folder; `options` restrict the key."""
        public = (self.folder / f"{key}.pub").read_text()
        self.allowed.write_text(f"{key}@example.com {options}{' ' if options else ''}{public}")


def make_key(folder: Path, name: str) -> None:
    """Make a key pair without a passphrase."""
    command: list[str | Path] = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder / name]
    subprocess.run(command, check=True, capture_output=True)


def make_evidence(folder: Path, environment: Environment) -> Evidence:
    """Check an environment that matches LOCK, write a statement about the report, and sign it."""
    made = Evidence(folder, environment)
    (folder / "lock.txt").write_text(LOCK)
    where, report = str(environment.folder), str(folder / "report.json")
    assert main(["--project", str(folder), "snapshot", where, "-o", str(folder / "snapshot.json")]) == 0
    assert made.check() == 0
    assert main(["attest", report, "-o", str(made.statement)]) == 0
    make_key(folder, "alice")
    made.sign()
    made.allow()
    return made
