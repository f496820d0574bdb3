"""Compares envparity's reading of lock files with the answers of the tools that made them: `scripts/quality locks`."""
