"""Tests of reading TOML files, in which each field must have the expected type."""

from pathlib import Path

import pytest

from envparity.errors import EnvparityError
from envparity.project.toml import Table, read_toml


@pytest.fixture
def table(tmp_path: Path) -> Table:
    path = tmp_path / "x.toml"
    path.write_text(
        'text = "one"\nblank = " "\nnumber = 3\nlist = ["a", "b"]\nmixed = ["a", 1]\nwrong = [1]\n'
        '[names]\na = "1"\n[tables.t]\nx = "2"\n[[rows]]\ny = "3"\n[[rows]]\ny = "4"\n'
    )
    return read_toml(path)


def test_fields_are_read_by_type(table: Table) -> None:
    assert table.text("text") == "one"
    assert table.optional("text") == "one"
    assert table.optional("missing") is None
    assert table.texts("list") == ("a", "b")
    assert table.texts("missing") == ()
    assert table.named("names") == {"a": "1"}
    assert table.tables("tables", ("x",))["t"].text("x") == "2"
    assert [row.text("y") for row in table.rows("rows", ("y",))] == ["3", "4"]
    assert table.rows("missing", ()) == []
    assert table.raw("number") == 3
    assert "text" in table
    assert "missing" not in table


@pytest.mark.parametrize("name", ["blank", "number", "list", "missing"])
def test_a_field_that_is_no_string_is_named(table: Table, name: str) -> None:
    with pytest.raises(EnvparityError, match=rf"x\.toml: {name}: expected a string, found "):
        table.text(name)


def test_fields_of_other_wrong_types_are_named(table: Table) -> None:
    with pytest.raises(EnvparityError, match=r"mixed: expected a list of strings, found \['a', 1\]"):
        table.texts("mixed")
    with pytest.raises(EnvparityError, match=r"text: expected a table, found 'one'"):
        table.table("text")
    with pytest.raises(EnvparityError, match=r"text: expected an array of tables"):
        table.rows("text", ())
    with pytest.raises(EnvparityError, match=r"wrong 1: expected a table, found 1"):
        table.rows("wrong", ())
    with pytest.raises(EnvparityError, match=r"rows 1: expected only the fields z, found y"):
        table.rows("rows", ("z",))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a = ", "expected a TOML file, found: "),
        (b"a = 1\na = 2", "expected a TOML file, found: Cannot overwrite"),
        (b"\xff = 1", "expected a TOML file, found: "),
        (b"a = " + b"[" * 5000, "expected a TOML file, found: "),
        (b'a = "\x1b[31m"', "expected a TOML file, found: "),
    ],
)
def test_a_file_that_is_no_toml_gives_a_one_line_error(data: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(data)
    with pytest.raises(EnvparityError) as caught:
        read_toml(path)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_missing_file_gives_a_one_line_error(tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=r"x.toml: expected a TOML file, found: No such file or directory$"):
        read_toml(tmp_path / "x.toml")
