"""`scripts/quality versus FILE`: runs `ping_test.py` and another ping application against the same partners.

FILE is the other application, for example `interop/transport/ping_test.py` of py-libp2p's wheel. Both run with the
Python of the same track, a pinned version of libp2p. The partners are the two applications themselves, the built peers,
and the programs that `--facing` names. A peer is a program with go-, rust- or js-libp2p.
"""

import secrets
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from dev.command.command import Command, path, positive
from dev.command.errors import UsageError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import this_project
from dev.lockenv.system import require_program
from dev.matrix.implementations import Party, find_parties
from dev.matrix.plan import Test, every_test
from dev.matrix.progress import with_progress
from dev.matrix.run import APPLICATION, Role, role_settings, run_roles
from dev.matrix.server import redis_server
from pingtest.settings import TEST_PLANS, UNIFIED_TESTING, Dialect

OURS, OTHER = "ours", "other"
DIALECTS = {"unified-testing": UNIFIED_TESTING, "test-plans": TEST_PLANS}
_ATTEMPTS = 3  # A busy machine, and WebRTC in libp2p 0.8.1, can make one attempt fail.


@dataclass(frozen=True)
class Cell:
    """One test in one dialect. A dialect, such as `unified-testing`, is the set of variables that a harness sets.

    The test runs twice: once with `ping_test.py` in the role that `side` names (dialer or listener), and once with the
    other application in this role.
    """

    test: Test
    side: str
    dialect: str

    @property
    def name(self) -> str:
        """Return the name of the test and the dialect."""
        return f"{self.test.name}, {self.dialect}"

    def by(self, application: str) -> Test:
        """Return the test with `application` in the role that `side` names: the dialer or the listener."""
        return with_side(self.test, self.side, application)


def with_side(test: Test, side: str, name: str) -> Test:
    """Return the test with `name` as its `side`, which is `dialer` or `listener`."""
    return replace(test, dialer=name) if side == "dialer" else replace(test, listener=name)


def cells(peers: Sequence[Party], transports: Sequence[str], facing_too: Iterable[str] = ()) -> Iterator[Cell]:
    """Yield the tests that each of the two applications runs, as dialer and as listener, with each partner.

    The partners are both applications, the `peers`, and the programs `facing_too`. A peer uses only the dialect
    unified-testing, and gets only the combinations that it supports. A combination is a transport, a secure channel and
    a muxer. A program of `facing_too` uses only the dialect test-plans, and gets every combination.
    """
    for side, facing in (("dialer", "listener"), ("listener", "dialer")):
        for test in every_test(OURS, OURS, transports):
            for application in (OURS, OTHER):
                for dialect in DIALECTS:
                    yield Cell(with_side(test, facing, application), side, dialect)
            for peer in peers:
                if not peer.lacks(test):
                    yield Cell(with_side(test, facing, peer.name), side, "unified-testing")
            for name in facing_too:
                yield Cell(with_side(test, facing, name), side, "test-plans")


def passes(
    test: Test, dialect: Dialect, commands: Mapping[str, Sequence[str | Path]], redis: Path, timeout: float
) -> str:
    """Run a test until it passes, at most `_ATTEMPTS` times; return an empty text, or the error of the last attempt.

    `commands` maps the name of a dialer or listener to its command, and `redis` is the path of redis-server.
    """
    error = ""
    for _ in range(_ATTEMPTS):
        with redis_server(redis) as address:
            place = {"redis_addr": address} if dialect is TEST_PLANS else {"REDIS_ADDR": address}
            key = {} if dialect is TEST_PLANS else {"TEST_KEY": secrets.token_hex(4)}

            def role(name: str, is_dialer: bool, more: dict[str, str] = place | key) -> Role:
                settings = role_settings(test, timeout, is_dialer, "0.0.0.0")  # noqa: S104 - as both harnesses do
                if dialect is TEST_PLANS:
                    settings = {_name(one): value for one, value in settings.items()}
                words = ["--test-plans"] if dialect is TEST_PLANS else []
                return Role([*commands[name], *words], settings | more | {"DEBUG": "false"})

            result = run_roles(test, role(test.listener, False), role(test.dialer, True), timeout)
        if result.latency:
            return ""
        error = result.error
    return error


