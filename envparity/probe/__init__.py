"""The probe: the program that reads an environment and prints its facts as JSON.

Each module except `assembly` is a section of the program. The program needs only the standard library of Python 3.8 or
later.
"""
