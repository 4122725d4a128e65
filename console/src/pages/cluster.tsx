import {
  type ContainerInstance,
  type ContainerInstanceStatus,
  type Service,
  UpdateContainerInstancesStateCommand,
} from "@aws-sdk/client-ecs";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useParams } from "react-router";
import { Action } from "../components/action";
import { DeleteCluster, DeregisterInstance } from "../components/cluster-actions";
import { CopyCommand } from "../components/copy-command";
import { Arn, Details } from "../components/details";
import { PageButton, PageLink, paths, RevisionLink } from "../components/link";
import { Metrics } from "../components/metric-chart";
import { Page } from "../components/page";
import { type Column, ResourceTable } from "../components/resource-table";
import { PlainStatus, RolloutStatus, ServiceHealth } from "../components/statuses";
import { PageTabs } from "../components/tabs";
import { TaskTable } from "../components/task-table";
import { ecs } from "../lib/clients";
import { clustersQuery, instancesQuery, servicesQuery } from "../lib/ecs";
import { clusterCharts } from "../lib/known-charts";
import { awsCommand, describeCommand, nameOf } from "../lib/text";

export default function ClusterPage() {
  const name = useParams().cluster ?? "";
  const clusters = useQuery({
    ...clustersQuery,
    select: (found) => found.find(({ clusterName }) => clusterName === name) ?? null,
  });
  return (
    <Details noun="cluster" query={clusters}>
      {(cluster) => (
        <Page
          title={name}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <DeleteCluster name={name} />
              <CopyCommand command={awsCommand("ecs describe-clusters", { clusters: name })} />
            </SpaceBetween>
          }
        >
          <Container>
            <KeyValuePairs
              columns={4}
              items={[
                { label: "Status", value: <PlainStatus status={cluster.status} /> },
                { label: "Running tasks", value: cluster.runningTasksCount ?? 0 },
                { label: "Pending tasks", value: cluster.pendingTasksCount ?? 0 },
                { label: "ARN", value: <Arn arn={cluster.clusterArn} /> },
              ]}
            />
          </Container>
          <PageTabs
            label="Parts of the cluster"
            tabs={[
              { id: "services", label: "Services", content: <Services cluster={name} /> },
              { id: "tasks", label: "Tasks", content: <TaskTable cluster={name} /> },
              { id: "instances", label: "Container instances", content: <Instances cluster={name} /> },
              {
                id: "metrics",
                label: "Metrics",
                content: <Metrics title="Metrics" charts={clusterCharts(name)} />,
              },
            ]}
          />
        </Page>
      )}
    </Details>
  );
}

function serviceColumns(cluster: string): Column<Service>[] {
  return [
    {
      id: "name",
      header: "Service",
      value: (s) => s.serviceName,
      cell: (s) => <PageLink to={paths.service(cluster, s.serviceName ?? "")}>{s.serviceName}</PageLink>,
      minWidth: 180,
    },
    {
      id: "status",
      header: "Status",
      value: (s) => s.status,
      cell: (s) => <PlainStatus status={s.status} />,
    },
    {
      id: "tasks",
      header: "Tasks",
      value: (s) => s.runningCount,
      cell: (s) => <ServiceHealth service={s} />,
      minWidth: 170,
    },
    {
      id: "rollout",
      header: "Last deployment",
      value: (s) => s.deployments?.[0]?.rolloutState,
      cell: (s) => <RolloutStatus state={s.deployments?.[0]?.rolloutState} />,
      minWidth: 150,
    },
    {
      id: "definition",
      header: "Task definition",
      value: (s) => nameOf(s.taskDefinition),
      cell: (s) => <RevisionLink arn={s.taskDefinition} />,
      minWidth: 160,
    },
  ];
}

function Services({ cluster }: { cluster: string }) {
  return (
    <ResourceTable
      noun="services"
      title="Services"
      columns={useMemo(() => serviceColumns(cluster), [cluster])}
      query={useQuery(servicesQuery(cluster))}
      rowKey={(service) => service.serviceArn ?? ""}
      sortBy="name"
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyCommand
            command={describeCommand(
              awsCommand("ecs list-services", { cluster }),
              "serviceArns",
              10,
              `${awsCommand("ecs describe-services", { cluster })} --services`,
            )}
          />
          <PageButton to={paths.createService(cluster)}>Create service</PageButton>
        </SpaceBetween>
      }
      empty="This cluster has no service yet: a service keeps a number of tasks running in it."
    />
  );
}

/** What an instance has of a resource, and what of it is taken: CPU units or MiB. */
function taken(instance: ContainerInstance, resource: string): { total: number; used: number } {
  const of = (list: ContainerInstance["registeredResources"]) =>
    list?.find(({ name }) => name === resource)?.integerValue ?? 0;
  const total = of(instance.registeredResources);
  return { total, used: total - of(instance.remainingResources) };
}

