"""Tests of `.ci/run`: its stages run every strict check, and its shard of the matrix covers every implementation.

The matrix is the set of ping tests between all libp2p implementations. A shard is a part of the matrix.
"""

import re

import pytest

from dev.lockenv.project import Project
from dev.matrix.filters import Filters
from dev.matrix.implementations import everything, find_parties, unsupported
from dev.matrix.plan import Test


def stages(project: Project) -> list[str]:
    text = (project.root / ".ci" / "run").read_text(encoding="utf-8")
    return re.findall(r"^stage (.+)$", text, re.MULTILINE)


def test_ci_prepares_the_machine_first_and_runs_every_strict_check(project: Project) -> None:
    found = stages(project)
    assert found[0] == "scripts/prepare"
    assert {"scripts/ping", "scripts/check --strict", "scripts/test --all --strict --durations=40"} < set(found)
    proofs = [stage.split() for stage in found if stage.startswith("scripts/parity ")]
    assert all({"--strict", "--no-run", "--artefacts", "--bytecode"} < set(words) for words in proofs)
    compared = {project.default_track if words[-1] == "--bytecode" else words[-1] for words in proofs}
    assert compared == set(project.pythons) - set(project.git_libraries), "every track that has a devcontainer"
    for stage in found:
        assert (project.root / stage.split()[0]).is_file()


@pytest.mark.peers
def test_the_shard_has_every_implementation_and_layer_on_both_sides(project: Project) -> None:
    shard = next(
        re.search(r"scripts/matrix .*--shard (\d+)/(\d+)", stage) for stage in stages(project) if "matrix" in stage
    )
    assert shard is not None
    filters = Filters(shard=int(shard[1]), shards=int(shard[2]))
    parties = {party.name: party for party in find_parties(project) if party.name != "v0.4-git"}
    assert {"js", "go", "rust", "upstream"} < set(parties)
    run = [test for test in everything(list(parties.values())) if not unsupported(test, parties)]

    def parts(test: Test) -> set[tuple[str, str, str | None]]:
        options = (test.transport, test.secure_channel, test.muxer)
        return {
            (role, name, one) for role, name in (("dials", test.dialer), ("listens", test.listener)) for one in options
        }

    def seen(tests: list[Test]) -> set[tuple[str, str, str | None]]:
        return {part for test in tests for part in parts(test)}

    assert seen([test for test in run if filters.want(test)]) == seen(run)
