import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Wizard from "@cloudscape-design/components/wizard";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { CopyCommand } from "../components/copy-command";
import { paths } from "../components/link";
import { SecurityGroupsField, SubnetsField, VpcField } from "../components/network-fields";
import { type StepProps, useSteps } from "../components/use-steps";
import { notify } from "../layout/notices";
import { instanceTypesQuery, keyPairsQuery, sizeOf, subnetsQuery, withZone } from "../lib/ec2";
import { clustersQuery } from "../lib/ecs";
import {
  checks,
  commands,
  create,
  EMPTY,
  isEmpty,
  type Made,
  type NewCluster,
  shares,
} from "../lib/new-cluster";
import { refresh } from "../lib/queries";
import { count, errorText } from "../lib/text";

type Props = StepProps<NewCluster>;

/** For a cluster that is there, and which the address names, only instances are run. */
const ofInstances = checks.map((check, step) => (form: NewCluster) => ({
  ...check(form),
  ...(step === 0 && isEmpty(form) && { count: "A whole number, 1 to 999." }),
}));

/** The cluster wizard: a cluster and its instances, or an empty one. What was typed stays over every step,
 * error and restart of control. */
export default function CreateCluster() {
  const known = useSearchParams()[0].get("cluster") ?? "";
  const { props, wizard } = useSteps({ ...EMPTY, name: known }, known ? ofInstances : checks);
  const { form } = props;
  const [doing, setDoing] = useState("");
  const made = useRef<Made>({ ...(known && { clusterName: known }), instances: {} });
  const navigate = useNavigate();
  const mutation = useMutation({
    mutationFn: () => create(form, made.current, setDoing),
    onSettled: () => refresh(["cluster", "instance", "security-group"]),
    onSuccess: () => {
      const name = made.current.clusterName ?? form.name;
      const ran = Object.values(made.current.instances).flat().length;
      notify(
        "success",
        known ? `${count(ran, "instance")} will join ${name}.` : `Cluster ${name} was created.`,
      );
      void navigate(`${paths.cluster(name)}?tab=instances`);
    },
  });
  return (
    <Wizard
      submitButtonText={known ? "Run instances" : "Create cluster"}
      {...wizard}
      isLoadingNextStep={mutation.isPending}
      onCancel={() => void navigate(known ? `${paths.cluster(known)}?tab=instances` : paths.clusters())}
      onSubmit={() => mutation.mutate()}
      steps={[
        {
          title: "Cluster and instances",
          content: <Cluster {...props} made={made.current} isClusterThere={known !== ""} />,
        },
        { title: "Networking", content: <Networking {...props} /> },
        {
          title: "Review",
          content: (
            <Review
              form={form}
              doing={mutation.isPending ? doing : ""}
              made={made.current}
              isClusterThere={known !== ""}
              error={mutation.error}
            />
          ),
        },
      ]}
    />
  );
}

function Cluster({
  form,
  faults,
  change,
  made,
  isClusterThere,
}: Props & { made: Made; isClusterThere: boolean }) {
  const clusters = useQuery(clustersQuery);
  const isKnown = !made.clusterName && clusters.data?.some(({ clusterName }) => clusterName === form.name);
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Cluster</Header>}>
        <FormField
          label="Cluster name"
          description="Instances join it by this name, which their user data says."
          errorText={faults.name ?? ""}
          warningText={isKnown && "There is a cluster of this name: the instances are added to it."}
        >
          <Input
            value={made.clusterName ?? form.name}
            disabled={made.clusterName !== undefined}
            onChange={({ detail }) => change({ name: detail.value.trim() })}
          />
        </FormField>
      </Container>
      <Container header={<Header variant="h2">Instances</Header>}>
        <SpaceBetween size="l">
          <FormField
            label="Number of instances"
            description={isClusterThere ? "" : "0 makes an empty cluster; instances can be run for it later."}
            errorText={faults.count ?? ""}
          >
            <Input
              value={form.count}
              inputMode="numeric"
              onChange={({ detail }) => change({ count: detail.value.trim() })}
            />
          </FormField>
          {!isEmpty(form) && <Machine form={form} faults={faults} change={change} />}
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

