"""Tests of pylock.toml."""

from pathlib import Path

import pytest
from lock_pins import pins_in

from envparity.errors import EnvparityError
from envparity.project.locks import read_lock
from envparity.project.locks.lock import Choice

LINUX = {"sys_platform": "linux", "python_version": "3.11", "python_full_version": "3.11.2"}
LOCK = """
lock-version = "1.0"
created-by = "a test"
extras = ["more"]
dependency-groups = ["dev", "docs"]
default-groups = ["dev"]
[[packages]]
name = "alpha"
version = "1.5"
wheels = [{ url = "https://example.com/alpha-1.5-py3-none-any.whl", hashes = { sha256 = "AA" } }]
[[packages]]
name = "colour"
version = "1.0"
marker = "sys_platform == 'win32'"
wheels = [{ url = "https://example.com/colour-1.0-py3-none-any.whl", hashes = { sha256 = "bb" } }]
[[packages]]
name = "wanted"
version = "4.0"
marker = "'more' in extras"
sdist = { url = "https://example.com/wanted-4.0.tar.gz", hashes = { sha256 = "cc" } }
[[packages]]
name = "tester"
marker = "'dev' in dependency_groups"
vcs = { type = "git", url = "https://example.com/t.git", commit-id = "30c6686026d8f9bbb9d32768b477b9e243eaf4c7" }
[[packages]]
name = "shop"
directory = { path = ".", editable = true }
[[packages]]
name = "writer"
marker = "'docs' in dependency_groups"
archive = { url = "https://example.com/writer-9.0.zip", hashes = { sha256 = "dd" } }
"""


def pins(folder: Path, text: str = LOCK, choice: Choice | None = None) -> dict[str, str | None]:
    (folder / "pylock.web.toml").write_text(text)
    return pins_in(folder / "pylock.web.toml", LINUX, choice)


def test_the_default_groups_are_chosen(tmp_path: Path) -> None:
    tester = "git+https://example.com/t.git@30c6686026d8f9bbb9d32768b477b9e243eaf4c7"
    usual = {"alpha": "1.5", "tester": tester, "shop": "local"}
    assert pins(tmp_path) == usual
    assert pins(tmp_path, choice=Choice(extras=("more",)))["wanted"] == "4.0"
    assert pins(tmp_path, choice=Choice(groups=("docs",)))["writer"] == "https://example.com/writer-9.0.zip"
    assert pins(tmp_path, choice=Choice(no_groups=("dev",))) == {"alpha": "1.5", "shop": "local"}
    assert read_lock(tmp_path / "pylock.web.toml").for_environment(LINUX)["alpha"].hashes == {"sha256:aa"}


def test_pdm_installs_every_group_by_default(tmp_path: Path) -> None:
    text = LOCK.replace('"a test"', '"pdm"').replace('default-groups = ["dev"]', 'default-groups = ["default"]')
    assert pins(tmp_path, text).keys() == {"alpha", "tester", "shop", "writer"}
    assert pins(tmp_path, text, Choice(no_groups=("docs",))).keys() == {"alpha", "tester", "shop"}
    assert pins(tmp_path, text, Choice(no_default_groups=True)).keys() == {"alpha", "shop"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LOCK.replace("1.0", "9.0", 1), "expected a valid pylock, found: .*9.0"),
        (LOCK.replace('created-by = "a test"\n', ""), "expected a valid pylock, found: .*created-by"),
        ("lock-version = \n", "expected TOML, found: .*line 1"),
        (LOCK.replace('name = "alpha"\n', ""), r"expected a valid pylock, found: .*packages\[0\]"),
    ],
)
def test_a_broken_lock_is_one_line(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=said) as caught:
        pins(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_a_newer_minor_version_is_read_without_a_message(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert pins(tmp_path, LOCK.replace('lock-version = "1.0"', 'lock-version = "1.7"')) == pins(tmp_path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "files",
    [
        'wheels = [{ path = "alpha-1.5-py3-none-any.whl", hashes = { sha256 = "aa" } }]',
        'sdist = { url = "https://example.com/alpha-1.5.tar.gz", hashes = { sha256 = "aa" } }',
    ],
)
def test_a_package_without_a_version_has_the_version_of_its_files(files: str, tmp_path: Path) -> None:
    head = 'lock-version = "1.0"\ncreated-by = "a test"\n[[packages]]\nname = "alpha"\n'
    assert pins(tmp_path, head + files) == {"alpha": "1.5"}
