"""The cures of the collision, each tried as of a day: the versions that it resolves to, and whether it works."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dev.incident.facts import Observation
from dev.incident.installers import Installers, attempt
from dev.incident.look import observe
from dev.incident.stages import AS_OF

THEN = AS_OF
# An override leaves a distribution out by a marker that is never true.
_LEFT_OUT = "py-multihash ; python_version < '3'"


@dataclass(frozen=True)
class Cure:
    """Requirements, and a line that overrides the requirements of other distributions, where one is needed."""

    name: str
    requirements: tuple[str, ...]
    override: str | None = None

    def folder(self, as_of: str) -> str:
        """Return the name of the folder that `make` puts its environment in."""
        return f"{self.name.replace(' ', '-')}-{as_of[:10]}"


CURES = (
    Cure("nothing", ("libp2p==0.4.0",)),
    Cure("multiaddr pinned", ("libp2p==0.4.0", "multiaddr==0.0.12")),
    Cure("multiaddr and py-cid pinned", ("libp2p==0.4.0", "multiaddr==0.0.12", "py-cid<0.4")),
    Cure("py-multihash overridden", ("libp2p==0.4.0",), _LEFT_OUT),
)
LATER = (
    Cure("libp2p 0.5.0", ("libp2p==0.5.0",)),
    Cure("libp2p 0.8.1", ("libp2p==0.8.1",)),
)


@dataclass(frozen=True)
class Tried:
    """One cure as of an instant: the versions that it resolves to, by name, and how the environment behaves."""

    cure: Cure
    as_of: str
    installer: str
    versions: dict[str, str]
    seen: Observation


@dataclass(frozen=True)
class Cures:
    """Every cure, as of the day of the incident and as of `today`."""

    today: str
    tried: tuple[Tried, ...]

    def find(self, name: str, as_of: str) -> Tried:
        """Return one by the name of its cure and its instant."""
        return next(one for one in self.tried if (one.cure.name, one.as_of) == (name, as_of))


def try_cures(installers: Installers, folder: Path, today: str, tell: Callable[[str], None]) -> Cures:
    """Make each environment within `folder`, look at it, and leave it there."""
    found: list[Tried] = []
    for cure, as_of in [
        *((cure, when) for cure in CURES for when in (THEN, today)),
        *((cure, today) for cure in LATER),
    ]:
        tell(f"{cure.name} as of {as_of[:10]}")
        found.append(make(installers, folder, cure, as_of))
    return Cures(today, tuple(found))


def make(installers: Installers, folder: Path, cure: Cure, as_of: str) -> Tried:
    """Make one environment within `folder`, look at it, and leave it there."""
    name = cure.folder(as_of)
    own = folder / f"{name}-files"
    own.mkdir(parents=True)
    override: list[str | Path] = ["--override", own / "override.txt"] if cure.override else []
    (own / "override.txt").write_text(f"{cure.override or ''}\n", encoding="utf-8")
    (own / "wanted.txt").write_text("\n".join(cure.requirements) + "\n", encoding="utf-8")
    python = installers.make_environment(folder / name)
    attempt(
        [
            *(
                installers.uv,
                "pip",
                "compile",
                "--no-header",
                "--no-annotate",
                "--python",
                installers.python,
                *override,
            ),
            *("--exclude-newer", as_of, "-o", own / "pins.txt", own / "wanted.txt"),
        ],
        shown=f"uv pip compile --exclude-newer {as_of}",
        cwd=own,
    )
    command: list[str | Path]
    if cure.override:  # pip has no option for it
        command = [installers.uv, "pip", "install", "--python", python, "--exclude-newer", as_of, *override]
    else:
        command = [installers.pip, "--python", python, "install", "--uploaded-prior-to", as_of]
    command += ["-c", own / "pins.txt", *cure.requirements]
    attempt(command, shown=f"installing {cure.name} as of {as_of}", cwd=own)
    pins = [line.split(";")[0].strip() for line in (own / "pins.txt").read_text(encoding="utf-8").splitlines()]
    return Tried(
        cure=cure,
        as_of=as_of,
        installer="uv" if cure.override else "pip",
        versions=dict(sorted(pin.split("==") for pin in pins if "==" in pin)),
        seen=observe(installers, folder / name, name, own),
    )
