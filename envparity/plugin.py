"""The names that a plugin may import from envparity. A plugin is a lock format or a family of checks.

A distribution that is installed next to envparity provides the plugin. docs/guides/use-as-a-library.md has examples of
plugins, and says which versions of envparity may change these names.
"""

from envparity.errors import EnvparityError
from envparity.judge.comparison import Comparison
from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.rules import Rule, Rules, Severity
from envparity.judge.subject import Subject
from envparity.project.locks.document import packages_of, pinned, read_json_lock, read_toml_lock
from envparity.project.locks.lock import Choice, LockFile, LockFormat, Markers, Pin, Place, Select, where_applying
from envparity.project.locks.places import places_in_tables
from envparity.project.toml import Table

__all__ = [
    "Choice",
    "Comparison",
    "EnvparityError",
    "Family",
    "Finding",
    "LockFile",
    "LockFormat",
    "Markers",
    "Pin",
    "Place",
    "Rule",
    "Rules",
    "Select",
    "Severity",
    "Subject",
    "Table",
    "packages_of",
    "pinned",
    "places_in_tables",
    "read_json_lock",
    "read_toml_lock",
    "where_applying",
]
