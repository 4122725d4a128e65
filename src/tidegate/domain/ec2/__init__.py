"""The nouns of the EC2 slice."""

from tidegate.domain.ec2.instance import Instance
from tidegate.domain.ec2.key_pair import KeyPair
from tidegate.domain.ec2.network import InternetGateway, Route, RouteTable, Subnet, Vpc
from tidegate.domain.ec2.security_group import PermissionPeer, SecurityGroup, SecurityGroupRule

__all__ = [
    "Instance",
    "InternetGateway",
    "KeyPair",
    "PermissionPeer",
    "Route",
    "RouteTable",
    "SecurityGroup",
    "SecurityGroupRule",
    "Subnet",
    "Vpc",
]
