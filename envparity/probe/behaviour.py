"""Runs the behaviour checks, small programs that a project declares in its pyproject.toml, in a separate process.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys

from envparity.probe.programs import Program
from envparity.probe.reading import METADATA_AT_MOST
from envparity.probe.text import printable, reason

VALUE_AT_MOST = 10000  # characters; a longer result of a check is replaced by its hash

# This program runs the checks in a separate process, because the probe must not import the modules of the checks.
# It prints each result as soon as the check ends, so a later check that crashes the process loses no earlier result. It
# ends with os._exit, so it does not wait for threads that the checks left running.
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
    """The project's checks: small programs that each set a variable `result`, which is the same in equal environments.

    `checks` has the name and the code of each check. `timeout` is for all checks together, in seconds. The constructor
    starts the process that runs the checks.
    """

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
        """Return a dict from the name of each check to {"value": TEXT} or {"error": TEXT}.

        If the process crashed or took too long, the error of each check without a result names this cause. In an error,
        each of the paths `prefixes` is replaced by `<prefix>`, and each memory address by `0x...`, so that equal
        environments have equal errors. An error is cut after 500 characters. A value with more than VALUE_AT_MOST
        characters is replaced by its length and its SHA-256.
        """
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
        for line in program.said().split(b"\n")[:-1]:  # the part after the last line end is empty or incomplete
            name, said = json.loads(line.decode())
            if name in names:
                found[name] = said
        return found
