"""Tests that docs/reference/findings.md agrees with `envparity explain`.

A finding is one result of envparity, for example that two distributions claim one path. Each kind has a code.
"""

import re

from dev.lockenv.project import Project
from dev.pages.findings import render
from envparity.cli.explain import explain
from envparity.judge.registry import EVERY_RULE


def test_every_code_has_the_explanation_of_the_command(project: Project) -> None:
    text = render(project)
    sections = re.split(r"(?m)^### (.+)$", re.sub(r"(?m)^## .*$", "", text))
    assert sections[1::2] == list(EVERY_RULE)
    for code, section in zip(sections[1::2], sections[2::2], strict=True):
        told = " ".join(section.replace("**", "").split())
        family = EVERY_RULE[code].family
        for paragraph in explain(code).split("\n\n")[1:3]:
            assert " ".join(paragraph.split()) in told
        assert f"Usually {explain(code).rpartition('Usually ')[2].strip()}" in told
        assert f"## {family}\n" in text.partition(f"### {code}\n")[0]
