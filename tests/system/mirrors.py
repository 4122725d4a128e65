"""Where a machine keeps Terraform's providers, for one that does not reach the public registry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

PROVIDER = "registry.terraform.io/hashicorp/aws"
_MIRROR = re.compile(r'filesystem_mirror\s*\{[^}]*?\bpath\s*=\s*"([^"]+)"')


def mirrors(environment: Mapping[str, str], root: Path = Path("/")) -> list[Path]:
    """The folders that hold the provider, the one that was asked for first. `environment`: HOME and what
    Terraform reads. `root`: of the file system."""
    found = dict.fromkeys(_candidates(environment, root))
    return [folder for folder in found if (folder / PROVIDER).is_dir()]


def _candidates(environment: Mapping[str, str], root: Path) -> Iterator[Path]:
    if named := environment.get("TIDEGATE_TERRAFORM_MIRROR"):
        yield Path(named)
    home = Path(environment.get("HOME", "/nonexistent"))
    yield from _configured(Path(environment.get("TF_CLI_CONFIG_FILE") or home / ".terraformrc"))
    # Those that Terraform itself looks into when nothing is configured.
    yield home / ".terraform.d" / "plugins"
    yield home / ".local" / "share" / "terraform" / "plugins"
    yield root / "usr" / "local" / "share" / "terraform" / "plugins"
    yield root / "usr" / "share" / "terraform" / "plugins"
    # Those of packages, and of whatever was unpacked where add-on software goes.
    yield root / "usr" / "share" / "terraform" / "providers"
    yield from sorted((root / "opt").glob("*"))


def _configured(file: Path) -> list[Path]:
    """The mirrors that Terraform's own configuration names."""
    try:
        return [Path(path) for path in _MIRROR.findall(file.read_text())]
    except OSError:
        return []
