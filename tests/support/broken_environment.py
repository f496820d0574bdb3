"""A real environment with about 300 problems of many kinds, for tests of long reports.

A finding is one problem in a report of envparity. Each finding of this report comes from a run over real files.
"""

from pathlib import Path

from environment_builder import Environment
from judging import lock_of, subject

from envparity.judge.judgement import judged
from envparity.judge.report import Report, make_report


def broken_report(folder: Path, number: int = 60) -> Report:
    """Make an environment in `folder`, break it, and return envparity's report.

    Each kind of problem, for example an altered file, has `number` distributions. The lock does not pin some of the
    distributions, and it pins another version of some others.
    """
    environment = Environment(folder / "environment")
    pins = []
    for at in range(number):
        name = f"part-{at:02}"
        module = name.replace("-", "_")
        environment.add(f"{name}-altered", files={f"{module}_altered/core.py": "a = 1\n", f"{module}_altered/b.py": ""})
        (environment.site / f"{module}_altered" / "core.py").write_text(f"a = {at + 2}\n")
        environment.add(f"{name}-missing", files={f"{module}_missing/{file}.py": "" for file in "abcde"})
        (environment.site / f"{module}_missing" / "c.py").unlink()
        (environment.site / f"{module}_missing" / "d.py").unlink()
        environment.add(f"{name}-first", files={f"{module}_shared/__init__.py": "a = 1\n"})
        environment.add(f"{name}-second", files={f"{module}_shared/__init__.py": "a = 2\n"})
        environment.add(f"{name}-extra")
        environment.add(f"{name}-older", "1.0")
        pins += [f"{name}-{kind}==1.0" for kind in ("altered", "missing", "first", "second")]
        pins.append(f"{name}-older==2.0")
        (environment.site / f"{module}_missing" / "left.py").write_text("")
    subjects = [subject(environment.snapshot(), lock_of(environment, "\n".join(pins) + "\n"), door="venv")]
    return make_report("check", None, subjects, judged(subjects))
