"""Asks PDM for the distributions of a lock that `pdm export` refuses.

PDM exports only locks with the strategy `inherit_metadata`. For every other lock, this module lets PDM resolve the
project's requirements with the versions of the lock, for one target environment at a time.
"""

import json
from pathlib import Path

from dev.quality.locks.entry import Entry, entry
from dev.quality.locks.target import Target
from dev.quality.locks.toolbox import Toolbox

_PROGRAM = """\
import json, sys
from pdm.cli.actions import resolve_from_lockfile
from pdm.core import Core
from pdm.models.markers import EnvSpec

project = Core().create_project(".")
project.set_lockfile(sys.argv[1])
every = project.all_dependencies
groups = [name for name in project.lockfile.groups or ["default"] if name in every]
wanted = [one for name in groups for one in project.get_dependencies(name, every)]
for package in resolve_from_lockfile(project, wanted, groups=groups, env_spec=EnvSpec.from_spec(*sys.argv[2:])):
    one = package.candidate
    fields = one.as_lockfile_entry(project.root)
    names = ("name", "version", "path", "git", "revision", "subdirectory", "url")
    print(json.dumps({name: str(fields[name]) for name in names if name in fields}))
"""
_PLATFORMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}


def is_exported(lock: Path) -> bool:
    """Return whether `pdm export` exports a lock."""
    return "inherit_metadata" in lock.read_text(encoding="utf-8").partition("[[package]]")[0]


def entries_of(folder: Path, lock: str, target: Target, tools: Toolbox) -> frozenset[Entry]:
    """Return the distributions that PDM installs in the environment `target` for the project in `folder`.

    `lock` is the file name of the project's lock. Raise ToolError if PDM fails.
    """
    words = (f"=={target.python}.9", _PLATFORMS[target.name], "cpython")
    printed = tools.call_python("pdm", _PROGRAM, lock, *words, folder=folder)
    rows = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    return frozenset(
        entry(
            one["name"],
            version=one.get("version"),
            url=f"git+{one['git']}@{one['revision']}#subdirectory={one.get('subdirectory', '')}"
            if "git" in one
            else one.get("url"),
            local="path" in one,
        )
        for one in rows
    )
