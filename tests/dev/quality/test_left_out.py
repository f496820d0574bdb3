"""Tests of the table of the tests that `scripts/test` did not run."""

from dev.quality.left_out import Reason, Row, rows, table


def test_a_row_has_each_test_once_and_no_row_is_empty() -> None:
    reasons = [Reason("docker", "no engine", "get one"), Reason("nix", "no Nix", "get it")]
    found = rows(reasons, {"docker": ["a.py::b", "a.py::c"]}, {"no device": ["a.py::d"]})
    assert found == [
        Row(frozenset({"a.py::b", "a.py::c"}), "no engine", "get one"),
        Row(frozenset({"a.py::d"}), "no device", "-"),
    ]


def test_the_table_fits_its_width_and_names_the_folder_of_several_files() -> None:
    tests = frozenset({"tests/dev/a.py::b", "tests/dev/c.py::d[x]", "tests/dev/e/f.py::g"})
    assert table([], 80) == ""
    shown = table(
        [Row(tests, "a reason that takes quite a few words, " * 3, "scripts/some thing && scripts/other")], 80
    )
    assert shown.startswith("test: 3 tests did not run\n\n tests   where       why  ")
    assert max(map(len, shown.splitlines())) <= 80
    assert "     3   tests/dev   a reason that" in shown


def test_a_narrow_terminal_gets_a_paragraph_for_each_row() -> None:
    how = "sudo apt-get update && sudo apt-get install -y redis-server"
    found = [Row(frozenset({"tests/a/test_b.py::c", "tests/a/test_b.py::d"}), "no redis-server on PATH", how)]
    shown = table(found, 60)
    assert max(map(len, shown.splitlines())) <= 60
    assert shown == (
        "test: 2 tests did not run\n\n 2 in tests/a/test_b.py: no redis-server on PATH\n"
        "   run them: sudo apt-get update && sudo apt-get install -y\n   redis-server"
    )
