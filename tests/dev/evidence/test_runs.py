"""Tests of writing and reading the recorded runs, the stored results of experiments."""

from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.evidence.runs import Evidence, read_evidence, write_evidence


def test_the_reader_returns_the_written_run(evidence: Evidence, tmp_path: Path) -> None:
    write_evidence(evidence, tmp_path / "made")
    assert read_evidence(tmp_path / "made") == evidence
    kept = Path(__file__).parents[3] / "dev" / "evidence" / "recorded"
    for path in (tmp_path / "made").iterdir():
        assert path.read_bytes() == (kept / path.name).read_bytes()


@pytest.mark.parametrize("data", [None, b"", b"{}", b"[", b'{"schema": "other"}'])
def test_a_missing_or_changed_run_is_one_line(evidence: Evidence, tmp_path: Path, data: bytes | None) -> None:
    write_evidence(evidence, tmp_path)
    path = tmp_path / "incident.json"
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(CommandError, match=r"^expected incident\.json as scripts/docs writes it, found: ") as said:
        read_evidence(tmp_path)
    assert "\n" not in str(said.value)
