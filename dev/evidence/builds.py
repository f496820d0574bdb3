"""Experiments that show which tools a build needs. Most builds run with all their tools, and again without one tool.

The builds run in containers of the base image, in which only the Debian packages of the experiment are installed.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from dev.doors.engine import Engine
from dev.doors.pins import versions
from dev.evidence.sandbox import AS_OF, Box, installed, sandbox
from dev.lockenv.lockfile import Lock, read_lock
from dev.lockenv.project import Project

SCHEMA: Literal["builds-1"] = "builds-1"
_COMPILER = ("gcc", "libc6-dev")
_FASTECDSA = (*_COMPILER, "libgmp-dev", "python3.11-dev")
# coincurve wraps the library libsecp256k1. If Debian's package of the library is missing, coincurve's build fetches the
# source from a git host, which not every machine can reach. Debian's version is older than the version that coincurve
# requires, so _SYSTEMS_OWN lowers the minimum version. Debian's package also installs pkg-config, so an experiment
# without pkg-config leaves this package out.
_COINCURVE = (*_COMPILER, "libsecp256k1-dev", "python3.11-dev")
_SYSTEMS_OWN = "COINCURVE_IGNORE_SYSTEM_LIB=OFF SKBUILD_CMAKE_DEFINE=VENDORED_LIBRARY_PKG_CONFIG_VERSION=0.2.0"
_DISCONNECTED = "SKBUILD_CMAKE_DEFINE=FETCHCONTENT_FULLY_DISCONNECTED=ON"
# The build requirements that coincurve's sdist declares, besides cffi.
_REQUIRES = "hatchling ninja scikit-build-core setuptools"
_CFFI = "'cffi<2'"
_EMPTY = "rm -rf /tmp/made && python3.11 -m venv --without-pip /tmp/made\n"
_INSTALL = "timeout 300 uv {cache} pip install --python /tmp/made/bin/python --no-deps"
_REPOSITORY = """
cat > /tmp/libp2p.txt
pip download -q --no-deps --no-binary :all: --require-hashes --no-build-isolation -d /tmp -r /tmp/libp2p.txt
mkdir /shared/libp2p
tar -xzf /tmp/libp2p-*.tar.gz --strip-components 1 -C /shared/libp2p
cd /shared/libp2p
git init -q
git add --all --force
git -c user.name=nobody -c user.email=nobody@example.invalid commit -q -m 'libp2p as its sdist has it'
git rev-parse HEAD
"""


@dataclass(frozen=True)
class Experiment:
    """One build or program to run, the tools that are missing, and the Debian packages to install first.

    `setup` must succeed; `script` may fail. Both scripts can read the text `given`, a requirements file, from
    /tmp/given.txt. `says` is a regular expression that matches the decisive line of the output. `what` describes the
    build in words. `without` says which tools are missing, for example `cmake`, `git, gmp`, `nothing` or `all`.
    """

    name: str
    what: str
    without: str
    packages: tuple[str, ...]
    script: str
    says: str
    setup: str = ""
    given: str = ""


@dataclass(frozen=True)
class ExperimentResult:
    """How an experiment ended: its exit status, and in `said` the decisive part of its output.

    This part is the first text that the experiment's `says` matches, or else the last line of the output. `packages`
    maps the name of each Debian package of the experiment to its installed version.
    """

    name: str
    what: str
    without: str
    packages: dict[str, str]
    status: int
    said: str


@dataclass(frozen=True)
class Builds:
    """The results of all experiments, with the versions of Python, uv and pip that ran them.

    A build that resolves requirements ignores releases after `as_of`, an instant in ISO 8601.
    """

    schema: Literal["builds-1"]
    as_of: str
    python: str
    uv: str
    pip: str
    outcomes: tuple[ExperimentResult, ...]

    def find(self, name: str) -> ExperimentResult:
        """Return the result of the experiment `name`. Raises StopIteration if no experiment has this name."""
        return next(one for one in self.outcomes if one.name == name)


def experiments(project: Project) -> tuple[Experiment, ...]:
    """Return every experiment: the installs that need no tool, and the builds of libp2p, fastecdsa and coincurve."""
    lock = read_lock(project.lock(project.default_track))
    return (*_of_nothing(project), *_of_git(lock), *_of_fastecdsa(lock), *_of_coincurve(lock))


def _of_nothing(project: Project) -> Iterable[Experiment]:
    """Yield the installs that need only the base image.

    These are the installs of the wheels in each track's lock, and of the sdists in the default track's lock. fastecdsa
    is left out, because its sdist has C code.
    """
    wheels = f"{_INSTALL.format(cache='')} --require-hashes --only-binary :all: -r /tmp/given.txt"
    for track in project.locked_tracks:
        lock = read_lock(project.lock(track))
        pins = "\n".join(pin.text for pin in lock.pins.values() if pin.name not in lock.built)
        what = f"every wheel of locks/{track}.txt"
        yield Experiment(f"wheels-{track}", what, "all", (), wheels, r"Installed \d+ packages", _EMPTY, pins)
    lock = read_lock(project.lock(project.default_track))
    rest = [name for name in lock.built if name != "fastecdsa"]
    yield Experiment(
        "other-sdists",
        f"the sdists of {', '.join(rest)}",
        "all",
        (),
        _built(*rest, options="--build-constraints /run/locks/build.txt"),
        r"Installed \d+ packages",
        _EMPTY,
        "\n".join(lock.pins[name].text for name in rest),
    )


def _of_git(lock: Lock) -> Iterable[Experiment]:
    """Yield builds of a commit of libp2p, from a git repository that is made from libp2p's sdist."""
    url = "git+file:///shared/libp2p@$(cat /shared/commit)"
    own = f"{_INSTALL.format(cache='--no-cache')} --build-constraints /run/locks/build.txt 'libp2p @ '{url}"
    pip = f"timeout 300 pip wheel --no-deps --no-build-isolation -w /tmp/wheels {url}"
    pin = lock.pins["libp2p"].text
    for installer, script, says in (
        ("uv", own, r"Git executable not found.*|Installed 1 package"),
        ("pip", pip, r"ERROR: Cannot find command 'git'.*|Successfully built libp2p"),
    ):
        what = f"a commit of libp2p, by {installer}"
        yield Experiment(f"git-{installer}", what, "nothing", ("git",), script, says, _EMPTY, pin)
        yield Experiment(f"git-{installer}-without", what, "git", (), script, says, _EMPTY, pin)


