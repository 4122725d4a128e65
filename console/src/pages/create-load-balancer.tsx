import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input, { type InputProps } from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Multiselect from "@cloudscape-design/components/multiselect";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Wizard from "@cloudscape-design/components/wizard";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { CopyCommand } from "../components/copy-command";
import { paths } from "../components/link";
import { TlsFields } from "../components/tls-fields";
import { type StepProps, useSteps } from "../components/use-steps";
import { notify } from "../layout/notices";
import { securityGroupsQuery, subnetsQuery, vpcsQuery, withZone } from "../lib/ec2";
import { targetGroupsQuery } from "../lib/elbv2";
import {
  checks,
  commands,
  create,
  EMPTY,
  type Made,
  type NewLoadBalancer,
  withProtocol,
} from "../lib/new-load-balancer";
import { refresh } from "../lib/queries";
import { elbName, errorText } from "../lib/text";

type Props = StepProps<NewLoadBalancer>;

/** The load-balancer wizard. What was typed stays over every step, error and restart of control. */
export default function CreateLoadBalancer() {
  const { props, wizard } = useSteps(EMPTY, checks);
  const { form } = props;
  const [doing, setDoing] = useState("");
  const made = useRef<Made>({});
  const navigate = useNavigate();
  const mutation = useMutation({
    mutationFn: () => create(form, made.current, setDoing),
    onSuccess: () => {
      // Made at an earlier try, it may have been called otherwise.
      const name = elbName(made.current.loadBalancerArn);
      notify("success", `Load balancer ${name} was created.`);
      refresh(["load-balancer", "listener", "target-group"]);
      void navigate(paths.loadBalancer(name));
    },
  });
  return (
    <Wizard
      submitButtonText="Create load balancer"
      {...wizard}
      isLoadingNextStep={mutation.isPending}
      onCancel={() => void navigate(paths.loadBalancers())}
      onSubmit={() => mutation.mutate()}
      steps={[
        { title: "Configure load balancer", content: <Configure {...props} /> },
        { title: "Configure security settings", content: <Security {...props} /> },
        { title: "Configure security groups", content: <Groups {...props} /> },
        { title: "Configure routing", content: <Routing {...props} /> },
        { title: "Register targets", content: <Targets /> },
        {
          title: "Review",
          content: (
            <Review
              form={form}
              doing={mutation.isPending ? doing : ""}
              made={made.current}
              error={mutation.error}
            />
          ),
        },
      ]}
    />
  );
}

interface TextProps extends Props {
  field: "name" | "listenerPort" | "groupName" | "targetGroupName" | "targetPort" | "healthCheckPath";
  label: string;
  description?: string;
  inputMode?: InputProps.InputMode;
}

function Text({ field, label, description, inputMode, form, faults, change }: TextProps) {
  return (
    <FormField label={label} description={description ?? ""} errorText={faults[field] ?? ""}>
      <Input
        value={form[field]}
        {...(inputMode && { inputMode })}
        onChange={({ detail }) => change({ [field]: detail.value.trim() })}
      />
    </FormField>
  );
}

