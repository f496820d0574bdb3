"""Reports for the tests of the renderers, which turn a report of envparity into text, HTML and other formats.

There are ordinary reports, reports about made-up environments, and reports with malicious texts (`ATTACKS`). A report
consists of findings, which are faults and differences. A door is one compared environment.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from environment_builder import Environment
from hypothesis import given, settings
from hypothesis import strategies as st

from envparity.fix.fix import Fix
from envparity.judge.findings import Finding, finding
from envparity.judge.judgement import judged
from envparity.judge.names import TOP_LEVEL_SQUATTER
from envparity.judge.ownership import PATH_CONTESTED
from envparity.judge.proof import DoorProof, Equal, Proof
from envparity.judge.registry import EVERY_RULE
from envparity.judge.report import DoorFacts, Report, Step, Why, make_report
from envparity.judge.resolution import LOCK_EXTRA
from envparity.judge.rules import Severity
from envparity.judge.subject import Subject
from envparity.judge.toolchain import TOOLCHAIN_DIFFERS
from envparity.judge.transform import TRANSFORM_BYTECODE
from envparity.judge.trust import Amount, Trust
from envparity.project.config import Config

ATTACKS = (
    "<script>alert(1)</script>",
    "</style></title><img src=x onerror=alert(1)>",
    "</svg><b onclick='x'>",
    '"\' onload="x',
    "&lt;&#60;<!--",
    "]]><![CDATA[",
    "a | b || c\\|",
    "`code` ``",
    "[text](javascript:alert(1)) ![x](data:,)",
    "\n\n# heading\n- item",
    "@everyone https://example.invalid www.example.invalid a@example.invalid",
    "*a* _b_ ~~c~~ $x$ <br>",
    "[bold]rich[/bold] [link=https://example.invalid]x[/link] [/]",
    "\x1b[31mred\x1b]8;;x\x07",
    "\u202egnp.exe\u200b\ufeff",
    "\ud800",
    "../../etc/passwd",
    "/absolute",
    "//host/share",
    "a;b",
    "{{ 7*7 }}{% x %}",
    "x" * 3000,
    "名" * 80,
    "",
)


TRACED = Trust(
    artefacts=True,
    judged={"lock": Amount(2000, 76_000_000), "built": Amount(99, 500_000), "record": Amount(12, 3000)},
    unjudged={"bytecode header": Amount(1583, 22_000_000), "made with the environment": Amount(10, 14_497)},
)


def sample() -> Report:
    """Return a report of two doors, with errors, notes and an accepted finding; a third door could not be opened.

    The report also has the chain of requirements because of which py-multihash is installed.
    """
    contested = finding(
        PATH_CONTESTED,
        "py-multihash 2.0.1 and pymultihash 0.8.2 both claim site/multihash/__init__.py",
        paths=["site/multihash/__init__.py"],
        distributions=["py-multihash", "pymultihash"],
        doors=["venv"],
        details=["site/multihash/__init__.py: the bytes of py-multihash 2.0.1"],
        holds="it has the bytes of py-multihash 2.0.1",
    )
    squatters = [
        finding(TOP_LEVEL_SQUATTER, f"libp2p installs site/{name}", paths=[f"site/{name}"], doors=["venv", "nix"])
        for name in ("docs", "tests")
    ]
    bytecode = finding(TRANSFORM_BYTECODE, "bytecode differs", paths=["site/a.pyc", "site/b.pyc"])
    accepted = replace(finding(TOOLCHAIN_DIFFERS, "expected gmp the same", distributions=["gmp"]), accepted="Debian's")
    declared = finding(
        TOOLCHAIN_DIFFERS,
        "expected the same openssl",
        distributions=["openssl"],
        severity=Severity.NOTE,
        declared="each door has its own system's openssl",
    )
    fix = Fix("uninstall", "Uninstall pymultihash.", ("pip uninstall -y pymultihash",), ("pymultihash",), door="venv")
    contested = replace(contested, fixes=(fix,))
    step = Step("libp2p", "multiaddr>=0.0.9", "multiaddr", "0.1.0")
    further = Step("multiaddr", 'py-multihash>=2; python_version < "4"', "py-multihash", "2.0.1")
    return Report(
        schema="envparity-report-1",
        command="compare",
        track="v0.4",
        doors=(
            DoorFacts("venv", "cpython 3.11.2", "linux-x86_64", 56, 3872, 98_800_000, "v0.4.txt", trust=TRACED),
            DoorFacts("nix", "cpython 3.11.9", "linux-x86_64", 55, 3870, 98_700_000, None),
        ),
        closed=(("docker", "no docker on this machine"),),
        findings=(contested, *squatters, bytecode, declared, accepted),
        rows={"multiaddr": ("0.1.0", "0.0.12"), "py-multihash": ("2.0.1", None), "trio": ("0.31.0", "0.31.0")},
        tools={"cmake": ("3.25.1", "3.25.1"), "gmp": ("6.2.1", "6.3.0")},
        chosen=None,
        why=(Why("venv", "py-multihash", ((step, further), (step,))),),
        proof=Proof(
            (DoorProof("venv", 56, 3000, 98_000_000), DoorProof("nix", 0, 2999, 97_900_000)),
            Equal(54, 3800, 97_500_000),
        ),
    )


def many(count: int, severity: Severity = Severity.ERROR) -> Report:
    """Return a report with `count` findings of one code and this severity."""
    found = tuple(
        finding(LOCK_EXTRA, f"expected nothing, found thing-{number}", doors=["venv"], severity=severity)
        for number in range(count)
    )
    return replace(sample(), findings=found)


def collision(folder: Path) -> Report:
    """Make two environments and return the report that compares them.

    In one of them, two distributions wrote the same module; the other is intact.
    """
    both, one = Environment(folder / "both"), Environment(folder / "one")
    for environment in (both, one):
        environment.add("first", files={"shared/__init__.py": "a = 1\n", "shared/more.py": "b = 1\n"})
    both.add("second", files={"shared/__init__.py": "a = 2\n"}, requires=["first>=1"])
    subjects = [
        Subject(name, environment.snapshot(), Config(root=folder))
        for name, environment in (("both", both), ("one", one))
    ]
    return make_report("compare", None, subjects, judged(subjects))


def mapped(report: Report, change: Any) -> Report:
    """Return the report with `change` applied to each text that does not come from envparity itself."""

    def walk(value: Any, field: str = "") -> Any:
        if isinstance(value, str):
            return value if field in ("schema", "code", "severity", "kind", "level") else change(value)
        if isinstance(value, dict):
            free = field in ("rows", "tools")
            return {change(key) if free else key: walk(one, "" if free else key) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [walk(one, field) for one in value]
        return value

    return msgspec.convert(walk(msgspec.to_builtins(report)), Report)


_TEXT = st.one_of(
    st.sampled_from(ATTACKS),
    st.text(st.characters(exclude_categories=()), max_size=30),
    st.lists(st.sampled_from(ATTACKS), max_size=3).map("".join),
)
_NAME = _TEXT.map(lambda text: text[:200])
_TEXTS = st.lists(_TEXT, max_size=4).map(tuple)
_FINDING = st.builds(
    Finding,
    code=st.sampled_from(list(EVERY_RULE)),
    message=_TEXT,
    paths=_TEXTS,
    distributions=_TEXTS,
    doors=_TEXTS,
    details=_TEXTS,
    holds=st.none() | _TEXT,
    severity=st.sampled_from(Severity),
    because=st.none() | _TEXT,
    accepted=st.none() | _TEXT,
    declared=st.none() | _TEXT,
    fixes=st.lists(
        st.builds(
            Fix,
            kind=st.just("delete"),
            says=_TEXT,
            commands=_TEXTS,
            distributions=_TEXTS,
            paths=_TEXTS,
            door=_NAME,
        ),
        max_size=2,
    ).map(tuple),
)
_STEP = st.builds(Step, source=_NAME, requirement=_TEXT, target=_NAME, version=st.none() | _NAME)
_COUNT = st.integers(0, 10**12)


@st.composite
def hostile(draw: st.DrawFn) -> Report:
    """Return a random report; each of its texts may contain an attack."""
    doors = draw(
        st.lists(
            st.builds(
                DoorFacts,
                name=_NAME,
                python=_NAME,
                platform=_NAME,
                distributions=_COUNT,
                files=_COUNT,
                bytes=_COUNT,
                lock=st.none() | _NAME,
            ),
            max_size=3,
        )
    )
    row = st.tuples(*[st.none() | _NAME] * len(doors))
    return Report(
        schema="envparity-report-1",
        command=draw(st.sampled_from(["check", "compare"])),
        track=draw(st.none() | _NAME),
        doors=tuple(doors),
        closed=tuple(draw(st.lists(st.tuples(_NAME, _TEXT), max_size=2))),
        findings=tuple(draw(st.lists(_FINDING, max_size=5))),
        rows=draw(st.dictionaries(_NAME, row, max_size=4)),
        tools=draw(st.dictionaries(_NAME, row, max_size=3)),
        proof=draw(
            st.builds(
                Proof,
                st.lists(st.builds(DoorProof, _NAME, _COUNT, _COUNT, _COUNT), max_size=3).map(tuple),
                st.none() | st.builds(Equal, _COUNT, _COUNT, _COUNT),
            )
        ),
        chosen=draw(st.none() | _NAME),
        why=tuple(draw(st.lists(st.builds(Why, _NAME, _NAME, st.tuples(st.tuples(_STEP), st.tuples())), max_size=2))),
    )


fuzzed = settings(max_examples=60)
any_report = given(hostile())
