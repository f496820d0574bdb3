"""Further families of checks. Each is a plugin: another distribution in the environment of envparity adds it.

If a function of a plugin fails, the error is one line that names the distribution of the plugin.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from envparity.installed_plugins import CHECKS, Plugin, plugins
from envparity.judge.comparison import Comparison
from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.rules import Rule
from envparity.judge.subject import Subject

_CODE = re.compile(r"[a-z][a-z0-9-]*/[a-z][a-z0-9-]*")


@cache
def further_families() -> tuple[Family, ...]:
    """Return the families of the plugins.

    Raise EnvparityError if a plugin does not load, or if its rules have a wrong family or a wrong code.
    """
    return tuple(_family(one) for one in plugins(CHECKS))


def _family(plugin: Plugin) -> Family:
    family = plugin.load(Family)
    rules = tuple(plugin.each(lambda: family.rules, Rule))
    codes = [rule.code for rule in rules]
    if family.rules.family != plugin.name:
        raise plugin.wrong(f"Rules({plugin.name!r}), the name of the entry point", repr(family.rules.family))
    for code in codes:
        if not _CODE.fullmatch(code) or not code.startswith(f"{plugin.name}/") or codes.count(code) > 1:
            raise plugin.wrong(f"each code once, in the form {plugin.name}/word", repr(code))

    def own(found: Iterator[Finding]) -> Iterator[Finding]:
        for one in found:
            if one.code not in codes:
                raise plugin.wrong(f"a finding of {', '.join(codes)}", repr(one.code))
            yield one

    def check(subject: Subject) -> Iterable[Finding]:
        return own(plugin.each(lambda: family.check(subject), Finding))

    def compare(comparison: Comparison) -> Iterable[Finding]:
        return own(plugin.each(lambda: family.compare(comparison), Finding))

    return Family(family.rules, check, compare)
