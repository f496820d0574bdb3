"""The probe, measured: scripts/coverage has the doors fed a program that starts coverage and then runs the probe.

The probe is fed to Pythons that hold no coverage, and has no file's name there. The program takes coverage from the
environment that the tests run in, off the path again before the probe looks at it, and gives the probe its file's name.
In a Python of another series, or one that may not read or write here, the probe runs unmeasured.
"""

import os
import sys
from pathlib import Path

import coverage

from envparity.snapshot import doors

_PROGRAM = """\
SETTINGS = "{{}}"  # envparity writes the project's settings here
import sys
measuring = None
if sys.version_info[:2] == {version}:
    sys.dont_write_bytecode = True
    sys.path.append({site})
    try:
        import coverage
        measuring = coverage.Coverage(config_file={configuration}, check_preimported=False)
        measuring.start()
    except (ImportError, OSError):
        pass
    sys.path.remove({site})
try:
    exec(compile({probe}, {path}, "exec"))
finally:
    if measuring is not None:
        measuring.stop()
        try:
            measuring.save()
        except Exception:
            pass
"""


def program(probe: Path, configuration: str) -> str:
    """The program; `configuration` is coverage's, as it hands it to processes."""
    return _PROGRAM.format(
        version=sys.version_info[:2],
        site=repr(str(Path(coverage.__file__).parents[1])),
        configuration=repr(f":data:{configuration}"),
        probe=repr(probe.read_text(encoding="utf-8").replace('SETTINGS = "{}"', "SETTINGS = SETTINGS")),
        path=repr(str(probe)),
    )


def install(root: Path) -> None:
    """Have every door that this process opens fed with it."""
    path = root / ".cache" / "coverage" / "probe.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(program(doors.PROBE, os.environ["COVERAGE_PROCESS_CONFIG"]), encoding="utf-8")
    doors.PROBE = path
