"""The command line that installs missing packages, for the package manager and the user of this machine."""

import os
import shutil

from dev.lockenv.toolchain import Toolchain

# For each package manager, its program, and the command that installs packages. The command of Debian first gets the
# lists of packages, because a fresh machine has none, and old lists name packages that the mirror no longer has.
_MANAGERS = {
    "apt": ("apt-get", "apt-get update && apt-get install -y"),
    "dnf": ("dnf", "dnf install -y"),
    "apk": ("apk", "apk add"),
    "brew": ("brew", "brew install"),
}


def package_manager() -> str:
    """Return the package manager of this machine: `apt`, `dnf`, `apk` or `brew`, else `nix`."""
    return next((name for name, (program, _) in _MANAGERS.items() if shutil.which(program)), "nix")


def how_to_get(toolchain: Toolchain, *needs: str) -> str:
    """Return one command line that installs all `needs` on this machine.

    Each need is a key in the toolchain file, such as `git`. If the user is not root, commands of apt, dnf and apk start
    with `sudo` or `doas`, or with `su` if the machine has neither.
    """
    manager = package_manager()
    tables = [toolchain.packages[need] for need in needs]
    if manager == "nix":
        return " && ".join(dict.fromkeys(table["nix"] for table in tables))
    words = dict.fromkeys(word for table in tables for word in table[manager].split())
    command = f"{_MANAGERS[manager][1]} {' '.join(words)}"
    after = [table[f"{manager}-then"] for table in tables if f"{manager}-then" in table]
    return " && ".join([command if manager == "brew" else _as_root(command), *after])


def _as_root(command: str) -> str:
    """Return the command line with which this user runs `command` as root."""
    if os.geteuid() == 0:
        return command
    for program in ("sudo", "doas"):
        if shutil.which(program):
            return " && ".join(f"{program} {one}" for one in command.split(" && "))
    return f"su -c '{command}'"
