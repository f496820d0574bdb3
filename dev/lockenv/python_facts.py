"""Describe the Python that runs this file: lockenv imports it, and starts it as a script with another Python."""

from __future__ import annotations  # an older Python must be able to say how old it is

import json
import platform
import sysconfig


def python_facts() -> dict[str, str]:
    """Return `version`, `tag`, `compiler` and `headers`, as `Interpreter` explains them."""
    soabi = sysconfig.get_config_var("SOABI") or ""
    version = platform.python_version()
    return {
        "version": version,
        "tag": "-".join([platform.python_implementation(), version, soabi, sysconfig.get_platform()]),
        "compiler": (sysconfig.get_config_var("CC") or "cc").split()[0],
        "headers": sysconfig.get_path("include"),
    }


if __name__ == "__main__":
    print(json.dumps(python_facts()))  # noqa: T201 - lockenv reads it
