import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import Wizard from "@cloudscape-design/components/wizard";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { Choice, TextField } from "../components/fields";
import { InstancesField } from "../components/instances-field";
import { paths } from "../components/link";
import { MutualFields } from "../components/mutual-fields";
import { SecurityGroupsField, SubnetsField, VpcField } from "../components/network-fields";
import { useNetworkNames } from "../components/network-names";
import { TlsFields } from "../components/tls-fields";
import { useSending } from "../components/use-sending";
import { afresh, type StepProps, useSteps } from "../components/use-steps";
import { WhatIsMade } from "../components/what-is-made";
import { targetGroupsQuery } from "../lib/elbv2";
import { listState } from "../lib/list-state";
import { mutualText } from "../lib/mutual-tls";
import {
  checks,
  commands,
  create,
  EMPTY,
  type Made,
  type NewLoadBalancer,
  targetsOf,
  withProtocol,
} from "../lib/new-load-balancer";
import { madeText } from "../lib/once";
import { elbName } from "../lib/text";

type Props = StepProps<NewLoadBalancer>;

/** The load-balancer wizard. What was typed stays over every step, error and restart of control. */
export default function CreateLoadBalancer() {
  const { props, wizard, whenSound, saved } = useSteps(EMPTY, checks);
  const { form } = props;
  const [doing, setDoing] = useState("");
  const made = useRef<Made>({});
  const navigate = useNavigate();
  const sending = useSending({
    title: "Create load balancer",
    run: () => create(form, made.current, setDoing),
    done: (arn) => `Load balancer ${elbName(arn)} was created.`,
    kinds: ["load-balancer", "listener", "target-group", "target-health", "security-group"],
    onDone: (arn) => {
      saved();
      void navigate(paths.loadBalancer(elbName(arn)));
    },
  });
  const typed = afresh(props, sending.reset);
  return (
    <Wizard
      submitButtonText="Create load balancer"
      {...wizard}
      isLoadingNextStep={sending.isPending}
      onCancel={() => void navigate(paths.loadBalancers())}
      onSubmit={whenSound(sending.send)}
      steps={[
        { title: "Configure load balancer", content: <Configure {...typed} /> },
        { title: "Configure security settings", content: <Security {...typed} /> },
        { title: "Configure security groups", content: <Groups {...typed} /> },
        { title: "Configure routing", content: <Routing {...typed} /> },
        { title: "Register targets", content: <Targets {...typed} /> },
        {
          title: "Review",
          content: (
            <Review
              form={form}
              doing={sending.isPending ? doing : ""}
              made={made.current}
              error={sending.error}
            />
          ),
        },
      ]}
    />
  );
}

function Configure(props: Props) {
  const { form, faults, change } = props;
  return (
    <Container header={<Header variant="h2">Basic configuration, listener and zones</Header>}>
      <SpaceBetween size="l">
        <TextField {...props} field="name" label="Name" description="Its DNS name begins with it." />
        <FormField label="Scheme">
          <RadioGroup
            value={form.scheme}
            onChange={({ detail }) => change({ scheme: detail.value as NewLoadBalancer["scheme"] })}
            items={[
              { value: "internet-facing", label: "Internet-facing" },
              { value: "internal", label: "Internal" },
            ]}
          />
        </FormField>
        <FormField label="Listener protocol">
          <RadioGroup
            value={form.listenerProtocol}
            onChange={({ detail }) =>
              change(withProtocol(form.listenerPort, detail.value as "HTTP" | "HTTPS"))
            }
            items={[
              { value: "HTTP", label: "HTTP" },
              { value: "HTTPS", label: "HTTPS", description: "Its certificate is chosen in the next step." },
            ]}
          />
        </FormField>
        <TextField
          {...props}
          field="listenerPort"
          label={`Listener: ${form.listenerProtocol} on port`}
          isNumber
        />
        <VpcField
          label="VPC"
          description="The one that the instances are in: targets of another VPC cannot be registered."
          fault={faults.vpcId}
          value={form.vpcId}
          onChange={(vpcId) =>
            change({ vpcId, subnetIds: [], groupIds: [], targetGroupArn: "", instanceIds: [] })
          }
        />
        <SubnetsField
          label="Availability zones and subnets"
          fault={faults.subnetIds}
          vpcId={form.vpcId}
          values={form.subnetIds}
          onChange={(subnetIds) => change({ subnetIds })}
        />
      </SpaceBetween>
    </Container>
  );
}

