"""What can be seen of an environment: what it does, what the installers say of it, what envparity says of it."""

import json
import subprocess
from pathlib import Path

from packaging.utils import canonicalize_name

from dev.command.errors import CommandError
from dev.incident.facts import CallResult, Contested, Found, Frame, Introduced, Observation
from dev.incident.installers import Installers, pip_check, uv_check
from dev.lockenv.command import clean_environment
from envparity.history.why import explain
from envparity.index.releases import Releases
from envparity.judge.graph import Graph
from envparity.judge.ownership import is_contested, winner
from envparity.judge.report import steps
from envparity.judge.session import judged
from envparity.judge.subject import Subject
from envparity.project.config import Config
from envparity.render.words import path_text
from envparity.snapshot.doors import Look, find_door, open_door

INTRUDER, BRINGER = "py-multihash", "multiaddr"
_CALL = """
import json, traceback
try:
    {code}
    print(json.dumps({{"value": str(value)}}))
except Exception as error:
    last = traceback.extract_tb(error.__traceback__)[-1]
    file = last.filename.rpartition("site-packages/")[2]
    print(json.dumps({{
        "error": f"{{type(error).__name__}}: {{error}}",
        "frame": [file, last.lineno, last.name, last.line],
    }}))
"""
_IMPORT = "import libp2p; value = 'passes'"
# The key is any one, but always the same: the peer ID that comes of it is then known.
_PEER_ID = (
    "from libp2p.crypto.secp256k1 import Secp256k1PrivateKey; from libp2p.peer.id import ID; "
    "value = ID.from_pubkey(Secp256k1PrivateKey.new(bytes(range(1, 33))).get_public_key())"
)


def call(python: Path, code: str, cwd: Path) -> CallResult:
    """Run a line in an environment's Python; it gives `value` or raises."""
    try:
        done = subprocess.run(
            [python, "-I", "-"],
            input=_CALL.format(code=code),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=clean_environment(),
            cwd=cwd,
            timeout=120,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(f"expected the environment's Python to run, found: {error}") from error
    try:
        told = json.loads(done.stdout.splitlines()[-1])
        frame = Frame(*told["frame"]) if "frame" in told else None
    except (ValueError, IndexError, TypeError) as error:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise CommandError(f"expected an answer from the environment's Python, found: {said}") from error
    error_line = told.get("error")
    return CallResult(told.get("value"), error_line and error_line.splitlines()[0], frame)


def introduced(environment: Path, cwd: Path) -> Introduced:
    """Which release of multiaddr brought py-multihash in, by what the installers say of the releases."""
    config = Config(root=cwd)
    door = find_door(f"pip={environment}", config, None)
    subject = Subject(door.name, open_door(door, config, None, Look(behaviour=False)), config)
    (installed,) = explain(subject, INTRUDER, Releases(None)).distributions
    for asker in installed.askers:
        if asker.since is not None and asker.since.first.name == BRINGER:
            first = asker.since.first
            when = first.uploaded.strftime("%Y-%m-%dT%H:%M:%SZ") if first.uploaded else None
            return Introduced(f"{first.name} {first.version}", when, asker.since.before)
    why = "; ".join(asker.unknown or asker.label for asker in installed.askers)
    raise CommandError(f"expected the release of {BRINGER} that brought {INTRUDER} in, found: {why or 'no such edge'}")


def observe(installers: Installers, folder: Path, name: str, cwd: Path) -> Observation:
    """Look at an environment from all sides; `name` is what the findings call it."""
    python = folder / "bin" / "python"
    config = Config(root=cwd)
    door = find_door(f"{name}={folder}", config, None)
    subject = Subject(door.name, open_door(door, config, None, Look(behaviour=False)), config)
    label = subject.snapshot.label
    contested = tuple(
        Contested(path, tuple(map(label, file.claims)), tuple(map(label, winner(file))))
        for path, file in sorted(subject.notable.items())
        if is_contested(file)
    )
    findings = judged([subject])
    graph = Graph(subject.snapshot)
    installed = canonicalize_name(INTRUDER) in graph.installed
    return Observation(
        distributions=len(subject.snapshot.distributions),
        importing=call(python, _IMPORT, cwd),
        peer_id=call(python, _PEER_ID, cwd),
        checks=(pip_check(installers, python, cwd), uv_check(installers, python, cwd)),
        contested=contested,
        torn=len({one.there for one in contested} - {()}) > 1,
        findings=tuple(Found(one.severity.value, one.code.value, one.message) for one in findings if one.fails),
        notes=sum(not one.fails for one in findings),
        paths=tuple(path_text(steps(graph, path)) for path in graph.paths_to(INTRUDER, 3)) if installed else (),
    )
