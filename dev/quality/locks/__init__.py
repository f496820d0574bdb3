"""The parts of `scripts/quality locks`, which compares envparity's answer about a lock with the tool's answer."""
