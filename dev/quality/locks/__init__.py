"""The modules of `scripts/quality locks`: it compares what envparity and the lock's own tool read from a lock."""
