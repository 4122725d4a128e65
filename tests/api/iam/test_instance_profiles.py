"""Instance profiles."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def profile(client: Any) -> str:
    client.create_instance_profile(InstanceProfileName="hosts")
    return "hosts"


def test_a_profile_shows_its_role_in_full(client: Any, role: str, profile: str) -> None:
    client.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role)
    found = client.get_instance_profile(InstanceProfileName=profile)["InstanceProfile"]
    assert found["Arn"] == "arn:aws:iam::000000000000:instance-profile/hosts"
    assert [one["RoleName"] for one in found["Roles"]] == [role]
    of_role = client.list_instance_profiles_for_role(RoleName=role)["InstanceProfiles"]
    assert [one["InstanceProfileName"] for one in of_role] == [profile]
    assert len(client.list_instance_profiles()["InstanceProfiles"]) == 1


def test_a_profile_has_one_role(client: Any, refused: Any, role: str, profile: str) -> None:
    client.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role)
    with refused("LimitExceeded"):
        client.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role)


def test_role_and_profile_hold_each_other(client: Any, refused: Any, role: str, profile: str) -> None:
    client.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role)
    with refused("DeleteConflict"):
        client.delete_role(RoleName=role)
    with refused("DeleteConflict"):
        client.delete_instance_profile(InstanceProfileName=profile)
    client.remove_role_from_instance_profile(InstanceProfileName=profile, RoleName=role)
    client.delete_role(RoleName=role)
    client.delete_instance_profile(InstanceProfileName=profile)
    with refused("NoSuchEntity"):
        client.get_instance_profile(InstanceProfileName=profile)


def test_a_name_is_used_once(client: Any, refused: Any, profile: str) -> None:
    with refused("EntityAlreadyExists"):
        client.create_instance_profile(InstanceProfileName=profile)


def test_tags_are_kept(client: Any, profile: str) -> None:
    client.tag_instance_profile(InstanceProfileName=profile, Tags=[{"Key": "a", "Value": "b"}])
    found = client.list_instance_profile_tags(InstanceProfileName=profile)["Tags"]
    assert found == [{"Key": "a", "Value": "b"}]
