"""Records an example of each finding: what went wrong, what envparity says about it, and the commands of the fix.

A finding is one problem or difference that envparity reports.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from dev.command.errors import CommandError
from dev.evidence.faults.cases import FAULTS, Fault
from dev.evidence.faults.scene import Installer, Scene, check_scenes
from dev.evidence.faults.shown import SHOWN
from dev.evidence.faults.situation import Shown, python_named
from dev.evidence.faults.wheels import write_every_wheel
from envparity.judge.findings import Finding
from envparity.judge.registry import EVERY_RULE
from envparity.render.words import fix_lines, further_lines

_LINES = 3  # an example shows at most this many lines after the message of the finding


@dataclass(frozen=True)
class Example:
    """One finding. `happened` says what went wrong, and `lines` is the finding as a report shows it.

    `fixes` maps each installer to the lines of the fix. `fixes` is empty if no command fixes the finding.
    """

    code: str
    happened: str
    lines: tuple[str, ...]
    fixes: dict[str, tuple[str, ...]]


def record_examples(folder: Path, tell: Callable[[str], None]) -> tuple[Example, ...]:
    """Make every fault and situation in `folder`, and return an example of each code, in the order of EVERY_RULE.

    `tell` receives a line about each code. Raises CommandError if an environment cannot be made, or if envparity does
    not report the expected code, and EnvparityError if envparity cannot read an environment. Codes without a fault or
    situation are left out.
    """
    write_every_wheel(folder / "wheels")
    folder.chmod(0o755)
    sound: dict[Installer, Scene] = {
        installer: Scene(folder / "sound" / installer, installer, folder / "wheels")
        for installer in get_args(Installer)
    }
    found: list[Example] = []
    for code in EVERY_RULE:
        tell(code)
        if code in FAULTS:
            found.append(_of_fault(code, FAULTS[code], folder, sound))
        elif code in SHOWN:
            found.append(_of_situation(code, SHOWN[code], folder))
    return tuple(found)


def _of_fault(code: str, fault: Fault, folder: Path, sound: Mapping[Installer, Scene]) -> Example:
    seen: dict[Installer, tuple[Finding, Scene]] = {}
    for installer in fault.installers:
        scene = Scene(folder / installer / code / "laptop", installer, folder / "wheels", like=sound[installer])
        fault.make(scene)
        seen[installer] = (_only(code, scene.check().findings), scene)
    shown, scene = seen[fault.installers[0]]
    return Example(
        code,
        fault.happened,
        _lines(shown, scene.folder),
        {
            installer: tuple(_short(line, one.folder) for line in fix_lines(found.fixes, named=False))
            for installer, (found, one) in seen.items()
        },
    )


def _of_situation(code: str, shown: Shown, folder: Path) -> Example:
    scenes = [
        Scene(
            folder / "shown" / code / name,
            "uv",
            folder / "wheels",
            python=python_named(shown.pythons[number]) if shown.pythons else sys.executable,
            look=shown.look,
            config=shown.settings(folder),
        )
        for number, name in enumerate(("laptop", "image")[: shown.doors])
    ]
    shown.make(scenes)
    found = _only(code, check_scenes(scenes).findings)
    above = scenes[0].folder if shown.doors == 1 else folder / "shown" / code
    return Example(code, shown.happened, _lines(found, above), {})


def _only(code: str, findings: tuple[Finding, ...]) -> Finding:
    found = [one for one in findings if one.code == code]
    if not found:
        codes = ", ".join(one.code for one in findings) or "nothing"
        raise CommandError(f"{code}: expected envparity to find the fault, found {codes}")
    return found[0]


def _lines(found: Finding, folder: Path) -> tuple[str, ...]:
    where = f"[{', '.join(found.doors)}] " if len(found.doors) > 1 else ""
    head = f"{found.severity} {found.code}: {EVERY_RULE[found.code].title}"
    further = [f"    {line}" for line in further_lines(found, _LINES)]
    return tuple(_short(line, folder) for line in (head, f"  {where}{found.message}", *further))


def _short(text: str, folder: Path) -> str:
    return text.replace(f"{folder}/", "")
