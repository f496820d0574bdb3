# Made by scripts/docs from Dockerfile; edit Dockerfile instead. Build it from the root of the repository:
#   docker build -f docker/v0.8-py313.Dockerfile .

# The image that a test harness of libp2p starts. It holds the environment of one track, that is, of one pinned version
# of libp2p. lockenv (dev/lockenv) installs the environment from its lock, in the same way as outside of an image. So
# the environment has the same bytes in both places. scripts/image passes the arguments and the secrets, which
# docs/guides/docker.md explains. The last stage runs no command, and no layer contains the time of the build. So two
# builds of the same checkout give the same image.

# The Python of the track: the value `python` in the table of the tracks in pyproject.toml.
ARG PYTHON=3.13
# The base: the name of an image, or a stage such as `pinned-3.11` below, which is the pinned base.
ARG BASE_IMAGE=pinned-3.13
# The stage that the last stage builds on: `bare`, or `base` itself if the base has no pip to remove.
ARG RUNTIME_BASE=bare
ARG TRACK=v0.8-py313
# The name of the lock in locks/: the name of the track, or of another track whose lock this track shares.
ARG LOCK=v0.8
# The release of libp2p in the track's lock, for the label of the image. A test compares this release with the lock.
ARG LIBRARY_VERSION=0.8.1
# scripts/image passes the values of these arguments from locks/toolchain.toml. They are here too, because a harness
# builds without arguments. A test compares the two files, and scripts/lock --upgrade toolchain upgrades the pins in
# both files.
ARG SOURCE_DATE_EPOCH=1762370100
ARG DEBIAN_SNAPSHOT=20261128T150000Z
ARG COMPILER_PACKAGES="gcc=4:12.2.0-3 libc6-dev=2.36-9+deb12u14 libgmp-dev=2:6.2.1+dfsg1-1.1"
ARG PYTHON_PACKAGES="python3.11-dev=3.11.2-6+deb12u9"
ARG TOOLCHAIN_PACKAGES="ca-certificates=20250419~deb12u2 cmake=3.25.1-1 git=1:2.39.5-0+deb12u3 pkg-config=1.8.1-1"
ARG DEV_PACKAGES="redis-server=5:7.0.15-1~deb12u10 redis-tools=5:7.0.15-1~deb12u10"
# The origin of the library: locked, git (a commit) or context (the build context `libp2p`).
ARG LIBRARY=locked
# The first part of the names of the cache mounts: a build with another value starts with empty caches.
ARG CACHES=py-libp2p-ping-test

# The base is Debian 12, so that compiled code is the same as on a Debian 12 host. On a machine that cannot pull the
# base, a stand-in made of Debian 12's packages replaces it. Dependabot updates only the first FROM, and no image that
# an argument names. If BASE_IMAGE names another image, Docker does not pull the images of these two lines.
FROM python:3.11.17-slim-bookworm@sha256:2333bd330d12de02514770b3585cad313644316047cdee24a7acfdece6de6efb AS pinned-3.11
FROM python:3.13.15-slim-bookworm@sha256:ed86c82274b3c69b52fb5820f358f0bd7df0b603332063cb5c6e32bd220c3e6e AS pinned-3.13

# The default is not `pinned-${PYTHON}`, because the program devcontainer reads no variable inside a default.
FROM ${BASE_IMAGE:-pinned-3.13} AS base

# This stage has only the packages that compile fastecdsa, so that a build after a changed dependency need not install
# cmake and git first.
FROM base AS compiler
ARG CACHES
ARG PYTHON
ARG DEBIAN_SNAPSHOT
ARG COMPILER_PACKAGES
ARG PYTHON_PACKAGES
RUN --mount=type=cache,id=${CACHES}-apt-cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,id=${CACHES}-apt-lists,target=/var/lib/apt,sharing=locked \
    --mount=type=bind,source=dev/doors/within/apt-exact,target=/run/apt-exact \
    sh /run/apt-exact ${COMPILER_PACKAGES} "?/usr/bin/python${PYTHON}" ${PYTHON_PACKAGES}

FROM compiler AS toolchain
ARG CACHES
ARG DEBIAN_SNAPSHOT
ARG TOOLCHAIN_PACKAGES
RUN --mount=type=cache,id=${CACHES}-apt-cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,id=${CACHES}-apt-lists,target=/var/lib/apt,sharing=locked \
    --mount=type=bind,source=dev/doors/within/apt-exact,target=/run/apt-exact \
    sh /run/apt-exact ${TOOLCHAIN_PACKAGES}

FROM compiler AS source-locked
FROM toolchain AS source-git
FROM toolchain AS source-context
# A build context named `libp2p` replaces this stage.
FROM scratch AS libp2p

