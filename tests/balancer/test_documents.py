"""Documents survive a restart; an older or a conflicting one changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tidegate.balancer.documents import ConflictingDocumentError, Documents
from tidegate.fleet.balancing import EdgeDocument, GroupDocument, GroupTarget, HealthCheckDocument

ARN = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/sample/0123456789abcdef"


def group(generation: int, *ports: int) -> GroupDocument:
    targets = tuple(GroupTarget(id="i-1", port=port, address="127.0.0.1") for port in ports)
    check = HealthCheckDocument()
    return GroupDocument(target_group_arn=ARN, generation=generation, health_check=check, targets=targets)


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    documents = Documents(tmp_path)
    documents.load()
    documents.take_edge(EdgeDocument(generation=1, target_groups=(ARN,)))
    return documents


def test_a_newer_generation_is_kept_and_an_older_one_refused(documents: Documents) -> None:
    assert documents.take_group(group(5, 1))
    with capture_logs() as logs:
        assert not documents.take_group(group(4, 2))
    assert documents.groups[ARN] == group(5, 1)
    assert [(one["event"], one["was"], one["came"]) for one in logs] == [
        ("an older document is refused", 5, 4)
    ]


def test_the_same_document_again_is_no_change(documents: Documents) -> None:
    documents.take_group(group(5, 1))
    assert not documents.take_group(group(5, 1))


def test_one_generation_with_two_contents_is_an_error(documents: Documents) -> None:
    documents.take_group(group(5, 1))
    with pytest.raises(ConflictingDocumentError):
        documents.take_group(group(5, 2))
    assert documents.groups[ARN] == group(5, 1)


def test_a_restart_finds_what_was_kept(documents: Documents, tmp_path: Path) -> None:
    documents.take_group(group(5, 1, 2))
    again = Documents(tmp_path)
    again.load()
    assert (again.edge, again.groups) == (documents.edge, documents.groups)


def test_a_group_that_could_not_be_written_is_still_newer(documents: Documents, tmp_path: Path) -> None:
    documents.take_group(group(5, 1))
    blocker = tmp_path / "groups" / f".{ARN.rsplit('/', 1)[-1]}.json"
    blocker.mkdir()
    with pytest.raises(IsADirectoryError):
        documents.take_group(group(6, 2))
    assert documents.groups[ARN] == group(5, 1)
    blocker.rmdir()
    assert documents.take_group(group(6, 2))


def test_an_edge_that_could_not_be_written_is_still_newer(documents: Documents, tmp_path: Path) -> None:
    documents.take_group(group(5, 1))
    blocker = tmp_path / ".edge.json"
    blocker.mkdir()
    with pytest.raises(IsADirectoryError):
        documents.take_edge(EdgeDocument(generation=6))
    assert (documents.edge.generation, set(documents.groups)) == (1, {ARN})
    blocker.rmdir()
    assert documents.take_edge(EdgeDocument(generation=6))


def test_a_group_that_the_edge_no_longer_uses_is_forgotten(documents: Documents, tmp_path: Path) -> None:
    documents.take_group(group(5, 1))
    documents.take_edge(EdgeDocument(generation=6))
    again = Documents(tmp_path)
    again.load()
    assert documents.groups == again.groups == {}


def test_what_a_killed_writer_left_is_no_document(documents: Documents, tmp_path: Path) -> None:
    documents.take_group(group(5, 1))
    left = tmp_path / "groups" / f".{ARN.rsplit('/', 1)[-1]}.json"
    left.write_bytes(b"")
    again = Documents(tmp_path)
    again.load()
    assert again.groups == documents.groups
    assert not left.exists()


@pytest.mark.parametrize("content", [b"", b'{"generation"', b'{"generation": "x"}', b"\xff"])
def test_a_document_that_cannot_be_read_is_left_out_and_taken_again(
    documents: Documents, tmp_path: Path, content: bytes
) -> None:
    documents.take_group(group(5, 1))
    for path in (tmp_path / "edge.json", *(tmp_path / "groups").iterdir()):
        path.write_bytes(content)
    again = Documents(tmp_path)
    again.load()
    assert (again.edge, again.groups) == (EdgeDocument(generation=-1), {})
    assert again.take_edge(documents.edge)
    assert again.take_group(group(5, 1))
