"""Tests of the scenes: their commands run in one shell, and a command that fails gives an error."""

from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.evidence.faults.cases import FAULTS
from dev.evidence.faults.scene import Scene
from dev.evidence.faults.wheels import write_every_wheel
from envparity.fix.fix import Fix


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Return a sound environment, in a folder whose path has characters that a shell must not read."""
    write_every_wheel(tmp_path / "wheels")
    return Scene(tmp_path / "it's my $folder", "uv", tmp_path / "wheels")


def test_a_fix_works_in_a_folder_with_any_name(scene: Scene) -> None:
    assert not scene.check().findings
    for code in ("file-altered", "file-extraneous"):
        FAULTS[code].make(scene)
    found = scene.check().errors
    assert [one.code for one in found] == ["file-altered", "file-extraneous"]
    scene.fix(fix for one in found for fix in one.fixes)
    assert not scene.check().findings


def test_a_fix_that_fails_is_an_error(scene: Scene) -> None:
    with pytest.raises(CommandError, match=r"expected .*false.* to succeed"):
        scene.fix([Fix("delete", "Fail.", ("false",))])


def test_a_fix_may_unset_a_variable(scene: Scene) -> None:
    scene.variables = {"ONE": "1", "TWO": "2"}
    scene.fix([Fix("unset", "Unset ONE.", ("unset ONE",))])
    assert scene.variables == {"TWO": "2"}
