"""Commands that check and measure this repository: checks, tests, benches, coverage, mutants, mutations and a soak.

The benches and the mutations build environments as the tests do. Therefore this package adds the tests' helper modules
to `sys.path`: `import environment_builder` finds `tests/support/environment_builder.py`.
"""

import sys
from pathlib import Path

SUPPORT = str(Path(__file__).resolve().parents[2] / "tests" / "support")
if SUPPORT not in sys.path:
    sys.path.append(SUPPORT)
