import { RegisterTargetsCommand, type TargetGroup } from "@aws-sdk/client-elastic-load-balancing-v2";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { words } from "../lib/certificate-forms";
import { elbv2 } from "../lib/clients";
import { targetsIn, targetWords } from "../lib/target-group-form";
import { awsCommand, count } from "../lib/text";
import { Action } from "./action";
import { InstancesField } from "./instances-field";

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
      typed={{ instances, addresses, port }}
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
        <InstancesField vpcId={group.VpcId} chosen={instances} onChange={setInstances} />
      )}
      <FormField label="Port" description="On which they answer.">
        <Input value={port} inputMode="numeric" onChange={({ detail }) => setPort(detail.value.trim())} />
      </FormField>
    </Action>
  );
}
