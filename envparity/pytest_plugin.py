"""`pytest --envparity`: the suite runs in a sound environment, or it does not run at all.

pytest's exit status is 8 where errors were found; 4, its own for a wrong usage, where it could not be told.
"""

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # a suite that does not ask loads nothing
    from envparity.judge.report import Report

TORN = 8
"""pytest's exit status where the environment is refused; its own end at 6."""
_MOST = 20  # findings that are told; envparity check tells all
_HEADER = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, which cost a suite that gives none of them nothing."""
    group = parser.getgroup("envparity", "envparity: is this environment what was installed?")
    group.addoption("--envparity", action="store_true", help=f"refuse to run in a torn environment (status {TORN})")
    group.addoption(
        "--envparity-track",
        metavar="TRACK",
        help="hold it against this track of [tool.envparity] as well: its lock, its behaviour checks",
    )
    group.addoption(
        "--envparity-lock",
        metavar="FILE",
        help="hold it against this lock as well",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Look around before anything is collected: what is collected is imported."""
    track, lock = config.getoption("--envparity-track"), config.getoption("--envparity-lock")
    if not (config.getoption("--envparity") or track or lock) or hasattr(config, "workerinput"):
        return  # a worker of pytest-xdist runs where its controller looked
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
            f"envparity: expected a sound environment in {sys.prefix}, found {len(found)}:\n  {said}\n"
            f"`envparity check {sys.prefix}` tells more, `envparity explain CODE` how to fix it",
            TORN,
        )
    config.stash[_HEADER] = _header(report)


def pytest_report_header(config: pytest.Config) -> str | None:
    """That the environment was looked at, and what was found that is no error."""
    return config.stash.get(_HEADER, None)


def _report(config: pytest.Config, track: str | None, lock: str | None) -> "Report":
    """What is found in the environment that runs this."""
    from envparity.judge.session import check_door
    from envparity.project.config import find_config
    from envparity.snapshot.doors import Look

    project = find_config(config.rootpath)
    project.check_track(track, "--envparity-track")
    if lock is not None:
        project = project.with_lock(config.invocation_params.dir / lock)
    # The environment of a suite has more than a lock that does not name the test tools: asked for only.
    look = Look(behaviour=track is not None)
    return check_door(project, f"pytest={sys.executable}", track, look, locked=bool(track or lock))


def _errors(report: "Report") -> list[str]:
    """A line for each error."""
    from envparity.text import visible

    return [visible(f"{one.code}: {one.message}") for one in report.errors]


def _header(report: "Report") -> str:
    """How many findings are no errors, and what the environment was held against."""
    from envparity.render.words import counted

    said = counted(report).removeprefix("0 errors, ")
    return f"envparity: {said}, held against {report.doors[0].lock or 'no lock'}"
