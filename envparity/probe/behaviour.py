"""The project's own checks, run in a separate process."""

from __future__ import annotations

import hashlib
import json
import re
import sys

from envparity.probe.programs import Program
from envparity.probe.reading import METADATA_AT_MOST
from envparity.probe.text import printable, reason

VALUE_AT_MOST = 10000  # characters of a behaviour check's result

# This program runs in a separate process, because the probe must not import what the checks import. The program
# prints each result at once, so a check that crashes loses no other result. It ends with os._exit, so it does not wait
# for threads that the checks left running.
BEHAVIOUR = """
import json, os, sys
answer = os.dup(1)
os.dup2(2, 1)
for name, code in json.loads(sys.stdin.read()):
    scope = {"__name__": "behaviour"}
    try:
        exec(compile(code, "<" + name + ">", "exec"), scope)
        said = {"value": str(scope.get("result"))}
    except BaseException as error:
        said = {"error": type(error).__name__}
        try:
            said["error"] += ": " + str(error)
        except BaseException:
            pass
    line = json.dumps([name, said]).encode() + b"\\n"
    while line:
        line = line[os.write(answer, line):]
os._exit(0)
"""


class Behaviour:
    """The project's own checks: small programs whose `result` is the same wherever the environment is the same."""

    def __init__(self, checks: list[list[str]], timeout: float) -> None:
        self.checks = checks
        self.timeout = timeout
        self.failed = "no result"
        self.program: Program | None = None
        if checks:
            try:
                command = [sys.executable or "python", "-I", "-B", "-c", BEHAVIOUR]
                self.program = Program(command, json.dumps(checks).encode(), METADATA_AT_MOST)
            except OSError as error:
                self.failed = "could not be started: " + reason(error)

    def results(self, prefixes: list[str]) -> dict[str, dict[str, str]]:
        """Return {"value"} or {"error"} for each check; a check without a result has the crash or timeout as error."""
        found = self._answers(self.program) if self.program else {}
        for name, _ in self.checks:
            said = found.setdefault(name, {"error": self.failed})
            if "error" in said:
                error = said["error"]
                for prefix in prefixes:
                    error = error.replace(prefix, "<prefix>")
                said["error"] = re.sub(r"0x[0-9a-fA-F]+", "0x...", printable(error))[:500]
            else:
                value = printable(said["value"])
                if len(value) > VALUE_AT_MOST:
                    value = f"{len(value)} characters, sha256 {hashlib.sha256(value.encode()).hexdigest()}"
                said["value"] = value
        return {name: found[name] for name in sorted(found)}

    def _answers(self, program: Program) -> dict[str, dict[str, str]]:
        status = program.status(self.timeout)
        if status is None:
            self.failed = f"no result after {self.timeout:g} s"
        elif status != 0:
            last = program.complained.decode("utf-8", "replace").strip().splitlines()[-1:]
            self.failed = f"the process ended with status {status} {''.join(last)}".rstrip()
        names = {name for name, _ in self.checks}
        found: dict[str, dict[str, str]] = {}
        for line in program.said().split(b"\n")[:-1]:  # the last line is empty or incomplete
            name, said = json.loads(line.decode())
            if name in names:
                found[name] = said
        return found
