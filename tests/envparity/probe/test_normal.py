"""Tests of what the probe (the program that reads an environment) finds in scripts and .pth files.

It finds what they do, and a hash that leaves out the environment's path.
"""

from pathlib import Path

import pytest
from environment_builder import Environment

STARTS = "from alpha.main import Command"
WINDOWS = '    if sys.argv[0].endswith("-script.pyw"):\n        sys.argv[0] = sys.argv[0][:-11]\n'
WORDED = {
    "pip": f"import sys\n{STARTS}\nif __name__ == '__main__':\n    sys.argv[0] = sys.argv[0].removesuffix('.exe')\n",
    "distlib": f"# -*- coding: utf-8 -*-\nimport re\nimport sys\n{STARTS}\nif __name__ == '__main__':\n"
    "    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])\n",
    "uv": f'# -*- coding: utf-8 -*-\nimport sys\n{STARTS}\nif __name__ == "__main__":\n{WINDOWS}'
    '    elif sys.argv[0].endswith(".exe"):\n        sys.argv[0] = sys.argv[0][:-4]\n',
    "installer 0.7": f'# -*- coding: utf-8 -*-\nimport re\nimport sys\n{STARTS}\nif __name__ == "__main__":\n'
    '    sys.argv[0] = re.sub(r"(-script\\.pyw|\\.exe)?$", "", sys.argv[0])\n',
    "installer": f'import sys\n\n{STARTS}\n\nif __name__ == "__main__":\n',
}


@pytest.mark.parametrize("by", WORDED)
def test_the_entry_point_of_a_script_is_found(empty: Environment, by: str) -> None:
    script = f"#!{empty.python}\n{WORDED[by]}    sys.exit(Command.run())\n"
    empty.add("alpha", files={"../../../bin/alpha": script, "../../../share/alpha": script})
    files = empty.probe().files
    assert files["scripts/alpha"].starts == "alpha.main:Command.run"
    assert files["data/share/alpha"].starts is None


def test_a_script_that_finds_the_python_next_to_it_starts_that_python(empty: Environment) -> None:
    """uv writes such a script if the environment was made with --relocatable."""
    head = "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python' \"$0\" \"$@\"\n' '''\n"
    script = f"{head}{WORDED['uv']}    sys.exit(Command.run())\n"
    empty.add("alpha", files={"../../../bin/alpha": script, "../../../bin/beta": script.replace("'python'", "'sh'")})
    files = empty.probe().files
    assert (files["scripts/alpha"].starts, files["scripts/beta"].starts) == ("alpha.main:Command.run", None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import sys\n", "import sys, os\n"),
        ("Command.run", "sys.argv"),
        ("Command.run", "Commander.run"),
        ("run()", "run('x')"),
        ("run())\n", "run())\nprint()\n"),
        ("'__main__'", "'alpha'"),
        ("    sys.argv", "    print();sys.argv"),
        ("#!", "#!/usr/bin/env"),
    ],
)
def test_a_script_that_does_more_has_no_entry_point(empty: Environment, old: str, new: str) -> None:
    script = f"#!{empty.python}\n{WORDED['pip']}    sys.exit(Command.run())\n"
    assert old in script
    empty.add("alpha", files={"../../../bin/alpha": script.replace(old, new, 1)})
    assert empty.probe().files["scripts/alpha"].starts is None


def test_pth_files_with_code_differ_from_those_with_paths(empty: Environment, tmp_path: Path) -> None:
    for name, text in (("code", "import os\n"), ("path", f"# note\n{tmp_path}\n"), ("none", "# nothing\n\n")):
        (empty.site / f"{name}.pth").write_text(text, encoding="ascii")
    snapshot = empty.probe()
    found = {name: snapshot.files[f"site/{name}.pth"] for name in ("code", "path", "none")}
    assert {name: file.pth for name, file in found.items()} == {"code": "code", "path": "path", "none": None}
    assert found["path"].normal
    assert str(tmp_path) in snapshot.located.extra_path
