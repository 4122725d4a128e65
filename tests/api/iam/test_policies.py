"""Managed policies."""

from __future__ import annotations

import json
from typing import Any

DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": []})
EXECUTION = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


def test_a_policy_of_ones_own_is_attached_and_found(client: Any, refused: Any, role: str) -> None:
    arn = client.create_policy(PolicyName="shop", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    assert arn == "arn:aws:iam::000000000000:policy/shop"
    client.attach_role_policy(RoleName=role, PolicyArn=arn)
    assert client.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    version = client.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert version["Document"] == json.loads(DOCUMENT)
    assert [one["RoleName"] for one in client.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]] == [
        role
    ]
    with refused("DeleteConflict"):
        client.delete_policy(PolicyArn=arn)
    client.detach_role_policy(RoleName=role, PolicyArn=arn)
    client.delete_policy(PolicyArn=arn)
    with refused("NoSuchEntity"):
        client.get_policy(PolicyArn=arn)


def test_aws_policies_are_known_by_name_without_their_documents(client: Any, refused: Any) -> None:
    found = client.get_policy(PolicyArn=EXECUTION)["Policy"]
    assert (found["PolicyName"], found["Path"]) == ("AmazonECSTaskExecutionRolePolicy", "/service-role/")
    with refused("InvalidInput"):
        client.get_policy_version(PolicyArn=EXECUTION, VersionId="v1")


def test_policies_are_listed_by_scope(client: Any, refused: Any) -> None:
    client.create_policy(PolicyName="shop", PolicyDocument=DOCUMENT)
    assert [one["PolicyName"] for one in client.list_policies(Scope="Local")["Policies"]] == ["shop"]
    assert EXECUTION in {one["Arn"] for one in client.list_policies(Scope="AWS")["Policies"]}
    assert client.list_policies(OnlyAttached=True)["Policies"] == []
    with refused("EntityAlreadyExists"):
        client.create_policy(PolicyName="shop", PolicyDocument=DOCUMENT)
    arn = "arn:aws:iam::000000000000:policy/shop"
    assert [one["VersionId"] for one in client.list_policy_versions(PolicyArn=arn)["Versions"]] == ["v1"]