def _of_fastecdsa(lock: Lock) -> Iterable[Experiment]:
    pin = lock.pins["fastecdsa"]
    what = f"the sdist of fastecdsa {pin.version}"
    script = _built("fastecdsa", options="--build-constraints /run/locks/build.txt")
    says = r"[^ ]*: fatal error: .*|error: \[Errno 2\].*|Installed 1 package"
    yield Experiment("fastecdsa", what, "nothing", _FASTECDSA, script, says, _EMPTY, pin.text)
    yield Experiment(
        "fastecdsa-import",
        f"importing fastecdsa {pin.version}, built",
        "libgmp10",
        _FASTECDSA,
        "cd /tmp && made/bin/python -I -c 'import fastecdsa.curvemath'",
        r"ImportError: .*",
        f"{_EMPTY}{script} > /dev/null 2>&1\nrm /usr/lib/*/libgmp.so.10*\n",
        pin.text,
    )
    for piece in ("gcc", "libgmp-dev", "python3.11-dev"):
        rest = tuple(one for one in _FASTECDSA if one != piece)
        yield Experiment(f"fastecdsa-without-{piece}", what, piece, rest, script, says, _EMPTY, pin.text)


def _of_coincurve(lock: Lock) -> Iterable[Experiment]:
    pin = lock.pins["coincurve"]
    what = f"the sdist of coincurve {pin.version}"
    alone = _built("coincurve", options="--no-build-isolation")
    fetching = f"--exclude-newer {AS_OF} --build-constraints /tmp/cffi.txt"
    says = (
        r"RuntimeError: .*|[\w.]*CMakeNotFoundError: .*|Could NOT find PkgConfig.*"
        r"|FETCHCONTENT_FULLY_DISCONNECTED is set.*|Installed 1 package"
    )

    def made(*more: str, cffi: str = _CFFI, settings: str = _SYSTEMS_OWN) -> str:
        wanted = " ".join((_REQUIRES, cffi, *more))
        return (
            f"{_EMPTY}{_INSTALL.format(cache='').replace(' --no-deps', '')} -q --exclude-newer {AS_OF} {wanted}\n"
            f"export PATH=/tmp/made/bin:$PATH {settings}\n"
        )

    def experiment(name: str, without: str, script: str, setup: str, *names: str) -> Experiment:
        return Experiment(f"coincurve{name}", what, without, names or _COINCURVE, script, says, setup, pin.text)

    newest = f"cffi=={lock.pins['cffi'].version}"
    yield experiment("", "git, gmp", alone, made("cmake"))
    yield experiment("-without-cmake", "cmake", alone, made())
    yield experiment("-cffi", f"a cffi older than {newest[6:]}, which the locks pin", alone, made("cmake", cffi=newest))
    yield experiment(
        "-fetching",
        "cmake, but the build may download it",
        _built("coincurve", options=fetching),
        f"{_EMPTY}echo {_CFFI} > /tmp/cffi.txt\nexport {_SYSTEMS_OWN}\n",
    )
    yield experiment("-debians-cmake", "a cmake newer than Debian's", alone, made(), *_COINCURVE, "cmake")
    rest = tuple(one for one in _COINCURVE if one != "libsecp256k1-dev")
    yield experiment("-without-pkg-config", "pkg-config", alone, made("cmake"), *rest)
    settings = made("cmake", settings=_DISCONNECTED)
    yield experiment("-without-source", "libsecp256k1, and a download of it", alone, settings, *rest, "pkg-config")


