"""Recognises files that envparity cannot read as a lock, such as pixi.lock, and says how to get a lock instead."""

import re

from envparity.errors import EnvparityError
from envparity.project.locks.lock import LockFile, LockFormat, Select

# For each pattern of a file's name: a description of the file, and advice for the user.
_KINDS = (
    (
        r"conda-lock\.ya?ml",
        "a lock of conda-lock",
        "run `pip freeze > requirements.txt` in an environment made from it",
    ),
    (r"pixi\.lock", "a lock of pixi", "run `pixi run pip freeze > requirements.txt`"),
    (r"environment.*\.ya?ml", "an environment of conda", "run `conda run pip freeze > requirements.txt`"),
    (r"Pipfile", "the requirements of pipenv, which are no lock", "run `pipenv lock` and use Pipfile.lock"),
    (r"pyproject\.toml", "the settings of a project, which are no lock", "make a lock, for example with `uv lock`"),
    (r"setup\.(py|cfg)", "the settings of a project, which are no lock", "make a lock, for example with `uv lock`"),
    (
        r".*\.in",
        "the requirements of pip-tools, which are no lock",
        "run `pip-compile` and use the file that it writes",
    ),
    (
        r"(package-lock\.json|yarn\.lock|pnpm-lock\.yaml)",
        "a lock of JavaScript packages",
        "use a lock of Python packages",
    ),
    (r"(Cargo\.lock|flake\.lock|Gemfile\.lock|go\.sum)", "a lock of another language", "use a lock of Python packages"),
)
_LIST = re.compile(r"Package +Version\b.*\n-|\[\{\"name\": \"[^\"]*\", \"version\": ")
_EXPLICIT = re.compile(r"^@EXPLICIT\b", re.MULTILINE)


def _kind(name: str, text: str) -> tuple[str, str] | None:
    if _EXPLICIT.search(text):
        return (
            "an explicit list of conda packages",
            "run `pip freeze > requirements.txt` in an environment made from it",
        )
    if _LIST.match(text):
        return "the output of `pip list`", "run `pip freeze > requirements.txt`"
    return next(((what, cure) for pattern, what, cure in _KINDS if re.fullmatch(pattern, name)), None)


def _read(file: LockFile) -> Select:
    what, cure = _kind(file.path.name, file.text) or ("an unknown file", "use a lock")
    raise EnvparityError(f"{file.origin}: expected a lock that envparity reads, found {what}; {cure}")


FORMAT = LockFormat("a file that is no lock", lambda name, text: _kind(name, text) is not None, _read)
