"""Reads environments from outside: from a folder, an unpacked root file system or an image archive.

No program of the environment is started. The same sections of the probe (the program that prints a snapshot behind a
door) read the files; the modules here only show them the files of an image as if they were the files of this machine.
These modules import only the standard library, because envparity runs them in a Python process without site-packages.
"""
