"""Further formats of locks. Each format is a plugin from another distribution in the environment of envparity.

This module wraps the functions of a plugin. So an error of a plugin is one line that names the plugin's distribution.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from envparity.installed_plugins import LOCKS, Plugin, plugins
from envparity.project.locks.lock import LockFile, LockFormat, Markers, Pin, Place, Select


@cache
def further_formats() -> tuple[LockFormat, ...]:
    """Return the formats of the plugins; raise EnvparityError if a plugin is broken."""
    return tuple(_format(one) for one in plugins(LOCKS))


def _format(plugin: Plugin) -> LockFormat:
    form = plugin.load(LockFormat)

    def read(file: LockFile) -> Select:
        select = plugin.guarded(lambda: form.read(file))

        def guarded(environment: Markers) -> Iterator[Pin]:
            return plugin.each(lambda: select(environment), Pin)

        return guarded

    return replace(
        form,
        reads=lambda name, text: plugin.guarded(lambda: bool(form.reads(name, text))),
        read=read,
        maker=lambda text: plugin.guarded(lambda: form.maker(text)),
        whole=lambda text: plugin.guarded(lambda: bool(form.whole(text))),
        places=lambda file: plugin.each(lambda: form.places(file), Place),
    )
