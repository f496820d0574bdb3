"""The two images that other projects publish: the base image of our images, and the image of Redis.

This module finds the pinned digest of each image, and chooses the image that this machine uses. A machine that cannot
pull a pinned image can use a stand-in, which `scripts/offline images` makes from Debian's packages.
"""

import os
import re
from dataclasses import dataclass

from dev.command.errors import CommandError
from dev.doors.engine import Engine
from dev.doors.offline.images import REDIS, python_image
from dev.lockenv.project import Project

_REDIS = re.compile(r"(?m)^    image: \$\{REDIS_IMAGE:-(\S+@sha256:[0-9a-f]{64})\}$")


def pinned_base(project: Project, track: str | None = None) -> str:
    """Return the base image that the Dockerfile pins for `track`, as `IMAGE@DIGEST`; None means the default track.

    Raises CommandError if the Dockerfile pins no base image for the Python of the track.
    """
    stage = f"pinned-{project.toolchain_of(track or project.default_track).python_series}"
    pattern = re.compile(rf"(?m)^FROM (\S+@sha256:[0-9a-f]{{64}}) AS {re.escape(stage)}$")
    return _pinned(project, "Dockerfile", pattern, f"FROM IMAGE@DIGEST AS {stage}")


def pinned_redis(project: Project) -> str:
    """Return the Redis image that compose.yaml pins, as `IMAGE@DIGEST`; raise CommandError if it pins no image."""
    return _pinned(project, "compose.yaml", _REDIS, "image: ${REDIS_IMAGE:-IMAGE@DIGEST}")


def _pinned(project: Project, name: str, pattern: re.Pattern[str], form: str) -> str:
    found = pattern.search((project.root / name).read_text(encoding="utf-8"))
    if found is None:
        raise CommandError(f"{name}: expected {form}, found none; restore it from git")
    return found[1]


@dataclass(frozen=True)
class Published:
    """An image that another project publishes. Remarks and errors use its `name`: `base` or `redis`."""

    name: str
    variable: str
    """The environment variable with which a person chooses another image, for example `BASE_IMAGE`."""
    pinned: str
    stand_in: str
    """The tag of the stand-in for this image."""

    def find(self, engine: Engine, wanted: str | None = None) -> tuple[str, str | None]:
        """Return the name of an image that the engine has, and a remark if this method chose the stand-in (else None).

        If `wanted` or the environment variable names an image, return that image, and pull it if the engine lacks it.
        Otherwise return the pinned image if the engine has it, or else the stand-in if the engine has the stand-in. If
        the engine has neither, pull the pinned image. Raises CommandError if a pull fails.
        """
        if wanted := wanted or os.environ.get(self.variable):
            if engine.image(wanted) is None:
                engine.pull(wanted, purpose=f"{self.name}: expected {wanted} on this machine or in its registry")
            return wanted, None
        if engine.image(self.pinned) is not None:
            return self.pinned, None
        if engine.image(self.stand_in) is not None:
            return (
                self.stand_in,
                f"the {self.name} is a stand-in made of Debian's packages, {self.stand_in}, not {self.pinned}",
            )
        try:
            engine.pull(self.pinned, purpose=f"{self.name}: expected to pull {self.pinned}")
        except CommandError as error:
            hint = "without an image registry, make a stand-in with: scripts/offline images"
            raise CommandError(f"{error}; {hint}") from error
        return self.pinned, None


def is_stand_in(base: str) -> bool:
    """Return whether a base image has the name of a stand-in."""
    return base.startswith(python_image("").tag)


def base_of(project: Project, track: str | None = None) -> Published:
    """Return the base image of `track`; None means the default track. Raises CommandError as `pinned_base` does."""
    python = project.toolchain_of(track or project.default_track).python_series
    return Published("base", "BASE_IMAGE", pinned_base(project, track), python_image(python).tag)


def redis_of(project: Project) -> Published:
    """Return the Redis image. Raises CommandError as `pinned_redis` does."""
    return Published("redis", "REDIS_IMAGE", pinned_redis(project), REDIS.tag)


def find_base(
    engine: Engine, project: Project, wanted: str | None = None, track: str | None = None
) -> tuple[str, str | None]:
    """Return the base image for builds of `track` on this machine, and a remark if the image is a stand-in (else None).

    If `wanted` or the variable BASE_IMAGE names an image, return this image and no remark. If `track` is None, use the
    default track. Raises CommandError if a pull fails, or if the Dockerfile pins no base image for the track.
    """
    return base_of(project, track).find(engine, wanted)


def find_redis(engine: Engine, project: Project) -> str:
    """Return the Redis image for containers on this machine.

    Raises CommandError if a pull fails, or if compose.yaml pins no image of Redis.
    """
    return redis_of(project).find(engine)[0]
