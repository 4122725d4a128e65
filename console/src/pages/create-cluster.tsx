import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { TextField } from "../components/fields";
import { paths } from "../components/link";
import { SecurityGroupsField, SubnetsField, VpcField } from "../components/network-fields";
import { useNetworkNames } from "../components/network-names";
import { useSending } from "../components/use-sending";
import { afresh, type StepProps, useSteps } from "../components/use-steps";
import { WhatIsMade } from "../components/what-is-made";
import { instanceTypesQuery, keyPairsQuery, sizeOf } from "../lib/ec2";
import { clustersQuery } from "../lib/ecs";
import { listState } from "../lib/list-state";
import {
  checks,
  commands,
  create,
  EMPTY,
  hasCluster,
  isEmpty,
  type Made,
  type NewCluster,
  nothingMade,
  planned,
} from "../lib/new-cluster";
import { madeText } from "../lib/once";
import { count } from "../lib/text";

type Props = StepProps<NewCluster>;

/** For a cluster that is there, and which the address names, only instances are run. */
const ofInstances = checks.map((check, step) => (form: NewCluster) => ({
  ...check(form),
  ...(step === 0 && isEmpty(form) && { count: "A whole number, 1 to 999." }),
}));

/** The cluster wizard: a cluster and its instances, or an empty one; or instances alone, for the cluster that the
 * address names. */
export default function CreateCluster() {
  const known = useSearchParams()[0].get("cluster") ?? "";
  return <Steps key={known} known={known} />;
}

/** What was typed stays over every step, error and restart of control. */
function Steps({ known }: { known: string }) {
  const { props, wizard, whenSound, saved } = useSteps(
    { ...EMPTY, name: known, isThere: known !== "" },
    known ? ofInstances : checks,
  );
  const { form } = props;
  const [doing, setDoing] = useState("");
  const made = useRef(nothingMade());
  const navigate = useNavigate();
  const sending = useSending({
    title: known ? "Run instances" : "Create cluster",
    run: () => create(form, made.current, setDoing),
    done: () => {
      const ran = made.current.instances.length;
      return known ? `${count(ran, "instance")} will join ${known}.` : `Cluster ${form.name} was created.`;
    },
    kinds: ["cluster", "instance", "security-group"],
    onDone: () => {
      saved();
      void navigate(`${paths.cluster(form.name)}?tab=instances`);
    },
  });
  const typed = afresh(props, sending.reset);
  return (
    <Wizard
      submitButtonText={known ? "Run instances" : "Create cluster"}
      {...wizard}
      isLoadingNextStep={sending.isPending}
      onCancel={() => void navigate(known ? `${paths.cluster(known)}?tab=instances` : paths.clusters())}
      onSubmit={whenSound(sending.send)}
      steps={[
        {
          title: "Cluster and instances",
          content: <Cluster {...typed} isSettled={form.isThere || hasCluster(made.current)} />,
        },
        { title: "Networking", content: <Networking {...typed} /> },
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

/** The name of a cluster that is there is settled: its instances join it by that. */
function Cluster({ isSettled, ...props }: Props & { isSettled: boolean }) {
  const { form } = props;
  const clusters = useQuery(clustersQuery);
  const isKnown = !isSettled && clusters.data?.some(({ clusterName }) => clusterName === form.name);
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Cluster</Header>}>
        <TextField
          {...props}
          field="name"
          label="Cluster name"
          description="Instances join it by this name, which their user data says."
          warning={isKnown && "There is a cluster of this name: the instances are added to it."}
          isDisabled={isSettled}
        />
      </Container>
      <Container header={<Header variant="h2">Instances</Header>}>
        <SpaceBetween size="l">
          <TextField
            {...props}
            field="count"
            label="Number of instances"
            description={form.isThere ? "" : "0 makes an empty cluster; instances can be run for it later."}
            isNumber
          />
          {!isEmpty(form) && <Machine {...props} />}
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
          {...listState(types)}
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
          {...listState(pairs)}
          selectedOption={pairOptions.find(({ value }) => value === form.keyName) ?? none}
          onChange={({ detail }) => change({ keyName: detail.selectedOption.value ?? "" })}
        />
      </FormField>
    </SpaceBetween>
  );
}

function Networking(props: Props) {
  const { form, faults, change } = props;
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

interface ReviewProps {
  form: NewCluster;
  doing: string;
  made: Made;
  error: Error | null;
}

function Review({ form, doing, made, error }: ReviewProps) {
  const names = useNetworkNames();
  const { again, shares } = planned(form, made);
  const launches = shares.map((share) => `${share.count} in ${names.subnet(share.subnetId)}`);
  const lost = again.map(
    ({ request: { asked } }) =>
      `${asked.MaxCount} × ${asked.InstanceType} in ${names.subnet(asked.SubnetId)}`,
  );
  const ran = made.instances.map(({ id, subnetId }) => `${id} in ${names.subnet(subnetId)}`);
  const left = [ran.length > 0 && `${count(ran.length, "instance")} run already.`, madeText(made.parts)];
  return (
    <WhatIsMade
      command={commands(form, made)}
      doing={doing}
      made={left.filter(Boolean).join(" ")}
      error={error}
      items={[
        { label: "Cluster", value: form.name },
        ...(isEmpty(form)
          ? [{ label: "Instances", value: "none" }]
          : [
              { label: "Instances", value: `${form.count} × ${form.instanceType}` },
              { label: "Key pair", value: form.keyName || "none" },
              { label: "VPC", value: names.vpc(form.vpcId) },
              ...(ran.length > 0 ? [{ label: "Run already", value: ran.join(", ") }] : []),
              ...(lost.length > 0
                ? [{ label: "Asked for once more, for want of an answer", value: lost.join(", ") }]
                : []),
              { label: "Subnets", value: launches.join(", ") || "no more instance is run" },
              {
                label: "Security groups",
                value: form.isGroupNew
                  ? `${form.groupName} (new, open to ${form.vpcBlock})`
                  : names.groups(form.groupIds),
              },
            ]),
      ]}
    />
  );
}
