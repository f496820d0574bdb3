"""Tests of the commands attest and verify, as a person runs them: a signed report, and evidence that is refused."""

import json
from dataclasses import replace

import pytest
from environment_builder import Environment
from evidence_kit import Evidence, make_key

from envparity.cli.main import main


def test_signed_evidence_is_verified_in_one_line(evidence: Evidence, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert evidence.verify_all() == 0
    line = capsys.readouterr().out
    assert line.startswith(f"verified: alice@example.com signed {evidence.statement} (key SHA256:")
    for part in ("has 0 errors and ", "is its report", "is its lock", "is the snapshot of", "has its environment"):
        assert line.count(part) == 1
    assert line.count("\n") == 1


def test_the_same_report_gives_the_same_statement(
    evidence: Evidence, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    capsysbinary.readouterr()
    assert main(["attest", str(evidence.folder / "report.json")]) == 0
    assert capsysbinary.readouterr().out == evidence.statement.read_bytes()


@pytest.mark.parametrize("name", ["report.json", "snapshot.json", "statement.json", "statement.json.sig", "lock.txt"])
def test_one_changed_byte_is_refused(evidence: Evidence, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = evidence.folder / name
    good = file.read_bytes()
    for at in (0, len(good) // 2, len(good) - 1):
        file.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        capsys.readouterr()
        assert evidence.verify_all() == 1
        said = capsys.readouterr().out
        assert said.startswith("refused: ")
        assert said.count("\n") == 1


def test_another_signer_is_refused(evidence: Evidence, capsys: pytest.CaptureFixture[str]) -> None:
    make_key(evidence.folder, "mallory")
    evidence.sign("mallory")
    assert evidence.verify() == 1
    evidence.allow("mallory")
    assert evidence.verify() == 0
    assert evidence.verify("--signer", "alice@example.com") == 1
    evidence.allow("mallory", 'valid-before="20200101"')
    assert evidence.verify() == 1
    assert "key has expired" in capsys.readouterr().out


def test_a_report_with_errors_is_refused_only_if_the_user_says_so(evidence: Evidence, sound: Environment) -> None:
    evidence = replace(evidence, environment=sound)
    (evidence.environment.site / "beta.py").write_text("damaged = True\n")
    report = evidence.folder / "report.json"
    lock = str(evidence.folder / "lock.txt")
    assert main(["check", str(evidence.environment.folder), "--lock", lock, "--report", str(report)]) == 1
    assert main(["attest", str(report), "-o", str(evidence.statement)]) == 0
    evidence.sign()
    assert json.loads(evidence.statement.read_bytes())["predicate"]["result"]["status"] == "failed"
    assert evidence.verify("--report", report) == 0
    assert evidence.verify("--report", report, "--passed") == 1


def test_no_answer_is_status_2(evidence: Evidence, capsys: pytest.CaptureFixture[str]) -> None:
    statement = str(evidence.statement)
    for arguments, said in (
        ([statement], "expected --allowed-signers FILE or --no-signature, found neither"),
        ([statement, "--allowed-signers", "x", "--no-signature"], "found both"),
        ([statement, "--allowed-signers", "no-such-file"], "no-such-file: expected the file of allowed signers"),
        (["no-such-file", "--no-signature"], "no-such-file: expected a statement, found: No such file"),
        ([statement, "--no-signature", "--report", "no-such-file"], "expected the report of the statement"),
        ([statement, "--no-signature", "--environment", "no-such-door"], "door: expected"),
    ):
        capsys.readouterr()
        assert main(["verify", *arguments]) == 2
        found = capsys.readouterr()
        assert said in found.err
        assert found.err.count("\n") == 1
        assert not found.out
    assert main(["attest", "no-such-file"]) == 2
    assert main(["attest", statement]) == 2


def test_a_statement_that_another_program_signed(evidence: Evidence, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    report = str(evidence.folder / "report.json")
    assert main(["verify", str(evidence.statement), "--no-signature", "--report", report]) == 0
    assert "was not checked" in capsys.readouterr().out
