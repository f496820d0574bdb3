"""Start a command of `scripts/` by its name: `python -I dev/__main__.py ping --all`.

The scripts start this file with `-I`, so that Python ignores the caller's PYTHONPATH and imports nothing from the
caller's folder.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dev.dispatch import dispatch

if __name__ == "__main__":
    dispatch(sys.argv[1:])
