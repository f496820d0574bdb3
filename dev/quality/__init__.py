"""Measure the repository itself: benches, coverage, mutants, mutations, a soak; and its checks and tests.

The benches and the mutations build environments as the tests do. So this package adds the tests' own modules to the
path: `import environment_builder` finds `tests/support/environment_builder.py`.
"""

import sys
from pathlib import Path

SUPPORT = str(Path(__file__).resolve().parents[2] / "tests" / "support")
if SUPPORT not in sys.path:
    sys.path.append(SUPPORT)