function ResourceBar({
  instance,
  resource,
  unit,
}: {
  instance: ContainerInstance;
  resource: string;
  unit: string;
}) {
  const { total, used } = taken(instance, resource);
  return (
    <ProgressBar
      variant="standalone"
      value={total ? (100 * used) / total : 0}
      additionalInfo={`${used} of ${total} ${unit}`}
      ariaLabel={`${resource === "CPU" ? "CPU" : "Memory"} reserved on ${nameOf(instance.containerInstanceArn)}`}
    />
  );
}

const INSTANCES: Column<ContainerInstance>[] = [
  {
    id: "id",
    header: "EC2 instance",
    value: (i) => i.ec2InstanceId ?? nameOf(i.containerInstanceArn),
    cell: (i) =>
      i.ec2InstanceId ? (
        <PageLink to={paths.instance(i.ec2InstanceId)}>{i.ec2InstanceId}</PageLink>
      ) : (
        nameOf(i.containerInstanceArn)
      ),
    minWidth: 190,
  },
  { id: "status", header: "Status", value: (i) => i.status, cell: (i) => <PlainStatus status={i.status} /> },
  {
    id: "agent",
    header: "Agent",
    value: (i) => (i.agentConnected ? "connected" : "not connected"),
    cell: (i) => (
      <StatusIndicator type={i.agentConnected ? "success" : "error"}>
        {i.agentConnected ? "connected" : "not connected"}
      </StatusIndicator>
    ),
    minWidth: 150,
  },
  {
    id: "running",
    header: "Running tasks",
    value: (i) => i.runningTasksCount,
    cell: (i) => i.runningTasksCount ?? 0,
  },
  {
    id: "cpu",
    header: "CPU reserved",
    value: (i) => taken(i, "CPU").used,
    cell: (i) => <ResourceBar instance={i} resource="CPU" unit="units" />,
    minWidth: 200,
  },
  {
    id: "memory",
    header: "Memory reserved",
    value: (i) => taken(i, "MEMORY").used,
    cell: (i) => <ResourceBar instance={i} resource="MEMORY" unit="MiB" />,
    minWidth: 200,
  },
];

/** Drains an instance, or makes it active again, after a question. */
function ChangeState({ cluster, instance }: { cluster: string; instance: ContainerInstance | null }) {
  const isDraining = instance?.status === "DRAINING";
  const status: ContainerInstanceStatus = isDraining ? "ACTIVE" : "DRAINING";
  const arn = instance?.containerInstanceArn ?? "";
  const name = instance?.ec2InstanceId ?? nameOf(arn);
  return (
    <Action
      label={isDraining ? "Activate" : "Drain"}
      title={isDraining ? `Make ${name} active?` : `Drain ${name}?`}
      command={awsCommand("ecs update-container-instances-state", {
        cluster,
        "container-instances": nameOf(arn),
        status,
      })}
      run={async () => {
        const asked = { cluster, containerInstances: [arn], status };
        const { failures } = await ecs.send(new UpdateContainerInstancesStateCommand(asked));
        if (failures?.[0]) throw new Error(`${failures[0].arn}: ${failures[0].reason}`);
      }}
      done={isDraining ? `${name} takes tasks again.` : `${name} drains: its services' tasks move elsewhere.`}
      kinds={["container-instance", "task"]}
      isDisabled={instance === null}
    >
      <Box>
        {isDraining
          ? "Tasks may be placed on it again."
          : "No task is placed on it any more. Tasks of services are replaced elsewhere first, and stop here then."}
      </Box>
    </Action>
  );
}

function Instances({ cluster }: { cluster: string }) {
  const query = useQuery(instancesQuery(cluster));
  const [selected, setSelected] = useState<string | null>(null);
  const chosen = query.data?.find(({ containerInstanceArn }) => containerInstanceArn === selected) ?? null;
  return (
    <ResourceTable
      noun="instances"
      title="Container instances"
      columns={INSTANCES}
      query={query}
      selected={selected}
      onSelect={setSelected}
      rowKey={(instance) => instance.containerInstanceArn ?? ""}
      sortBy="id"
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <DeregisterInstance cluster={cluster} instance={chosen} onDone={() => setSelected(null)} />
          <ChangeState cluster={cluster} instance={chosen} />
          <CopyCommand
            command={describeCommand(
              awsCommand("ecs list-container-instances", { cluster }),
              "containerInstanceArns",
              100,
              `${awsCommand("ecs describe-container-instances", { cluster })} --container-instances`,
            )}
          />
          <PageButton to={paths.runInstances(cluster)}>Run instances</PageButton>
        </SpaceBetween>
      }
      empty={`No instance has joined: run one whose user data says ECS_CLUSTER=${cluster}.`}
    />
  );
}
