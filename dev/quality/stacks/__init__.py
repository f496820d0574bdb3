"""The test of envparity on real environments: it makes environments of popular packages and checks them.

A stack is an environment that people really have, for example jupyterlab installed by uv. Each finding of envparity
about a stack must be true, and stacks.toml says why it is true.
"""
