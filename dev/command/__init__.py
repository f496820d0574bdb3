"""The command-line kit: how every command of `scripts/` parses, reports an error, is stopped and ends.

`command` describes and runs one command, `errors` has the one base class of what goes wrong. Only Python's standard
library, because a bare Python 3.11 runs it.
"""
