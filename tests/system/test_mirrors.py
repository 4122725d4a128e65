"""The Terraform tests find the provider wherever the machine has it. No product is started here."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.system.mirrors import PROVIDER, mirrors


@pytest.mark.parametrize(
    "place",
    [
        "home/.terraform.d/plugins",
        "home/.local/share/terraform/plugins",
        "usr/local/share/terraform/plugins",
        "usr/share/terraform/plugins",
        "usr/share/terraform/providers",
        "opt/some-folder",
    ],
)
def test_a_provider_in_an_ordinary_place_is_found(tmp_path: Path, place: str) -> None:
    (tmp_path / place / PROVIDER).mkdir(parents=True)
    assert mirrors({"HOME": str(tmp_path / "home")}, tmp_path) == [tmp_path / place]


def test_a_folder_without_the_provider_is_no_mirror(tmp_path: Path) -> None:
    (tmp_path / "opt" / "other" / "registry.terraform.io").mkdir(parents=True)
    assert (
        mirrors({"HOME": str(tmp_path), "TIDEGATE_TERRAFORM_MIRROR": str(tmp_path / "gone")}, tmp_path) == []
    )


def test_what_was_asked_for_comes_first_then_what_terraform_is_configured_with(tmp_path: Path) -> None:
    asked, configured = tmp_path / "asked", tmp_path / "configured"
    for folder in (asked, configured, tmp_path / "opt" / "other"):
        (folder / PROVIDER).mkdir(parents=True)
    (tmp_path / "cli.tfrc").write_text(
        "provider_installation {\n  filesystem_mirror {\n"
        f'    include = ["*/*"]\n    path    = "{configured}"\n  }}\n  direct {{}}\n}}\n'
    )
    environment = {
        "HOME": str(tmp_path / "home"),
        "TIDEGATE_TERRAFORM_MIRROR": str(asked),
        "TF_CLI_CONFIG_FILE": str(tmp_path / "cli.tfrc"),
    }
    assert mirrors(environment, tmp_path) == [asked, configured, tmp_path / "opt" / "other"]
