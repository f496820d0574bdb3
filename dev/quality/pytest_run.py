"""What `scripts/test` adds to pytest: which tests it leaves out, how far the run is, and what became of the rest.

`scripts/test` loads this plugin with `-p` in pytest, and pytest-xdist loads it in each of its workers. The plugin
writes two files for the table at the end of the run: `left-out.json` (mark -> the tests that were left out because of
it) and `skipped.json` (reason -> the tests that skipped themselves). A third one is for the process that gives the
tests to the workers: `groups.json` (test -> the group of tests that it stays on one worker with).
"""

import functools
import json
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Collection, Generator, Iterable
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

LEFT_OUT, SKIPPED, GROUPS = "left-out.json", "skipped.json", "groups.json"
QUICK = "quick"
"""Leaves out each test without the mark `slow`; no test has a mark of this name."""
_NOW_AND_THEN = 30.0  # seconds between two lines in a pipe
_REPAINT = 0.1  # seconds between two states of the line on a terminal
_NAMED = 3  # at most so many tests that still run are named
_Status = tuple[str, str, str | tuple[str, dict[str, bool]]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two options that `scripts/test` gives."""
    group = parser.getgroup("scripts/test")
    group.addoption("--leave-out", default="", help="leave out the tests with these marks, separated by commas")
    group.addoption("--outcome", metavar="FOLDER", help="write there what was left out and what was skipped")


@pytest.hookimpl(trylast=True)  # after pytest has made its reporter
def pytest_configure(config: pytest.Config) -> None:
    """Choose tests where tests are collected; show the progress and note what is skipped where they are reported."""
    # One of pytest-xdist's workers has `workerinput`. It collects and runs tests; the first process reports them.
    worker = getattr(config, "workerinput", None)
    config.pluginmanager.register(Selection(config, writes=worker is None or worker["workerid"] == "gw0"))
    if worker is None:
        if config.option.outcome:
            config.pluginmanager.register(Skips(Path(config.option.outcome)))
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and reporter.verbosity <= 0:
            config.pluginmanager.register(Progress(reporter))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Keep the tests of a group together under `--dist loadgroup`; None under another mode, which xdist then makes.

    pytest-xdist 3.8 marks a group in the attribute `_nodeid` of a test, which pytest 9.2 no longer reads, so its own
    scheduler knows no group.
    """
    if config.option.dist != "loadgroup" or not config.option.outcome:
        return None
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    file = Path(config.option.outcome, GROUPS)

    class Groups(LoadScopeScheduling):  # type: ignore[misc]
        """Gives each worker a test, or a group of them, at a time; the largest groups first."""

        @functools.cached_property
        def groups(self) -> dict[str, str]:
            """Test -> group; every worker has written it before the first test is given to one."""
            return dict(json.loads(file.read_text(encoding="utf-8")))

        def _split_scope(self, nodeid: str) -> str:
            return self.groups.get(nodeid, nodeid)

    return Groups(config, log)


class Selection:
    """Leaves tests out by their marks. A file that the command line names keeps its tests, slow or quick."""

    def __init__(self, config: pytest.Config, *, writes: bool) -> None:
        self._marks: list[str] = [mark for mark in config.option.leave_out.split(",") if mark]
        self._named = named_files(config.args)
        self._outcome = Path(config.option.outcome) if writes and config.option.outcome else None

    @pytest.hookimpl(trylast=True)  # after -k and -m, so that the table counts what they would have run
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave tests out, and put slow ones first: a long test that starts last would keep one worker alone at it."""
        left: dict[str, list[str]] = defaultdict(list)
        kept: list[pytest.Item] = []
        dropped: list[pytest.Item] = []
        for item in items:
            why = self._why_not(item)
            (kept if why is None else dropped).append(item)
            if why is not None:
                left[why].append(item.nodeid)
        if hasattr(config, "workerinput"):
            kept.sort(key=lambda item: bool(_group(item)) or not item.get_closest_marker("slow"))
        if dropped:
            config.hook.pytest_deselected(items=dropped)
        items[:] = kept
        if self._outcome is not None:
            groups = {item.nodeid: group for item in items if (group := _group(item))}
            for name, written in ((LEFT_OUT, left), (GROUPS, groups)):
                (self._outcome / name).write_text(json.dumps(written), encoding="utf-8")

    def _why_not(self, item: pytest.Item) -> str | None:
        """Return the first mark that leaves a test out."""
        slow = item.get_closest_marker("slow") is not None
        for mark in self._marks:
            if mark == "slow":
                out = slow and item.path.resolve() not in self._named
            else:
                out = not slow if mark == QUICK else item.get_closest_marker(mark) is not None
            if out:
                return mark
        return None


def named_files(words: Iterable[str]) -> frozenset[Path]:
    """Return the files among the words of a command line, each a path or `path::test`."""
    paths = (Path(word.partition("::")[0]) for word in words)
    return frozenset(path.resolve() for path in paths if path.is_file())


def _group(item: pytest.Item) -> str | None:
    """Return the group that the mark `xdist_group` names; tests/conftest.py gives it."""
    mark = item.get_closest_marker("xdist_group")
    return None if mark is None else str(mark.kwargs["name"])


class Skips:
    """Notes the tests that skip themselves, by the reason that they give."""

    def __init__(self, outcome: Path) -> None:
        self._file = outcome / SKIPPED
        self._tests: dict[str, list[str]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test; one that is expected to fail has `wasxfail`, and is no skipped one."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self._note(report.nodeid, report.longrepr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a whole file."""
        if report.skipped:
            self._note(report.nodeid, report.longrepr)

    def _note(self, nodeid: str, longrepr: object) -> None:
        reason = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
        tests = self._tests[reason.removeprefix("Skipped: ")]
        if nodeid not in tests:  # each worker reports a file
            tests.append(nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write them."""
        self._file.write_text(json.dumps(self._tests), encoding="utf-8")


class Progress:
    """Shows how many tests are left: in one line that changes on a terminal, in a line now and then in a pipe."""

    def __init__(self, reporter: TerminalReporter) -> None:
        self._reporter = reporter
        self._live = reporter.isatty
        self._began = time.monotonic()
        self._shown = float("-inf") if self._live else self._began
        self._total = self._done = self._failed = 0
        self._running: dict[str, None] = {}
        # The line takes the place of pytest's file names, letters and percentages.
        reporter.showfspath = False
        reporter._show_progress_info = False

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self) -> Generator[None, _Status, _Status]:
        """Print no letter for a test."""
        category, _letter, word = yield
        return category, "", word

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Collection[str]) -> None:
        """Learn from a worker how many tests there are."""
        self._total = len(ids)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn it in a run without workers."""
        self._total = len(session.items)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note that a test runs."""
        self._running[nodeid] = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Show a failure at once; pytest explains it at the end."""
        if report.failed:
            self._failed += 1
            what = "FAILED" if report.when == "call" else "ERROR"
            self._write(f"{what} {report.nodeid}", ends=True)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Count a test."""
        self._running.pop(nodeid, None)
        self._done += 1
        now = time.monotonic()
        due = now - self._shown >= (_REPAINT if self._live else _NOW_AND_THEN)
        if due or (self._live and self._total - self._done <= _NAMED):
            self._shown = now
            self._write(
                progress_line(self._done, self._total, self._failed, now - self._began, list(self._running)),
                ends=not self._live,
            )

    def _write(self, line: str, *, ends: bool) -> None:
        if self._live:
            columns = shutil.get_terminal_size().columns - 1
            self._reporter.rewrite(line if ends else line[:columns], erase=True)
        else:
            self._reporter.write(line)
        if ends:
            self._reporter.write("\n")
        sys.stdout.flush()


def progress_line(done: int, total: int, failed: int, seconds: float, running: Collection[str]) -> str:
    """Return how far a run is, as `3,535 of 3,537 tests, 2 left, 1 failed, 5:04; still running: test_a, test_b`."""
    left = total - done
    minutes, rest = divmod(int(seconds), 60)
    failures = f", {failed:,} failed" if failed else ""
    line = f"{done:,} of {total:,} tests, {left:,} left{failures}, {minutes}:{rest:02}"
    if 0 < left <= _NAMED and running:
        line += f"; still running: {', '.join(name.rpartition('::')[2] for name in running)}"
    return line
