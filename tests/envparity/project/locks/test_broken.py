"""Tests of broken locks of every format: the error is one line that names the file, the line and what was expected."""

from pathlib import Path

import pytest

from envparity.errors import EnvparityError
from envparity.project.locks import read_lock

MARKERS = {"sys_platform": "linux", "python_version": "3.11", "python_full_version": "3.11.2"}
UV = "version = 1\nrevision = 3\n"
UV_ALPHA = UV + '[[package]]\nname = "alpha"\nversion = "1"\n'
POETRY = '[metadata]\nlock-version = "2.1"\n'
POETRY_ALPHA = POETRY + '[[package]]\nname = "alpha"\nversion = "1"\ngroups = ["main"]\n'
PDM = '[metadata]\nlock_version = "4.5.0"\n'
PDM_ALPHA = PDM + '[[package]]\nname = "alpha"\nversion = "1"\ngroups = ["default"]\n'
PYLOCK = 'lock-version = "1.0"\ncreated-by = "test"\n'
INSPECT = '{"pip_version": "26.0",\n"installed": '

BROKEN = (
    ("uv.lock", "", 1, "uv.lock, found an empty file"),
    ("uv.lock", "<<<<<<< HEAD\n" + UV, 1, "TOML"),
    ("uv.lock", UV + "[[package]\n", 3, "TOML"),
    ("uv.lock", UV + "[[package]]\nname =", 4, "TOML"),
    ("uv.lock", 'version = "1"\n', 1, "version = 1 of uv.lock"),
    ("uv.lock", UV_ALPHA + 'source = "R"\n', 3, "a table with one of registry"),
    ("uv.lock", UV_ALPHA + 'source = { registry = "R" }\ndependencies = ["x"]\n', 3, "a table"),
    ("uv.lock", UV_ALPHA + 'source = { virtual = "." }\ndependencies = [{ name = "x", marker = 3 }]\n', 3, "a string"),
    (
        "uv.lock",
        UV_ALPHA + 'source = { virtual = "." }\ndependencies = [{ name = "x", marker = "?" }]\n',
        3,
        "a marker",
    ),
    ("uv.lock", UV_ALPHA + 'source = { registry = "R" }\nsdist = { hash = "x" }\n', 3, "a hash"),
    ("uv.lock", UV + "[manifest]\nmembers = 3\n", 3, "a list of strings"),
    ("uv.lock", UV + '[package]\nname = "x"\n', 3, "[[package]] tables"),
    ("poetry.lock", " \n", 1, "poetry.lock, found an empty file"),
    ("poetry.lock", POETRY + "=======\n", 3, "TOML"),
    ("poetry.lock", "# generated\n[metadata]\nlock-version = '9'\n", 2, "lock-version 1.0, 1.1, 2.0, 2.1"),
    ("poetry.lock", POETRY + '[[package]]\nname = "alpha"\n', 3, "a string"),
    ("poetry.lock", POETRY + '[[package]]\nname = "alpha"\nversion = 1\n', 3, "a string"),
    ("poetry.lock", POETRY_ALPHA.replace('["main"]', '"main"'), 3, "a list of strings"),
    ("poetry.lock", POETRY_ALPHA + 'markers = "??"\n', 3, "a marker"),
    ("poetry.lock", POETRY_ALPHA + 'files = [{ file = "x", hash = "zz" }]\n', 3, "a hash"),
    ("poetry.lock", POETRY_ALPHA + '[package.source]\ntype = "git"\n', 3, "a string"),
    ("pdm.lock", "", 1, "pdm.lock, found an empty file"),
    ("pdm.lock", '[metadata]\nlock_version = "3.1"\n', 1, "lock_version 4"),
    ("pdm.lock", PDM + '[[package]]\nname = "alpha"\n', 3, "a string"),
    ("pdm.lock", PDM_ALPHA + 'marker = "?"\n', 3, "a marker"),
    ("pdm.lock", PDM_ALPHA + 'files = ["x"]\n', 3, "a table for each file"),
    ("Pipfile.lock", "", 1, "Pipfile.lock, found an empty file"),
    ("Pipfile.lock", "[]", 1, "a JSON object"),
    ("Pipfile.lock", "{}", 1, "a Pipfile.lock with the section default"),
    ("Pipfile.lock", '{"default": {\n"alpha": {"version": "1"}}}', 2, "==VERSION"),
    ("Pipfile.lock", '{"default": {"alpha": "==1"}}', 1, "a table"),
    ("Pipfile.lock", '{"default": {"alpha": {"hashes": ["x"], "version": "==1"}}}', 1, "a hash"),
    (
        "Pipfile.lock",
        '{"default": {\n"alpha": {"version": "==1", "markers": "?"}}}',
        2,
        "a valid name, version and marker",
    ),
    ("Pipfile.lock", '{"default": {\n"alpha": {"version": "==1",}}}', 2, "JSON"),
    ("pylock.toml", "", 1, "pylock.toml, found an empty file"),
    ("pylock.toml", PYLOCK, 1, "a valid pylock"),
    ("pylock.toml", PYLOCK.replace("1.0", "2.0") + "packages = []\n", 1, "a valid pylock"),
    ("pylock.toml", PYLOCK + '[[packages]]\nname = "A_b"\n', 3, "a valid pylock"),
    ("pylock.toml", PYLOCK + '[[packages]]\nname = "alpha"\nversion = "1"\n', 3, "a valid pylock"),
    (
        "pylock.toml",
        PYLOCK + '[[packages]]\nname = "a"\nmarker = "?"\ndirectory = { path = "." }\n',
        3,
        "a valid pylock",
    ),
    ("requirements.txt", "alpha\n", 1, "one version pinned with =="),
    ("requirements.txt", "ok==1\nalpha==1.*\n", 2, "one version pinned with =="),
    ("requirements.txt", "ok==1\nalpha=1\n", 2, "NAME==VERSION"),
    ("requirements.txt", "ok==1\n\nalpha==1 --hash=sha256\n", 3, "a hash"),
    ("requirements.txt", "-r gone.txt\n", 1, "the file gone.txt"),
    ("requirements.txt", "-r requirements.txt\n", 1, "no file that includes itself"),
    ("requirements.txt", "ok==1\nalpha==1 ; python_versio < '3'\n", 2, "NAME==VERSION"),
    ("requirements.txt", "<<<<<<< HEAD\n", 1, "NAME==VERSION"),
    ("requirements.txt", "-e\n", 1, "the name of the distribution"),
    ("requirements.txt", "ok==1\n./folder\n", 2, "the name of the distribution"),
    ("requirements.txt", "\x00\x01", 1, "NAME==VERSION"),
    ("inspect.json", INSPECT + "3}", 1, "an array of tables"),
    ("inspect.json", INSPECT + '[{"metadata": {"name": "alpha"}}]}', 1, "a string"),
    ("inspect.json", INSPECT + "[", 2, "JSON"),
)


@pytest.mark.parametrize(("name", "text", "line", "expected"), BROKEN)
def test_the_error_is_one_line_with_file_line_and_what_was_expected(
    name: str, text: str, line: int, expected: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(EnvparityError) as caught:
        read_lock(tmp_path / name).for_environment(MARKERS)
    said = str(caught.value)
    assert said.startswith(f"{tmp_path / name}, line {line}: ")
    assert f"expected {expected}" in said
    assert "\n" not in said
    assert r"\x0a" not in said


@pytest.mark.parametrize(("name", "text"), [("poetry.lock", POETRY_ALPHA), ("pdm.lock", PDM_ALPHA)])
def test_a_wrong_name_of_the_project_is_an_error_of_its_own_file(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "not a name"\n')
    (tmp_path / name).write_text(text)
    with pytest.raises(EnvparityError, match=r"pyproject.toml: name: expected a valid name"):
        read_lock(tmp_path / name).for_environment(MARKERS)
