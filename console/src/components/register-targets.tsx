import { RegisterTargetsCommand, type TargetGroup } from "@aws-sdk/client-elastic-load-balancing-v2";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import Textarea from "@cloudscape-design/components/textarea";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { words } from "../lib/certificate-forms";
import { elbv2 } from "../lib/clients";
import { ec2InstancesQuery, tagName } from "../lib/ec2";
import { targetsIn, targetWords } from "../lib/target-group-form";
import { awsCommand, count } from "../lib/text";
import { Action } from "./action";

/** Puts targets into a group by hand: instances of its VPC, or addresses. */
export function RegisterTargets({ group }: { group: TargetGroup }) {
  const arn = group.TargetGroupArn ?? "";
  const [instances, setInstances] = useState<string[]>([]);
  const [addresses, setAddresses] = useState("");
  const [port, setPort] = useState("");
  const isByAddress = group.TargetType === "ip";
  const targets = targetsIn(isByAddress ? words(addresses) : instances, port);
  return (
    <Action
      label="Register targets"
      title="Register targets"
      command={awsCommand("elbv2 register-targets", {
        "target-group-arn": arn,
        targets: targetWords(targets),
      })}
      run={() => {
        if (targets.length === 0) throw new Error("Choose what is to be registered.");
        return elbv2.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: targets }));
      }}
      done={`${count(targets.length, "target")} registered.`}
      kinds={["target-health"]}
      isPrimary
      onOpen={() => {
        setInstances([]);
        setAddresses("");
        setPort(`${group.Port}`);
      }}
    >
      {isByAddress ? (
        <FormField label="Addresses" description="One a line, each with a port of its own or without one.">
          <Textarea
            value={addresses}
            rows={4}
            placeholder="172.31.0.10:8080"
            onChange={({ detail }) => setAddresses(detail.value)}
          />
        </FormField>
      ) : (
        <Instances vpcId={group.VpcId} chosen={instances} onChange={setInstances} />
      )}
      <FormField label="Port" description="On which they answer.">
        <Input value={port} inputMode="numeric" onChange={({ detail }) => setPort(detail.value.trim())} />
      </FormField>
    </Action>
  );
}

interface InstancesProps {
  vpcId: string | undefined;
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

function Instances({ vpcId, chosen, onChange }: InstancesProps) {
  const found = useQuery(ec2InstancesQuery);
  const options = (found.data ?? [])
    .filter(({ VpcId, State }) => VpcId === vpcId && State?.Name !== "terminated")
    .map(({ InstanceId = "", Tags, State, Placement, PrivateIpAddress }) => ({
      value: InstanceId,
      label: [InstanceId, tagName(Tags)].filter(Boolean).join(", "),
      description: `${State?.Name}, ${Placement?.AvailabilityZone}, ${PrivateIpAddress}`,
    }));
  return (
    <FormField label="Instances" description="Of the target group's VPC.">
      <Multiselect
        options={options}
        statusType={found.isPending ? "loading" : "finished"}
        placeholder="Choose one or more"
        empty="There is no instance in this VPC."
        deselectAriaLabel={({ label }) => `Take ${label} out`}
        selectedOptions={options.filter(({ value }) => chosen.includes(value))}
        onChange={({ detail }) => onChange(detail.selectedOptions.map(({ value }) => value ?? ""))}
      />
    </FormField>
  );
}
