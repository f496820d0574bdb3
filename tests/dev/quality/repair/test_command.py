"""Tests of the command `scripts/quality repair`."""

import pytest

from dev.quality.repair.command import COMMAND


def test_a_kind_that_does_not_exist_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        COMMAND.main(["--kind", "flood"])
    assert ended.value.code == 2
    assert "'flood'" in capsys.readouterr().err
