from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tidegate.cli import settings
from tidegate.cli.settings import Settings, SettingsError

SETTINGS = Settings(
    endpoint="127.0.0.1:7400",
    region="us-east-1",
    account="000000000000",
    access_key="AKIA",
    secret_key="secret",
    network="127.80",
    runtime="process",
)


def test_settings_are_read_as_they_were_saved(tmp_path: Path) -> None:
    settings.save(tmp_path / "data", SETTINGS)
    assert settings.load(tmp_path / "data") == SETTINGS


def test_settings_of_an_older_version_are_read_with_what_came_later_at_its_default(tmp_path: Path) -> None:
    settings.save(tmp_path, SETTINGS)
    file = tmp_path / "settings.json"
    document = json.loads(file.read_text())
    del document["database_url"]
    file.write_text(json.dumps(document))
    assert settings.load(tmp_path) == SETTINGS


def test_settings_that_cannot_be_read_are_named_with_a_way_out() -> None:
    with pytest.raises(SettingsError, match=r"/dev/null/settings\.json cannot be read .* --data-dir"):
        settings.load(Path("/dev/null"))


def test_only_the_owner_can_read_the_keys(tmp_path: Path) -> None:
    settings.save(tmp_path, SETTINGS)
    assert stat.S_IMODE((tmp_path / "settings.json").stat().st_mode) == 0o600


def test_without_settings_the_error_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="run `tidegate up --data-dir /"):
        settings.load(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"endpoint": "127.0.0.1:1"}'])
def test_broken_settings_are_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "settings.json").write_text(content)
    with pytest.raises(SettingsError, match=r"settings\.json is broken"):
        settings.load(tmp_path)


def test_keys_have_the_form_of_awss_and_differ_each_time() -> None:
    keys = {settings.new_access_key() for _ in range(5)}
    assert len(keys) == 5
    assert all(len(key) == 20 and key.startswith("AKIA") for key in keys)
    assert len(settings.new_secret_key()) == 40


def test_a_network_that_is_claimed_is_not_given_to_another() -> None:
    network, claim = settings.free_network()
    assert settings.claim_network(network) is None
    claim.close()
    again = settings.claim_network(network)
    assert again is not None
    again.close()
