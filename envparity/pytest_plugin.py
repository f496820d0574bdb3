"""The pytest plugin: `pytest --envparity` checks the environment first, and runs no test if the environment has errors.

pytest's exit status is 8 if the environment has errors. The status is 4, as for a wrong command line, if envparity
could not check the environment. A track is one variant of the project, such as `v0.4`.
"""

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # not at run time: a run without --envparity must not load other modules
    from envparity.judge.report import Report

TORN = 8
"""pytest's exit status if the environment has errors. pytest's own statuses end at 6."""
_MOST = 20  # the most errors that the message lists; `envparity check` prints all of them
_HEADER = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of this plugin."""
    group = parser.getgroup("envparity", "envparity: check the environment before the tests")
    group.addoption(
        "--envparity",
        action="store_true",
        help=f"do not run the tests if the environment has errors (exit status {TORN})",
    )
    group.addoption(
        "--envparity-track",
        metavar="TRACK",
        help="also compare the environment with the lock of this track, and run the behaviour checks of the track",
    )
    group.addoption(
        "--envparity-lock",
        metavar="FILE",
        help="also compare the environment with this lock",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Check the environment before pytest collects the tests, because pytest imports the modules that it collects.

    If the environment has errors, end pytest with status 8. Raise UsageError if envparity cannot check the environment.
    """
    track, lock = config.getoption("--envparity-track"), config.getoption("--envparity-lock")
    if not (config.getoption("--envparity") or track or lock) or hasattr(config, "workerinput"):
        return  # no option asks for a check, or the controller of this pytest-xdist worker has made the check
    from envparity.errors import EnvparityError

    try:
        report = _report(config, track, lock)
    except EnvparityError as error:
        from envparity.text import visible

        raise pytest.UsageError(f"--envparity: {visible(str(error))}") from error
    found = _errors(report)
    if found:
        more = [f"and {len(found) - _MOST:,} more"] if len(found) > _MOST else []
        said = "\n  ".join([*found[:_MOST], *more])
        pytest.exit(
            f"envparity: expected no errors in the environment {sys.prefix}, found {len(found)}:\n  {said}\n"
            f"`envparity check {sys.prefix}` shows the whole report, `envparity explain CODE` how to fix an error",
            TORN,
        )
    config.stash[_HEADER] = _header(report)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Return the line about the check for pytest's header; None if there was no check."""
    return config.stash.get(_HEADER, None)


def _report(config: pytest.Config, track: str | None, lock: str | None) -> "Report":
    """Check the environment whose Python runs this process, and return the report."""
    from envparity.judge.session import check_door
    from envparity.project.config import find_config
    from envparity.snapshot.doors import Look

    project = find_config(config.rootpath)
    project.check_track(track, "--envparity-track")
    if lock is not None:
        project = project.with_lock(config.invocation_params.dir / lock)
    # A lock often leaves out the tools that run the tests. So envparity compares the environment with a lock only if an
    # option asks for it.
    look = Look(behaviour=track is not None)
    return check_door(project, f"pytest={sys.executable}", track, look, locked=bool(track or lock))


def _errors(report: "Report") -> list[str]:
    """Return a line for each error of the report."""
    from envparity.text import visible

    return [visible(f"{one.code}: {one.message}") for one in report.errors]


def _header(report: "Report") -> str:
    """Return the line for pytest's header: the numbers of findings that are no errors, and the name of the lock."""
    from envparity.render.words import counted

    said = counted(report).removeprefix("0 errors, ")
    return f"envparity: {said}, compared with {report.doors[0].lock or 'no lock'}"
