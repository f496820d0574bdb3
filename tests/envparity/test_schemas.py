"""Tests of the published JSON schemas: they match the types in the code, and real documents are valid."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from environment_builder import Environment
from jsonschema import Draft202012Validator, ValidationError
from report_samples import collision, sample

from dev.lockenv.project import Project, this_project
from dev.pages.schemas import FOLDER, schemas
from envparity.project.config import BehaviourCheck, Config
from envparity.render.data import as_json
from envparity.snapshot.doors import Door, Look, snapshot_bytes


def published(name: str) -> Any:
    """Return the decoded schema that envparity publishes for a kind of document, such as `snapshot` or `report`."""
    return json.loads((this_project().root / FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))


def validator(name: str) -> Draft202012Validator:
    schema = published(name)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the decoded snapshot (the recorded facts) of the environment in which these tests run.

    It has the results of two behaviour checks, which are pieces of code from a project's settings: `sum` passes, and
    `none` fails.
    """
    checks = (BehaviourCheck("sum", "result = 1 + 1"), BehaviourCheck("none", "import no_such_module"))
    config = Config(root=tmp_path_factory.mktemp("project"), behaviour=checks)
    return json.loads(snapshot_bytes(Door("self", (sys.executable,)), config, None, Look()))


def test_the_schema_files_match_the_types(project: Project) -> None:
    written = {f"{FOLDER}/{path.name}": path.read_text(encoding="utf-8") for path in (project.root / FOLDER).iterdir()}
    assert written == schemas(), "write them again with scripts/docs"


@pytest.mark.parametrize("name", ["snapshot", "report"])
def test_every_field_is_described(name: str) -> None:
    schema = published(name)
    for kind, definition in schema["$defs"].items():
        assert definition["description"], kind
        for field, facts in definition.get("properties", {}).items():
            assert facts["description"].endswith("."), f"{kind}.{field}"


def test_a_real_snapshot_is_valid(snapshot: Any) -> None:
    validator("snapshot").validate(snapshot)
    assert snapshot["behaviour"]["none"]["error"]
    assert len(snapshot["files"]) > 1000


def test_odd_environments_give_valid_snapshots(tmp_path: Path) -> None:
    environment = Environment(tmp_path / "odd")
    environment.add("bare", record=False)
    environment.add("gone", files={"gone.py": "x = 1\n"})
    (environment.site / "gone.py").unlink()
    (environment.site / "extra.pth").write_text("import sys\n", encoding="utf-8")
    (environment.site / "link.py").symlink_to("nowhere.py")
    (environment.site / "torn.dist-info").mkdir()
    os_name = b"\xff.py"
    Path(f"{environment.site}/{os_name.decode('utf-8', 'surrogateescape')}").touch()
    validator("snapshot").validate(json.loads(environment.snapshot_bytes()))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: it.update(schema="envparity-snapshot-0"), "envparity-snapshot-0"),
        (lambda it: it.update(further=1), "further"),
        (lambda it: it.pop("located"), "located"),
        (lambda it: it["interpreter"].update(version=3), "3 is not of type 'string'"),
        (lambda it: it["distributions"][0].update(record="perhaps"), "perhaps"),
    ],
)
def test_a_document_that_is_no_snapshot_is_not_valid(snapshot: Any, change: Any, said: str) -> None:
    broken = json.loads(json.dumps(snapshot))
    change(broken)
    with pytest.raises(ValidationError, match=said):
        validator("snapshot").validate(broken)


def test_reports_are_valid(tmp_path: Path) -> None:
    for report in (sample(), collision(tmp_path)):
        document = json.loads(as_json(report))
        validator("report").validate(document)
        assert document["findings"]
        document["findings"][0]["code"] = "no-such-code"
        with pytest.raises(ValidationError, match="no-such-code"):
            validator("report").validate(document)
