"""The probe, measured: `scripts/quality coverage` feeds the doors a program that starts coverage and runs the probe.

The probe is fed to Pythons that hold no coverage, and its sections have no file names there. The program takes
coverage from the environment that the tests run in, takes that folder off the path before the probe looks at the path,
and gives each section its file's name. The probe runs unmeasured in a Python of another series, or in one that may not
read or write here.
"""

import os
import sys
from pathlib import Path

import coverage

from envparity.probe import assembly

_PROGRAM = """\
from __future__ import annotations
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
    for path, section in {sections}:
        exec(compile(section, path, "exec"))  # with the annotations of this program: they are never evaluated
finally:
    if measuring is not None:
        measuring.stop()
        try:
            measuring.save()
        except Exception:
            pass
"""


def program(configuration: str) -> str:
    """Return the program; `configuration` is coverage's, as coverage hands it to processes."""
    sections = [(str(assembly.section_path(name)), assembly.section_text(name)) for name in assembly.SECTIONS]
    return _PROGRAM.format(
        version=sys.version_info[:2],
        site=repr(str(Path(coverage.__file__).parents[1])),
        configuration=repr(f":data:{configuration}"),
        sections=[(path, text.replace('SETTINGS = "{}"', "SETTINGS = SETTINGS")) for path, text in sections],
    )


def install() -> None:
    """Have every door that this process opens fed with the program."""
    made = program(os.environ["COVERAGE_PROCESS_CONFIG"])
    assembly.assembled = lambda: made  # type: ignore[assignment]
