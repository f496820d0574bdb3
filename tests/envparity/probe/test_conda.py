"""Tests of environments that conda made: its lists of files say more than the RECORDs that pip wrote for conda-build.

The probe is the program that reads an environment. A finding is one problem that envparity reports.
"""

import hashlib
import json
from pathlib import Path

import pytest
from judging import codes, lock_of, only, subject
from over_base import UsualBase

from envparity.judge.findings import Finding
from envparity.judge.judgement import check
from envparity.judge.rules import Severity

SCRIPT = """\
#!{python}
# -*- coding: utf-8 -*-
import re
import sys

from {module} import main

if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\\.pyw?|\\.exe)?$', '', sys.argv[0])
    sys.exit(main())
"""


class Conda(UsualBase):
    """An environment with the layout of conda: a whole Python, and in conda-meta a list for each package."""

    def install(self, name: str, version: str = "1.0") -> Path:
        """Install a distribution as conda does, with an extension module and a script that are not as in RECORD."""
        files = {f"{name}/__init__.py": "", f"{name}/fast.so": f"as pip wrote {name}\n", f"{name}/gone.txt": "gone\n"}
        info = self.add(name, version, {**files, f"../../../bin/{name}": "#!/placeholder/bin/python\n"})
        (info / "INSTALLER").write_text("conda")
        (self.site / name / "fast.so").write_text(f"as conda-build left {name}\n")
        (self.site / name / "gone.txt").unlink()
        script = self.folder / "bin" / name
        script.write_text(SCRIPT.format(python=self.python, module=name))
        paths = [path for path in (self.site / name, info) for path in path.iterdir()]
        self.write_list(name, *paths, scripts=[script])
        return info

    def write_list(self, name: str, *paths: Path, scripts: list[Path] | None = None) -> None:
        """Write conda's list of a package with these files; conda lists no hash of the scripts that it writes."""
        lines: list[dict[str, str]] = [
            {
                "_path": str(path.relative_to(self.folder)),
                "path_type": "hardlink",
                "sha256": "0" * 64,
                "sha256_in_prefix": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
            for path in paths
        ]
        lines += [
            {"_path": str(script.relative_to(self.folder)), "path_type": "unix_python_entry_point"}
            for script in scripts or ()
        ]
        meta = self.folder / "conda-meta"
        meta.mkdir(exist_ok=True)
        (meta / "history").write_text("")
        (meta / f"{name}-1.0-py311_0.json").write_text(json.dumps({"paths_data": {"paths": lines}}))

    def judge(self, lock: str = "alpha==1.0\nbeta==1.0\n") -> list[Finding]:
        """Return the findings about this environment."""
        return check(subject(self.snapshot(), lock_of(self, lock)))


@pytest.fixture
def conda(tmp_path: Path) -> Conda:
    """Return an environment of conda with two distributions."""
    made = Conda(tmp_path / "conda")
    made.install("alpha")
    made.install("beta")
    return made


def test_the_files_that_conda_changed_or_wrote_are_no_finding(conda: Conda) -> None:
    assert conda.judge() == []
    claims = {path: file.claims for path, file in conda.snapshot().files.items()}
    assert claims["site/alpha/fast.so"] == {"alpha": "match"}
    assert claims["scripts/alpha"] == claims["site/alpha/gone.txt"] == {"alpha": "unhashed"}


@pytest.mark.parametrize("name", ["alpha/__init__.py", "alpha/fast.so"])
def test_a_file_that_somebody_changed_after_conda_is_an_error(conda: Conda, name: str) -> None:
    (conda.site / name).write_text("evil\n")
    assert only("file-altered", conda.judge()).paths == (f"site/{name}",)


def test_a_script_with_further_code_is_an_error(conda: Conda) -> None:
    script = conda.folder / "bin" / "alpha"
    script.write_text(script.read_text().replace("import sys\n", "import sys, evil\n"))
    assert only("file-altered", conda.judge()).paths == ("scripts/alpha",)


def test_a_file_that_conda_lists_and_that_is_missing_is_an_error(conda: Conda) -> None:
    (conda.site / "alpha" / "fast.so").unlink()
    assert only("file-missing", conda.judge()).paths == ("site/alpha/fast.so",)


def test_without_a_readable_list_the_record_counts(conda: Conda) -> None:
    for text in ("{", "[]", '{"paths_data": {"paths": [1]}}', '{"paths_data": {"paths": [{"_path": "../x"}]}}'):
        (conda.folder / "conda-meta" / "alpha-1.0-py311_0.json").write_text(text)
        found = conda.judge()
        assert codes(found) == {"file-altered", "file-missing"}
        assert {one.distributions for one in found} == {("alpha",)}


def test_a_package_of_conda_without_metadata_is_no_finding(conda: Conda) -> None:
    """For example, a library in C++ that installs its module with cmake."""
    module, hook = conda.site / "native.py", conda.site / "native.pth"
    module.write_text("x = 1\n")
    hook.write_text("import native\n")
    assert codes(conda.judge()) == {"file-extraneous", "startup-unowned"}
    conda.write_list("native", module, hook)
    (found,) = conda.judge()
    assert (found.code, found.severity) == ("startup-code", Severity.NOTE)
    assert "(of conda)" in found.message
    module.write_text("x = 2\n")
    assert only("file-extraneous", conda.judge()).paths == ("site/native.py",)


def test_pip_over_conda_over_pip_is_an_error(conda: Conda) -> None:
    """pip upgrades a distribution of conda, and then conda updates it, too: both leave their metadata."""
    upgraded = conda.add("alpha", "2.0", {"alpha/__init__.py": "version = 2\n"})
    (upgraded / "INSTALLER").write_text("pip\n")
    assert only("distribution-twice", conda.judge()).distributions == ("alpha",)


def test_two_packages_of_conda_that_install_one_path_are_an_error(conda: Conda) -> None:
    """conda calls it a clobber. The hash in the list of another package does not make the file right."""
    info = conda.add("beta", files={"alpha/__init__.py": "beta = 1\n", "beta/__init__.py": ""})
    (info / "INSTALLER").write_text("conda")
    conda.write_list("beta", *info.iterdir(), conda.site / "alpha" / "__init__.py", conda.site / "beta" / "__init__.py")
    found = only("path-contested", conda.judge())
    assert (found.paths, found.distributions) == (("site/alpha/__init__.py",), ("alpha", "beta"))
