"""A TOML file of a project, its fields read by type: what is not as expected is one line that names the field."""

import tomllib
from collections.abc import Collection
from pathlib import Path

from envparity.errors import EnvparityError
from envparity.text import visible


class Table:
    """A table and where it is, for messages."""

    def __init__(self, value: object, where: str, known: Collection[str] | None = None) -> None:
        """`known` are the fields that the table may have, None where any may be."""
        if not isinstance(value, dict):
            raise EnvparityError(f"{where}: expected a table, found {_short(value)}")
        self._fields: dict[str, object] = value
        self._where = where
        if known is not None and (unknown := sorted(set(value) - set(known))):
            raise EnvparityError(
                f"{where}: expected {', '.join(sorted(known))}, found {visible(', '.join(unknown))[:200]}"
            )

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def wrong(self, name: str, expected: str) -> EnvparityError:
        """The error that a field is not what is expected of it."""
        found = _short(self._fields[name]) if name in self._fields else "none"
        return EnvparityError(f"{self._where}: {visible(name)}: expected {expected}, found {found}")

    def text(self, name: str) -> str:
        """A field that must be there and say something."""
        value = self._fields.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(name, "a text")
        return value

    def optional(self, name: str) -> str | None:
        """A field that may be left out."""
        return self.text(name) if name in self else None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, empty where it is left out."""
        value = self._fields.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong(name, "a list of texts")
        return tuple(value)

    def named(self, name: str) -> dict[str, str]:
        """A table of texts, empty where it is left out."""
        table = Table(self._fields.get(name, {}), f"{self._where}: {name}")
        return {one: table.text(one) for one in table._fields}

    def table(self, name: str, known: Collection[str] | None = None) -> "Table":
        """A table within, empty where it is left out."""
        return Table(self._fields.get(name, {}), f"{self._where}: {visible(name)}", known)

    def tables(self, name: str, known: Collection[str]) -> "dict[str, Table]":
        """The tables in a table, by name."""
        within = self.table(name)
        return {one: within.table(one, known) for one in within._fields}

    def rows(self, name: str, known: Collection[str]) -> "list[Table]":
        """An array of tables, empty where it is left out."""
        value = self._fields.get(name, [])
        if not isinstance(value, list):
            raise self.wrong(name, f"an array of tables ([[… {name}]])")
        return [Table(row, f"{self._where}: {name} {number}", known) for number, row in enumerate(value, 1)]

    def raw(self, name: str) -> object:
        """A field as it stands, None where it is left out."""
        return self._fields.get(name)


def read_toml(path: Path) -> Table:
    """A TOML file as a table."""
    try:
        with path.open("rb") as file:
            return Table(tomllib.load(file), str(path))
    except OSError as error:
        raise EnvparityError(f"{path}: expected a TOML file, found: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise EnvparityError(f"{path}: expected a TOML file, found: {visible(str(error))}") from error


def _short(value: object) -> str:
    return visible(repr(value))[:100]
