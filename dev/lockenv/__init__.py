"""lockenv: it makes environments from the locks, in the same way for every door.

A door is one way into an environment: `venv`, `docker`, `devcontainer` or `nix`. Apart from `resolve`, this package
imports only Python's standard library and `dev.command`, because it runs on a bare Python, before anything is
installed.
"""
