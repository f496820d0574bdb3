"""Prints the snapshots of the environments in an image or a folder: a process that envparity starts for each door.

It reads its task from standard input, one JSON object, and prints two lines for each environment: a JSON object with
its folder, and its snapshot. An error is one line on standard error, and the exit status is 2.
"""

import sys

from envparity.outside.child import main

if __name__ == "__main__":
    sys.exit(main())
