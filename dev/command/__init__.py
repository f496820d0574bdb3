"""The command-line kit: how every command of `scripts/` parses, reports an error, is stopped and ends.

`command` describes and runs one command, `dispatch` finds it by its name and starts it in the environment that it
needs, `errors` has the one base class of what goes wrong. Only Python's standard library: a bare Python 3.11 runs it.
"""
