"""Write the stand-in for nixpkgs: a flake whose packages are links to files of this machine.

The stand-in replaces nixpkgs on a machine that cannot reach the cache of nixpkgs. It consists of standin/flake.nix and
of host.json, the list of the files that the packages link to.
"""

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

from dev.command.errors import CommandError
from dev.lockenv.command import run
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.installer import bootstrap
from dev.lockenv.interpreter import Interpreter
from dev.lockenv.project import Project
from dev.lockenv.system import require_all

_FLAKE = Path(__file__).with_name("standin") / "flake.nix"


def write_standin(project: Project, folder: Path) -> None:
    """Write the stand-in into `folder`, and first install missing programs that the stand-in links to.

    Raises CommandError if a program or library is missing and this process cannot install it.
    """
    files = {
        "flake.nix": _FLAKE.read_text(encoding="utf-8"),
        "host.json": json.dumps(_host(project), indent=1, sort_keys=True) + "\n",
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def systems_of(project: Project) -> list[str]:
    """Return the systems of flake.nix, for example `x86_64-linux`, from the toolchain file.

    Raises CommandError if they are missing.
    """
    path = project.root / "locks" / "toolchain.toml"
    try:
        return [str(one) for one in tomllib.loads(path.read_text(encoding="utf-8"))["doors"]["nix"]["systems"]]
    except (KeyError, TypeError) as error:
        raise CommandError(f"{path}: expected systems in [doors.nix], found none; restore it from git") from error


def _host(project: Project) -> dict[str, Any]:
    """Return the content of host.json: the path of `bash`, the systems, and a dict from each package to its links.

    The links are a dict from a path in the package to a file of this machine.
    """
    toolchain, maker = project.toolchain, EnvironmentMaker(project)
    interpreter = maker.interpreter
    pythons = {project.pythons[track]: maker.interpreter_of(track).path for track in project.tracks}
    wanted = {"cmake": "cmake", "git": "git", "pkg-config": "pkg-config", "redis": "redis-server"}
    require_all(toolchain, interpreter, wanted)
    programs = {
        **{program: _program(program) for program in wanted.values()},
        "uv": bootstrap(project, interpreter),
        "bash": _program("bash"),
    }
    gcc = _program(interpreter.compiler)
    packages: dict[str, dict[str, Path]] = {
        name: {f"bin/{program}": programs[program].resolve()}
        for name, program in (
            *(("bashInteractive", "bash"), ("cmake", "cmake"), ("git", "git"), ("pkg-config", "pkg-config")),
            *(("redis", "redis-server"), ("uv", "uv")),
        )
    }
    packages |= {f"python{series.replace('.', '')}": _python(series, path) for series, path in pythons.items()}
    packages["gcc"] = {f"bin/{name}": gcc.resolve() for name in ("cc", "gcc")}
    packages["gccLibraries"] = {f"lib/{name}": _library(gcc, name) for name in ("libstdc++.so.6", "libgcc_s.so.1")}
    packages["gmp"] = _gmp(gcc, programs["pkg-config"], interpreter)
    formatter = project.cache / "nixfmt" / "release" / "nixfmt"
    packages["alejandra"] = {"bin/alejandra": formatter} if formatter.exists() else {}
    return {
        "bash": str(programs["bash"].resolve()),
        "systems": systems_of(project),
        "packages": {name: {path: str(file) for path, file in files.items()} for name, files in packages.items()},
    }


def _python(series: str, program: Path) -> dict[str, Path]:
    """Return the links of the package of a Python: a dict from a path in the package to a file or folder.

    A virtual environment looks for the standard library and the headers of its Python next to the folder of the program
    `python`, and then in /usr. So the package of a Python in /usr needs no links to the library and the headers.
    """
    found, name = program.resolve(), f"python{series}"
    links = {f"bin/{name}": found}
    for folder in ("lib", "include"):
        path = found.parent.parent / folder / name
        if found.parent.parent != Path("/usr") and path.is_dir():
            links[f"{folder}/{name}"] = path
    return links


def _gmp(gcc: Path, pkg_config: Path, interpreter: Interpreter) -> dict[str, Path]:
    command: list[str | Path] = [gcc, "-E", "-M", f"-I{interpreter.headers}", *"-include gmp.h -x c /dev/null".split()]
    words = run(command, purpose="looking for gmp.h").split()
    described = run([pkg_config, "--variable=pcfiledir", "gmp"], purpose="looking for gmp.pc").strip()
    return {
        "include/gmp.h": Path(next(word for word in words if word.endswith("/gmp.h"))),
        "lib/libgmp.so": _library(gcc, "libgmp.so"),
        "lib/libgmp.so.10": _library(gcc, "libgmp.so.10"),
        "lib/pkgconfig/gmp.pc": Path(described) / "gmp.pc",
    }


def _program(name: str) -> Path:
    found = shutil.which(name)
    if found is None:
        raise CommandError(f"stand-in: expected the program {name} on PATH, found none; install it")
    return Path(found)


def _library(gcc: Path, name: str) -> Path:
    found = Path(run([gcc, f"-print-file-name={name}"], purpose=f"looking for {name}").strip())
    if not found.is_absolute():
        raise CommandError(f"stand-in: expected {gcc} to find {name}, found none")
    return found.resolve()
