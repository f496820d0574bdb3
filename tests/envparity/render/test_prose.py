"""Tests of the report as Markdown, which a Markdown parser reads: tables keep their columns, and text stays text."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token
from report_samples import ATTACKS, any_report, fuzzed, many, mapped, sample

from envparity.judge.report import Report
from envparity.render.prose import as_markdown, cell
from envparity.render.words import is_note, printable

# Read the text as GitHub reads a comment, with tables and struck text. GitHub also makes links of bare addresses. This
# parser does not, so test_no_user_is_mentioned_and_no_text_becomes_a_link tests addresses.
_READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_OURS = {"<br>", "<code>", "</code>", "<!-- -->"}


def inlines(text: str) -> list[Token]:
    return [inner for token in _READER.parse(text) if token.type == "inline" for inner in token.children or []]


def tables(text: str) -> list[list[list[str]]]:
    """Return the tables, each as a list of rows, and each row as a list of cell texts."""
    found: list[list[list[str]]] = []
    for token in _READER.parse(text):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and token.level >= 4 and found:
            found[-1][-1].append("".join(part.content for part in token.children or [] if part.type != "html_inline"))
    return found


def test_the_text_has_verdict_findings_doors_differences_and_paths() -> None:
    text = as_markdown(sample())
    assert text.startswith(
        "## envparity: fail\n\n1 error, 2 notes, 1 declared, 1 accepted in venv and nix (docker not compared)\n"
    )
    findings, doors, closed, distributions, tools = tables(text)
    assert [row[:2] for row in findings[1:]] == [
        ["error", "path-contested"],
        ["note", "top-level-squatter"],
        ["note", "top-level-squatter"],
        ["accepted", "toolchain-differs"],
    ]
    assert findings[1][-1].endswith("to fix it: Uninstall pymultihash.pip uninstall -y pymultihash")
    assert "- the same in each door: the versions of 54 distributions" in text
    assert "- explained: 2 paths whose difference changes nothing: 2 transform-bytecode" in text
    assert "- declared: 1 difference that the toolchain file allows: openssl" in text
    assert findings[-1][-1] == "expected gmp the sameaccepted: Debian's"
    assert [row[0] for row in doors] == ["door", "venv", "nix"]
    assert closed[1] == ["docker", "no docker on this machine"]
    assert distributions[1:] == [["multiaddr", "0.1.0", "0.0.12"], ["py-multihash", "2.0.1", "none"]]
    assert tools[1:] == [["gmp", "6.2.1", "6.3.0"]]
    assert "The same version in each door: 1 distribution." in text
    assert "- <code>libp2p -&gt; multiaddr&gt;=0.0.9 (0.1.0)</code>" in text
    assert "`envparity why NAME`" in text


def test_a_report_without_findings_has_no_findings_table() -> None:
    report = sample()
    text = as_markdown(type(report)(**{**vars(report), "findings": (), "why": ()}))
    assert text.startswith("## envparity: pass\n")
    assert tables(text)[0][0][0] == "door"


def test_the_text_fits_into_a_comment_and_counts_the_lines_left_out() -> None:
    text = as_markdown(many(3000))
    assert len(text) < 65_536
    left_out = re.search(r"([\d,]+) further lines left out, because the page would be too long\.\n$", text)
    shown_findings = len(tables(text)[0]) - 1
    assert left_out is not None
    assert shown_findings > 300
    assert int(left_out[1].replace(",", "")) >= 3000 - shown_findings


def test_no_user_is_mentioned_and_no_text_becomes_a_link() -> None:
    assert cell("@someone") == "@<!-- -->someone"
    assert "://" not in cell("https://example.invalid")
    assert "www." not in cell("www.example.invalid")


def test_each_attack_is_shown_as_text() -> None:
    for attack in ATTACKS:
        check(mapped(sample(), lambda text, attack=attack: f"{text}{attack}"))
        assert "".join(t.content for t in inlines(cell(attack)) if t.type == "text") == cut(attack)


@fuzzed
@any_report
def test_tables_keep_their_columns_and_text_stays_text(report: Report) -> None:
    check(report)


def cut(text: str) -> str:
    """Return a text as a cell of a table shows it: at most 600 characters, with single spaces."""
    return " ".join((text if len(text) <= 600 else f"{text[:600]}…").split())


def check(report: Report) -> None:
    text = as_markdown(report)
    text.encode("utf-8")
    tokens = _READER.parse(text)
    assert {t.type for t in tokens} <= {
        *(
            f"{name}_{side}"
            for name in ("heading", "paragraph", "bullet_list", "list_item")
            for side in ("open", "close")
        ),
        *(f"{name}_{side}" for name in ("table", "thead", "tbody", "tr", "th", "td") for side in ("open", "close")),
        "inline",
    }
    assert sum(t.type == "heading_open" for t in tokens) == 1
    for inline in inlines(text):
        assert inline.type in ("text", "softbreak", "code_inline", "html_inline", "strong_open", "strong_close"), inline
        if inline.type == "html_inline":
            assert inline.content in _OURS
    found = tables(text)
    # A line above the table has the explained and the declared differences.
    shown = [one for one in report.findings if is_note(one) or one.fails or one.known or one.accepted is not None]
    expected = bool(shown) + bool(report.doors) + bool(report.closed)
    rows = printable(report)
    expected += sum(any(len(set(row)) > 1 for row in kind.values()) for kind in (rows.rows, rows.tools))
    assert len(found) == expected
    for table in found:
        assert {len(row) for row in table} == {len(table[0])}
    # The parser may drop or add cells. So count the columns in each line of the Markdown too.
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len(lines) == sum(len(table) + 1 for table in found)
    for line in lines:
        assert line.count("|") in {len(table[0]) + 1 for table in found}
