"""`pytest --envparity`: checks the environment before the tests, and does not run them if it has errors.

pytest's exit status is 8 if errors were found. It is 4, as for a wrong command line, if envparity could not check.
"""

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # not at run time: a suite without --envparity loads nothing
    from envparity.judge.report import Report

TORN = 8
"""pytest's exit status if the environment is refused; pytest's own statuses end at 6."""
_MOST = 20  # findings that are printed; `envparity check` prints all of them
_HEADER = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; a suite that gives none of them loses no time."""
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
    """Check the environment before pytest collects the tests, because pytest imports what it collects.

    End pytest with status 8 if there are errors. Raise UsageError if the environment cannot be checked.
    """
    track, lock = config.getoption("--envparity-track"), config.getoption("--envparity-lock")
    if not (config.getoption("--envparity") or track or lock) or hasattr(config, "workerinput"):
        return  # the controller of this pytest-xdist worker has checked the same environment
    from envparity.errors import EnvparityError

    try:
        report = _report(config, track, lock)
    except EnvparityError as error:
        raise pytest.UsageError(f"--envparity: {error}") from error
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
    """Return a line about the check for pytest's header, None without a check."""
    return config.stash.get(_HEADER, None)


def _report(config: pytest.Config, track: str | None, lock: str | None) -> "Report":
    """Check the environment that runs this process, and return the report."""
    from envparity.judge.session import check_door
    from envparity.project.config import find_config
    from envparity.snapshot.doors import Look

    project = find_config(config.rootpath)
    project.check_track(track, "--envparity-track")
    if lock is not None:
        project = project.with_lock(config.invocation_params.dir / lock)
    # A lock often does not name the test tools that a suite needs. So a lock is used only on request.
    look = Look(behaviour=track is not None)
    return check_door(project, f"pytest={sys.executable}", track, look, locked=bool(track or lock))


def _errors(report: "Report") -> list[str]:
    """Return a line for each error."""
    from envparity.text import visible

    return [visible(f"{one.code}: {one.message}") for one in report.errors]


def _header(report: "Report") -> str:
    """Return the header's line: the numbers of notes and accepted findings, and the lock that was used."""
    from envparity.render.words import counted

    said = counted(report).removeprefix("0 errors, ")
    return f"envparity: {said}, compared with {report.doors[0].lock or 'no lock'}"
