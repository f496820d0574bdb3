"""A small `Bench` for tests of `scripts/quality repair`: an environment with one distribution."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from index import Index

from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.installer import bootstrap
from dev.lockenv.project import this_project
from dev.quality.repair.bench import Bench


@contextmanager
def small_bench(folder: Path) -> Iterator[Bench]:
    """Yield a `Bench` in `folder` with alpha 1.0; during the block, uv uses an index that has only this release."""
    project = this_project()
    interpreter = EnvironmentMaker(project).interpreter
    with Index() as index:
        index.wheel("alpha", "1.0", None)
        there = {"UV_DEFAULT_INDEX": index.url, "UV_NO_CONFIG": "1"}
        with patch.dict(os.environ, there):
            yield Bench(folder, bootstrap(project, interpreter), interpreter.path, "alpha==1.0\n")
