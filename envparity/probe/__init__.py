"""The probe, in sections: it looks at an environment with only the standard library of Python 3.8 or later."""
