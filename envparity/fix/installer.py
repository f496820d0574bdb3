"""The `Installer` class: the commands of the tools that make an environment and install into it, such as uv and pip."""

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from envparity.project.locks.lock import Choice

_OTHER_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", ".toml", ".json")
_LOCAL_COMMIT = re.compile(r"\w+\+file:")
_AGAIN = re.compile(r" --reinstall-package (\S+)")


@dataclass(frozen=True)
class Installer:
    """The tools that install into the environment in the folder `environment`, whose interpreter is `python`.

    `counts` maps each tool that a file INSTALLER names to the number of distributions that the tool installed. `lock`
    is the path of the lock. `maker` is the distribution that made the lock, such as pip-tools; None if it is unknown.
    `is_hashed` says whether pip and uv can check each distribution of the lock by a hash. `is_remote` says whether the
    environment is on another machine or in an image, where the paths of the project do not exist. `choice` names the
    groups and extras of the lock to install.
    """

    environment: str
    python: str
    counts: Counter[str] = field(default_factory=Counter)
    has_pip: bool = False
    lock: str | None = None
    maker: str | None = None
    is_hashed: bool = False
    is_remote: bool = False
    choice: Choice = field(default_factory=Choice)

    @cached_property
    def uses_uv(self) -> bool:
        """Return whether commands use uv and not pip: uv installed some distributions, and not fewer than pip.

        If no installer is known, for example because nothing is installed, return whether uv made the lock.
        """
        if not self.counts:
            return self._lock_name == "uv.lock" or self.maker == "uv"
        return self.counts["uv"] > 0 and self.counts["uv"] >= self.counts["pip"]

    @cached_property
    def tool(self) -> str | None:
        """Return the tool that installs the lock with its own command: uv, poetry, pdm or pipenv.

        Return None if pip or `uv pip` must install the lock, for example because the environment is in an image.
        """
        tools = {
            "uv.lock": ("uv", self.uses_uv),
            "poetry.lock": ("poetry", any(name.lower().startswith("poetry") for name in self.counts)),
            "pdm.lock": ("pdm", self.counts["pdm"] > 0),
            "Pipfile.lock": ("pipenv", not self.uses_uv),
        }
        name, fits = tools.get(self._lock_name, (None, False))
        return name if (fits or not self.counts) and not self.is_remote else None

    @property
    def copied_lock(self) -> str | None:
        """Return the path to which you must copy the lock before the command of `install_lock` works.

        None means that the command needs no copy.
        """
        return f"/tmp/{self._lock_name}" if self.is_remote and self.lock and self._is_requirements else None  # noqa: S108 - in the image

    @property
    def pip(self) -> str:
        """Return the beginning of a pip command, with the pip of the environment, or else with the pip on PATH."""
        python = shlex.quote(self.python)
        return f"{python} -m pip" if self.has_pip else f"pip --python {python}"

    @property
    def reads_lock(self) -> bool:
        """Return whether a command can install the lock's distributions and check their hashes."""
        return self.tool is not None or (self.is_hashed and self._is_requirements and not self.is_remote)

    def install(self, specs: Iterable[str], *options: str, afresh: bool = False, deps: bool = False) -> str:
        """Return the command that installs `specs`, which are requirements.

        With `afresh`, the command installs the distributions again if they are installed already. With `deps`, the
        command also installs the distributions that `specs` require.
        """
        specs = [spec if self.uses_uv else _for_pip(spec) for spec in specs]
        words = [*options, *([] if deps else ["--no-deps"]), *map(shlex.quote, specs)]
        if self.uses_uv:
            # With --reinstall, uv would also install again the distributions that the specs require.
            names = [f"--reinstall-package {spec.partition('=')[0]}" for spec in specs] if deps else ["--reinstall"]
            return " ".join([self._uv_install, *(names if afresh else []), *words])
        return " ".join([self.pip, "install", *(["--force-reinstall"] if afresh else []), *words])

    def uninstall(self, names: Iterable[str]) -> str:
        """Return the command that uninstalls distributions."""
        words = " ".join(map(shlex.quote, names))
        if self.uses_uv:
            return f"uv pip uninstall --python {shlex.quote(self.python)} {words}"
        return f"{self.pip} uninstall -y {words}"

    def install_lock(self) -> str | None:
        """Return the command that installs the pins that the environment lacks; None if no command can."""
        if self.lock is None:
            return None
        if self.tool is not None:
            return {"uv": self._uv, "poetry": self._poetry, "pdm": self._pdm, "pipenv": self._pipenv}[self.tool]()
        if not self._is_requirements:
            return None
        checked = "--require-hashes " if self.is_hashed else ""
        install = self._uv_install if self.uses_uv else f"{self.pip} install"
        return f"{install} --no-deps {checked}-r {shlex.quote(self.copied_lock or self.lock)}"

    def install_lock_again(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the commands that install distributions of the lock again.

        The result is empty if no command checks their hashes, or if pip would have to uninstall itself first.
        """
        command = self.install_lock() if self.reads_lock else None
        if command is None:
            return ()
        if self.uses_uv:
            return (with_names(command, names),)
        # With --force-reinstall, pip would install every line of the lock again. The other tools skip installed
        # distributions. So an uninstall comes first.
        return () if "pip" in names else (self.uninstall(names), command)

    def make(self, python: str, *, sees_base: bool) -> tuple[str, ...]:
        """Return the commands that make the environment again: empty, or with pip if `has_pip` is true.

        `python` is the Python to make the environment with: a path, or a version such as 3.11.
        With `sees_base`, the environment also uses the distributions of that Python.
        """
        folder, base = shlex.quote(self.environment), ["--system-site-packages"] if sees_base else []
        if self.uses_uv:
            seed = ["--seed"] if self.has_pip else []
            return (" ".join(["uv venv --clear", *base, *seed, "--python", shlex.quote(python), folder]),)
        program = shlex.quote(python if "/" in python else f"python{python}")
        without = [] if self.has_pip else ["--without-pip"]
        made = " ".join([program, "-m venv --clear", *base, *without, folder])
        # In this file, pipenv finds the project to which an environment belongs.
        mark = (f"printf %s {self._folder} > {folder}/.project",) if self.tool == "pipenv" else ()
        return (made, *mark)

    @property
    def _lock_name(self) -> str:
        return Path(self.lock).name if self.lock else ""

    @property
    def _is_requirements(self) -> bool:
        """Return whether the lock is a requirements file, or a lock that uv reads like a requirements file."""
        standard = re.fullmatch(r"pylock(\.[^.]+)?\.toml", self._lock_name) is not None
        return (standard and self.uses_uv) or not self._lock_name.endswith(_OTHER_LOCKS)

    @property
    def _uv_install(self) -> str:
        # Install copies, because an edit of a hard link would also change uv's cache.
        return f"uv pip install --python {shlex.quote(self.python)} --link-mode copy"

    @property
    def _folder(self) -> str:
        """Return the folder of the lock, quoted for a shell."""
        return shlex.quote(str(Path(self.lock or "").parent))

    def _uv(self) -> str:
        chosen, root = self.choice, Path(self.lock or "").parent
        # In a workspace, uv installs the member whose folder is the current folder.
        folder = chosen.folder if chosen.folder is not None and chosen.folder.is_relative_to(root) else root
        words = [
            f"UV_PROJECT_ENVIRONMENT={shlex.quote(self.environment)} uv sync --project {shlex.quote(str(folder))}",
            f"--python {shlex.quote(self.python)} --frozen --inexact --link-mode copy",
            *_each("--group", chosen.groups),
            *_each("--no-group", chosen.no_groups),
            *_each("--only-group", chosen.only_groups),
            *_each("--extra", chosen.extras),
            *_each("--package", chosen.packages),
            *(["--no-default-groups"] if chosen.no_default_groups else []),
            *(["--all-extras"] if chosen.all_extras else []),
            *(["--all-groups"] if chosen.all_groups else []),
            *(["--all-packages"] if chosen.all_packages else []),
            *(["--no-install-project"] if chosen.no_project else []),
            *(["--no-install-workspace"] if chosen.no_workspace else []),
        ]
        return " ".join(words)

    def _poetry(self) -> str:
        chosen = self.choice
        added = ("main", *chosen.groups) if chosen.no_default_groups else chosen.groups
        words = [
            f"VIRTUAL_ENV={shlex.quote(self.environment)} poetry -C {self._folder} install --no-interaction",
            *_each("--only" if chosen.no_default_groups else "--with", added),
            *_each("--without", chosen.no_groups),
            *_each("--only", chosen.only_groups),
            *_each("--extras", chosen.extras),
            *(["--all-extras"] if chosen.all_extras else []),
            *(["--all-groups"] if chosen.all_groups else []),
            *(["--no-root"] if chosen.no_project else []),
        ]
        return " ".join(words)

    def _pdm(self) -> str:
        chosen = self.choice
        every = [":all"] if chosen.all_extras or chosen.all_groups else []
        words = [
            f"PDM_PYTHON={shlex.quote(self.python)} pdm sync -p {self._folder}",
            *_each("-G", (*chosen.groups, *chosen.extras, *chosen.only_groups, *every)),
            *_each("--without", chosen.no_groups),
            *(["--prod"] if chosen.no_default_groups and not chosen.groups else []),
            *(["--no-default"] if chosen.only_groups else []),
            *(["--no-self"] if chosen.without_project else []),
        ]
        return " ".join(words)

    def _pipenv(self) -> str:
        chosen = self.choice
        groups = ["packages", *chosen.groups]
        if chosen.only_groups:
            groups = list(chosen.only_groups)
        sections = " ".join("dev-packages" if name == "dev" else name for name in groups)
        words = [
            f"VIRTUAL_ENV={shlex.quote(self.environment)} PIPENV_PIPFILE={self._folder}/Pipfile pipenv sync",
            *(["--dev"] if chosen.all_groups else []),
            *([f"--categories {shlex.quote(sections)}"] if chosen.groups or chosen.only_groups else []),
        ]
        return " ".join(words)


def _for_pip(spec: str) -> str:
    """Return a requirement in a form that every pip reads: pip before 24.1 refuses `NAME @ git+file:///FOLDER`."""
    name, _, url = spec.partition(" @ ")
    if not _LOCAL_COMMIT.match(url):
        return spec
    url, mark, fragment = url.partition("#")
    more = [one for one in fragment.split("&") if mark and not one.startswith("egg=")]
    return f"{url}#{'&'.join([f'egg={name}', *more])}"


def _each(option: str, names: Iterable[str]) -> list[str]:
    return [f"{option} {shlex.quote(name)}" for name in names]


def with_names(command: str, names: Iterable[str]) -> str:
    """Return `command`, a uv command, with options that also install the distributions `names` again."""
    return command + "".join(f" --reinstall-package {name}" for name in dict.fromkeys(names))


def without_names(command: str) -> tuple[str, tuple[str, ...]]:
    """Return a command without its options --reinstall-package, and the names that these options have."""
    return _AGAIN.sub("", command), tuple(_AGAIN.findall(command))
