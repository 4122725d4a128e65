import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { BREAKERS, DeploymentFields } from "../components/deployment-fields";
import { Choice, TextField } from "../components/fields";
import { paths } from "../components/link";
import { balancing, ServiceBalancing } from "../components/service-balancing";
import { ServiceScaling } from "../components/service-scaling";
import { useListenerRules } from "../components/use-listener-rules";
import { useSending } from "../components/use-sending";
import { afresh, type StepProps, useSteps } from "../components/use-steps";
import { WhatIsMade } from "../components/what-is-made";
import { familiesQuery, revisionsQuery } from "../lib/ecs";
import { loadBalancersQuery } from "../lib/elbv2";
import { listState } from "../lib/list-state";
import { commands, create, type Made } from "../lib/make-service";
import { checks, EMPTY, type NewService } from "../lib/new-service";
import { madeText } from "../lib/once";
import { PLACEMENTS } from "../lib/placement";
import { nameOf } from "../lib/text";

/** The service wizard. What was typed stays over every step, error and restart of control. */
export default function CreateService() {
  const cluster = useParams().cluster ?? "";
  const { props, wizard, whenSound, saved } = useSteps(EMPTY, checks);
  const { form } = props;
  const [doing, setDoing] = useState("");
  const made = useRef<Made>({});
  const navigate = useNavigate();
  const balancers = useQuery(loadBalancersQuery);
  const { VpcId = "" } =
    balancers.data?.find(({ LoadBalancerArn }) => LoadBalancerArn === form.loadBalancerArn) ?? {};
  useListenerRules(props);
  const sending = useSending({
    title: "Create service",
    run: () => create(cluster, form, VpcId, made.current, setDoing),
    done: `Service ${form.name} was created.`,
    kinds: ["service", "task", "listener", "rule", "target-group", "scaling"],
    onDone: () => {
      saved();
      void navigate(paths.service(cluster, form.name));
    },
  });
  const typed = afresh(props, sending.reset);
  return (
    <Wizard
      submitButtonText="Create service"
      {...wizard}
      isLoadingNextStep={sending.isPending}
      onCancel={() => void navigate(paths.cluster(cluster))}
      onSubmit={whenSound(sending.send)}
      steps={[
        { title: "Configure service", content: <Configure {...typed} /> },
        { title: "Configure ELB", content: <ServiceBalancing {...typed} cluster={cluster} /> },
        { title: "Set Auto Scaling", content: <ServiceScaling {...typed} /> },
        {
          title: "Review",
          content: (
            <Review
              cluster={cluster}
              form={form}
              command={commands(cluster, form, VpcId, made.current)}
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

function Configure(props: StepProps<NewService>) {
  const { form, faults, change } = props;
  const families = useQuery(familiesQuery);
  const revisions = useQuery({ ...revisionsQuery(form.family), enabled: form.family !== "" });
  const newest = { value: "", label: "The newest" };
  const fixed = (revisions.data ?? []).map(nameOf).map((value) => ({ value, label: value }));
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Service</Header>}>
        <SpaceBetween size="l">
          <ColumnLayout columns={2}>
            <Choice
              label="Task definition"
              error={faults.family}
              options={(families.data ?? []).map((value) => ({ value, label: value }))}
              value={form.family}
              state={listState(families)}
              empty="There is no task definition yet: register one first."
              onChoose={(family) => change({ family, revision: "", container: "", isAdded: false })}
            />
            <Choice
              label="Revision"
              options={[newest, ...fixed]}
              value={form.revision}
              state={listState(revisions)}
              empty="Choose a task definition first."
              onChoose={(revision) => change({ revision, container: "", isAdded: false })}
            />
            <TextField {...props} field="name" label="Service name" />
            <TextField {...props} field="desired" label="Number of tasks" isNumber />
          </ColumnLayout>
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Deployments</Header>}>
        <DeploymentFields {...props} />
      </Container>
      <Container header={<Header variant="h2">Task placement</Header>}>
        <Choice
          label="Placement template"
          description={PLACEMENTS.find(({ value }) => value === form.placement)?.description ?? ""}
          options={PLACEMENTS}
          value={form.placement}
          empty=""
          onChoose={(placement) => change({ placement })}
        />
      </Container>
    </SpaceBetween>
  );
}

interface ReviewProps {
  cluster: string;
  form: NewService;
  command: string;
  doing: string;
  made: Made;
  error: Error | null;
}

function Review({ cluster, form, command, doing, made, error }: ReviewProps) {
  const policy = form.hasPolicy
    ? `; the policy ${form.policyName} keeps the metric ${form.metric} at ${form.targetValue}`
    : "; no policy yet";
  return (
    <WhatIsMade
      command={command}
      doing={doing}
      made={madeText(made)}
      error={error}
      items={[
        { label: "Cluster", value: cluster },
        { label: "Service", value: form.name },
        { label: "Task definition", value: form.revision || `${form.family}, its newest revision` },
        { label: "Number of tasks", value: form.desired },
        {
          label: "Minimum and maximum healthy percent",
          value: `${form.minimumPercent} % and ${form.maximumPercent} %`,
        },
        {
          label: "Deployments that fail",
          value: BREAKERS.find(({ value }) => value === form.breaker)?.label ?? "-",
        },
        {
          label: "Task placement",
          value: PLACEMENTS.find(({ value }) => value === form.placement)?.label ?? "-",
        },
        { label: "Load balancing", value: balancing(form) },
        {
          label: "Auto scaling",
          value: form.isScaled ? `${form.minimum} to ${form.maximum} tasks${policy}` : "none",
        },
      ]}
    />
  );
}