def _built(*names: str, options: str) -> str:
    """Return the command that checks the hashes of the sdists `names`, builds them without cache, and installs them."""
    binary = " ".join(f"--no-binary {name}" for name in names)
    return f"{_INSTALL.format(cache='--no-cache')} --require-hashes {binary} {options} -r /tmp/given.txt"


def try_builds(
    engine: Engine, project: Project, base: str, tell: Callable[[str], None], only: Collection[str] = ()
) -> Builds:
    """Run every experiment, or only those named in `only`, in containers of the image `base`; return the results.

    `tell` receives the name of each experiment before the experiment starts. Raises CommandError if a container or the
    setup of an experiment fails.
    """
    pins = versions(project)
    wanted = [one for one in experiments(project) if not only or one.name in only]
    found: dict[str, ExperimentResult] = {}
    with sandbox(engine, project, base) as opened:
        with opened.box({"git": pins["git"]}) as box:
            pin = read_lock(project.lock(project.default_track)).pins["libp2p"].text
            box.do(f"( {_REPOSITORY} ) > /shared/commit", purpose="making a repository", given=pin + "\n")
            python, uv, pip = box.do(
                "python3.11 --version; uv --version; pip --version", purpose="asking for versions"
            ).splitlines()
        for names in dict.fromkeys(one.packages for one in wanted):
            with opened.box({name: pins.get(name, "") for name in names}) as box:
                there = installed(box, names)
                for one in wanted:
                    if one.packages == names:
                        tell(one.name)
                        found[one.name] = _attempt(box, one, there)
    return Builds(
        schema=SCHEMA,
        as_of=AS_OF,
        python=python.split()[1],
        uv=uv.split()[1],
        pip=pip.split()[1],
        outcomes=tuple(found[one.name] for one in wanted),
    )


def _attempt(box: Box, experiment: Experiment, there: dict[str, str]) -> ExperimentResult:
    box.do("cat > /tmp/given.txt", purpose="giving requirements", given=experiment.given + "\n")
    said = box.attempt(f"{experiment.setup}echo SET UP\n{experiment.script}", purpose=experiment.what)
    if "SET UP" not in said.lines:
        box.do("cat /tmp/said >&2; exit 1", purpose=f"{experiment.what}: setting up")
    after = said.lines[said.lines.index("SET UP") + 1 :]
    matches = (re.search(experiment.says, line) for line in after)
    decides = next((match[0] for match in matches if match), after[-1] if after else "")
    return ExperimentResult(experiment.name, experiment.what, experiment.without, there, said.status, decides)
