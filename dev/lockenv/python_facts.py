"""Describe the Python that runs this file.

lockenv, the maker of the environments, imports this file or runs it as a script with another Python.
"""

from __future__ import annotations  # an older Python must be able to run this file and report its version

import json
import platform
import sys
import sysconfig


def python_facts() -> dict[str, str]:
    """Return a dict with five facts about this Python.

    `Interpreter` explains `version`, `tag`, `compiler` and `headers`. `base` is the path of the Python that made the
    virtual environment of this Python; empty outside of an environment.
    """
    soabi = sysconfig.get_config_var("SOABI") or ""
    version = platform.python_version()
    return {
        "version": version,
        "tag": "-".join([platform.python_implementation(), version, soabi, sysconfig.get_platform()]),
        "compiler": (sysconfig.get_config_var("CC") or "cc").split()[0],
        "headers": sysconfig.get_path("include"),
        "base": getattr(sys, "_base_executable", "") if sys.prefix != sys.base_prefix else "",
    }


if __name__ == "__main__":
    print(json.dumps(python_facts()))  # noqa: T201 - lockenv reads this output
