"""The command line of `envparity`, which calls the packages `judge`, `fix`, `history`, `evidence` and `render`.

The module `command` defines what a command is. The modules `environments`, `fix`, `releases`, `evidence`, `init` and
`explain` contain the commands, and `main` lists and runs the commands. `options` has the options that several commands
share, and `output` prints the results of commands.
"""
