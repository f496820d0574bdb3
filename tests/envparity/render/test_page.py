"""Tests of the HTML page of a report: its parts, their order, and that no text becomes markup."""

import base64
import hashlib
import re
from dataclasses import replace

from html_reader import TAME, Parsed, secrets_shown
from report_samples import ATTACKS, any_report, fuzzed, many, mapped, sample

from envparity.fix.fix import Fix
from envparity.judge.baseline import BaselineFacts
from envparity.judge.report import Report
from envparity.render.page import as_html


def test_a_known_error_has_its_section_and_can_be_filtered() -> None:
    found = many(20)
    known = replace(
        found,
        findings=tuple(replace(one, known=one.fails) for one in found.findings),
        baseline=BaselineFacts("old.json"),
    )
    page = as_html(known)
    assert 'data-kind="known"' in page
    assert "<option>known</option>" in page
    assert 'data-kind="error"' not in page


def test_the_page_has_findings_doors_differences_and_paths_in_order() -> None:
    page = Parsed(as_html(sample()), drawn=True).text
    order = (
        "Fail: 1 error, 2 notes, 1 declared, 1 accepted",
        "in venv and nix (docker not compared)",
        "the same in each door: the versions of 54 distributions, and every byte of 3,800 files (97.5 MB)",
        "venv: 56 distributions as v0.4.txt pins them, and 3,000 files (98.0 MB) with the bytes that their RECORD",
        "several distributions claim one path",
        "file site/multihash/__init__.py",
        "belongs to py-multihash 2.0.1, pymultihash",
        "content it has the bytes of py-multihash 2.0.1",
        "to fix it",
        "Uninstall pymultihash.",
        "pip uninstall -y pymultihash",
        "both claim site/multihash/__init__.py",
        "What it means",
        "To fix it: Keep one of the two distributions: uninstall the other one",
        "libp2p installs site/docs",
        "accepted: Debian's",
        "2 paths whose difference changes nothing: 2 transform-bytecode",
        "different bytecode in the doors",
        "1 difference that the toolchain file allows: openssl",
        "each door has its own system's openssl",
        "Doors, side by side",
        "docker was not compared: no docker on this machine",
        "multiaddr 0.1.0 0.0.12",
        "py-multihash 2.0.1 none",
        "1 distribution with the same version in each door",
        "gmp 6.2.1 6.3.0",
        "Why they are installed",
    )
    places = [page.lower().index(words.lower()) for words in order]
    assert places == sorted(places)


def test_rows_that_differ_are_marked_and_equal_rows_are_folded() -> None:
    page = as_html(sample())
    assert page.count('<tr class="differs">') == 3
    folded = [part.partition("</details>")[0] for part in page.split("<details>")[1:]]
    assert [name for name in ("multiaddr", "trio", "cmake", "gmp") for part in folded if f'"row">{name}<' in part] == [
        "trio",
        "cmake",
    ]


def test_many_findings_of_one_code_are_folded_and_none_is_left_out() -> None:
    page = as_html(many(40))
    assert all(f"thing-{number}<" in page for number in range(40))
    assert "<summary>32 more</summary>" in page
    assert page.index("thing-7<") < page.index("32 more") < page.index("thing-8<")


def test_each_finding_has_a_link_that_names_it() -> None:
    links = re.findall(r'<li class="finding" id="([^"]+)"', as_html(sample()))
    assert "path-contested_py-multihash" in links
    assert "top-level-squatter_site-docs" in links
    alike = re.findall(r'<li class="finding" id="([^"]+)"', as_html(many(3)))
    assert alike == ["lock-extra", "lock-extra_2", "lock-extra_3"]


def test_a_fix_of_every_finding_of_a_code_is_shown_once() -> None:
    fix = Fix("sync", "Install what the lock pins.", ("pip sync",), door="venv")
    report = many(20)
    same = replace(report, findings=tuple(replace(one, fixes=(fix,)) for one in report.findings))
    assert as_html(same).count(">pip sync</pre>") == 1
    apart = [replace(one, fixes=(replace(fix, commands=(f"pip {at}",)),)) for at, one in enumerate(report.findings)]
    assert as_html(replace(report, findings=tuple(apart))).count('<pre class="commands">') == 20


def test_only_a_long_report_has_a_filter_and_the_policy_allows_only_its_script() -> None:
    assert "<script" not in as_html(many(8))
    page = as_html(many(9))
    (script,) = re.findall(r"(?s)<script>(.*?)</script>", page)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in page


def test_the_page_loads_nothing() -> None:
    for report in (sample(), many(40)):
        page = as_html(report)
        parsed = Parsed(page)
        assert page.index("Content-Security-Policy") < page.index("<link")
        assert [value for name, value in parsed.values if name in ("src", "srcset", "action", "data")] == []
        assert {value for name, value in parsed.values if name == "href" and value[0] != "#"} == {"data:,"}
        assert not re.search(r"url\(|@import|https?:|<iframe| on[a-z]+=", page)


def test_each_attack_is_shown_as_text() -> None:
    for attack in ATTACKS:
        check(mapped(sample(), lambda text, attack=attack: f"{text}{attack}"))


@fuzzed
@any_report
def test_no_text_becomes_an_element(report: Report) -> None:
    check(report)


def check(report: Report) -> None:
    """Check that a page has the same elements and text after TAME has replaced dangerous characters of the report."""
    with secrets_shown():
        page, tame = (
            Parsed(as_html(report), drawn=True),
            Parsed(as_html(mapped(report, lambda text: text.translate(TAME))), drawn=True),
        )
    assert page.open == []
    assert page.elements == tame.elements
    # Names stand in the order of their characters, so the harmless ones may stand in another order.
    assert sorted(page.text.translate(TAME)) == sorted(tame.text.translate(TAME))
    as_html(report).encode("utf-8")
