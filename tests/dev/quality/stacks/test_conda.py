"""Tests of the layout of conda that the stacks have: RECORD is wrong, and the lists in conda-meta are right."""

from pathlib import Path

from judging import codes, subject
from over_base import UsualBase

from dev.quality.stacks.conda import as_conda
from envparity.judge.judgement import check

SCRIPT = """\
#!/placeholder/bin/python
import sys
from alpha import main
if __name__ == '__main__':
    sys.exit(main())
"""


def test_only_the_lists_of_conda_explain_the_changed_files(tmp_path: Path) -> None:
    base = UsualBase(tmp_path / "base")
    info = base.add("alpha", files={"alpha.py": "", "fast.so": "fast\n", "../../../bin/alpha": SCRIPT})
    as_conda(base.python)
    assert (info / "INSTALLER").read_text() == "conda"
    assert (base.site / "fast.so").read_bytes() != b"fast\n"
    assert "re.sub" in (base.folder / "bin" / "alpha").read_text()
    for path, wanted in ((None, {"unlocked"}), (base.folder / "conda-meta", {"unlocked", "file-altered"})):
        for one in path.glob("*.json") if path else ():
            one.unlink()
        assert codes(check(subject(base.snapshot()))) == wanted
