"""Tests of the published JSON schemas: they match the types in the code, and real documents are valid."""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from environment_builder import Environment
from jsonschema import Draft202012Validator, ValidationError
from report_samples import collision, sample

from dev.lockenv.project import Project, this_project
from dev.pages.schemas import FOLDER, schemas
from envparity.judge.baseline import read_report
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


# The schemas of earlier releases: docs/guides/use-as-a-library.md has the rules.

RELEASED = Path(__file__).parents[1] / "released"
VERSIONS = sorted(path.name for path in RELEASED.iterdir())
_WORDS = ("title", "description", "default")


def bare(value: Any) -> Any:
    """Return a part of a schema without its texts and defaults, and with sorted choices."""
    if isinstance(value, dict):
        return {key: bare(one) for key, one in value.items() if key not in _WORDS}
    if isinstance(value, list):
        return sorted((bare(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
    return value


def codes(definition: Any) -> set[str]:
    """Return the codes of findings in the definition `Code` of a schema."""
    return {code for one in [definition, *definition.get("anyOf", [])] for code in one.get("enum", [])}


def breaks(old: Any, new: Any) -> list[str]:
    """Return each way in which a schema is not compatible with an older schema of the same version."""
    found: list[str] = []
    for kind, before in old["$defs"].items():
        after = new["$defs"].get(kind)
        if after is None:
            found.append(f"{kind} is gone")
        elif kind == "Code":
            found += [f"the code {code} is gone" for code in sorted(codes(before) - codes(after))]
        elif "properties" not in before:
            found += [f"{kind} has another type"] * (bare(before) != bare(after))
        else:
            found += [f"{kind}.{name} is gone" for name in before["properties"].keys() - after["properties"].keys()]
            found += [
                f"{kind}.{name} has another type"
                for name, facts in before["properties"].items()
                if name in after["properties"] and bare(facts) != bare(after["properties"][name])
            ]
            found += [f"{kind}.{name} is required now" for name in set(after["required"]) - set(before["required"])]
    return sorted(found)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["snapshot", "report"])
def test_each_schema_is_compatible_with_those_of_every_release(version: str, name: str) -> None:
    old = json.loads((RELEASED / version / f"{name}.schema.json").read_text(encoding="utf-8"))
    if old["$id"] == published(name)["$id"]:  # another number of the format may change everything
        assert breaks(old, published(name)) == []


def test_the_schemas_of_a_release_are_kept(project: Project) -> None:
    """When the changelog no longer says that a version is not released, its schemas must be in tests/released."""
    version = tomllib.loads((project.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    text = (project.root / "CHANGELOG.md").read_text(encoding="utf-8")
    section = text.partition(f"## {version}\n")[2].partition("\n## ")[0]
    assert section
    if "Not released yet." not in section:
        for name in ("snapshot", "report"):
            assert json.loads((RELEASED / version / f"{name}.schema.json").read_text()) == published(name)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: it["$defs"]["Report"]["properties"].pop("why"), "Report.why is gone"),
        (lambda it: it["$defs"].pop("Finding"), "Finding is gone"),
        (lambda it: it["$defs"]["Finding"]["properties"]["paths"].update(type="string"), "Finding.paths has another"),
        (lambda it: it["$defs"]["Finding"]["required"].append("known"), "Finding.known is required now"),
        (lambda it: it["$defs"]["Severity"]["enum"].append("fatal"), "Severity has another type"),
        (lambda it: it["$defs"]["Code"]["anyOf"][0]["enum"].remove("lock-extra"), "the code lock-extra is gone"),
    ],
)
def test_a_change_that_breaks_readers_is_found(change: Any, said: str) -> None:
    new = published("report")
    change(new)
    assert any(one.startswith(said) for one in breaks(published("report"), new))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_report_of_every_release_is_read_and_valid(version: str) -> None:
    path = RELEASED / version / "report.json"
    report = read_report(path, "old")
    assert report.errors
    validator("report").validate(json.loads(path.read_text(encoding="utf-8")))
