"""Reads a TOML file of a project, and checks the type of each field.

If a value has the wrong type, the error is one line that names the file and the field.
"""

import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path

from envparity.errors import EnvparityError
from envparity.text import visible


class Table:
    """A table of a TOML file. Reading a field raises EnvparityError if its value has the wrong type."""

    def __init__(self, value: object, where: str, known: Collection[str] | None = None) -> None:
        """Check the table. Raise EnvparityError if `value` is not a dict, or has a field that is not in `known`.

        `where` names the table in error messages. If `known` is None, the table may have any field.
        """
        if not isinstance(value, dict):
            raise EnvparityError(f"{where}: expected a table, found {_short(value)}")
        self._fields: dict[str, object] = value
        self._where = where
        if known is not None and (unknown := sorted(set(value) - set(known))):
            raise EnvparityError(
                f"{where}: expected only the fields {', '.join(sorted(known))}, found "
                f"{visible(', '.join(unknown))[:200]}"
            )

    @property
    def where(self) -> str:
        """Return the name of this table in error messages."""
        return self._where

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def wrong(self, name: str, expected: str) -> EnvparityError:
        """Return the error for a field with a wrong value; `expected` describes a right value, such as `a string`."""
        found = _short(self._fields[name]) if name in self._fields else "none"
        return EnvparityError(f"{self._where}: {visible(name)}: expected {expected}, found {found}")

    def text(self, name: str) -> str:
        """Return the text in the field `name`; raise EnvparityError if the field is missing, blank or not a string."""
        value = self._fields.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(name, "a string")
        return value

    def optional(self, name: str) -> str | None:
        """Return the text in the field `name`, or None if the field is missing."""
        return self.text(name) if name in self else None

    def flag(self, name: str) -> bool:
        """Return the boolean in the field `name`; False if the field is missing."""
        value = self._fields.get(name, False)
        if not isinstance(value, bool):
            raise self.wrong(name, "true or false")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the list of texts in the field `name`; empty if the field is missing."""
        value = self._fields.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong(name, "a list of strings")
        return tuple(value)

    def named(self, name: str) -> dict[str, str]:
        """Return the table of texts in the field `name`, as a dict; empty if the field is missing."""
        table = Table(self._fields.get(name, {}), f"{self._where}: {name}")
        return {one: table.text(one) for one in table._fields}

    def table(self, name: str, known: Collection[str] | None = None) -> "Table":
        """Return the table in the field `name`; empty if the field is missing.

        Raise EnvparityError if the table has a field that is not in `known`. If `known` is None, it may have any field.
        """
        return Table(self._fields.get(name, {}), f"{self._where}: {visible(name)}", known)

    def tables(self, name: str, known: Collection[str] | None) -> "dict[str, Table]":
        """Return a dict with each table inside the table `name`, under its own name; empty if the field is missing.

        Each inner table may have only the fields `known`, or any fields if `known` is None.
        """
        within = self.table(name)
        return {one: within.table(one, known) for one in within._fields}

    def members(self, name: str) -> "list[object]":
        """Return the list in the field `name`, with members of any type; empty if the field is missing."""
        value = self._fields.get(name, [])
        if not isinstance(value, list):
            raise self.wrong(name, "a list")
        return value

    def rows(self, name: str, known: Collection[str] | None = None) -> "list[Table]":
        """Return the array of tables in the field `name`; empty if the field is missing."""
        value = self._fields.get(name, [])
        if not isinstance(value, list):
            raise self.wrong(name, f"an array of tables ([[… {name}]])")
        return [Table(row, f"{self._where}: {name} {number}", known) for number, row in enumerate(value, 1)]

    def raw(self, name: str) -> object:
        """Return the value of the field `name`, of any type; None if the field is missing."""
        return self._fields.get(name)


def read_toml(path: Path) -> Table:
    """Return the content of a TOML file as a table; raise EnvparityError if the file cannot be read or is not TOML."""
    try:
        with path.open("rb") as file:
            return Table(tomllib.load(file), str(path))
    except OSError as error:
        raise EnvparityError(f"{path}: expected a TOML file, found: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise EnvparityError(f"{path}: expected a TOML file, found: {visible(str(error))}") from error


def _short(value: object) -> str:
    return visible(repr(value))[:100]
