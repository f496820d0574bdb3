"""The image of a track: the engine that builds it, the base that it stands on, and how it is built.

`engine` finds or installs a Docker engine, `base` makes stand-ins for the pinned bases where no registry is reached,
`image` builds, `verify` builds twice and compares, `pins` moves the pins of Debian's packages. The Dockerfile runs
`apt-exact` and `locked`. Nothing but the standard library, for a bare Python runs it.
"""
