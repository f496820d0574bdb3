"""Everything that only this repository uses: the code that makes its environments, tests and pages, and its doors.

A door is one way into an environment: venv, docker, devcontainer or nix.

`ORDER` in tests/repository/test_imports.py lists the packages, and each package imports only packages before it in that
list. `dispatch` comes after all of them: it finds a command of `scripts/` by its name, and starts the command in the
environment that the command needs.
"""
