"""The target environments for which locks are compared: three operating systems, each with one version of Python."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms

PYTHONS = ("3.11", "3.12", "3.13", "3.10", "3.14", "3.9", "3.15", "3.8")
"""The versions to try, in this order, if a lock does not allow the target's own version of Python."""


@dataclass(frozen=True)
class Target:
    """A version of Python, such as `3.11`, on an operating system.

    `name` is the value of the marker variable `sys_platform`. The fields after `python` have the names of their marker
    variables.
    """

    name: str
    python: str
    os_name: str
    platform_system: str
    platform_machine: str

    def for_python(self, allowed: Callable[[str], bool]) -> "Target | None":
        """Return this target; if its Python is not allowed, use the first allowed version of PYTHONS instead.

        `allowed` gets a full version, such as `3.11.9`. Return None if it allows no version.
        """
        for python in (self.python, *PYTHONS):
            if allowed(f"{python}.9"):
                return replace(self, python=python)
        return None

    @property
    def markers(self) -> dict[str, str]:
        """Return the value of each marker variable."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.9",
            "os_name": self.os_name,
            "platform_machine": self.platform_machine,
            "platform_python_implementation": "CPython",
            "platform_release": "6.1.0",
            "platform_system": self.platform_system,
            "platform_version": "1",
            "python_full_version": f"{self.python}.9",
            "python_version": self.python,
            "sys_platform": self.name,
        }

    @property
    def tags(self) -> tuple[Tag, ...]:
        """Return the tags of the wheels that this environment can install, the best first."""
        python = (3, int(self.python.partition(".")[2]))
        if self.name == "darwin":
            platforms = tuple(mac_platforms((15, 0), self.platform_machine))
        elif self.name == "win32":
            platforms = ("win_amd64",)
        else:
            years = ("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64")
            platforms = (*(f"manylinux_2_{minor}_x86_64" for minor in range(40, 4, -1)), *years)
        interpreter = f"cp3{python[1]}"
        return (*cpython_tags(python, platforms=platforms), *compatible_tags(python, interpreter, platforms))

    def __str__(self) -> str:
        return f"{self.name} {self.python}"


TARGETS = (
    Target("linux", "3.11", "posix", "Linux", "x86_64"),
    Target("darwin", "3.13", "posix", "Darwin", "arm64"),
    Target("win32", "3.12", "nt", "Windows", "AMD64"),
)
