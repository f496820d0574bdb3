"""The command line of `envparity`, which calls the packages `judge`, `fix`, `history`, `evidence` and `render`.

`command` defines what a command is. `environments`, `fix`, `releases`, `evidence`, `init` and `explain` have the
commands, and `main` lists and runs them. `options` has the options that several commands share, and `output` prints
their results.
"""
