"""Act 1: the network that everything else is put into."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.cli.demo.story import Story, check, filters


class Network:
    number = 1
    title = "Network"

    def play(self, story: Story) -> Sequence[str]:
        props, ec2 = story.props, story.ec2
        props.vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=props.vpc_id)
        (table,) = ec2.describe_route_tables(Filters=filters(vpc_id=props.vpc_id))["RouteTables"]
        route = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway}
        ec2.create_route(RouteTableId=table["RouteTableId"], **route)

        for zone, block in (("a", "10.0.1.0/24"), ("b", "10.0.2.0/24")):
            name = f"{story.stage.region}{zone}"
            subnet = ec2.create_subnet(VpcId=props.vpc_id, CidrBlock=block, AvailabilityZone=name)["Subnet"]
            props.subnet_ids.append(subnet["SubnetId"])

        self._create_security_group(story)
        material = ec2.create_key_pair(KeyName="ecs")["KeyMaterial"]
        check("PRIVATE KEY" in material, "the key pair came without its private half")

        routes = ec2.describe_route_tables(Filters=filters(vpc_id=props.vpc_id))["RouteTables"][0]["Routes"]
        check(any(r.get("GatewayId") == gateway for r in routes), "the route to the gateway is missing")
        found = ec2.describe_subnets(Filters=filters(vpc_id=props.vpc_id))["Subnets"]
        zones = sorted(subnet["AvailabilityZone"] for subnet in found)
        return [f"{props.vpc_id}, subnets in {', '.join(zones)}", "ports 80 and 22 open, all TCP from itself"]

    def _create_security_group(self, story: Story) -> None:
        props, ec2 = story.props, story.ec2
        text = "load balancer and instances"
        created = ec2.create_security_group(GroupName="ecs", Description=text, VpcId=props.vpc_id)
        props.security_group_id = created["GroupId"]
        anywhere = [{"CidrIp": "0.0.0.0/0"}]
        itself = [{"GroupId": props.security_group_id}]
        permissions = [
            {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": anywhere},
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": anywhere},
            {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "UserIdGroupPairs": itself},
        ]
        ec2.authorize_security_group_ingress(GroupId=props.security_group_id, IpPermissions=permissions)
        (group,) = ec2.describe_security_groups(GroupIds=[props.security_group_id])["SecurityGroups"]
        check(len(group["IpPermissions"]) == 3, "the security group lost a permission")
