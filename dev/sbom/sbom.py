"""A track's bill of materials, CycloneDX 1.6 as JSON: the same bytes from the same environment."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, License, LicenseAcknowledgement
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from dev.lockenv.project import Project
from dev.sbom.licence import Licence
from dev.sbom.parts import Part, Parts
from envparity.judge.graph import Graph
from envparity.project.config import find_config
from envparity.project.locks.lock import Pin


def as_sbom(project: Project, track: str, parts: Parts) -> str:
    """The document; it names no time of the day, and its serial number is that of what it says."""
    config = find_config(project.root)
    lock = config.lock(track)
    pins = lock.for_environment(parts.marker_environment) if lock else {}
    root = Component(
        name=project.name,
        version=track,
        type=ComponentType.APPLICATION,
        bom_ref=project.name,
        licenses=[_license(Licence("MIT", "License-Expression", "MIT"))],
    )
    components = {part.key: _component(part, pins.get(part.key)) for part in parts}
    told = "\n".join([hashlib.sha256(project.lock(track).read_bytes()).hexdigest(), *sorted(_told(parts))])
    bom = Bom(
        components=components.values(),
        serial_number=uuid5(NAMESPACE_URL, f"{project.name}/{track}\n{told}"),
        metadata=BomMetaData(
            component=root,
            timestamp=datetime.fromtimestamp(int(project.toolchain.build_environment["SOURCE_DATE_EPOCH"]), UTC),
            properties=[Property(name=f"{project.name}:lock", value=f"locks/{track}.txt")],
        ),
    )
    for target, sources in _edges(Graph(parts, config.groups[track]), parts):
        for source in sources:
            bom.register_dependency(components.get(source, root), [components[target]])
    for component in components.values():
        bom.register_dependency(component)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _told(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        yield repr(part)


def _edges(graph: Graph[Part], parts: Parts) -> Iterator[tuple[str, list[str]]]:
    for part in parts:
        yield part.key, sorted({edge.source for edge in graph.required_by(part.key)} - {part.key})


def _component(part: Part, pin: Pin | None) -> Component:
    hashes = sorted(one.removeprefix("sha256:") for one in pin.hashes) if pin and part.source is None else []
    purl = PackageURL("pypi", None, part.key, part.version, {"vcs_url": part.source} if part.source else None)
    return Component(
        name=part.name,
        version=part.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{part.key}=={part.version}",
        description=part.summary or None,
        purl=purl,
        licenses=[_license(part.licence)] if part.licence.where != "none" else [],
        external_references=[_files(purl, hashes)] if hashes else [],
    )


def _files(purl: PackageURL, hashes: Iterable[str]) -> ExternalReference:
    """The files that the lock takes a distribution from, one of which was installed: no hash is the component's own."""
    return ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(purl.to_string()),
        comment="each file that the lock allows, by its hash; one of them was installed",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in hashes],
    )


def _license(licence: Licence) -> License:
    declared = LicenseAcknowledgement.DECLARED
    if licence.spdx is None:
        return DisjunctiveLicense(name=licence.said, acknowledgement=declared)
    return LicenseFactory().make_from_string(licence.spdx, license_acknowledgement=declared)
