import {
  type LoadBalancer,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { elbv2 } from "../lib/clients";
import { securityGroupsQuery, subnetsQuery } from "../lib/ec2";
import { awsCommand } from "../lib/text";
import { Action } from "./action";

/** Which security groups a load balancer is in. */
export function EditSecurityGroups({ balancer }: { balancer: LoadBalancer }) {
  const groups = useQuery(securityGroupsQuery);
  const [ids, setIds] = useState<string[]>([]);
  const arn = balancer.LoadBalancerArn;
  const options = (groups.data ?? [])
    .filter(({ VpcId }) => VpcId === balancer.VpcId)
    .map(({ GroupId = "", GroupName, Description }) => ({
      value: GroupId,
      label: `${GroupName} (${GroupId})`,
      description: Description ?? "",
    }));
  return (
    <Action
      label="Edit security groups"
      title="Edit security groups"
      command={awsCommand("elbv2 set-security-groups", { "load-balancer-arn": arn, "security-groups": ids })}
      run={() => elbv2.send(new SetSecurityGroupsCommand({ LoadBalancerArn: arn, SecurityGroups: ids }))}
      done="The security groups were changed."
      kinds={["load-balancer"]}
      onOpen={() => setIds(balancer.SecurityGroups ?? [])}
    >
      <Choice
        label="Security groups"
        description="They decide who gets in, and at which ports."
        options={options}
        chosen={ids}
        onChange={setIds}
      />
    </Action>
  );
}

/** In which subnets, and so in which zones, a load balancer is. */
export function EditSubnets({ balancer }: { balancer: LoadBalancer }) {
  const subnets = useQuery(subnetsQuery);
  const [ids, setIds] = useState<string[]>([]);
  const arn = balancer.LoadBalancerArn;
  const options = (subnets.data ?? [])
    .filter(({ VpcId }) => VpcId === balancer.VpcId)
    .map(({ SubnetId = "", AvailabilityZone, CidrBlock }) => ({
      value: SubnetId,
      label: `${AvailabilityZone}: ${SubnetId}`,
      description: CidrBlock ?? "",
    }))
    .sort((one, other) => one.label.localeCompare(other.label));
  return (
    <Action
      label="Edit subnets"
      title="Edit subnets"
      command={awsCommand("elbv2 set-subnets", { "load-balancer-arn": arn, subnets: ids })}
      run={() => elbv2.send(new SetSubnetsCommand({ LoadBalancerArn: arn, Subnets: ids }))}
      done="The subnets were changed."
      kinds={["load-balancer", "target-health"]}
      onOpen={() => setIds((balancer.AvailabilityZones ?? []).map(({ SubnetId }) => SubnetId ?? ""))}
    >
      <Choice
        label="Subnets"
        description="Targets in zones without a subnet get no requests."
        options={options}
        chosen={ids}
        onChange={setIds}
      />
    </Action>
  );
}

interface ChoiceProps {
  label: string;
  description: string;
  options: { value: string; label: string; description: string }[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

function Choice({ label, description, options, chosen, onChange }: ChoiceProps) {
  return (
    <FormField label={label} description={description}>
      <Multiselect
        options={options}
        placeholder="Choose one or more"
        deselectAriaLabel={(option) => `Take ${option.label} out`}
        selectedOptions={options.filter(({ value }) => chosen.includes(value))}
        onChange={({ detail }) => onChange(detail.selectedOptions.map(({ value }) => value ?? ""))}
      />
    </FormField>
  );
}
