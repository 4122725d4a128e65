import type { LoadBalancer, Service, ServiceEvent } from "@aws-sdk/client-ecs";
import type { TargetHealthDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { ServiceLogs } from "../components/container-logs";
import { CopyCommand } from "../components/copy-command";
import { Deployments } from "../components/deployments";
import { Arn, Details } from "../components/details";
import { lazily, Part } from "../components/lazily";
import { PageLink, paths, RevisionLink } from "../components/link";
import { Metrics } from "../components/metric-chart";
import { Page } from "../components/page";
import { type Column, known, ResourceTable } from "../components/resource-table";
import { DeleteService, UpdateService } from "../components/service-actions";
import { ServiceTrouble } from "../components/service-trouble";
import { PlainStatus, RolloutStatus, ServiceHealth } from "../components/statuses";
import { PageTabs } from "../components/tabs";
import { TargetTable } from "../components/target-table";
import { TaskTable } from "../components/task-table";
import { serviceQuery } from "../lib/ecs";
import { targetGroupsQuery, targetHealthQuery } from "../lib/elbv2";
import { groupCharts, usageCharts } from "../lib/known-charts";
import { awsCommand, elbName } from "../lib/text";
import { moment } from "../lib/times";

// Its client is one of its own: other tabs do not load it.
const AutoScaling = lazily(() => import("../components/auto-scaling"));

export default function ServicePage() {
  const { cluster = "", service: name = "" } = useParams();
  const query = useQuery(serviceQuery(cluster, name));
  const command = awsCommand("ecs describe-services", { cluster, services: name });
  return (
    <Details noun="service" query={query}>
      {(service) => (
        <Page
          title={name}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <UpdateService cluster={cluster} service={service} />
              <DeleteService cluster={cluster} service={service} />
              <CopyCommand command={command} />
            </SpaceBetween>
          }
        >
          <Overview service={service} />
          <ServiceTrouble cluster={cluster} service={service} />
          <PageTabs
            label="Parts of the service"
            tabs={[
              {
                id: "health",
                label: "Health and metrics",
                content: <HealthAndMetrics service={service} />,
              },
              { id: "tasks", label: "Tasks", content: <TaskTable cluster={cluster} service={name} /> },
              { id: "logs", label: "Logs", content: <ServiceLogs service={service} /> },
              { id: "events", label: "Events", content: <Events service={service} /> },
              { id: "deployments", label: "Deployments", content: <Deployments service={service} /> },
              {
                id: "scaling",
                label: "Auto scaling",
                content: (
                  <Part noun="scaling">
                    <AutoScaling service={service} />
                  </Part>
                ),
              },
              { id: "configuration", label: "Configuration", content: <Configuration service={service} /> },
            ]}
          />
        </Page>
      )}
    </Details>
  );
}

function Overview({ service }: { service: Service }) {
  const newest = service.deployments?.[0];
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: "Status", value: <PlainStatus status={service.status} /> },
          { label: "Tasks", value: <ServiceHealth service={service} /> },
          { label: "Last deployment", value: <RolloutStatus state={newest?.rolloutState} /> },
          {
            label: "Task definition",
            value: <RevisionLink arn={service.taskDefinition} />,
          },
        ]}
      />
    </Container>
  );
}

function HealthAndMetrics({ service }: { service: Service }) {
  const groups = new Set((service.loadBalancers ?? []).map(({ targetGroupArn }) => targetGroupArn));
  const used = useQuery({
    ...targetGroupsQuery,
    select: (all) => all.filter(({ TargetGroupArn }) => groups.has(TargetGroupArn)),
  });
  return (
    <SpaceBetween size="l">
      <Health service={service} />
      <Metrics
        title="Metrics"
        charts={[...usageCharts(service), ...(used.data ?? []).flatMap(groupCharts)]}
      />
    </SpaceBetween>
  );
}

function Health({ service }: { service: Service }) {
  const uses = service.loadBalancers ?? [];
  if (uses.length === 0) {
    return (
      <Container header={<Header variant="h2">Load balancing</Header>}>
        <Box>
          This service has no target group: nothing sends it requests through a load balancer. Its tasks are
          healthy while they run.
        </Box>
      </Container>
    );
  }
  return (
    <SpaceBetween size="l">
      {uses.map((use) => (
        <Targets key={`${use.targetGroupArn} ${use.containerName} ${use.containerPort}`} use={use} />
      ))}
    </SpaceBetween>
  );
}

function Targets({ use }: { use: LoadBalancer }) {
  const query = useQuery(targetHealthQuery(use.targetGroupArn ?? ""));
  const name = elbName(use.targetGroupArn);
  const healthy = (targets: TargetHealthDescription[]) =>
    targets.filter(({ TargetHealth }) => TargetHealth?.State === "healthy").length;
  return (
    <TargetTable
      title={`Targets in ${name}`}
      description={
        <>
          {query.data && `${healthy(query.data)} of ${query.data.length} healthy; `}
          container {use.containerName}, port {use.containerPort};{" "}
          <PageLink to={paths.targetGroup(name)} fontSize="inherit">
            open the target group
          </PageLink>
        </>
      }
      query={query}
      empty="No task of this service is registered: targets appear when their containers run."
    />
  );
}

const EVENTS: Column<ServiceEvent>[] = [
  {
    id: "at",
    header: "Time",
    value: (e) => e.createdAt?.getTime(),
    cell: (e) => moment(e.createdAt),
    minWidth: 200,
  },
  { id: "message", header: "Message", value: (e) => e.message, cell: (e) => e.message, minWidth: 400 },
  {
    id: "id",
    header: "Event ID",
    value: (e) => e.id,
    cell: (e) => <Box variant="code">{e.id}</Box>,
    minWidth: 320,
  },
];

function Events({ service }: { service: Service }) {
  return (
    <ResourceTable
      noun="events"
      title="Events"
      description="The newest hundred, as AWS keeps them."
      columns={EVENTS}
      query={known(service.events)}
      rowKey={(event) => event.id ?? ""}
      empty="Nothing has happened to this service yet."
    />
  );
}

function Configuration({ service }: { service: Service }) {
  const rollout = service.deploymentConfiguration;
  const breaker = rollout?.deploymentCircuitBreaker;
  const strategies = (service.placementStrategy ?? []).map(({ type, field }) =>
    field ? `${type} by ${field}` : type,
  );
  return (
    <Container header={<Header variant="h2">Configuration</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: "ARN", value: <Arn arn={service.serviceArn} /> },
          { label: "Created", value: moment(service.createdAt) },
          {
            label: "Scheduling",
            value: `${service.schedulingStrategy}, launch type ${service.launchType ?? "-"}`,
          },
          { label: "Desired tasks", value: service.desiredCount ?? 0 },
          {
            label: "Minimum and maximum healthy percent",
            value: `${rollout?.minimumHealthyPercent ?? "-"} % and ${rollout?.maximumPercent ?? "-"} %`,
          },
          {
            label: "Deployment circuit breaker",
            value: breaker?.enable ? `on, ${breaker.rollback ? "with" : "without"} rollback` : "off",
          },
          {
            label: "Health check grace period",
            value: `${service.healthCheckGracePeriodSeconds ?? 0} s`,
          },
          { label: "Placement strategy", value: strategies.join(", ") || "-" },
          {
            label: "Load balancing",
            value:
              (service.loadBalancers ?? [])
                .map((use) => `${elbName(use.targetGroupArn)}: ${use.containerName}:${use.containerPort}`)
                .join(", ") || "-",
          },
        ]}
      />
    </Container>
  );
}
