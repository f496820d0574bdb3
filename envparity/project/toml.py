"""Reads a TOML file of a project, each field with its type.

If a value has another type, the error is one line that names the field.
"""

import tomllib
from collections.abc import Collection
from pathlib import Path

from envparity.errors import EnvparityError
from envparity.text import visible


class Table:
    """A table, and where it is, for messages. Reading a field raises EnvparityError if its value has another type."""

    def __init__(self, value: object, where: str, known: Collection[str] | None = None) -> None:
        """Check the table: `known` are the fields that it may have; None allows every field."""
        if not isinstance(value, dict):
            raise EnvparityError(f"{where}: expected a table, found {_short(value)}")
        self._fields: dict[str, object] = value
        self._where = where
        if known is not None and (unknown := sorted(set(value) - set(known))):
            raise EnvparityError(
                f"{where}: expected only the fields {', '.join(sorted(known))}, found "
                f"{visible(', '.join(unknown))[:200]}"
            )

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def wrong(self, name: str, expected: str) -> EnvparityError:
        """Return an error which says that a field is not as expected."""
        found = _short(self._fields[name]) if name in self._fields else "none"
        return EnvparityError(f"{self._where}: {visible(name)}: expected {expected}, found {found}")

    def text(self, name: str) -> str:
        """Return a text field that must be there and must not be blank."""
        value = self._fields.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(name, "a string")
        return value

    def optional(self, name: str) -> str | None:
        """Return a text field, None if it is left out."""
        return self.text(name) if name in self else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, empty if it is left out."""
        value = self._fields.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong(name, "a list of strings")
        return tuple(value)

    def named(self, name: str) -> dict[str, str]:
        """Return a table of texts, empty if it is left out."""
        table = Table(self._fields.get(name, {}), f"{self._where}: {name}")
        return {one: table.text(one) for one in table._fields}

    def table(self, name: str, known: Collection[str] | None = None) -> "Table":
        """Return a table inside this table, empty if it is left out."""
        return Table(self._fields.get(name, {}), f"{self._where}: {visible(name)}", known)

    def tables(self, name: str, known: Collection[str]) -> "dict[str, Table]":
        """Return the tables inside a table, by name; empty if it is left out."""
        within = self.table(name)
        return {one: within.table(one, known) for one in within._fields}

    def rows(self, name: str, known: Collection[str]) -> "list[Table]":
        """Return an array of tables, empty if it is left out."""
        value = self._fields.get(name, [])
        if not isinstance(value, list):
            raise self.wrong(name, f"an array of tables ([[… {name}]])")
        return [Table(row, f"{self._where}: {name} {number}", known) for number, row in enumerate(value, 1)]

    def raw(self, name: str) -> object:
        """Return a field of any type, None if it is left out."""
        return self._fields.get(name)


def read_toml(path: Path) -> Table:
    """Return a TOML file as a table; raise EnvparityError if it cannot be read or is not TOML."""
    try:
        with path.open("rb") as file:
            return Table(tomllib.load(file), str(path))
    except OSError as error:
        raise EnvparityError(f"{path}: expected a TOML file, found: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise EnvparityError(f"{path}: expected a TOML file, found: {visible(str(error))}") from error


def _short(value: object) -> str:
    return visible(repr(value))[:100]