function Machine({ form, faults, change }: Props) {
  const types = useQuery(instanceTypesQuery);
  const pairs = useQuery(keyPairsQuery);
  const typeOptions = (types.data ?? []).map((type) => ({
    value: type.InstanceType ?? "",
    label: type.InstanceType ?? "",
    description: sizeOf(type),
  }));
  const none = { value: "", label: "None" };
  const pairOptions = [
    none,
    ...(pairs.data ?? []).map(({ KeyName = "" }) => ({ value: KeyName, label: KeyName })),
  ];
  return (
    <SpaceBetween size="l">
      <FormField label="Instance type" errorText={faults.instanceType ?? ""}>
        <Select
          triggerVariant="option"
          options={typeOptions}
          statusType={types.isPending ? "loading" : "finished"}
          selectedOption={typeOptions.find(({ value }) => value === form.instanceType) ?? null}
          onChange={({ detail }) => change({ instanceType: detail.selectedOption.value ?? "" })}
        />
      </FormField>
      <FormField
        label="Key pair"
        description="Kept with the instances; nothing here is signed in to with it."
      >
        <Select
          options={pairOptions}
          statusType={pairs.isPending ? "loading" : "finished"}
          selectedOption={pairOptions.find(({ value }) => value === form.keyName) ?? none}
          onChange={({ detail }) => change({ keyName: detail.selectedOption.value ?? "" })}
        />
      </FormField>
    </SpaceBetween>
  );
}

function Networking({ form, faults, change }: Props) {
  if (isEmpty(form)) {
    return (
      <Alert type="info" header="There is nothing to choose">
        An empty cluster is in no network: its instances will be.
      </Alert>
    );
  }
  return (
    <Container header={<Header variant="h2">Where the instances run</Header>}>
      <SpaceBetween size="l">
        <VpcField
          label="VPC"
          description="The one that the load balancer is in: targets of another VPC cannot be registered."
          fault={faults.vpcId}
          value={form.vpcId}
          onChange={(vpcId, vpcBlock) => change({ vpcId, vpcBlock, subnetIds: [], groupIds: [] })}
        />
        <SubnetsField
          label="Subnets"
          description="The instances are spread over them. Choose zones that the load balancer has too."
          fault={faults.subnetIds}
          vpcId={form.vpcId}
          values={form.subnetIds}
          onChange={(subnetIds) => change({ subnetIds })}
        />
        <FormField label="Security groups of the instances">
          <RadioGroup
            value={form.isGroupNew ? "new" : "existing"}
            onChange={({ detail }) => change({ isGroupNew: detail.value === "new" })}
            items={[
              {
                value: "new",
                label: "A new one",
                description: "Lets the VPC in at ports 32768 to 65535, where tasks with host port 0 listen.",
              },
              {
                value: "existing",
                label: "Existing ones",
                description: "They have to let the load balancer in at the ports of the tasks.",
              },
            ]}
          />
        </FormField>
        {form.isGroupNew ? (
          <FormField label="Name of the security group" errorText={faults.groupName ?? ""}>
            <Input value={form.groupName} onChange={({ detail }) => change({ groupName: detail.value })} />
          </FormField>
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

interface ReviewProps {
  form: NewCluster;
  doing: string;
  made: Made;
  isClusterThere: boolean;
  error: Error | null;
}

function Review({ form, doing, made, isClusterThere, error }: ReviewProps) {
  const subnets = useQuery(subnetsQuery).data;
  const launches = shares(form).map((share) => `${share.count} in ${withZone(share.subnetId, subnets)}`);
  const ran = Object.values(made.instances).flat();
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" actions={<CopyCommand command={commands(form, isClusterThere)} />}>
            What is made
          </Header>
        }
      >
        <KeyValuePairs
          columns={2}
          items={[
            { label: "Cluster", value: made.clusterName ?? form.name },
            ...(isEmpty(form)
              ? [{ label: "Instances", value: "none" }]
              : [
                  { label: "Instances", value: `${form.count} × ${form.instanceType}` },
                  { label: "Key pair", value: form.keyName || "none" },
                  { label: "VPC", value: form.vpcId },
                  { label: "Subnets", value: launches.join(", ") },
                  {
                    label: "Security groups",
                    value: form.isGroupNew
                      ? `${form.groupName} (new, open to ${form.vpcBlock})`
                      : form.groupIds.join(", "),
                  },
                ]),
          ]}
        />
      </Container>
      {doing && <StatusIndicator type="in-progress">{doing}</StatusIndicator>}
      {error && (
        <Alert type="error" header="It is not done yet">
          <SpaceBetween size="xs">
            <Box>{errorText(error)}</Box>
            {made.clusterName && (
              <Box>Cluster {made.clusterName} is there; the next try goes on after it.</Box>
            )}
            {made.group && <Box>Security group {made.group.id} was made, and is used at the next try.</Box>}
            {ran.length > 0 && (
              <Box>{`${count(ran.length, "instance")} run already: ${ran.join(", ")}.`}</Box>
            )}
          </SpaceBetween>
        </Alert>
      )}
    </SpaceBetween>
  );
}