function Security({ form, faults, change }: Props) {
  return (
    <Container header={<Header variant="h2">Security settings</Header>}>
      {form.listenerProtocol === "HTTPS" ? (
        <SpaceBetween size="l">
          <TlsFields
            certificateArn={form.certificateArn}
            sslPolicy={form.sslPolicy}
            certificateFault={faults.certificateArn}
            onChange={change}
          />
          <MutualFields
            form={form.mutual}
            fault={faults.mutual}
            change={(part) => change({ mutual: { ...form.mutual, ...part } })}
          />
        </SpaceBetween>
      ) : (
        <Alert type="info" header={`The listener speaks HTTP on port ${form.listenerPort}`}>
          What goes through it is not encrypted. To have it encrypted choose HTTPS as the listener's protocol
          in the step before.
        </Alert>
      )}
    </Container>
  );
}

function Groups(props: Props) {
  const { form, faults, change } = props;
  return (
    <Container header={<Header variant="h2">Security groups</Header>}>
      <SpaceBetween size="l">
        <FormField label="Security groups of the load balancer">
          <RadioGroup
            value={form.isGroupNew ? "new" : "existing"}
            onChange={({ detail }) => change({ isGroupNew: detail.value === "new" })}
            items={[
              {
                value: "new",
                label: "A new one",
                description: `Lets anybody in at port ${form.listenerPort}.`,
              },
              {
                value: "existing",
                label: "Existing ones",
                description: "They decide who gets in: a VPC's default group lets in its own members alone.",
              },
            ]}
          />
        </FormField>
        {form.isGroupNew ? (
          <TextField {...props} field="groupName" hasSpaces label="Name of the security group" />
        ) : (
          <SecurityGroupsField
            label="Security groups"
            fault={faults.groupIds}
            vpcId={form.vpcId}
            values={form.groupIds}
            onChange={(groupIds) => change({ groupIds })}
          />
        )}
      </SpaceBetween>
    </Container>
  );
}

function Routing(props: Props) {
  const { form, faults, change } = props;
  const groups = useQuery(targetGroupsQuery);
  const options = (groups.data ?? [])
    .filter(
      ({ VpcId, LoadBalancerArns, TargetGroupArn }) =>
        // The one that is chosen has a load balancer after a try that failed later: this one.
        VpcId === form.vpcId && (!LoadBalancerArns?.length || TargetGroupArn === form.targetGroupArn),
    )
    .map(({ TargetGroupArn = "", TargetGroupName = "", TargetType }) => ({
      value: TargetGroupArn,
      label: TargetGroupName,
      description: `of type ${TargetType}`,
    }));
  const typeOf = (arn: string) =>
    groups.data?.find(({ TargetGroupArn }) => TargetGroupArn === arn)?.TargetType === "ip"
      ? "ip"
      : "instance";
  return (
    <Container header={<Header variant="h2">Target group and health checks</Header>}>
      <SpaceBetween size="l">
        <FormField label="Requests are forwarded to">
          <RadioGroup
            value={form.isTargetGroupNew ? "new" : "existing"}
            onChange={({ detail }) =>
              change({ isTargetGroupNew: detail.value === "new", targetGroupArn: "" })
            }
            items={[
              { value: "new", label: "A new target group" },
              { value: "existing", label: "An existing target group of this VPC that no load balancer uses" },
            ]}
          />
        </FormField>
        {form.isTargetGroupNew ? (
          <SpaceBetween size="l">
            <TextField {...props} field="targetGroupName" label="Name of the target group" />
            <FormField label="Target type">
              <RadioGroup
                value={form.targetType}
                onChange={({ detail }) =>
                  change({ targetType: detail.value as NewLoadBalancer["targetType"] })
                }
                items={[
                  { value: "instance", label: "Instances", description: "What services register." },
                  {
                    value: "ip",
                    label: "IP addresses",
                    description: "Registered by hand: services cannot use it.",
                  },
                ]}
              />
            </FormField>
            <TextField
              {...props}
              field="targetPort"
              label="Port"
              description="Of targets that name none. A service registers its tasks with their own ports."
              isNumber
            />
            <TextField
              {...props}
              field="healthCheckPath"
              label="Health check path"
              description="A target is healthy while it answers 200 there."
            />
          </SpaceBetween>
        ) : (
          <Choice
            label="Target group"
            error={faults.targetGroupArn}
            options={options}
            placeholder="Choose a target group"
            value={form.targetGroupArn}
            state={listState(groups)}
            empty="There is none in this VPC."
            onChoose={(targetGroupArn) => change({ targetGroupArn, targetType: typeOf(targetGroupArn) })}
          />
        )}
      </SpaceBetween>
    </Container>
  );
}

