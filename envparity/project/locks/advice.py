"""Advice for a file that is no lock which envparity reads: how to make such a lock."""

from pathlib import PurePath

_PLAIN = "a lock has a line NAME==VERSION for each distribution, as `uv pip compile` and `pip freeze` write it"
_MAKERS = {
    "uv.lock": "uv export --frozen --format requirements-txt -o LOCK",
    "poetry.lock": "poetry export -f requirements.txt -o LOCK",
    "pdm.lock": "pdm export -f requirements -o LOCK",
    "Pipfile": "pipenv requirements --hash > LOCK",
    "Pipfile.lock": "pipenv requirements --hash > LOCK",
    "pyproject.toml": "uv pip compile --generate-hashes pyproject.toml -o LOCK",
    "setup.cfg": "uv pip compile --generate-hashes setup.cfg -o LOCK",
    "setup.py": "uv pip compile --generate-hashes setup.py -o LOCK",
}


def lock_advice(origin: str) -> str:
    """Return the end of an error message about the file `origin`: the command that makes a lock from it."""
    name = PurePath(origin).name
    if name in _MAKERS:
        return f"; make a lock with: {_MAKERS[name]}"
    if name.endswith(".in"):
        return f"; make a lock with: uv pip compile --generate-hashes {name} -o LOCK"
    return f"; {_PLAIN}"
