"""The pytest plugin of `scripts/test`: it leaves tests out, shows the progress, and records the tests that did not run.

`scripts/test` loads this plugin into pytest with `-p`, and pytest-xdist loads it in each worker. The plugin writes two
files for the table at the end of the run. `left-out.json` maps a mark to the tests that the mark left out, and
`skipped.json` maps a reason to the tests that skipped themselves for this reason. A third file, `groups.json`, maps a
test to its group. With this file, the process that distributes the tests gives all tests of a group to the same worker.
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
"""A value of `--leave-out` that leaves out every test without the mark `slow`; no test has a mark `quick`."""
_NOW_AND_THEN = 30.0  # The seconds between two progress lines if the output is not a terminal.
_REPAINT = 0.1  # The seconds between two updates of the progress line on a terminal.
_NAMED = 3  # The progress line names the unfinished tests if at most this many are left.
_Status = tuple[str, str, str | tuple[str, dict[str, bool]]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two options that `scripts/test` passes to pytest."""
    group = parser.getgroup("scripts/test")
    group.addoption("--leave-out", default="", help="leave out the tests with these marks, separated by commas")
    group.addoption("--outcome", metavar="FOLDER", help="write the lists of tests that did not run into FOLDER")


@pytest.hookimpl(trylast=True)  # This hook runs last, because pytest's terminal reporter must exist.
def pytest_configure(config: pytest.Config) -> None:
    """Register the plugins that this process needs: for choosing tests, for skipped tests, and for the progress."""
    # Only pytest-xdist's workers have `workerinput`. They run the tests; the process that starts them reports results.
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
    """Return a scheduler that runs all tests of a group on the same worker.

    Without `--dist loadgroup`, or without `--outcome`, this function returns None, and xdist uses its own scheduler.

    pytest-xdist 3.8 writes a test's group into the attribute `_nodeid`, but pytest 9.2 no longer reads this attribute.
    So xdist's own scheduler sees no groups.
    """
    if config.option.dist != "loadgroup" or not config.option.outcome:
        return None
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    file = Path(config.option.outcome, GROUPS)

    class Groups(LoadScopeScheduling):  # type: ignore[misc]
        """A scheduler that gives each worker one test or one group of tests at a time, the largest groups first."""

        @functools.cached_property
        def groups(self) -> dict[str, str]:
            """Return a dict from test to group. The workers write the file before xdist distributes the first test.

            Without the file the dict is empty: no worker could collect the tests, and pytest prints the reason.
            """
            return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}

        def _split_scope(self, nodeid: str) -> str:
            return self.groups.get(nodeid, nodeid)

    return Groups(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Keep the bytecode of the tests in `.cache/test-bytecode`, even if PYTHONDONTWRITEBYTECODE is set.

    pytest rewrites the assertions of every test file, which takes longer than the import of the rewritten file. With
    the bytecode, other workers and the next run need not rewrite the files. This function changes two settings in `sys`
    while pytest collects the tests, and restores both before the tests run.
    """
    before = sys.dont_write_bytecode, sys.pycache_prefix
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(session.config.rootpath / ".cache" / "test-bytecode")
    try:
        return (yield)
    finally:
        sys.dont_write_bytecode, sys.pycache_prefix = before


class Selection:
    """A plugin that leaves tests out by their marks. A file that the command line names keeps its slow tests."""

    def __init__(self, config: pytest.Config, *, writes: bool) -> None:
        self._marks: list[str] = [mark for mark in config.option.leave_out.split(",") if mark]
        self._named = named_files(config.args)
        self._outcome = Path(config.option.outcome) if writes and config.option.outcome else None

    @pytest.hookimpl(trylast=True)  # This hook runs after -k and -m, so the table counts only tests that both selected.
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave tests out, and write the files `left-out.json` and `groups.json`.

        In a worker of pytest-xdist, also move slow tests without a group to the front. A slow test that starts last
        would keep one worker busy while the other workers are idle.
        """
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
        """Return the first mark that leaves a test out, or None if the test stays."""
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
    """Return the existing files that are named in `words`, as absolute paths; each word is a path or `path::test`."""
    paths = (Path(word.partition("::")[0]) for word in words)
    return frozenset(path.resolve() for path in paths if path.is_file())


def _group(item: pytest.Item) -> str | None:
    """Return the group in the mark `xdist_group`, which tests/conftest.py sets; None if the test has no group."""
    mark = item.get_closest_marker("xdist_group")
    return None if mark is None else str(mark.kwargs["name"])


class Skips:
    """A plugin that records the tests that skip themselves, by the reason that they give."""

    def __init__(self, outcome: Path) -> None:
        self._file = outcome / SKIPPED
        self._tests: dict[str, list[str]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record a skipped test; a test that is expected to fail has `wasxfail` and does not count as skipped."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self._note(report.nodeid, report.longrepr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Record a file that skips all its tests."""
        if report.skipped:
            self._note(report.nodeid, report.longrepr)

    def _note(self, nodeid: str, longrepr: object) -> None:
        reason = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
        tests = self._tests[reason.removeprefix("Skipped: ")]
        if nodeid not in tests:  # Every worker reports the same file.
            tests.append(nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write the recorded tests to the file."""
        self._file.write_text(json.dumps(self._tests), encoding="utf-8")


class Progress:
    """A plugin that shows how many tests are left.

    On a terminal it changes one line. Otherwise it prints a line every 30 s.
    """

    def __init__(self, reporter: TerminalReporter) -> None:
        self._reporter = reporter
        self._live = reporter.isatty
        self._began = time.monotonic()
        self._shown = float("-inf") if self._live else self._began
        self._total = self._done = self._failed = 0
        self._running: dict[str, None] = {}
        # The progress line replaces pytest's file names, letters and percentages.
        reporter.showfspath = False
        reporter._show_progress_info = False

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self) -> Generator[None, _Status, _Status]:
        """Remove the letter that pytest prints for each test, for example `F` for a failed test."""
        category, _letter, word = yield
        return category, "", word

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Collection[str]) -> None:
        """Store the number of tests that a worker has collected."""
        self._total = len(ids)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Store the number of tests that this process has collected, in a run without workers."""
        self._total = len(session.items)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Remember that a test is running."""
        self._running[nodeid] = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Print the name of a failed test immediately; pytest prints the details at the end."""
        if report.failed:
            self._failed += 1
            what = "FAILED" if report.when == "call" else "ERROR"
            self._write(f"{what} {report.nodeid}", ends=True)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Count a finished test, and print the progress if enough time has passed."""
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
    """Return a line such as `3,535 of 3,537 tests, 2 left, 1 failed, 5:04; still running: test_a, test_b`.

    `running` has the ids of the unfinished tests. The line names these tests only if at most three tests are left.
    """
    left = total - done
    minutes, rest = divmod(int(seconds), 60)
    failures = f", {failed:,} failed" if failed else ""
    line = f"{done:,} of {total:,} tests, {left:,} left{failures}, {minutes}:{rest:02}"
    if 0 < left <= _NAMED and running:
        line += f"; still running: {', '.join(name.rpartition('::')[2] for name in running)}"
    return line
