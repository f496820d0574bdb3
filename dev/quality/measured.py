"""Measures the coverage of the probe, for `scripts/quality coverage`.

The probe is the program that reads the files and distributions of an environment. It runs in the environment's Python,
which has no coverage installed. Therefore the program below runs instead of the probe. It imports coverage from the
tests' environment, starts the measurement, and then runs the probe. The probe reads `sys.path`, so the program first
removes the folder of the tests' environment from `sys.path` again.

envparity sends the probe as one text, and the sections of this text have no file names. Coverage needs a file name for
each line. Therefore the program compiles each section with the name of its file.

The probe runs without coverage if the environment's Python has another minor version than the tests' Python, or if it
may not read the tests' environment. If the environment's Python may not write the measured data, the data is lost.
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
        exec(compile(section, path, "exec"))  # the __future__ import of this program applies to each section, too
finally:
    if measuring is not None:
        measuring.stop()
        try:
            measuring.save()
        except Exception:
            pass
"""


def program(configuration: str) -> str:
    """Return the text of the program that measures the probe.

    `configuration` is the text in which coverage passes its settings to other processes.
    """
    sections = [(str(assembly.section_path(name)), assembly.section_text(name)) for name in assembly.SECTIONS]
    return _PROGRAM.format(
        version=sys.version_info[:2],
        site=repr(str(Path(coverage.__file__).parents[1])),
        configuration=repr(f":data:{configuration}"),
        sections=[(path, text.replace('SETTINGS = "{}"', "SETTINGS = SETTINGS")) for path, text in sections],
    )


def install() -> None:
    """From now on, let this process send the measuring program to each environment instead of the probe.

    Raises KeyError if this process does not run under coverage.
    """
    made = program(os.environ["COVERAGE_PROCESS_CONFIG"])
    assembly.assembled = lambda: made  # type: ignore[assignment]