# In this stage lockenv makes the environment of the track, as on any machine.
# hadolint ignore=DL3006
FROM source-${LIBRARY} AS locked
ARG CACHES
ARG LOCK
ARG TRACK
ARG LIBP2P_SOURCE
ARG SOURCE_DATE_EPOCH
WORKDIR /app
COPY pyproject.toml ./
COPY dev/__init__.py dev/__init__.py
COPY dev/command dev/command
COPY dev/lockenv dev/lockenv
COPY locks/build.txt locks/tools.txt locks/toolchain.toml locks/${LOCK}.txt locks/
RUN --mount=type=cache,id=${CACHES}-uv,target=/var/cache/uv \
    --mount=type=cache,id=${CACHES}-lockenv,target=/app/.cache,sharing=locked \
    --mount=type=bind,from=libp2p,target=/run/libp2p \
    --mount=type=bind,source=dev/doors/within/locked,target=/run/locked \
    --mount=type=bind,source=dev/doors/within/registries,target=/run/registries \
    --mount=type=secret,id=ca \
    --mount=type=secret,id=registries \
    sh /run/locked "${TRACK}"

# In this stage lockenv builds wheels again, for the distributions that the lock installs from source.
# `scripts/image --wheels` writes the wheels into a folder. envparity compares the files of the image with the wheels.
FROM locked AS rebuilt
ARG CACHES
ARG TRACK
RUN --mount=type=cache,id=${CACHES}-lockenv,target=/app/.cache,sharing=locked \
    --mount=type=bind,source=dev/doors/within/registries,target=/run/registries \
    --mount=type=secret,id=ca \
    --mount=type=secret,id=registries \
    . /run/registries && dev/command/python -m dev.lockenv wheels "${TRACK}" /wheels
FROM scratch AS wheels
COPY --from=rebuilt /wheels /

FROM base AS application
ARG PYTHON
ARG SOURCE_DATE_EPOCH
COPY ping_test.py LICENSE /staged/app/
COPY pingtest /staged/app/pingtest
# This command sets fixed file modes and times, because two checkouts may have different modes and times. It also
# compiles the code, because a read-only container cannot write bytecode.
RUN "python${PYTHON}" -m compileall -q -s /staged -p / --invalidation-mode checked-hash /staged/app/pingtest && \
    chmod -R u=rwX,go=rX /staged && \
    find /staged -exec touch -hd "@${SOURCE_DATE_EPOCH}" {} +

# The stage of the devcontainer: it has the whole toolchain. The environments of the track, of its tests and of the tools
# are in the home of the user `dev`. The devcontainer gives `dev` the user id of the checkout's owner.
FROM toolchain AS dev
ARG CACHES
ARG DEBIAN_SNAPSHOT
ARG DEV_PACKAGES
RUN --mount=type=cache,id=${CACHES}-apt-cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,id=${CACHES}-apt-lists,target=/var/lib/apt,sharing=locked \
    --mount=type=bind,source=dev/doors/within/apt-exact,target=/run/apt-exact \
    sh /run/apt-exact ${DEV_PACKAGES} && \
    useradd --create-home --uid 1000 --shell /bin/bash dev && \
    git config --system --add safe.directory /workspace
ARG TRACK
ARG SOURCE_DATE_EPOCH
WORKDIR /app
COPY pyproject.toml ./
COPY dev/__init__.py dev/__init__.py
COPY dev/command dev/command
COPY dev/lockenv dev/lockenv
COPY locks locks
ENV LOCKENV_HOME=/home/dev/environments
RUN --mount=type=cache,id=${CACHES}-uv,target=/var/cache/uv \
    --mount=type=bind,source=dev/doors/within/registries,target=/run/registries \
    --mount=type=bind,source=dev/doors/within/environments,target=/run/environments \
    --mount=type=secret,id=ca \
    --mount=type=secret,id=registries \
    sh /run/environments "${TRACK}"
COPY dev/doors/within/registries /etc/profile.d/registries.sh
ENV PATH="/home/dev/environments/.venv-${TRACK}/bin:/usr/local/bin:/usr/bin:/bin" PYTHONUNBUFFERED=1 TRACK=${TRACK}
WORKDIR /workspace

# The pinned base has a pip next to its Python, and no bytecode of Python's library. A layer that removed pip would
# contain the time of the build. So this stage makes one new layer of the base, without pip and with bytecode.
FROM base AS stripped
ARG PYTHON
ARG SOURCE_DATE_EPOCH
RUN --mount=type=bind,source=dev/doors/within/stripped,target=/run/stripped sh /run/stripped
FROM scratch AS bare
COPY --from=stripped /staged /

# hadolint ignore=DL3006
FROM ${RUNTIME_BASE} AS runtime
ARG TRACK
ARG LIBRARY_VERSION
COPY --from=locked /staged /
COPY --from=application /staged /
# Python's TLS reads a key only from a file. A program in a read-only container can write that file only to /dev/shm.
ENV PATH="/app/.venv-${TRACK}/bin:/usr/local/bin:/usr/bin:/bin" PYTHONUNBUFFERED=1 TMPDIR=/dev/shm
WORKDIR /app
USER 65532:65532
LABEL org.opencontainers.image.title="py-libp2p-ping-test" \
      org.opencontainers.image.description="The py-libp2p interop ping test in one locked environment" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${LIBRARY_VERSION:-${TRACK}}" \
      org.py-libp2p-ping-test.track="${TRACK}"
# No file of an image changes, so Python need not compare the bytecode with its source. This comparison would take 18 ms
# at each start of a container.
ENTRYPOINT ["python", "--check-hash-based-pycs", "never", "ping_test.py"]
