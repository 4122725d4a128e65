"""Rules of security groups."""

from __future__ import annotations

from typing import Any

import pytest

HTTP: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
ANYWHERE = [{"CidrIp": "0.0.0.0/0", "Description": "everybody"}]


@pytest.fixture
def group(client: Any, vpc: str) -> str:
    return str(client.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"])


def _permissions(client: Any, group: str) -> list[dict[str, Any]]:
    found = client.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    return list(found["IpPermissions"])


def test_every_peer_of_a_permission_is_a_rule_with_an_id(client: Any, group: str) -> None:
    permission = {
        **HTTP,
        "IpRanges": ANYWHERE,
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
        "UserIdGroupPairs": [{"GroupId": group}],
    }
    added = client.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    rules = added["SecurityGroupRules"]
    assert len({rule["SecurityGroupRuleId"] for rule in rules}) == 3
    assert rules[0]["CidrIpv4"] == "0.0.0.0/0"
    assert rules[1]["CidrIpv6"] == "::/0"
    assert rules[2]["ReferencedGroupInfo"]["GroupId"] == group
    (shown,) = _permissions(client, group)
    assert shown["IpRanges"] == ANYWHERE
    assert shown["Ipv6Ranges"] == [{"CidrIpv6": "::/0"}]
    assert [pair["GroupId"] for pair in shown["UserIdGroupPairs"]] == [group]


def test_the_old_form_with_one_permission_is_read(client: Any, group: str) -> None:
    client.authorize_security_group_ingress(GroupId=group, **HTTP, CidrIp="10.0.0.7/24")
    assert _permissions(client, group)[0]["IpRanges"] == [{"CidrIp": "10.0.0.0/24"}]


def test_a_rule_that_is_there_is_refused_whatever_its_description(
    client: Any, refused: Any, group: str
) -> None:
    client.authorize_security_group_ingress(GroupId=group, IpPermissions=[{**HTTP, "IpRanges": ANYWHERE}])
    with refused("InvalidPermission.Duplicate"):
        client.authorize_security_group_ingress(GroupId=group, **HTTP, CidrIp="0.0.0.0/0")


@pytest.mark.parametrize(
    ("permission", "code"),
    [
        ({"IpProtocol": "tcp", "IpRanges": ANYWHERE}, "InvalidParameterValue"),
        ({"IpProtocol": "tcp", "FromPort": 80, "ToPort": 79, "IpRanges": ANYWHERE}, "InvalidParameterValue"),
        (
            {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 70000, "IpRanges": ANYWHERE},
            "InvalidParameterValue",
        ),
        ({"IpProtocol": "http", "IpRanges": ANYWHERE}, "InvalidPermission.Malformed"),
        ({**HTTP, "IpRanges": [{"CidrIp": "everywhere"}]}, "InvalidParameterValue"),
        ({**HTTP, "UserIdGroupPairs": [{"GroupId": "sg-00000000000000000"}]}, "InvalidGroup.NotFound"),
        ({**HTTP, "PrefixListIds": [{"PrefixListId": "pl-1"}]}, "UnsupportedOperation"),
    ],
)
def test_a_permission_that_means_nothing_is_refused(
    client: Any, refused: Any, group: str, permission: dict[str, Any], code: str
) -> None:
    with refused(code):
        client.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    assert _permissions(client, group) == []


def test_terraforms_two_revocations_after_a_creation(client: Any, refused: Any, group: str) -> None:
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    client.revoke_security_group_egress(GroupId=group, IpPermissions=[everything])
    assert client.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"] == []
    with refused("InvalidPermission.NotFound"):
        client.revoke_security_group_egress(
            GroupId=group, IpPermissions=[{"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]
        )


def test_in_the_default_vpc_an_unknown_rule_is_reported_and_not_an_error(client: Any) -> None:
    group = client.create_security_group(GroupName="web", Description="web")["GroupId"]
    answer = client.revoke_security_group_ingress(GroupId=group, **HTTP, CidrIp="0.0.0.0/0")
    assert answer["UnknownIpPermissions"][0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]


def test_a_rule_is_revoked_by_its_id(client: Any, refused: Any, group: str) -> None:
    added = client.authorize_security_group_ingress(GroupId=group, **HTTP, CidrIp="0.0.0.0/0")
    rule = added["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    client.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[rule])
    assert _permissions(client, group) == []
    with refused("InvalidSecurityGroupRuleId.NotFound"):
        client.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[rule])


def test_a_rule_is_described_with_tags_ports_and_direction(client: Any, group: str) -> None:
    client.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{**HTTP, "IpRanges": ANYWHERE}],
        TagSpecifications=[
            {"ResourceType": "security-group-rule", "Tags": [{"Key": "Name", "Value": "http"}]}
        ],
    )
    described = client.describe_security_group_rules(Filters=[{"Name": "tag:Name", "Values": ["http"]}])
    (rule,) = described["SecurityGroupRules"]
    assert (rule["IsEgress"], rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == (False, "tcp", 80, 80)
    assert rule["Description"] == "everybody"


def test_a_rule_keeps_its_id_when_it_is_changed(client: Any, group: str) -> None:
    added = client.authorize_security_group_ingress(GroupId=group, **HTTP, CidrIp="0.0.0.0/0")
    rule = added["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    change = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8081, "CidrIpv4": "10.0.0.0/8"}
    client.modify_security_group_rules(
        GroupId=group, SecurityGroupRules=[{"SecurityGroupRuleId": rule, "SecurityGroupRule": change}]
    )
    (shown,) = client.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"]
    assert (shown["FromPort"], shown["ToPort"], shown["CidrIpv4"]) == (8080, 8081, "10.0.0.0/8")