def _name(unified: str) -> str:
    """Return the name that test-plans gives to a variable; `unified` is the variable's name in unified-testing."""
    names = {name: getattr(TEST_PLANS, field) for field, name in vars(UNIFIED_TESTING).items()}
    return str(names[unified])


def _versus(options: Namespace) -> int:
    project = this_project()
    maker = EnvironmentMaker(project)
    python = maker.track(options.track, maker.source)
    peers = [party for party in find_parties(project) if party.program]
    if options.among is not None:
        peers = [party for party in peers if party.name in options.among]
    commands: dict[str, Sequence[str | Path]] = {OURS: [python, APPLICATION], OTHER: [python, options.file]}
    commands |= {party.name: [party.program] for party in peers if party.program}
    facing = {program.name: program for program in options.facing}
    if twice := [name for name in commands if name in facing]:
        raise UsageError(f"--facing: expected a file with another name than {', '.join(commands)}, found {twice[0]}")
    commands |= {name: [program] for name, program in facing.items()}
    redis = require_program(project.toolchain, "redis", "redis-server")

    def compare(cell: Cell) -> tuple[Cell, str, str]:
        errors = [
            passes(cell.by(one), DIALECTS[cell.dialect], commands, redis, options.timeout) for one in (OURS, OTHER)
        ]
        if errors[0] and not errors[1]:
            # Both applications may fail by chance. py-libp2p's own listener announces an IPv6 or an IPv4 address at
            # random, and in libp2p 0.8.1 a QUIC dial over IPv6 never ends.
            errors[0] = passes(cell.by(OURS), DIALECTS[cell.dialect], commands, redis, options.timeout)
        return cell, errors[0], errors[1]

    wanted = list(cells(peers, options.transports, facing))
    with ThreadPoolExecutor(options.workers) as pool:
        return tell(list(with_progress(pool.map(compare, wanted), "comparing", len(wanted))))


def tell(compared: Sequence[tuple[Cell, str, str]]) -> int:
    """Print how many tests pass with both applications or with neither, and list each test that passes with only one.

    Return the exit status: 1 if a test passes only with the other application, otherwise 0.

    Each row of `compared` has a test, the error of `ping_test.py`, and the error of the other application. An error is
    empty if the test passes.
    """
    both = sum(not ours and not other for _, ours, other in compared)
    neither = sum(bool(ours and other) for _, ours, other in compared)
    print(f"{len(compared)} tests: {both} pass with both applications, {neither} with neither")
    for cell, ours, other in compared:
        if other and not ours:
            print(f"only {OURS} passes: {cell.side} in {cell.name}")
    worse = [(cell, ours) for cell, ours, other in compared if ours and not other]
    for cell, error in worse:
        print(f"only the {OTHER} application passes: {cell.side} in {cell.name}: {error}")
    return 1 if worse else 0


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("file", type=path, metavar="FILE", help="the other application, a Python program")
    add("--track", choices=this_project().tracks, default="v0.8", help="the track of both applications (default: v0.8)")
    among = "use only these peers, for example go,js (default: every peer that is built)"
    add("--among", type=lambda text: text.split(","), metavar="NAMES", help=among)
    facing = "also use this program of another project, which must read the variables of test-plans; may be repeated"
    add("--facing", type=path, action="append", default=[], metavar="PROGRAM", help=facing)
    transports = ["tcp", "ws", "wss", "quic-v1", "webrtc-direct"]
    only = f"run only these transports (default: {','.join(transports)})"
    add("--transports", type=lambda text: text.split(","), default=transports, metavar="NAMES", help=only)
    add("--timeout", type=positive, default=20, metavar="S", help="give each test S seconds (default: 20)")
    add("--workers", type=positive, default=1, metavar="N", help="run N tests at the same time (default: 1)")


COMMAND = Command(
    name="quality versus",
    does="Run ping_test.py and another ping application, in both roles, against each other and against the built "
    "peers, and show each test that only one of the two applications passes.",
    statuses={
        0: "every test that passes with the other application passes with ping_test.py",
        1: "a test passes only with the other application",
    },
    run=_versus,
    add=_options,
)
