"""The mutation test of envparity: it breaks one thing at a time in copies of real environments.

envparity must report each of these changes, and must not report anything else.
"""
