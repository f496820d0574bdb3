"""The bill of materials of a track (one version of py-libp2p on one Python) as CycloneDX 1.6 JSON."""

import hashlib
from collections.abc import Iterable
from dataclasses import astuple
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
from dev.sbom.materials import Material, Materials
from envparity.judge.graph import Graph
from envparity.project.config import find_config
from envparity.project.locks.lock import Pin


def as_bill(project: Project, track: str, materials: Materials) -> str:
    """Return the bill of materials of `track` as JSON.

    The same environment and lock always give the same bytes: the timestamp of the bill is SOURCE_DATE_EPOCH, and its
    serial number is a hash of the materials and the lock.
    """
    config = find_config(project.root)
    lock = config.lock(track)
    pins = lock.for_environment(materials.marker_environment) if lock else {}
    root = Component(
        name=project.name,
        version=track,
        type=ComponentType.APPLICATION,
        bom_ref=project.name,
        licenses=[_license(Licence("MIT", "License-Expression", "MIT"))],
    )
    components = {material.key: _component(material, pins.get(material.key)) for material in materials}
    told = "\n".join(
        [hashlib.sha256(project.lock(track).read_bytes()).hexdigest(), *sorted(repr(astuple(one)) for one in materials)]
    )
    bom = Bom(
        components=components.values(),
        serial_number=uuid5(NAMESPACE_URL, f"{project.name}/{track}\n{told}"),
        metadata=BomMetaData(
            component=root,
            timestamp=datetime.fromtimestamp(int(project.toolchain.build_environment["SOURCE_DATE_EPOCH"]), UTC),
            properties=[Property(name=f"{project.name}:lock", value=f"locks/{project.lock(track).name}")],
        ),
    )
    graph = Graph(materials, config.groups[track])
    for key, component in components.items():
        bom.register_dependency(component)
        for source in {edge.source for edge in graph.required_by(key)} - {key}:
            bom.register_dependency(components.get(source, root), [component])
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _component(material: Material, pin: Pin | None) -> Component:
    hashes = sorted(one.removeprefix("sha256:") for one in pin.hashes) if pin and material.source is None else []
    purl = PackageURL(
        "pypi", None, material.key, material.version, {"vcs_url": material.source} if material.source else None
    )
    return Component(
        name=material.name,
        version=material.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{material.key}=={material.version}",
        description=material.summary or None,
        purl=purl,
        licenses=[_license(material.licence)] if material.licence.where != "none" else [],
        external_references=[_files(purl, hashes)] if hashes else [],
    )


def _files(purl: PackageURL, hashes: Iterable[str]) -> ExternalReference:
    """Return a reference to the artefacts that the lock allows for a distribution; `hashes` are their SHA-256 hashes.

    The environment does not record which of these artefacts was installed.
    """
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
