"""Tries repairs: each mutation, which is one change to an environment, is repaired with `envparity fix --run`."""

import random
import re
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from dev.quality.mutation.expectation import How, Kind
from dev.quality.mutation.scene import Scene
from dev.quality.repair.bench import Bench, Problem
from envparity.fix.fixes import WITHOUT_COMMAND

_LOOKS = {How.CHECK: (), How.BYTECODE: ("--bytecode",), How.COMPARE: ("--artefacts",)}
"""Maps the command that finds a kind of mutation to the options that this test gives to envparity.

This test has no second environment, so it uses `--artefacts` instead of `envparity compare`.
"""


@dataclass(frozen=True)
class RepairOutcome:
    """The outcome of a repair.

    The result is `clean` if no new problem is left, and `refused` if envparity says why it does not fix a problem. It
    is `not made` if the environment has no file or distribution for the mutation, and `not found` if envparity does
    not find the mutation. Otherwise it is `failed`. `says` explains the results `not made`, `refused` and `failed`.
    """

    kind: str
    did: str
    result: Literal["clean", "refused", "not found", "not made", "failed"]
    says: str = ""


class Trial:
    """Tries repairs in the environment of a `Bench`. The seed determines the random choices."""

    def __init__(self, bench: Bench, seed: str) -> None:
        self.bench = bench
        self.seed = seed
        self._sound: dict[tuple[str, ...], frozenset[Problem]] = {}

    def repair(self, kind: Kind, number: int) -> RepairOutcome:
        """Make one mutation, repair the environment, restore the environment from its copy, and return the outcome."""
        look = _LOOKS[kind.how]
        if look not in self._sound:
            self._sound[look] = self.bench.problems(kind.how)
        scene = Scene(self.bench.world, random.Random(f"{self.seed}:{kind.name}:{number}"))  # noqa: S311 - as in mutate
        try:
            done = kind.apply(scene)
        except IndexError:
            self.bench.put_back()
            return RepairOutcome(kind.name, "", "not made", "no file or distribution of this environment fits")
        try:
            before = self.bench.problems(kind.how, done.command)
            _, out, err = self.bench.envparity("fix", "--run", "--notes", *look, before=done.command)
            after = self.bench.problems(kind.how, done.command)
        finally:
            self.bench.put_back()
        sound = self._sound[look]
        if not before - sound:
            return RepairOutcome(kind.name, done.did, "not found")
        if not after - sound:
            return RepairOutcome(kind.name, done.did, "clean")
        reason = _reason(out, err) or _without_command(after - sound)
        if new := after - before - sound:
            return RepairOutcome(kind.name, done.did, "failed", f"new: {sorted(new)[:3]}; {reason}")
        if not reason:
            return RepairOutcome(kind.name, done.did, "failed", f"no reason for {sorted(after - sound)[:3]}")
        return RepairOutcome(kind.name, done.did, "refused", reason)

    def killed(self, count: int) -> Iterator[RepairOutcome]:
        """Kill `count` repairs, each at a random moment; repair the environment after each kill; yield the outcomes."""
        sound = self.bench.problems()
        self._damage()
        started = time.monotonic()
        self.bench.envparity("fix", "--run")
        longest = time.monotonic() - started
        for number in range(count):
            self.bench.put_back()
            self._damage()
            after = random.Random(f"{self.seed}:killed:{number}").uniform(0, longest)  # noqa: S311 - as above
            running = self.bench.start("fix", "--run")
            time.sleep(after)
            running.send_signal(signal.SIGKILL)
            running.communicate()
            did = f"killed after {after:.1f} s of {longest:.1f} s"
            status, out, err = self.bench.envparity("fix", "--run")
            left = self.bench.problems() - sound
            kept = [path.name for path in self.bench.folder.glob("*.before-fix")]
            good = status == 0 and not left and not kept
            says = "" if good else f"status {status}, {sorted(left)[:3]}, {kept}, {_reason(out, err)}"
            yield RepairOutcome("killed", did, "clean" if good else "failed", says)
        self.bench.put_back()

    def _damage(self) -> None:
        site = self.bench.world.site
        (site / "attr" / "_make.py").unlink()
        path = site / "idna" / "core.py"
        text = path.read_text(encoding="utf-8") + "# edited\n"
        path.unlink()
        path.write_text(text, encoding="utf-8")


def _without_command(problems: Iterable[Problem]) -> str:
    """Return why no command fixes the problems; empty if a command should fix one of them."""
    reasons = {one.code: "a note" if one.note else WITHOUT_COMMAND.get(one.code, "") for one in sorted(problems)}
    return "; ".join(f"{code}: {reason}" for code, reason in reasons.items()) if all(reasons.values()) else ""


def _reason(out: str, err: str) -> str:
    """Return why `fix --run` left a problem: its reason for each finding, or its error; empty if it gave no reason."""
    reasons = dict.fromkeys(re.findall(r"(?m)^# left: (\S+): .*\n#   (.+)$", out))
    shell = re.findall(r"(?m)^# (for your shell: .+)$", out)
    lines = [line for line in err.splitlines() if line.startswith("envparity: ")]
    errors = [line for line in lines if not line.endswith(" s so far")]
    return "; ".join([*(f"{code}: {reason}" for code, reason in reasons), *shell, *errors])
