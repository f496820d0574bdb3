"""The container engine of this machine, Docker or Podman, and everything that the code in `dev` asks it to do.

Each method of `Engine` is one operation that callers need. Only this module and `engines`, which chooses the engine,
know the options of docker's commands. Podman understands most of docker's commands. For the other commands, for example
builds, the methods have a separate command of Podman.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from dev.command.errors import CommandError
from dev.command.surroundings import PROXIES

# The caller's environment variables that would change the image or the output of a build. A build never gets these.
_FOREIGN = ("BUILDKIT_PROGRESS", "BUILDX_BUILDER", "DOCKER_BUILDKIT", "DOCKER_DEFAULT_PLATFORM", "SOURCE_DATE_EPOCH")
# Matches the lines of a failed build that do not explain the failure, for example the steps that worked, or the excerpt
# of the Dockerfile.
_NOISE = re.compile(
    r"#0 |\d+\.\d+ |#\d+ (\[|CACHED|CANCELED|DONE|sha256:|transferring|\.\.\.)|-{4,}$|\d+ \||> \[|--mount="
    r"|Dockerfile:\d+$|time=\S+ level=warning "
)
_LOOPBACK = re.compile(r"^(\w+://)?([^@/]*@)?(localhost|127\.|\[::1\])")
_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Container:
    """One container to run: its image, its command, and its settings.

    If a setting is None, docker gets no option for this setting.
    """

    image: str
    command: Sequence[str] = ()
    """The arguments of the entrypoint. If `entrypoint` is None, the image's own entrypoint gets them."""
    name: str | None = None
    entrypoint: str | None = None
    user: str | None = None
    network: str | None = None
    label: str | None = None
    """A label without a value. `Engine.removal` finds the container by this label."""
    mounts: Sequence[str] = ()
    """The volumes, each in the form `SOURCE:TARGET` or `SOURCE:TARGET:ro`."""
    environment: Mapping[str, str] = field(default_factory=dict)
    init: bool = False
    """Whether the container has an init process, which passes signals on to the program."""
    options: Sequence[str] = ()
    """Additional options of `docker run`. Use only options that Docker and Podman spell in the same way."""

    def words(self) -> Iterator[str]:
        """Yield the arguments of `docker run`."""
        if self.init:
            yield "--init"
        for option in ("user", "name", "entrypoint", "network", "label"):
            if value := getattr(self, option):
                yield from (f"--{option}", value)
        yield from _pairs("--volume", self.mounts)
        yield from _pairs("--env", _assigned(self.environment))
        yield from (*self.options, self.image, *self.command)


