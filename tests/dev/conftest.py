"""The recorded runs, as they are in the repository."""

import pytest

from dev.evidence.runs import Evidence, read_evidence


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    """What the document is made from."""
    return read_evidence()
