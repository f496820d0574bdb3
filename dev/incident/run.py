"""All acts in turn, into one record."""

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

from dev.incident import race, stages
from dev.incident.clients import Clients
from dev.incident.facts import SCHEMA, Record
from dev.incident.look import introduced
from dev.lockenv.interpreter import describe


def run_incident(clients: Clients, folder: Path, runs: int, tell: Callable[[str], None]) -> Record:
    """Make, look, work around, repeat, all within `folder`; CommandError where an environment cannot be made."""
    started = time.monotonic()
    tell("asking the installers for their versions")
    versions = clients.versions()
    tell(f"resolving {stages.REQUIREMENT} as of {stages.AS_OF}")
    resolving, resolved = stages.resolve(clients, folder)
    tell("installing with pip (one distribution has to be compiled)")
    pip = stages.with_pip(clients, folder, versions["pip"])
    tell("asking which release brought py-multihash in")
    since = introduced(folder / "pip", folder)
    tell("installing with uv")
    uv = stages.with_uv(clients, folder, versions["uv"])
    tell("applying the workaround")
    workaround = stages.work_around(clients, folder)
    races = race.races(clients, folder, runs, tell)
    return Record(
        schema=SCHEMA,
        as_of=stages.AS_OF,
        requirement=stages.REQUIREMENT,
        python=describe(clients.python).version,
        platform=f"{platform.system()} {platform.machine()}",
        cpus=os.cpu_count() or 1,
        installers=versions,
        resolving=resolving,
        resolved=resolved,
        introduced=since,
        pip=pip,
        uv=uv,
        workaround=workaround,
        race_as_of=race.AS_OF,
        race_requirement=race.REQUIREMENT,
        races=races,
        seconds=round(time.monotonic() - started, 1),
    )
