"""The same install by uv, repeated, to count which distribution wins.

Two distributions, the claimants, both install the same two FILES. uv installs several wheels at the same time, so
chance decides which claimant writes a file last, and wins.
"""

import base64
import hashlib
import shutil
import statistics
from collections import Counter
from collections.abc import Callable
from importlib.metadata import distributions
from pathlib import Path

from dev.command.errors import CommandError
from dev.incident.facts import Race
from dev.incident.installers import Installers, attempt

AS_OF = "2025-11-10T00:00:00Z"
REQUIREMENT = "multiaddr==0.1.0"
AT_ONCE = (1, 2, 8, 32)
CLAIMANTS = ("py-multihash", "pymultihash")
FILES = ("multihash/__init__.py", "multihash/multihash.py")


def races(installers: Installers, folder: Path, runs: int, tell: Callable[[str], None]) -> tuple[Race, ...]:
    """Install REQUIREMENT `runs` times for each number in AT_ONCE, and return one race for each of these numbers.

    The number is how many wheels uv may install at the same time. A first install fetches the wheels and is not
    counted. `tell` receives a line before each counted install. Raises CommandError if an install fails, if an
    installed file matches no claimant, or if a claimant is not installed exactly once.
    """
    _install(installers, folder / "race", AT_ONCE[0], offline=False)
    found: list[Race] = []
    for at_once in AT_ONCE:
        outcomes: Counter[str | None] = Counter()
        seconds: list[float] = []
        for number in range(runs):
            tell(f"uv, {at_once} wheels at the same time: install {number + 1} of {runs}")
            seconds.append(_install(installers, folder / "race", at_once, offline=True))
            outcomes[winning_claimant(folder / "race")] += 1
        torn = outcomes.pop(None, 0)
        won = {name: outcomes[name] for name in CLAIMANTS}
        found.append(Race(at_once, runs, won, torn, round(statistics.median(seconds), 3)))
    shutil.rmtree(folder / "race")
    return tuple(found)


def _install(installers: Installers, folder: Path, at_once: int, *, offline: bool) -> float:
    shutil.rmtree(folder, ignore_errors=True)
    python = installers.make_environment(folder)
    # After the first install uv works offline, so the measured time contains no download and the index gets no
    # requests.
    ran = attempt(
        [
            *(installers.uv, "pip", "install", "--python", python, "--exclude-newer", AS_OF),
            *(["--offline"] if offline else []),
            REQUIREMENT,
        ],
        shown=f"uv pip install --exclude-newer {AS_OF} {REQUIREMENT}",
        cwd=folder.parent,
        extra={"UV_CONCURRENT_INSTALLS": str(at_once)},
    )
    return ran.seconds


def winning_claimant(environment: Path) -> str | None:
    """Return the claimant whose RECORD matches all FILES; None if the files match different claimants.

    Raises CommandError if a file matches no claimant, or if a claimant is not installed exactly once.
    """
    (site,) = environment.glob("lib/python3*/site-packages")
    owners = {_owner(site, file) for file in FILES}
    return owners.pop() if len(owners) == 1 else None


def _owner(site: Path, file: str) -> str:
    there = record_hash((site / file).read_bytes())
    for name in CLAIMANTS:
        if _recorded(site, name).get(file) == there:
            return name
    raise CommandError(f"expected {file} of {' or '.join(CLAIMANTS)}, found other bytes")


def _recorded(site: Path, name: str) -> dict[str, str | None]:
    found = list(distributions(name=name, path=[str(site)]))
    if len(found) != 1:
        raise CommandError(f"expected {name} once in the environment, found it {len(found)} times")
    return {str(file): file.hash.value if file.hash else None for file in found[0].files or ()}


def record_hash(data: bytes) -> str:
    """Return the sha256 of `data` in the spelling of RECORD: urlsafe base64 without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
