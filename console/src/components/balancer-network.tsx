import {
  type LoadBalancer,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { useState } from "react";
import { elbv2 } from "../lib/clients";
import { awsCommand } from "../lib/text";
import { Action } from "./action";
import { SecurityGroupsField, SubnetsField } from "./network-fields";

/** Which security groups a load balancer is in. */
export function EditSecurityGroups({ balancer }: { balancer: LoadBalancer }) {
  const [ids, setIds] = useState<string[]>([]);
  const arn = balancer.LoadBalancerArn;
  return (
    <Action
      label="Edit security groups"
      title="Edit security groups"
      command={awsCommand("elbv2 set-security-groups", { "load-balancer-arn": arn, "security-groups": ids })}
      run={() => elbv2.send(new SetSecurityGroupsCommand({ LoadBalancerArn: arn, SecurityGroups: ids }))}
      done="The security groups were changed."
      kinds={["load-balancer"]}
      typed={ids}
      onOpen={() => setIds(balancer.SecurityGroups ?? [])}
    >
      <SecurityGroupsField
        label="Security groups"
        description="They decide who gets in, and at which ports."
        vpcId={balancer.VpcId ?? ""}
        values={ids}
        onChange={setIds}
      />
    </Action>
  );
}

/** In which subnets, and so in which zones, a load balancer is. */
export function EditSubnets({ balancer }: { balancer: LoadBalancer }) {
  const [ids, setIds] = useState<string[]>([]);
  const arn = balancer.LoadBalancerArn;
  return (
    <Action
      label="Edit subnets"
      title="Edit subnets"
      command={awsCommand("elbv2 set-subnets", { "load-balancer-arn": arn, subnets: ids })}
      run={() => elbv2.send(new SetSubnetsCommand({ LoadBalancerArn: arn, Subnets: ids }))}
      done="The subnets were changed."
      kinds={["load-balancer", "target-health"]}
      typed={ids}
      onOpen={() => setIds((balancer.AvailabilityZones ?? []).map(({ SubnetId }) => SubnetId ?? ""))}
    >
      <SubnetsField
        label="Subnets"
        description="Targets in zones without a subnet get no requests."
        vpcId={balancer.VpcId ?? ""}
        values={ids}
        onChange={setIds}
      />
    </Action>
  );
}
