#!/usr/bin/env python3
"""The program that the interop harnesses start: it plays one role, dialer or listener. A dialer prints a result.

The exit statuses are those of pingtest.errors.Status; docs/reference/harness.md explains each of them.
"""

import os
import sys
import traceback

from pingtest.errors import Failure, Status, named, naming
from pingtest.process import Clock, Stopped, ignore_signals, log_to_stderr, prepare, say, started
from pingtest.report import Latency, document
from pingtest.settings import TEST_PLANS, Settings, quoted, read_settings

USAGE = """usage: ping_test.py [--test-plans] [--help]

Play one role of the interop ping test. Environment variables choose the role, the transport and all other settings.
--test-plans reads the variables of the harness test-plans, in upper or lower case.

docs/reference/harness.md lists the variables and the exit statuses.
"""


def main() -> int:
    """Play one role to its end; return the exit status."""
    start = started()
    clock = Clock(start, 0)
    settings: Settings | None = None
    measured: list[Latency] = []
    try:
        stdout = prepare()
        if "--help" in sys.argv[1:] or "-h" in sys.argv[1:]:
            os.write(stdout, USAGE.encode())
            return Status.DONE
        if unknown := [word for word in sys.argv[1:] if word != "--test-plans"]:
            raise Failure(Status.SETTINGS, f"expected --test-plans, --help or no argument, found {quoted(unknown[0])}")
        settings = read_settings(os.environ, test_plans="--test-plans" in sys.argv)
        log_to_stderr(settings.debug)
        clock = Clock(start, settings.timeout, settings.notes)
        if settings.is_dialer or settings.dialect is TEST_PLANS:
            clock.end_process(clock.left(), Status.TIME)

        def done(latency: Latency) -> None:
            with naming(Status.FAULT, "standard output: expected to write the result there"):
                os.write(stdout, document(latency, settings.dialect).encode())
            measured.append(latency)
            clock.end_process(0, Status.DONE)
            clock.say_notes()

        from pingtest.roles import play  # not at the top: importing libp2p takes half a second

        stopped = play(settings, clock, done)
        ignore_signals()
    except Stopped as signal:
        ignore_signals()
        stopped = signal.args[0]
    except Exception as error:  # noqa: BLE001 - also errors that no module expects, such as a failed import of libp2p
        ignore_signals()
        if settings and settings.debug:
            traceback.print_exc()
        expected = "expected the Python of a track, for example .venv/bin/python (DEBUG=true prints the traceback)"
        failure = named(error, *(clock.blame or (Status.FAULT, expected)))  # an error of a libp2p task comes here too
        say(f"after the result, while closing: {failure}" if measured else clock.line(failure))
        return Status.DONE if measured else failure.status
    if stopped is None or measured or (settings and not settings.is_dialer):
        return Status.DONE
    say(f"expected a result, found signal {stopped} before the ping came back")
    return 128 + stopped


if __name__ == "__main__":
    os._exit(main())  # all output is written; a normal exit after a failure took a second on a busy machine
