"""Everything that only this repository uses: how its environments, doors, tests and pages are made.

Each package imports only those before it: `command`, `lockenv`, `doors`, `matrix` and `incident`, `evidence`, `sbom`,
`pages`, `quality`. A test holds that order. `dispatch` is above them all: it finds a command of `scripts/` by its name,
and starts it in the environment that it needs.
"""