function Configure(props: Props) {
  const { form, faults, change } = props;
  const vpcs = useQuery(vpcsQuery);
  const subnets = useQuery(subnetsQuery);
  const vpcOptions = (vpcs.data ?? []).map(({ VpcId = "", CidrBlock, IsDefault }) => ({
    value: VpcId,
    label: VpcId,
    description: `${CidrBlock}${IsDefault ? ", the default VPC" : ""}`,
  }));
  const subnetOptions = (subnets.data ?? [])
    .filter(({ VpcId }) => VpcId === form.vpcId)
    .map(({ SubnetId = "", AvailabilityZone, CidrBlock }) => ({
      value: SubnetId,
      label: `${AvailabilityZone}: ${SubnetId}`,
      description: CidrBlock ?? "",
    }))
    .sort((one, other) => one.label.localeCompare(other.label));
  return (
    <Container header={<Header variant="h2">Basic configuration, listener and zones</Header>}>
      <SpaceBetween size="l">
        <Text {...props} field="name" label="Name" description="Its DNS name begins with it." />
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
        <Text
          {...props}
          field="listenerPort"
          label={`Listener: ${form.listenerProtocol} on port`}
          inputMode="numeric"
        />
        <FormField
          label="VPC"
          description="The one that the instances are in: targets of another VPC cannot be registered."
          errorText={faults.vpcId ?? ""}
        >
          <Select
            options={vpcOptions}
            statusType={vpcs.isPending ? "loading" : "finished"}
            placeholder="Choose a VPC"
            selectedOption={vpcOptions.find(({ value }) => value === form.vpcId) ?? null}
            onChange={({ detail }) =>
              change({
                vpcId: detail.selectedOption.value ?? "",
                subnetIds: [],
                groupIds: [],
                targetGroupArn: "",
              })
            }
          />
        </FormField>
        <FormField label="Availability zones and subnets" errorText={faults.subnetIds ?? ""}>
          <Multiselect
            options={subnetOptions}
            placeholder="Choose two or more"
            empty="Choose a VPC first."
            deselectAriaLabel={({ label }) => `Take ${label} out`}
            selectedOptions={subnetOptions.filter(({ value }) => form.subnetIds.includes(value))}
            onChange={({ detail }) =>
              change({ subnetIds: detail.selectedOptions.map(({ value }) => value ?? "") })
            }
          />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}

function Security({ form, faults, change }: Props) {
  return (
    <Container header={<Header variant="h2">Security settings</Header>}>
      {form.listenerProtocol === "HTTPS" ? (
        <TlsFields
          certificateArn={form.certificateArn}
          sslPolicy={form.sslPolicy}
          certificateFault={faults.certificateArn}
          onChange={change}
        />
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
  const groups = useQuery(securityGroupsQuery);
  const options = (groups.data ?? [])
    .filter(({ VpcId }) => VpcId === form.vpcId)
    .map(({ GroupId = "", GroupName, Description }) => ({
      value: GroupId,
      label: `${GroupName} (${GroupId})`,
      description: Description ?? "",
    }));
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
          <Text {...props} field="groupName" label="Name of the security group" />
        ) : (
          <FormField label="Security groups" errorText={faults.groupIds ?? ""}>
            <Multiselect
              options={options}
              placeholder="Choose one or more"
              deselectAriaLabel={({ label }) => `Take ${label} out`}
              selectedOptions={options.filter(({ value }) => form.groupIds.includes(value))}
              onChange={({ detail }) =>
                change({ groupIds: detail.selectedOptions.map(({ value }) => value ?? "") })
              }
            />
          </FormField>
        )}
      </SpaceBetween>
    </Container>
  );
}

function Routing(props: Props) {
  const { form, faults, change } = props;
  const groups = useQuery(targetGroupsQuery);
  const options = (groups.data ?? [])
    .filter(({ VpcId, LoadBalancerArns }) => VpcId === form.vpcId && !LoadBalancerArns?.length)
    .map(({ TargetGroupArn = "", TargetGroupName }) => ({
      value: TargetGroupArn,
      label: TargetGroupName ?? "",
    }));
  return (
    <Container header={<Header variant="h2">Target group and health checks</Header>}>
      <SpaceBetween size="l">
        <FormField label="Requests are forwarded to">
          <RadioGroup
            value={form.isTargetGroupNew ? "new" : "existing"}
            onChange={({ detail }) => change({ isTargetGroupNew: detail.value === "new" })}
            items={[
              { value: "new", label: "A new target group" },
              { value: "existing", label: "An existing target group of this VPC that no load balancer uses" },
            ]}
          />
        </FormField>
        {form.isTargetGroupNew ? (
          <SpaceBetween size="l">
            <Text {...props} field="targetGroupName" label="Name of the target group" />
            <Text
              {...props}
              field="targetPort"
              label="Port"
              description="Of targets that name none. A service registers its tasks with their own ports."
              inputMode="numeric"
            />
            <Text
              {...props}
              field="healthCheckPath"
              label="Health check path"
              description="A target is healthy while it answers 200 there."
            />
          </SpaceBetween>
        ) : (
          <FormField label="Target group" errorText={faults.targetGroupArn ?? ""}>
            <Select
              options={options}
              placeholder="Choose a target group"
              empty="There is none in this VPC."
              selectedOption={options.find(({ value }) => value === form.targetGroupArn) ?? null}
              onChange={({ detail }) => change({ targetGroupArn: detail.selectedOption.value ?? "" })}
            />
          </FormField>
        )}
      </SpaceBetween>
    </Container>
  );
}

function Targets() {
  return (
    <Container header={<Header variant="h2">Register targets</Header>}>
      <Alert type="info" header="There is nothing to register by hand">
        An ECS service that names this target group registers its tasks by itself, with their instances and
        ports, and takes them out when they go.
      </Alert>
    </Container>
  );
}

function Review(props: { form: NewLoadBalancer; doing: string; made: Made; error: Error | null }) {
  const { form, doing, made, error } = props;
  const subnets = useQuery(subnetsQuery).data;
  const group = form.isGroupNew
    ? `${form.groupName} (new, open at ${form.listenerPort})`
    : form.groupIds.join(", ");
  const targets = form.isTargetGroupNew
    ? `${form.targetGroupName} (new, port ${form.targetPort}, checked at ${form.healthCheckPath})`
    : elbName(form.targetGroupArn);
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" actions={<CopyCommand command={commands(form)} />}>
            What is made
          </Header>
        }
      >
        <KeyValuePairs
          columns={2}
          items={[
            { label: "Load balancer", value: `${form.name}, ${form.scheme}` },
            { label: "Listener", value: `${form.listenerProtocol}:${form.listenerPort}` },
            ...(form.listenerProtocol === "HTTPS"
              ? [{ label: "Certificate and policy", value: `${form.certificateArn}, ${form.sslPolicy}` }]
              : []),
            { label: "VPC", value: form.vpcId },
            { label: "Subnets", value: form.subnetIds.map((id) => withZone(id, subnets)).join(", ") },
            { label: "Security groups", value: group },
            { label: "Forwards to", value: targets },
          ]}
        />
      </Container>
      {doing && <StatusIndicator type="in-progress">{doing}</StatusIndicator>}
      {error && (
        <Alert type="error" header="It is not done yet">
          <SpaceBetween size="xs">
            <Box>{errorText(error)}</Box>
            {made.groupId && <Box>Security group {made.groupId} was made, and is used at the next try.</Box>}
            {made.loadBalancerArn && <Box>The load balancer was made; the next try goes on after it.</Box>}
          </SpaceBetween>
        </Alert>
      )}
    </SpaceBetween>
  );
}
