"""Tests of the bill of materials in the format of CycloneDX, which lists the distributions in an environment.

The bill is valid, and agrees with the lock file and with the environment.
"""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from dev.lockenv.project import Project
from dev.sbom.bill import as_bill
from dev.sbom.materials import Materials

TRACKS = ["v0.4", "v0.8"]


def made(project: Project, track: str, environments: dict[str, Materials]) -> dict[str, Any]:
    document = json.loads(as_bill(project, track, environments[track]))
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize("track", TRACKS)
def test_the_document_is_valid_cyclonedx(project: Project, environments: dict[str, Materials], track: str) -> None:
    text = as_bill(project, track, environments[track])
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(text) is None
    assert validator.validate_str(text.replace('"type": "library"', '"type": "book"', 1)) is not None


@pytest.mark.parametrize("track", TRACKS)
def test_the_document_has_the_installed_distributions_with_the_hashes_of_the_lock(
    project: Project, environments: dict[str, Materials], track: str
) -> None:
    text = project.lock(track).read_text().replace("\\\n", "")
    document = made(project, track, environments)
    assert f"locks/{project.lock(track).name}" in {one["value"] for one in document["metadata"]["properties"]}
    components = document["components"]
    assert {one["name"] for one in components} == {material.name for material in environments[track]}
    for one in components:
        purl = PackageURL.from_string(one["purl"])
        assert (purl.type, purl.version) == ("pypi", one["version"])
        (reference,) = one["externalReferences"]
        assert (reference["type"], reference["url"]) == ("distribution", one["purl"])
        hashes = [each["content"] for each in reference["hashes"]]
        # The lock may pin one name at several versions, for different Pythons. Exactly one pin has this version.
        (pin,) = re.findall(rf"(?m)^{re.escape(f'{purl.name}=={purl.version}')} .*", text)
        assert sorted(hashes) == sorted(re.findall("sha256:([0-9a-f]{64})", pin))
        assert len(one["licenses"]) == 1


def test_each_licence_is_an_id_an_expression_or_words(project: Project, environments: dict[str, Materials]) -> None:
    components = {one["name"]: one["licenses"][0] for one in made(project, "v0.4", environments)["components"]}
    declared = {"acknowledgement": "declared"}
    assert components["certifi"] == {"license": {"id": "MPL-2.0", **declared}}
    assert components["libp2p"] == {"expression": "MIT AND Apache-2.0", **declared}
    assert components["netaddr"] == {"license": {"name": "BSD License", **declared}}


def test_the_document_has_the_requirements_of_each_distribution(
    project: Project, environments: dict[str, Materials]
) -> None:
    asked = {
        one["ref"]: {each.partition("==")[0] for each in one.get("dependsOn", ())}
        for one in made(project, "v0.8", environments)["dependencies"]
    }
    assert asked["py-libp2p-ping-test"] == {"libp2p", "multiaddr", "py-multihash", "redis", "trio"}
    assert {"aiortc", "multiaddr", "trio"} <= asked["libp2p==0.8.1"]  # only libp2p's extra `webrtc` requires aiortc
    assert set().union(*asked.values()) == set(environments["v0.8"].by_name)


@pytest.mark.parametrize("track", TRACKS)
def test_the_same_environment_gives_the_same_bytes(
    project: Project, environments: dict[str, Materials], track: str
) -> None:
    text = as_bill(project, track, environments[track])
    materials = environments[track]
    backwards = replace(materials, by_name=dict(reversed([*materials.by_name.items()])))
    assert as_bill(project, track, backwards) == text
    document = json.loads(text)
    assert document["metadata"]["timestamp"] == "2025-11-05T19:15:00+00:00"  # SOURCE_DATE_EPOCH in the toolchain file
    assert str(project.root) not in text


def test_another_environment_has_another_serial_number(project: Project, environments: dict[str, Materials]) -> None:
    materials = environments["v0.4"]
    changed = {"idna": replace(materials.by_name["idna"], version="1.0")}
    other = replace(materials, by_name={**materials.by_name, **changed})
    serials = {json.loads(as_bill(project, "v0.4", one))["serialNumber"] for one in (materials, other)}
    assert len(serials | {made(project, "v0.8", environments)["serialNumber"]}) == 3


def test_a_library_from_a_commit_has_the_commit_and_no_hash(
    project: Project, environments: dict[str, Materials]
) -> None:
    materials = environments["v0.4"]
    source = "git+https://example.com/x.git@c0ffee"
    changed = {"libp2p": replace(materials.by_name["libp2p"], source=source)}
    swapped = replace(materials, by_name={**materials.by_name, **changed})
    (found,) = [one for one in json.loads(as_bill(project, "v0.4", swapped))["components"] if one["name"] == "libp2p"]
    assert PackageURL.from_string(found["purl"]).qualifiers == {"vcs_url": source}
    assert "externalReferences" not in found
