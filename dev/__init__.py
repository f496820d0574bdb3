"""Everything that only this repository uses: how its environments, doors, tests and pages are made.

Each package imports only packages that stand before it in `ORDER` of tests/repository/test_imports.py, which holds that
order. `dispatch` is above them all: it finds a command of `scripts/` by its name, and starts it in the environment that
it needs.
"""
