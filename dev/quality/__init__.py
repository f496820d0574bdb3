"""Commands that check and measure this repository, such as `scripts/check`, `scripts/test` and `scripts/bench`.

Some of these commands build environments with the helper modules of the tests. Therefore this package adds the folder
of these modules to `sys.path`: `import environment_builder` finds `tests/support/environment_builder.py`.
"""

import sys
from pathlib import Path

SUPPORT = str(Path(__file__).resolve().parents[2] / "tests" / "support")
if SUPPORT not in sys.path:
    sys.path.append(SUPPORT)