@dataclass(frozen=True)
class Engine:
    """A program `docker` or `podman`, through which the methods reach the engine; below, `docker` means this program.

    A method that runs docker raises CommandError if docker fails, unless the method's description says otherwise. The
    argument `purpose` of a method is the start of its error message: it says what the caller was doing.
    """

    program: str

    @property
    def is_podman(self) -> bool:
        """Return whether the program is Podman, also if its name is `docker`, as in Debian's package podman-docker."""
        path = Path(self.program).resolve()
        if path.name.startswith("podman"):
            return True
        try:
            with path.open("rb") as file:
                start = file.read(2000)
        except OSError:
            return False
        return start.startswith(b"#!") and re.search(rb"(?m)^exec \S*podman\b", start) is not None

    def ask(self, *arguments: str | Path, purpose: str, stdin: bytes | None = None, show: bool = False) -> str:
        """Run docker with these arguments and return its standard output.

        Most methods below call this method. `stdin` is docker's standard input; None means no input. `show` lets docker
        print its progress on standard error. Raises CommandError if docker fails. Without `show`, the message quotes
        the last lines of docker's errors.
        """
        done = subprocess.run(
            [self.program, *map(str, arguments)],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=subprocess.PIPE,
            stderr=None if show else subprocess.PIPE,
            env=clean_environment(),
            check=False,
        )
        if done.returncode != 0:
            raise CommandError(f"{purpose}: {'see above' if show else last_lines(done.stderr)}")
        return done.stdout.decode("utf-8", "replace").strip()

    def version(self) -> str:
        """Return the version of the engine, which may differ from the version of the program `docker`.

        For Podman, return the version of the program.
        """
        side = "Client" if self.is_podman else "Server"
        return self.ask("version", "--format", f"{{{{.{side}.Version}}}}", purpose="asking the engine")

    def build(
        self,
        context: Path,
        tag: str,
        *,
        file: Path | None = None,
        target: str | None = None,
        arguments: Mapping[str, str] = _NONE,
        contexts: Mapping[str, Path] = _NONE,
        secrets: Mapping[str, Path] = _NONE,
        output: Path | None = None,
        fresh: bool = False,
        show: bool = False,
    ) -> None:
        """Build an image from the folder `context` and name it `tag`. If the build fails, an older image keeps the tag.

        If `output` is a folder, write the files of the image into this folder, and make no image.

        `file` is the Dockerfile, and `target` the stage to build. `contexts` is a dict from name to folder of the
        additional build contexts. `secrets` is a dict from a secret's id in the Dockerfile to the secret's file.
        `fresh` builds every layer again and ignores the layers in the cache. `show` prints docker's progress.
        """
        words: list[str | Path] = ["build"] if self.is_podman else ["buildx", "build"]
        words += ["--output", output] if output else [] if self.is_podman else ["--load", "--provenance=false"]
        words += [] if output else ["--tag", tag]
        words += ["--file", file] if file else []
        words += ["--target", target] if target else []
        words += _pairs("--build-arg", _assigned(arguments))
        words += _pairs("--build-context", _assigned(contexts))
        words += _pairs("--secret", [f"id={name},src={path}" for name, path in secrets.items()])
        words += ["--no-cache"] if fresh else []
        words += self._proxy_words()
        self.ask(*words, context, purpose=f"building {tag}", show=show)

    def _proxy_words(self) -> list[str | Path]:
        """Return the options that give the caller's proxies to a build. The image does not contain the proxies.

        docker and podman take the value of a build argument without `=` from the environment. So no password of a proxy
        appears in the list of processes, which every user of this machine can read. If a proxy listens on this
        machine's own loopback, the build gets the host's network, because only this network reaches the proxy.
        """
        set_here = [name for one in PROXIES for name in (one, one.lower()) if os.environ.get(name)]
        return [*_pairs("--build-arg", set_here), *(["--network=host"] if has_local_proxy() else [])]

    def drop_caches(self, name: str) -> None:
        """Remove each build cache whose description by `docker buildx du --verbose` contains `name`.

        Podman has no command for this, so with Podman all caches stay.
        """
        if self.is_podman:
            return
        told = self.ask("buildx", "du", "--verbose", purpose="listing the caches of the build")
        for one in told.split("\n\n"):
            if name in one and (found := re.search(r"(?m)^ID:\s*(\S+)", one)):
                prune = ("buildx", "prune", "--force", "--all", "--filter", f"id={found[1]}")
                self.ask(*prune, purpose="removing a cache of the build")

    def image(self, name: str) -> str | None:
        """Return the id of the image `name`; None if the engine has no image of that name or docker fails."""
        command = [self.program, "image", "inspect", "--format", "{{.Id}}", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return f"sha256:{done.stdout.strip().removeprefix('sha256:')}" if done.returncode == 0 else None

    def inspect(self, name: str) -> Any:
        """Return the facts that `docker inspect` prints about an image or a container, as parsed JSON."""
        return json.loads(self.ask("inspect", name, purpose=f"looking at {name}"))[0]

    def pull(self, name: str, *, purpose: str) -> None:
        """Fetch an image from its registry."""
        self.ask("pull", "--quiet", name, purpose=purpose)

    def save(self, name: str, archive: Path) -> None:
        """Write an image into a tar archive."""
        self.ask("save", "--output", archive, name, purpose=f"saving {name}")

    def load(self, name: str, archive: Path) -> None:
        """Load the image `name` from a tar archive into the engine."""
        self.ask("load", "--quiet", "--input", archive, purpose=f"loading {name}")

    def run(self, container: Container, *, purpose: str) -> str:
        """Run a container until its program ends, remove the container, and return the program's standard output."""
        return self.ask("run", "--rm", *container.words(), purpose=purpose)

    def command(self, container: Container) -> list[str]:
        """Return the command that runs a container until its program ends and then removes the container."""
        return [self.program, "run", "--rm", *container.words()]

    def start(self, container: Container, *, purpose: str) -> None:
        """Start a container in the background."""
        self.ask("run", "--detach", *container.words(), purpose=purpose)

    def execute(self, name: str, command: Sequence[str], *, purpose: str, stdin: bytes = b"") -> str:
        """Run a command in a running container; return the command's standard output."""
        return self.ask("exec", "--interactive", name, *command, purpose=purpose, stdin=stdin)

    def running(self, labels: Mapping[str, str]) -> list[str]:
        """Return the ids of the running containers that have all of these labels."""
        asked = _pairs("--filter", [f"label={one}" for one in _assigned(labels)])
        return self.ask("ps", "--quiet", *asked, purpose="listing the containers that run").split()

    def address(self, name: str, network: str) -> str:
        """Return the IP address of a container in a network."""
        return str(self.inspect(name)["NetworkSettings"]["Networks"][network]["IPAddress"])

    def create(self, kind: Literal["network", "volume"], name: str) -> None:
        """Create a network or a volume."""
        self.ask(kind, "create", name, purpose=f"making the {kind} {name}")

    def remove(self, kind: Literal["container", "image", "network", "volume"], *names: str) -> None:
        """Stop and remove containers, or remove images, networks or volumes. A name that does not exist is no error."""
        self.ask(kind, "rm", "--force", *names, purpose=f"removing the {kind} {' and '.join(names)}")

    def removal(self, label: str, network: str) -> str:
        """Return a shell command that removes every container with the label `label`, and then removes `network`."""
        docker = f"'{self.program}'"
        return f"{docker} ps -aq --filter label={label} | xargs -r {docker} rm -f; {docker} network rm {network}"

    def labels(self, labels: Mapping[str, str | None], name: str) -> list[str]:
        """Return the value of the label `name` of each container, running or not, that has all of `labels`.

        If `labels` maps a label to None, the container must have this label, with any value.
        """
        wanted = [key if value is None else f"{key}={value}" for key, value in labels.items()]
        asked = _pairs("--filter", [f"label={one}" for one in wanted])
        found = self.ask("ps", "--all", "--quiet", *asked, purpose="listing the containers").split()
        if not found:
            return []
        said = json.loads(self.ask("inspect", *found, purpose="looking at the containers"))
        return [value for one in said if (value := (one["Config"]["Labels"] or {}).get(name))]

    def images(self, labels: Mapping[str, str]) -> list[str]:
        """Return the ids of the images that have all of these labels."""
        asked = _pairs("--filter", [f"label={one}" for one in _assigned(labels)])
        return list(dict.fromkeys(self.ask("images", "--quiet", *asked, purpose="listing the images").split()))

    def images_of(self, labels: Mapping[str, str]) -> list[str]:
        """Return the names of the images that containers with all of these labels use; the containers need not run."""
        asked = _pairs("--filter", [f"label={one}" for one in _assigned(labels)])
        words = ("ps", "--all", *asked, "--format", "{{.Image}}")
        return list(dict.fromkeys(self.ask(*words, purpose="listing the containers").split()))

    def compose_down(self, project: str) -> None:
        """Stop the containers of a compose project, and remove them and their volumes.

        With Podman, this method does not use podman-compose, which would read the services from the compose file of the
        current folder.
        """
        if self.is_podman:
            label, purpose = f"label=com.docker.compose.project={project}", f"removing the containers of {project}"
            if found := self.ask("ps", "--all", "--quiet", "--filter", label, purpose=purpose).split():
                self.ask("rm", "--force", "--depend", "--time", "2", "--volumes", *found, purpose=purpose)
            if found := self.ask("network", "ls", "--quiet", "--filter", label, purpose=purpose).split():
                self.ask("network", "rm", *found, purpose=purpose)
            return
        words = ("compose", "--project-name", project, "down", "--timeout", "2", "--volumes")
        self.ask(*words, purpose=f"removing the containers of {project}")


def _pairs(option: str, values: Sequence[str]) -> list[str]:
    return [word for value in values for word in (option, value)]


def _assigned(values: Mapping[str, object]) -> list[str]:
    return [f"{name}={value}" for name, value in values.items()]


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment variables without the variables that change a build, plus `extra`."""
    return {name: value for name, value in os.environ.items() if name not in _FOREIGN} | dict(extra or {})


def has_local_proxy() -> bool:
    """Return whether a proxy of the caller listens on this machine's own loopback, for example on 127.0.0.1."""
    names = [name for one in PROXIES if one != "NO_PROXY" for name in (one, one.lower())]
    return any(_LOOPBACK.search(os.environ.get(name, "")) for name in names)


def last_lines(complaints: bytes | str) -> str:
    """Return the last 1200 characters of the lines that explain a failure, as one line.

    Return `no output` if no line explains the failure.
    """
    text = complaints if isinstance(complaints, str) else complaints.decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines()]
    return " | ".join(line for line in lines if line and not _NOISE.match(line))[-1200:] or "no output"
