"""Faults of environments, one for each code of a finding: a small real environment, what goes wrong, and the fix.

The page of findings shows an example of each code, recorded from these faults. The tests run the commands of each fix,
and then check the environment again.
"""
