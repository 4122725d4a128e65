"""Roles, with the policies inside and attached."""

from __future__ import annotations

import json
from typing import Any

import pytest

MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": []})


def test_a_role_is_described_as_clients_need_it(client: Any, role: str) -> None:
    found = client.get_role(RoleName=role)["Role"]
    assert found["Arn"] == "arn:aws:iam::000000000000:role/ecs"
    assert found["RoleId"].startswith("AROA")
    assert (found["Path"], found["MaxSessionDuration"]) == ("/", 3600)
    assert found["CreateDate"].tzinfo is not None
    # botocore decodes what IAM encodes.
    assert found["AssumeRolePolicyDocument"]["Statement"][0]["Action"] == "sts:AssumeRole"


def test_a_path_is_part_of_the_arn(client: Any) -> None:
    made = client.create_role(RoleName="task", Path="/shop/", AssumeRolePolicyDocument=DOCUMENT)["Role"]
    assert made["Arn"] == "arn:aws:iam::000000000000:role/shop/task"
    assert [one["RoleName"] for one in client.list_roles(PathPrefix="/shop/")["Roles"]] == ["task"]


def test_a_name_is_used_once_whatever_its_case(client: Any, refused: Any, role: str) -> None:
    with refused("EntityAlreadyExists"):
        client.create_role(RoleName=role.upper(), AssumeRolePolicyDocument=DOCUMENT)


@pytest.mark.parametrize("document", ["{", "[]", "{}", "[" * 5000])
def test_a_document_that_is_no_policy_is_refused(client: Any, refused: Any, document: str) -> None:
    with refused("MalformedPolicyDocument"):
        client.create_role(RoleName="ecs", AssumeRolePolicyDocument=document)


def test_what_would_need_enforcing_is_refused(client: Any, refused: Any) -> None:
    with refused("InvalidInput"):
        client.create_role(RoleName="ecs", AssumeRolePolicyDocument=DOCUMENT, PermissionsBoundary=MANAGED)


def test_aws_managed_policies_can_be_attached(client: Any, refused: Any, role: str) -> None:
    client.attach_role_policy(RoleName=role, PolicyArn=MANAGED)
    client.attach_role_policy(RoleName=role, PolicyArn=MANAGED)
    assert client.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == [
        {"PolicyName": "AmazonEC2ContainerServiceforEC2Role", "PolicyArn": MANAGED}
    ]
    client.detach_role_policy(RoleName=role, PolicyArn=MANAGED)
    with refused("NoSuchEntity"):
        client.detach_role_policy(RoleName=role, PolicyArn=MANAGED)


def test_a_policy_that_nobody_made_cannot_be_attached(client: Any, refused: Any, role: str) -> None:
    with refused("NoSuchEntity"):
        client.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::000000000000:policy/none")


def test_inline_policies_are_put_listed_and_deleted(client: Any, refused: Any, role: str) -> None:
    client.put_role_policy(RoleName=role, PolicyName="logs", PolicyDocument=DOCUMENT)
    assert client.list_role_policies(RoleName=role)["PolicyNames"] == ["logs"]
    found = client.get_role_policy(RoleName=role, PolicyName="logs")
    assert found["PolicyDocument"] == json.loads(DOCUMENT)
    client.delete_role_policy(RoleName=role, PolicyName="logs")
    with refused("NoSuchEntity"):
        client.get_role_policy(RoleName=role, PolicyName="logs")


def test_a_role_with_policies_cannot_be_deleted(client: Any, refused: Any, role: str) -> None:
    client.attach_role_policy(RoleName=role, PolicyArn=MANAGED)
    client.put_role_policy(RoleName=role, PolicyName="logs", PolicyDocument=DOCUMENT)
    with refused("DeleteConflict"):
        client.delete_role(RoleName=role)
    client.detach_role_policy(RoleName=role, PolicyArn=MANAGED)
    with refused("DeleteConflict"):
        client.delete_role(RoleName=role)
    client.delete_role_policy(RoleName=role, PolicyName="logs")
    client.delete_role(RoleName=role)
    with refused("NoSuchEntity"):
        client.get_role(RoleName=role)


def test_changes_are_read_back(client: Any, role: str) -> None:
    client.update_role(RoleName=role, Description="for hosts", MaxSessionDuration=7200)
    client.update_assume_role_policy(RoleName=role, PolicyDocument=DOCUMENT)
    client.tag_role(RoleName=role, Tags=[{"Key": "stage", "Value": "test"}])
    found = client.get_role(RoleName=role)["Role"]
    assert (found["Description"], found["MaxSessionDuration"]) == ("for hosts", 7200)
    assert found["AssumeRolePolicyDocument"] == json.loads(DOCUMENT)
    assert (
        found["Tags"] == client.list_role_tags(RoleName=role)["Tags"] == [{"Key": "stage", "Value": "test"}]
    )
    client.untag_role(RoleName=role, TagKeys=["stage"])
    assert client.list_role_tags(RoleName=role)["Tags"] == []
    renamed = client.update_role_description(RoleName=role, Description="again")
    assert renamed["Role"]["Description"] == "again"


def test_pages_are_marked(client: Any, refused: Any) -> None:
    for number in range(5):
        client.create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument=DOCUMENT)
    first = client.list_roles(MaxItems=2)
    assert first["IsTruncated"] is True
    pages = client.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 2})
    assert len([role for page in pages for role in page["Roles"]]) == 5
    with refused("ValidationError"):
        client.list_roles(Marker="nonsense")
