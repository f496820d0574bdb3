"""The Dockerfile of the written folder, made of the stages of this repository's Dockerfile.

The new Dockerfile copies each file of this repository from its path in the folder, and the library from the checkout.
Two steps are new. The first compares the requirements of the checkout with the lock. The second runs the ping test if
the lock does not satisfy a requirement.
"""

import re

from dev.command.errors import CommandError
from dev.lockenv.project import Project

TRACK = "checkout"
"""The name of the only track in the folder. The library of this track is that of the checkout."""
FOLDER = "interop/transport"
"""The path of the folder, from the root of the checkout."""

_HEAD = f"""\
# The image that a test harness of libp2p starts, with the library of this checkout of py-libp2p. Every other
# distribution comes from {FOLDER}/locks, with hashes. Build it from the root of the checkout:
#   docker build -f {FOLDER}/Dockerfile .
# scripts/upstream of py-libp2p-ping-test has written this file.

# The Python of the image, as the table of the tracks in pyproject.toml names it.
ARG PYTHON=@PYTHON@
# The base: the name of an image, or the stage `pinned-PYTHON`, whose FROM names the pinned base.
ARG BASE_IMAGE=pinned-@PYTHON@
# The stage that the last stage builds on: `bare`, or `base` itself if the base has no pip to remove.
ARG RUNTIME_BASE=bare
ARG TRACK={TRACK}
ARG LIBRARY_VERSION={TRACK}
# The time of the files in the image, so that two builds give the same image.
@EPOCH@
# The packages that build fastecdsa. The image does not contain them. They have no versions here, because Debian's
# mirror offers only one version of each package.
ARG COMPILER_PACKAGES="gcc libc6-dev libgmp-dev"
ARG PYTHON_PACKAGES="python@PYTHON@-dev"
# The first part of the names of the cache mounts: a build with another value starts with empty caches.
@CACHES@

"""
_LIBRARY = """\
# The library: the checkout, without the files that Dockerfile.dockerignore names.
FROM scratch AS libp2p
COPY . /

"""
_CHECKED = f"""\
# If the lock does not satisfy every requirement of the checkout, this stage pings over loopback. The build fails if a
# ping fails, because then the ping test needs a distribution that the lock does not hold.
FROM locked AS checked
RUN --mount=type=bind,from=application,source=/staged/app,target=/run/application \\
    /app/.venv-tools/bin/python -m dev.upstream.within.pinged \\
    /app/asked.txt "/staged/app/.venv-{TRACK}/bin/python" /run/application/ping_test.py

"""
# The stages of this repository's Dockerfile that the folder's Dockerfile lacks: the devcontainer, other origins of the
# library, and the wheels that are built again.
_LEFT_OUT = {"toolchain", "source-locked", "source-git", "source-context", "libp2p", "rebuilt", "wheels", "dev"}
# The changes of single lines, each with the number of the places where it applies.
_CHANGES = (
    (r"^# hadolint ignore=DL3006\nFROM source-\$\{LIBRARY\} AS locked$", "FROM compiler AS locked", 1),
    (r"^ARG LIBP2P_SOURCE\n", "", 1),
    (r"^ARG LOCK\n", "", 1),
    (r"locks/\$\{LOCK\}\.txt", "locks/${TRACK}.txt", 1),
    (r"^ARG DEBIAN_SNAPSHOT\n", "", 1),
    (
        r"^(COPY )(pyproject\.toml \./)$",
        r"\1\2\n\1dev/upstream/__init__.py dev/upstream/\n\1dev/upstream/within dev/upstream/within",
        1,
    ),
    (
        r'^    sh /run/locked "\$\{TRACK\}"$',
        "    --mount=type=bind,source=dev/upstream/within/asked,target=/run/asked \\\\\n"
        '    sh /run/asked && sh /run/locked "${TRACK}"',
        1,
    ),
    (r"^COPY --from=locked ", "COPY --from=checked ", 1),
)


def dockerfile(project: Project, python: str) -> str:
    """Return the text of the folder's Dockerfile for a Python, for example `3.11`.

    Raises CommandError if this repository's Dockerfile lacks a part that the folder's Dockerfile needs.
    """
    source = (project.root / "Dockerfile").read_text(encoding="utf-8")
    head, blocks = _stages(source)
    others = {name for name in blocks if name.startswith("pinned-")} - {f"pinned-{python}"}
    kept = {name: block for name, block in blocks.items() if name not in _LEFT_OUT | others}
    if missing := _LEFT_OUT - set(blocks) | {"application", "runtime"} - set(kept):
        raise CommandError(f"Dockerfile: expected the stages {', '.join(sorted(missing))}, found none")
    body = "".join({"locked": _LIBRARY, "runtime": _CHECKED}.get(name, "") + block for name, block in kept.items())
    base = (r"^(FROM \$\{BASE_IMAGE:-)pinned-[0-9.]+(\} AS base)$", rf"\g<1>pinned-{python}\g<2>", 1)
    for pattern, new, times in (base, *_CHANGES):
        body, found = re.subn(f"(?m){pattern}", new, body)
        if found != times:
            raise CommandError(f"Dockerfile: expected {pattern} {times} times, found it {found} times")
    return _with_defaults(head).replace("@PYTHON@", python) + _moved(body)


def _with_defaults(head: str) -> str:
    text = _HEAD
    for name in ("EPOCH", "CACHES"):
        found = re.search(rf"(?m)^ARG \w*{name}=\S+$", head)
        if found is None:
            raise CommandError(f"Dockerfile: expected a default of the argument …{name}, found none")
        text = text.replace(f"@{name}@", found[0])
    return text


def _stages(text: str) -> tuple[str, dict[str, str]]:
    """Return the text before the first stage, and a dict from stage to its text with the comment above it."""
    lines = text.splitlines(keepends=True)
    starts: list[tuple[int, str]] = []
    for number, line in enumerate(lines):
        if found := re.match(r"FROM \S+ AS (\S+)$", line.rstrip()):
            above = number
            while above and lines[above - 1].startswith("#"):
                above -= 1
            starts.append((above, found[1]))
    ends = [start for start, _ in starts[1:]] + [len(lines)]
    blocks = {name: "".join(lines[start:end]) for (start, name), end in zip(starts, ends, strict=True)}
    return "".join(lines[: starts[0][0]]), blocks


def _moved(text: str) -> str:
    """Return `text`, the stages, with the path that each copied file of this repository has in the folder."""

    def copied(found: "re.Match[str]") -> str:
        *sources, target = found[1].split()
        if sources == ["."]:
            return found[0]
        return " ".join(["COPY", *(f"{FOLDER}/{one}" for one in sources), target])

    text = re.sub(r"(?m)^COPY (?!--)(.+)$", copied, text)
    return re.sub(r"(?m)(type=bind,source=)(?!/)", rf"\1{FOLDER}/", text)
