"""Start a command of `scripts/` by its name: `python -I dev/__main__.py ping --all`.

The scripts start this file with `-I`, so that Python imports nothing from the caller's environment or folder.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dev.dispatch import dispatch

if __name__ == "__main__":
    dispatch(sys.argv[1:])
