"""The mutation test of envparity: one thing at a time is broken in copies of real environments, and must be found."""
