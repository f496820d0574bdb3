"""Changes a copy of a Python, in which pip has installed packages, so that it looks like an environment of conda.

conda-build installs a package with pip, and then changes files: patchelf changes extension modules. When conda installs
the result, it writes the scripts of entry points, and a list of files in the folder conda-meta. RECORD stays unchanged.
"""

import csv
import hashlib
import json
import re
from pathlib import Path

_ENTRY_POINT = re.compile(
    rb"^from (?P<module>[\w.]+) import (?P<name>\w+)$.*sys\.exit\((?P<call>[\w.]+)\(\)\)", re.M | re.S
)
# The text that conda writes for an entry point.
_SCRIPT = """\
#!{python}
# -*- coding: utf-8 -*-
import re
import sys

from {module} import {name}

if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\\.pyw?|\\.exe)?$', '', sys.argv[0])
    sys.exit({call}())
"""


def as_conda(python: Path) -> None:
    """Change the environment of `python` so that it looks as if conda had installed the same distributions."""
    prefix = python.parent.parent
    (prefix / "conda-meta").mkdir()
    for info in sorted(prefix.glob("lib/python3*/site-packages/*.dist-info")):
        _install(prefix, info, python)


def _install(prefix: Path, info: Path, python: Path) -> None:
    (info / "INSTALLER").write_text("conda", encoding="utf-8")
    with (info / "RECORD").open(encoding="utf-8", newline="") as file:
        paths = [(info.parent / row[0]).resolve() for row in csv.reader(file)]
    lines = [_line(prefix, path, python) for path in paths if path.exists() and path.suffix != ".pyc"]
    text = json.dumps({"name": info.name, "paths_data": {"paths": lines, "paths_version": 1}})
    (prefix / "conda-meta" / f"{info.stem}-0.json").write_text(text, encoding="utf-8")


def _line(prefix: Path, path: Path, python: Path) -> dict[str, str]:
    """Change a file if conda-build or conda would change it, and return the file's entry in conda's list of files."""
    name, data = str(path.relative_to(prefix.resolve())), path.read_bytes()
    found = _ENTRY_POINT.search(data) if name.startswith("bin/") else None
    if found:
        parts = {key: value.decode() for key, value in found.groupdict().items()}
        path.write_text(_SCRIPT.format(python=python, **parts), encoding="utf-8")
        return {"_path": name, "path_type": "unix_python_entry_point"}
    if path.suffix == ".so":
        data += b"\0as if patchelf had changed it"
        path.write_bytes(data)
    return {"_path": name, "path_type": "hardlink", "sha256_in_prefix": hashlib.sha256(data).hexdigest()}
