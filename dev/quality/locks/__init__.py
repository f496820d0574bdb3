"""The modules of `scripts/quality locks`, which compares what envparity and other tools read from the same lock."""
