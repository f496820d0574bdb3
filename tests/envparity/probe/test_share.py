"""A test of the probe (the program that reads an environment): its second process walks some of the folders."""

import json
import subprocess
import sys
from pathlib import Path

from environment_builder import Environment

from envparity.probe.assembly import probe_text


def test_a_walk_in_two_processes_finds_the_same(tmp_path: Path) -> None:
    environment = Environment(tmp_path / "made")
    for number in range(30):
        files = {f"made_{number}/m{one}.py": f"value = {one}\n" * number for one in range(20)}
        environment.add(f"made-{number}", files=files)
    (environment.site / "made_3" / "m1.py").write_text("altered\n")
    (environment.site / "made_4" / "m1.py").unlink()
    # pip lists bytecode in RECORD. The bytecode of a module at top level is in a separate folder.
    module, bytecode = "top_level.py", f"__pycache__/top_level.{sys.implementation.cache_tag}.pyc"
    environment.add("top-level", files={module: "value = 1\n", bytecode: b"x"})
    compileall: list[str | Path] = [environment.python, "-I", "-m", "compileall", "-q", environment.site]
    subprocess.run(compileall, check=True)
    text = probe_text()
    assert text.count("SHARED_FROM = 500") == 1
    assert text.count("scan.walk_share(names)") == 1

    def said(program: str) -> bytes:
        command: list[str | Path] = [environment.python, "-I", "-S", "-"]
        return subprocess.run(command, input=program.encode(), capture_output=True, check=True).stdout

    alone = said(text.replace("SHARED_FROM = 500", "SHARED_FROM = 10**9"))
    # In `killed`, the second process ends itself. Then the first process must also walk the folders of the second.
    killed = text.replace("scan.walk_share(names)", "os.kill(os.getpid(), signal.SIGKILL)")
    assert said(text) == alone
    assert said(killed) == alone
    assert alone.count(b'"kind":"missing"') == 1
    top = json.loads(alone)["files"][f"site/{bytecode}"]
    assert top["bytecode"] == "timestamp:fresh"
