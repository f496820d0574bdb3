"""Tests of the fixes: envparity finds each fault, the commands of its fix are run, and then envparity finds nothing.

A fault is something that went wrong in an environment; envparity reports it as a finding with a code.
"""

import os
from pathlib import Path

import pytest
from fault_scenes import every_wheel, sound_scenes

from dev.evidence.faults.cases import FAULTS
from dev.evidence.faults.scene import Installer, Scene
from envparity.fix.fixes import FIXES, WITHOUT_COMMAND
from envparity.judge.registry import EVERY_RULE

# With pip, every kind of command is tried in a quick run. The other codes have the same kinds of commands.
QUICK_WITH_PIP = {
    *("distribution-twice", "file-altered", "file-link", "lock-artefact", "lock-extra", "lock-version"),
    *("metadata-broken", "nothing-installed", "path-contested", "record-missing", "requirement-unmet"),
}
EACH = [
    pytest.param(code, installer, marks=[pytest.mark.slow] * (installer == "pip" and code not in QUICK_WITH_PIP))
    for code, fault in FAULTS.items()
    for installer in fault.installers
]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with every wheel that a fault or its fix installs."""
    return every_wheel(tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> dict[Installer, Scene]:
    """Return a sound environment of each installer. All tests share them, so no test may change one."""
    return sound_scenes(tmp_path_factory.mktemp("sound"), wheels)


def test_a_sound_environment_has_no_finding(sound: dict[Installer, Scene]) -> None:
    assert [scene.check().findings for scene in sound.values()] == [(), ()]


def test_each_code_has_a_fix_with_a_fault_or_a_reason() -> None:
    assert set(FIXES) == set(FAULTS)
    assert not set(FIXES) & set(WITHOUT_COMMAND)
    assert set(FIXES) | set(WITHOUT_COMMAND) == set(EVERY_RULE), (
        "a new code needs an entry in FIXES or WITHOUT_COMMAND of envparity/fix/fixes.py"
    )


@pytest.mark.parametrize(("code", "installer"), EACH)
def test_the_fix_of_a_fault_works(
    code: str, installer: Installer, tmp_path: Path, wheels: Path, sound: dict[Installer, Scene]
) -> None:
    if code == "file-unreadable" and os.geteuid() == 0:
        pytest.skip("root can read every file, and no other user can open the folder of the tests; run them as a user")
    scene = Scene(tmp_path / "scene", installer, wheels, like=sound[installer])
    FAULTS[code].make(scene)
    found = [one for one in scene.check().findings if one.code == code]
    assert len(found) == 1
    assert found[0].fixes, found[0]
    scene.fix(found[0].fixes)
    after = scene.check()
    assert not after.errors
    assert {one.code for one in after.findings} <= {"unlocked", *FAULTS[code].left}
