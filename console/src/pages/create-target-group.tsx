import { CreateTargetGroupCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { CheckFields } from "../components/check-fields";
import { EditForm } from "../components/edit-form";
import { paths } from "../components/link";
import { VpcField } from "../components/network-fields";
import { elbv2 } from "../lib/clients";
import {
  checkFaults,
  createCommand,
  EMPTY_TARGET_GROUP,
  type TargetGroupForm,
  targetGroupFaults,
  targetGroupOf,
  withVersion,
} from "../lib/target-group-form";

/** Makes a target group. */
export default function CreateTargetGroup() {
  const [form, setForm] = useState(EMPTY_TARGET_GROUP);
  const change = (part: Partial<TargetGroupForm>) => setForm({ ...form, ...part });
  const faults = { ...targetGroupFaults(form), ...checkFaults(form.checks) };
  return (
    <EditForm
      title="Create target group"
      description="What listeners and rules forward requests to."
      submit="Create target group"
      command={createCommand(form)}
      typed={form}
      isFaulty={Object.keys(faults).length > 0}
      run={() => elbv2.send(new CreateTargetGroupCommand(targetGroupOf(form)))}
      done={`Target group ${form.name} was created.`}
      kinds={["target-group"]}
      back={paths.targetGroups()}
      next={paths.targetGroup(form.name)}
    >
      {(isChecked) => (
        <SpaceBetween size="l">
          <Container header={<Header variant="h2">Basic configuration</Header>}>
            <Basics form={form} faults={isChecked ? targetGroupFaults(form) : {}} change={change} />
          </Container>
          <Container header={<Header variant="h2">Health checks</Header>}>
            <CheckFields
              form={form.checks}
              faults={isChecked ? checkFaults(form.checks) : {}}
              onChange={(part) => change({ checks: { ...form.checks, ...part } })}
            />
          </Container>
        </SpaceBetween>
      )}
    </EditForm>
  );
}

interface BasicsProps {
  form: TargetGroupForm;
  faults: ReturnType<typeof targetGroupFaults>;
  change: (part: Partial<TargetGroupForm>) => void;
}

const VERSIONS = [
  { value: "HTTP1", label: "HTTP/1.1" },
  { value: "HTTP2", label: "HTTP/2", description: "Behind listeners for HTTPS alone." },
  { value: "GRPC", label: "gRPC", description: "Behind listeners for HTTPS alone." },
];

function Basics({ form, faults, change }: BasicsProps) {
  return (
    <SpaceBetween size="l">
      <FormField label="Target type">
        <RadioGroup
          value={form.targetType}
          onChange={({ detail }) => change({ targetType: detail.value })}
          items={[
            {
              value: "instance",
              label: "Instances",
              description: "Tasks in the network modes bridge and host register with their instances.",
            },
            {
              value: "ip",
              label: "IP addresses",
              description: "Tasks in the network mode awsvpc register with addresses of their own.",
            },
          ]}
        />
      </FormField>
      <FormField label="Name" errorText={faults.name ?? ""}>
        <Input value={form.name} onChange={({ detail }) => change({ name: detail.value.trim() })} />
      </FormField>
      <FormField label="Protocol">
        <Select
          options={["HTTP", "HTTPS"].map((value) => ({ value }))}
          selectedOption={{ value: form.protocol }}
          onChange={({ detail }) => change({ protocol: detail.selectedOption.value ?? "" })}
        />
      </FormField>
      <FormField
        label="Port"
        description="Of targets that name none. A service registers its tasks with their own ports."
        errorText={faults.port ?? ""}
      >
        <Input
          value={form.port}
          inputMode="numeric"
          onChange={({ detail }) => change({ port: detail.value.trim() })}
        />
      </FormField>
      <FormField label="Protocol version">
        <Select
          options={VERSIONS}
          selectedOption={VERSIONS.find(({ value }) => value === form.protocolVersion) ?? null}
          onChange={({ detail }) => change(withVersion(form, detail.selectedOption.value ?? ""))}
        />
      </FormField>
      <VpcField
        label="VPC"
        description="The one that the targets are in. It cannot be changed later."
        fault={faults.vpcId}
        value={form.vpcId}
        onChange={(vpcId) => change({ vpcId })}
      />
    </SpaceBetween>
  );
}
