"""Compares what envparity reads in lock files with what the tools that made the locks say: `scripts/quality locks`."""
