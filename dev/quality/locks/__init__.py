"""The parts of `scripts/quality locks`. It compares what envparity and the lock's tool read from a lock."""
