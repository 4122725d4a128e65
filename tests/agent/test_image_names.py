"""What `tidegate image build` takes for a name, and what it refuses before anything is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.agent.images import BuildError, build_image, list_images


def build(images: Path, directory: Path, tag: str, base: str | None = None) -> None:
    build_image(directory, tag, runtime="process", images=images, base=base, tell=lambda _: None)


@pytest.fixture
def context(tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text('FROM scratch\nCMD ["true"]\n')
    return folder


@pytest.mark.parametrize(
    "tag",
    ["", "A b:1", "Shop:1", "shop:", "shop:..", "../shop:1", "shop//a:1", "-shop:1", "shop:a b", "sh..op:1"],
)
def test_a_name_that_docker_would_refuse_is_refused_here_too(tmp_path: Path, context: Path, tag: str) -> None:
    with pytest.raises(BuildError, match="is no image name: NAME:TAG"):
        build(tmp_path / "images", context, tag)
    assert not (tmp_path / "images").exists()


@pytest.mark.parametrize(
    "tag",
    [
        "shop",
        "shop:1",
        "team/shop__a-b.c:Release_1.0-rc",
        "registry.example:5000/team/shop:1",
        "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop:1",
    ],
)
def test_names_of_every_form_are_built_and_listed(tmp_path: Path, context: Path, tag: str) -> None:
    images = tmp_path / "images"
    build(images, context, tag)
    named = tag if ":" in tag.rsplit("/", 1)[-1] else f"{tag}:latest"
    assert list_images(runtime="process", images=images) == [named]


def test_another_base_is_refused_where_no_base_is_used(tmp_path: Path, context: Path) -> None:
    with pytest.raises(BuildError, match="--base has no meaning here"):
        build(tmp_path / "images", context, "shop:1", base="python:3.11")


def test_a_directory_without_a_dockerfile_is_named(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=f"there is no Dockerfile in {tmp_path}"):
        build(tmp_path / "images", tmp_path, "shop:1")
