"""A folder that stands for S3, and the ways out of it that are closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.control.buckets import FolderBuckets, NoBuckets, NoSuchObjectError, ObjectTooLargeError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "s3" / "my-bucket" / "some"
    folder.mkdir(parents=True)
    (folder / "object.pem").write_bytes(b"content")
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "s3" / "secret").write_bytes(b"secret")
    return tmp_path / "s3"


async def test_a_key_is_a_path_below_its_bucket(root: Path) -> None:
    assert await FolderBuckets(root).read("my-bucket", "some/object.pem", 7) == b"content"


async def test_what_is_larger_than_it_may_be_is_refused(root: Path) -> None:
    with pytest.raises(ObjectTooLargeError):
        await FolderBuckets(root).read("my-bucket", "some/object.pem", 6)


@pytest.mark.parametrize(
    ("bucket", "key"),
    [
        ("my-bucket", "some/other.pem"),
        ("my-bucket", "some"),
        ("my-bucket", "some/object.pem/"),
        ("my-bucket", "some//object.pem"),
        ("my-bucket", ""),
        ("my-bucket", "../secret"),
        ("my-bucket", "some/../../../secret"),
        ("my-bucket", "/etc/passwd"),
        ("my-bucket", "some/\0"),
        ("other", "some/object.pem"),
        ("..", "secret"),
        (".", "my-bucket/some/object.pem"),
        ("my-bucket/some", "object.pem"),
        ("", "secret"),
    ],
)
async def test_nothing_else_is_reached(root: Path, bucket: str, key: str) -> None:
    with pytest.raises(NoSuchObjectError):
        await FolderBuckets(root).read(bucket, key, 100)


async def test_a_symbolic_link_leads_nowhere_outside(root: Path) -> None:
    (root / "my-bucket" / "out").symlink_to(root.parent / "secret")
    (root / "my-bucket" / "in").symlink_to(root / "my-bucket" / "some" / "object.pem")
    with pytest.raises(NoSuchObjectError):
        await FolderBuckets(root).read("my-bucket", "out", 100)
    assert await FolderBuckets(root).read("my-bucket", "in", 100) == b"content"


async def test_an_installation_without_buckets_has_no_object(tmp_path: Path) -> None:
    for buckets in (NoBuckets(), FolderBuckets(tmp_path / "not-made-yet")):
        with pytest.raises(NoSuchObjectError):
            await buckets.read("my-bucket", "key", 100)
