"""Start a command of `scripts/` by its name: `python -I dev/__main__.py ping --all`.

The scripts start it with `-I`, so that nothing of the caller's environment or folder is imported.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dev.dispatch import dispatch

if __name__ == "__main__":
    dispatch(sys.argv[1:])
