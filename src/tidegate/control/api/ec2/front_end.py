"""The operations of the EC2 front end, the slice of EC2 that load balancers and instances stand on."""

from __future__ import annotations

from tidegate.control.api.ec2.defaults import create_default_vpc
from tidegate.control.api.ec2.images import describe_images
from tidegate.control.api.ec2.instance_attributes import (
    describe_instance_attribute,
    describe_instance_credit_specifications,
    describe_volumes,
    modify_instance_attribute,
)
from tidegate.control.api.ec2.instance_types import (
    describe_instance_type_offerings,
    describe_instance_types,
)
from tidegate.control.api.ec2.instances import (
    describe_instance_status,
    describe_instances,
    run_instances,
    terminate_instances,
)
from tidegate.control.api.ec2.internet_gateways import (
    attach_internet_gateway,
    create_internet_gateway,
    delete_internet_gateway,
    describe_internet_gateways,
    detach_internet_gateway,
)
from tidegate.control.api.ec2.key_pairs import (
    create_key_pair,
    delete_key_pair,
    describe_key_pairs,
    import_key_pair,
)
from tidegate.control.api.ec2.network_interfaces import describe_network_interfaces
from tidegate.control.api.ec2.regions import (
    describe_account_attributes,
    describe_availability_zones,
    describe_regions,
)
from tidegate.control.api.ec2.route_tables import (
    associate_route_table,
    create_route,
    create_route_table,
    delete_route,
    delete_route_table,
    describe_route_tables,
    disassociate_route_table,
    replace_route,
    replace_route_table_association,
)
from tidegate.control.api.ec2.security_group_rules import (
    authorize_security_group_egress,
    authorize_security_group_ingress,
    describe_security_group_rules,
    modify_security_group_rules,
    revoke_security_group_egress,
    revoke_security_group_ingress,
)
from tidegate.control.api.ec2.security_groups import (
    create_security_group,
    delete_security_group,
    describe_security_groups,
)
from tidegate.control.api.ec2.subnets import (
    create_subnet,
    delete_subnet,
    describe_subnets,
    modify_subnet_attribute,
)
from tidegate.control.api.ec2.tags import create_tags, delete_tags, describe_tags
from tidegate.control.api.ec2.vpcs import (
    create_vpc,
    delete_vpc,
    describe_network_acls,
    describe_vpc_attribute,
    describe_vpcs,
    modify_vpc_attribute,
)
from tidegate.wire import FrontEnd, Operation

_IPV4_ONLY = "IPv4 only"
_NO_PREFIX_LISTS = "no prefix lists"
_INTERNET_GATEWAYS_ONLY = "routes to internet gateways only, IPv4 only"
_VIRTUAL = "virtual instances: no disks, launch templates, spot, placement groups or second interfaces"

FRONT_END = FrontEnd(
    service="ec2",
    operations={
        "AssociateRouteTable": Operation(associate_route_table, partial="subnets only"),
        "AttachInternetGateway": Operation(attach_internet_gateway),
        "AuthorizeSecurityGroupEgress": Operation(authorize_security_group_egress, partial=_NO_PREFIX_LISTS),
        "AuthorizeSecurityGroupIngress": Operation(
            authorize_security_group_ingress, partial=_NO_PREFIX_LISTS
        ),
        "CreateDefaultVpc": Operation(create_default_vpc),
        "CreateInternetGateway": Operation(create_internet_gateway),
        "CreateKeyPair": Operation(create_key_pair, partial="no PuTTY format"),
        "CreateRoute": Operation(create_route, partial=_INTERNET_GATEWAYS_ONLY),
        "CreateRouteTable": Operation(create_route_table),
        "CreateSecurityGroup": Operation(create_security_group),
        "CreateSubnet": Operation(create_subnet, partial=_IPV4_ONLY),
        "CreateTags": Operation(create_tags, partial="not on network interfaces, volumes and images"),
        "CreateVpc": Operation(create_vpc, partial=f"{_IPV4_ONLY}, default tenancy, no IPAM"),
        "DeleteInternetGateway": Operation(delete_internet_gateway),
        "DeleteKeyPair": Operation(delete_key_pair),
        "DeleteRoute": Operation(delete_route, partial=_IPV4_ONLY),
        "DeleteRouteTable": Operation(delete_route_table),
        "DeleteSecurityGroup": Operation(delete_security_group),
        "DeleteSubnet": Operation(delete_subnet),
        "DeleteTags": Operation(delete_tags, partial="not on network interfaces, volumes and images"),
        "DeleteVpc": Operation(delete_vpc),
        "DescribeAccountAttributes": Operation(describe_account_attributes),
        "DescribeAvailabilityZones": Operation(describe_availability_zones),
        "DescribeImages": Operation(describe_images, partial="the ECS-optimised images"),
        "DescribeInstanceAttribute": Operation(
            describe_instance_attribute, partial="not blockDeviceMapping and enclaveOptions"
        ),
        "DescribeInstanceCreditSpecifications": Operation(describe_instance_credit_specifications),
        "DescribeInstanceStatus": Operation(describe_instance_status),
        "DescribeInstanceTypeOfferings": Operation(
            describe_instance_type_offerings, partial="the types of virtual instances"
        ),
        "DescribeInstanceTypes": Operation(describe_instance_types, partial="the types of virtual instances"),
        "DescribeInstances": Operation(describe_instances),
        "DescribeInternetGateways": Operation(describe_internet_gateways),
        "DescribeKeyPairs": Operation(describe_key_pairs),
        "DescribeNetworkAcls": Operation(describe_network_acls, partial="the default ACL of each VPC"),
        "DescribeNetworkInterfaces": Operation(
            describe_network_interfaces, partial="those of instances and load balancers"
        ),
        "DescribeRegions": Operation(describe_regions, partial="the region that is served"),
        "DescribeRouteTables": Operation(describe_route_tables),
        "DescribeSecurityGroupRules": Operation(describe_security_group_rules),
        "DescribeSecurityGroups": Operation(describe_security_groups),
        "DescribeSubnets": Operation(describe_subnets),
        "DescribeTags": Operation(describe_tags),
        "DescribeVolumes": Operation(describe_volumes, partial="the root volumes of instances"),
        "DescribeVpcAttribute": Operation(describe_vpc_attribute),
        "DescribeVpcs": Operation(describe_vpcs),
        "DetachInternetGateway": Operation(detach_internet_gateway),
        "DisassociateRouteTable": Operation(disassociate_route_table),
        "ImportKeyPair": Operation(import_key_pair),
        "ModifyInstanceAttribute": Operation(
            modify_instance_attribute,
            partial="protection, shutdown behaviour and security groups",
        ),
        "ModifySecurityGroupRules": Operation(modify_security_group_rules, partial=_NO_PREFIX_LISTS),
        "ModifySubnetAttribute": Operation(modify_subnet_attribute, partial="MapPublicIpOnLaunch"),
        "ModifyVpcAttribute": Operation(modify_vpc_attribute),
        "ReplaceRoute": Operation(replace_route, partial=_INTERNET_GATEWAYS_ONLY),
        "ReplaceRouteTableAssociation": Operation(replace_route_table_association),
        "RevokeSecurityGroupEgress": Operation(revoke_security_group_egress),
        "RevokeSecurityGroupIngress": Operation(revoke_security_group_ingress),
        "RunInstances": Operation(run_instances, partial=_VIRTUAL),
        "TerminateInstances": Operation(terminate_instances),
    },
    refusals=dict.fromkeys(
        ("StartInstances", "StopInstances", "RebootInstances"),
        "Virtual instances have no state to keep while stopped: terminate them and run others.",
    ),
)
