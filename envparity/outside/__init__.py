"""Reads environments from outside: from a folder, an unpacked root file system or an image archive.

No program of the environment is started. The probe is the program that prints a snapshot behind a door. The same
sections of the probe read the files here. The modules of this package show the files of an image to these sections as
if they were files of this machine. These modules import only the standard library, because envparity runs them in a
Python process without site-packages.
"""
