"""Tests of files that envparity recognises as no lock that it reads."""

from pathlib import Path

import pytest

from envparity.errors import EnvparityError
from envparity.project.locks import read_lock


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "conda-lock.yml",
            "version: 1\n",
            "a lock of conda-lock; run `pip freeze > requirements.txt` in an environment",
        ),
        ("pixi.lock", "version: 6\n", "a lock of pixi; run `pixi run pip freeze > requirements.txt`"),
        ("environment.yml", "name: x\n", "an environment of conda; run `conda run pip freeze"),
        (
            "explicit.txt",
            "# platform: linux-64\n@EXPLICIT\nhttps://x/y.conda\n",
            "an explicit list of conda packages; run",
        ),
        ("pyproject.toml", "[project]\n", "the settings of a project, which are no lock; make a lock"),
        ("Pipfile", "[packages]\n", "the requirements of pipenv, which are no lock; run `pipenv lock`"),
        ("requirements.in", "alpha\n", "the requirements of pip-tools, which are no lock; run `pip-compile`"),
        ("list.txt", "Package Version\n------- -------\nalpha   1.0\n", "the output of `pip list`; run `pip freeze"),
        ("list.json", '[{"name": "alpha", "version": "1.0"}]', "the output of `pip list`; run `pip freeze"),
        ("package-lock.json", "{}", "a lock of JavaScript packages; use a lock of Python packages"),
    ],
)
def test_the_message_says_what_the_file_is_and_what_to_do(name: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(EnvparityError) as caught:
        read_lock(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: expected a lock that envparity reads, found {said}")
