"""Tests of Pipfile.lock."""

import json
from pathlib import Path

import pytest
from lock_pins import pins_in

from envparity.errors import EnvparityError
from envparity.project.locks import read_lock
from envparity.project.locks.lock import Choice

LINUX = {"sys_platform": "linux", "python_version": "3.11"}
LOCK = {
    "_meta": {"hash": {"sha256": "00"}},
    "default": {
        "alpha": {"version": "==1.5", "hashes": ["sha256:aa"], "markers": "python_version >= '3'"},
        "colour": {"version": "*", "markers": "sys_platform == 'win32'"},
        "beta": {"git": "https://example.com/b.git", "ref": "30c6686026d8f9bbb9d32768b477b9e243eaf4c7"},
        "shop": {"editable": True, "path": "."},
    },
    "develop": {"tester": {"version": "==8.0"}, "alpha": {"version": "==1.5"}},
}


def pins(folder: Path, text: str, choice: Choice | None = None) -> dict[str, str | None]:
    (folder / "Pipfile.lock").write_text(text)
    return pins_in(folder / "Pipfile.lock", LINUX, choice)


def test_the_default_is_what_pipenv_sync_installs(tmp_path: Path) -> None:
    beta = "git+https://example.com/b.git@30c6686026d8f9bbb9d32768b477b9e243eaf4c7"
    usual = {"alpha": "1.5", "beta": beta, "shop": "local"}
    assert pins(tmp_path, json.dumps(LOCK)) == usual
    assert pins(tmp_path, json.dumps(LOCK), Choice(groups=("dev",))) == usual | {"tester": "8.0"}
    lock = read_lock(tmp_path / "Pipfile.lock").for_environment(LINUX | {"sys_platform": "win32"})
    assert lock["alpha"].hashes == {"sha256:aa"}
    assert lock["colour"].version is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\n"default": [}', "expected JSON, found: .*line 2"),
        ("[]", "line 1: expected a JSON object"),
        ("{}", "expected a Pipfile.lock with the section default, found none"),
        ('{"default": {\n"x": {"version": "1"}}}', "line 2: x: version: expected ==VERSION, found '1'"),
        ('{"default": {\n\n"x": {}}}', "line 3: x: version: expected a string, found none"),
        ('{"default": {\n"x": 3}}', "x: expected a table, found 3"),
    ],
)
def test_a_broken_lock_is_one_line_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=said) as caught:
        pins(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_a_marker_may_ask_for_the_section(tmp_path: Path) -> None:
    """Since 2026, pipenv writes such markers into the section `develop`."""
    row = {"version": "==1", "markers": "('dev' in dependency_groups) and (sys_platform == 'win32')"}
    (tmp_path / "Pipfile.lock").write_text(json.dumps({"default": {}, "develop": {"colour": row}}))
    lock = read_lock(tmp_path / "Pipfile.lock", choice=Choice(groups=("dev",)))
    assert sorted(lock.for_environment({"sys_platform": "win32"})) == ["colour"]
    assert lock.for_environment({"sys_platform": "linux"}) == {}


def test_the_pin_of_a_later_section_stays(tmp_path: Path) -> None:
    """`pipenv sync --dev` installs the section `default`, and then the section `develop` over it."""
    later = {
        "alpha": {"version": "==2"},
        "beta": {"version": "==2", "markers": "sys_platform == 'win32'"},
        "gamma": {"version": "*"},
    }
    lock = json.dumps({"default": {name: {"version": "==1"} for name in later}, "develop": later})
    assert pins(tmp_path, lock) == {"alpha": "1", "beta": "1", "gamma": "1"}
    assert pins(tmp_path, lock, Choice(groups=("dev",))) == {"alpha": "2", "beta": "1", "gamma": "1"}
