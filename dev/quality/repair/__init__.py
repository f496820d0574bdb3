"""The repair test of envparity: it breaks one thing at a time in a real environment, and repairs it.

After `envparity fix --run`, the environment must be clean, or envparity must say why it does not repair the damage.
"""
