"""The pins of Debian's packages in locks/toolchain.toml and the Dockerfile, moved to what the base's mirror offers."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from dev.command.errors import CommandError
from dev.doors.engine import Engine
from dev.doors.image import packages
from dev.lockenv.project import Project

# Asked within the base, for its Debian counts and not this machine's.
_ASK = """
apt-get update -qq
for name in "$0" "$@"; do echo "$name $(apt-cache policy "$name" | sed -n 's/ *Candidate: //p')"; done
"""


def move_pins(engine: Engine, project: Project, base: str) -> dict[str, tuple[str, str]]:
    """Move every pin to the candidate of the mirror; those that moved, from which version to which."""
    pinned = {name: version for group in packages(project).values() for name, version in group.items()}
    command = ["run", "--rm", "--user", "0", "--entrypoint", "sh", base, "-c", _ASK, *pinned]
    said = engine.run(command, purpose="asking the mirror of the base for its packages")
    offered = dict(line.split(" ", 1) for line in said.splitlines() if " " in line)
    missing = [name for name in pinned if offered.get(name, "(none)") in ("", "(none)")]
    if missing:
        raise CommandError(f"pins: expected the mirror of {base} to have {', '.join(missing)}, found none of that name")
    moved = {name: (version, offered[name]) for name, version in pinned.items() if version != offered[name]}
    _write(project.root / "locks" / "toolchain.toml", moved, ('\n{name} = "{version}"\n', '\n"{name}" = "{version}"\n'))
    _write(
        project.root / "Dockerfile",
        moved,
        ('"{name}={version} ', '"{name}={version}"', " {name}={version} ", ' {name}={version}"'),
    )
    return moved


def _write(path: Path, moved: Mapping[str, tuple[str, str]], forms: Sequence[str]) -> None:
    text = path.read_text(encoding="utf-8")
    for name, (old, new) in moved.items():
        for form in forms:
            text = text.replace(form.format(name=name, version=old), form.format(name=name, version=new))
    path.write_text(text, encoding="utf-8")
