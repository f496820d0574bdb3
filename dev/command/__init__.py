"""How every command of `scripts/` parses its options, reports errors, handles signals and ends.

`command` describes and runs one command. `errors` has the base class of every error that ends a command. This package
imports only Python's standard library, because a Python without installed distributions runs it.
"""
