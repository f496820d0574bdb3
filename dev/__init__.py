"""The code that only this repository uses. It makes the environments, opens the doors, and writes the pages of docs/.

A door is one way into an environment: venv, docker, devcontainer or nix.

`ORDER` in tests/repository/test_imports.py lists the packages of `dev`. Each package imports only packages that are
before it in that list. The module `dispatch` finds a command of `scripts/` by its name, and starts the command in the
environment that the command needs.
"""
