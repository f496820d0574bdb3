"""Reads environments from outside: from a folder, an unpacked root file system or an image archive.

No program of the environment is started. Usually, the Python of the environment runs the probe, the program that prints
a snapshot. Here, the Python of envparity runs the same probe. The modules of this package show the files of an image to
the probe as if they were files of this machine. envparity runs these modules in a Python process without site-packages.
So they import only the standard library, other modules of envparity, and for zstd the package backports.zstd, if it is
installed.
"""
