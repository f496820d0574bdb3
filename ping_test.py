#!/usr/bin/env python3
"""What the interop harnesses start: read the settings, play one role, print one result.

Exit statuses: 0 the dialer's ping came back, or the listener was stopped; 1 a fault of this program;
2 settings; 3 rendezvous; 4 address; 5 dial; 6 peer ID; 7 ping; 8 time; 9 host (docs/harness.md tells
each); 130 and 143 a dialer was stopped by SIGINT or SIGTERM.
"""

import os
import sys
import time
import traceback

from pingtest.errors import Failure, TimeFailure
from pingtest.process import Clock, Stopped, collect_no_garbage, keep_stdout, log_to_stderr, raise_when_stopped, say
from pingtest.report import Latency, document
from pingtest.settings import Settings, read_settings


def main() -> int:
    """Play one role to its end; the exit status."""
    started = time.monotonic()
    raise_when_stopped()
    collect_no_garbage()
    stdout = keep_stdout()
    settings: Settings | None = None
    measured: list[Latency] = []
    try:
        settings = read_settings(os.environ)
        log_to_stderr(settings.debug)
        for note in settings.notes:
            say(note)
        clock = Clock(started, settings.timeout)
        if settings.is_dialer:
            clock.end_process(clock.left(), TimeFailure.status)

        def done(latency: Latency) -> None:
            measured.append(latency)
            stdout.write(document(latency, settings.dialect))
            stdout.flush()
            clock.end_process(0, status=0)

        from pingtest.roles import play  # libp2p takes half a second to import: bad settings are told before

        stopped = play(settings, clock, done)
    except Stopped as signal:
        stopped = signal.args[0]
    except Failure as failure:
        if settings and settings.debug:
            traceback.print_exc()
        if measured:
            say(f"after the result, while closing: {failure}")
            return 0
        say(failure)
        return failure.status
    if stopped is None or measured or (settings and not settings.is_dialer):
        return 0
    say(f"stopped by signal {stopped} before there was a result")
    return 128 + stopped


if __name__ == "__main__":
    sys.exit(main())
