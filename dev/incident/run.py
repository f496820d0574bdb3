"""The reproduction of the incident of November 2025: every step in order, and the facts that the steps observe.

In the incident, a fresh install of libp2p 0.4.0 failed because two distributions wrote the same files of one package.
"""

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

from dev.incident import race, stages
from dev.incident.facts import SCHEMA, Incident, Made, Ran
from dev.incident.installers import Installers, install_with_pip, install_with_uv, resolve
from dev.incident.look import introduced, observe
from dev.lockenv.interpreter import describe


def run_incident(installers: Installers, folder: Path, runs: int, tell: Callable[[str], None]) -> Incident:
    """Make all environments of the incident in `folder`, and observe them.

    The last step repeats one install by uv `runs` times for each number in `race.AT_ONCE`. This number says how many
    wheels uv may install at the same time. `tell` receives a line before each step. Raises CommandError if an
    environment cannot be made or observed, and EnvparityError if envparity cannot read it.
    """

    def made(name: str, install: Callable[[Installers, Path, list[str], str, Path], Ran]) -> Made:
        ran = install(installers, folder / name, [stages.REQUIREMENT], stages.AS_OF, folder)
        return Made(f"{name} {versions[name]}", ran, observe(installers, folder / name, name, folder))

    started = time.monotonic()
    tell("asking the installers for their versions")
    versions = installers.versions()
    tell(f"resolving {stages.REQUIREMENT} as of {stages.AS_OF}")
    resolving, resolved = resolve(installers, [stages.REQUIREMENT], stages.AS_OF, folder)
    tell("installing with pip (one distribution has to be compiled)")
    pip = made("pip", install_with_pip)
    tell("asking which release brought py-multihash in")
    since = introduced(folder / "pip", folder)
    tell("installing with uv")
    uv = made("uv", install_with_uv)
    tell("applying the workaround")
    workaround = stages.work_around(installers, folder)
    races = race.races(installers, folder, runs, tell)
    return Incident(
        schema=SCHEMA,
        as_of=stages.AS_OF,
        requirement=stages.REQUIREMENT,
        python=describe(installers.python).version,
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