function Targets(props: Props) {
  const { form, faults, change } = props;
  return (
    <Container header={<Header variant="h2">Register targets</Header>}>
      <SpaceBetween size="l">
        <Alert type="info" header="None has to be registered for an ECS service">
          A service that names this target group registers its tasks by itself, with their instances and
          ports, and takes them out when they go.
        </Alert>
        {form.targetType === "ip" ? (
          <FormField
            label="Addresses"
            description="One a line, each with a port of its own or without one."
            errorText={faults.addresses ?? ""}
          >
            <Textarea
              value={form.addresses}
              rows={4}
              placeholder="172.31.0.10:8080"
              onChange={({ detail }) => change({ addresses: detail.value })}
            />
          </FormField>
        ) : (
          <InstancesField
            vpcId={form.vpcId}
            chosen={form.instanceIds}
            onChange={(instanceIds) => change({ instanceIds })}
          />
        )}
        <TextField
          {...props}
          field="registeredPort"
          label="Port of the targets"
          description="On which they answer; the target group's where this is empty."
          isNumber
        />
      </SpaceBetween>
    </Container>
  );
}

interface ReviewProps {
  form: NewLoadBalancer;
  doing: string;
  made: Made;
  error: Error | null;
}

function Review({ form, doing, made, error }: ReviewProps) {
  const names = useNetworkNames();
  const group = form.isGroupNew
    ? `${form.groupName} (new, open at ${form.listenerPort})`
    : names.groups(form.groupIds);
  const targetGroup = form.isTargetGroupNew
    ? `${form.targetGroupName} (new, of type ${form.targetType}, port ${form.targetPort}, checked at ${form.healthCheckPath})`
    : elbName(form.targetGroupArn);
  const targets = targetsOf(form).map(({ Id, Port }) => (Port ? `${Id}:${Port}` : Id));
  return (
    <WhatIsMade
      command={commands(form, made)}
      doing={doing}
      made={madeText(made)}
      error={error}
      items={[
        { label: "Load balancer", value: `${form.name}, ${form.scheme}` },
        { label: "Listener", value: `${form.listenerProtocol}:${form.listenerPort}` },
        ...(form.listenerProtocol === "HTTPS"
          ? [
              { label: "Certificate and policy", value: `${form.certificateArn}, ${form.sslPolicy}` },
              { label: "Mutual authentication", value: mutualText(form.mutual) },
            ]
          : []),
        { label: "VPC", value: names.vpc(form.vpcId) },
        { label: "Subnets", value: names.subnets(form.subnetIds) },
        { label: "Security groups", value: group },
        { label: "Forwards to", value: targetGroup },
        { label: "Targets", value: targets.join(", ") || "none: a service registers its own" },
      ]}
    />
  );
}
