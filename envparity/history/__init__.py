"""Finds the releases that requirements resolved to in a past period, and the release that caused each change.

`resolver` asks uv to resolve requirements as of one instant, and `walk` decides for which instants to ask. `artefacts`
fetches the chosen wheels, and `contents` reads the list of files that each wheel installs. `collisions` finds the
import names that several wheels provide. `record` has the types of a history, `story` makes its events, and `run` calls
these modules for a command line. `bisect` finds the release that broke a command, and `trial` makes each run of the
command. `why` reports the requirements because of which a distribution is installed, `introduction` finds the release
that introduced a requirement, and `origin` finds where an installed file comes from. `cache` keeps the answers that
never change.
"""
