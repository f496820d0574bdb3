"""Coverage of the probe, which is the program that runs in an environment and reads its files and distributions.

In `scripts/quality coverage`, each environment's Python runs a program that starts coverage, and then the probe. That
Python has no coverage installed, and it gets the probe as one text, in which no section has a file name. Therefore the
program imports coverage from the tests' environment, removes that folder from `sys.path` before the probe reads
`sys.path`, and compiles each section with its file's name. The probe runs without coverage if the Python is of another
series than the tests' Python, or if it may not read the tests' environment or write the measured data.
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
    """Return the program's text; `configuration` is the string with which coverage passes its settings to processes."""
    sections = [(str(assembly.section_path(name)), assembly.section_text(name)) for name in assembly.SECTIONS]
    return _PROGRAM.format(
        version=sys.version_info[:2],
        site=repr(str(Path(coverage.__file__).parents[1])),
        configuration=repr(f":data:{configuration}"),
        sections=[(path, text.replace('SETTINGS = "{}"', "SETTINGS = SETTINGS")) for path, text in sections],
    )


def install() -> None:
    """Make this process run the program instead of the probe in every environment that it looks at.

    Raises KeyError if this process does not run under coverage.
    """
    made = program(os.environ["COVERAGE_PROCESS_CONFIG"])
    assembly.assembled = lambda: made  # type: ignore[assignment]
