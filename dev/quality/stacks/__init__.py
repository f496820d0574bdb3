"""The test of envparity on real environments: it makes popular stacks of packages and reads envparity's findings.

A stack is an environment that people really have, for example jupyterlab installed by uv. Each finding about a stack
must be true, and stacks.toml says why it is true.
"""
