"""The observation of an environment: how it behaves, what the installers report, and what envparity finds.

The environment has libp2p, and two distributions that both install the package `multihash`: pymultihash, which libp2p
requires, and py-multihash (INTRUDER), which a release of multiaddr (BRINGER) brought in.
"""

import json
from pathlib import Path

from packaging.utils import canonicalize_name

from dev.command.errors import CommandError
from dev.incident.facts import CallResult, Contested, Found, Frame, Introduced, Observation
from dev.incident.installers import Installers, pip_check, run_program, uv_check
from envparity.history.why import explain
from envparity.index.clients import clean_environment
from envparity.index.releases import Releases
from envparity.judge.graph import Graph
from envparity.judge.judgement import judged
from envparity.judge.ownership import is_contested
from envparity.judge.report import path_text, steps
from envparity.judge.subject import Subject, winner
from envparity.processes import Task
from envparity.project.config import Config
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
# Any key works. The key is always the same, so the result, libp2p's peer ID of the key, is always the same too.
_PEER_ID = (
    "from libp2p.crypto.secp256k1 import Secp256k1PrivateKey; from libp2p.peer.id import ID; "
    "value = ID.from_pubkey(Secp256k1PrivateKey.new(bytes(range(1, 33))).get_public_key())"
)


def call(python: Path, code: str, cwd: Path) -> CallResult:
    """Run `code`, which is one line, in the Python of an environment, in the folder `cwd`.

    Return the `value` that the line sets, or the error that the line raises. Raises CommandError if Python cannot be
    run, takes longer than 120 s, or gives no answer.
    """
    program = _CALL.format(code=code).encode()
    task = Task([str(python), "-I", "-"], cwd, 120, program, environment=clean_environment())
    ended = run_program("the environment's Python", task)
    try:
        told = json.loads(ended.output.splitlines()[-1])
        frame = Frame(*told["frame"]) if "frame" in told else None
    except (ValueError, IndexError, TypeError) as error:
        said = (ended.complaints.decode("utf-8", "replace").strip().splitlines() or ["nothing"])[-1]
        raise CommandError(f"expected an answer from the environment's Python, found: {said}") from error
    error_line = told.get("error")
    return CallResult(told.get("value"), error_line and error_line.splitlines()[0], frame)


def introduced(environment: Path, cwd: Path) -> Introduced:
    """Ask the package index for the first release of multiaddr that requires py-multihash, and return this release.

    Raises CommandError if no requirement of multiaddr brought py-multihash into the environment, or if the index does
    not know the release. Raises EnvparityError if py-multihash is not installed.
    """
    subject = _subject("pip", environment, cwd)
    (installed,) = explain(subject, INTRUDER, Releases(None)).distributions
    for asker in installed.askers:
        if asker.since is not None and asker.since.first.name == BRINGER:
            first = asker.since.first
            when = first.uploaded.strftime("%Y-%m-%dT%H:%M:%SZ") if first.uploaded else None
            return Introduced(f"{first.name} {first.version}", when, asker.since.before)
    why = "; ".join(asker.unknown or asker.label for asker in installed.askers)
    raise CommandError(
        f"expected the release of {BRINGER} that brought {INTRUDER} in, found: {why or 'no such release'}"
    )


def observe(installers: Installers, folder: Path, name: str, cwd: Path) -> Observation:
    """Observe the environment in `folder`; the texts of envparity call the environment `name`.

    The programs run in the folder `cwd`. Raises CommandError if the environment's Python or an installer cannot be run,
    and EnvparityError if envparity cannot read the environment.
    """
    python = folder / "bin" / "python"
    subject = _subject(name, folder, cwd)
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
        findings=tuple(Found(one.severity.value, one.code, one.message) for one in findings if one.fails),
        notes=sum(not one.fails for one in findings),
        paths=tuple(path_text(steps(graph, path)) for path in graph.paths_to(INTRUDER, 3)) if installed else (),
    )


def _subject(name: str, environment: Path, cwd: Path) -> Subject:
    """Read an environment for envparity's checks; the result has the name `name` and no settings of a project."""
    config = Config(root=cwd)
    door = find_door(f"{name}={environment}", config, None)
    return Subject(door.name, open_door(door, config, None, Look(behaviour=False)), config)
