import type { Service } from "@aws-sdk/client-ecs";
import type { TargetGroup, TargetHealthDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import { useQueries, useQuery } from "@tanstack/react-query";
import { memo, useMemo } from "react";
import { ALARMS } from "../components/alarm-table";
import { CopyCommand } from "../components/copy-command";
import { FirstSteps } from "../components/first-steps";
import { PageLink, paths } from "../components/link";
import { Page } from "../components/page";
import { type Column, known, ResourceTable } from "../components/resource-table";
import { RolloutStatus, ServiceHealth, TargetStatus } from "../components/statuses";
import { together, Verdict } from "../components/verdict";
import { alarming, alarmsQuery } from "../lib/alarm-list";
import { clustersQuery, servicesQuery } from "../lib/ecs";
import { targetGroupsQuery, targetHealthQuery } from "../lib/elbv2";
import { healthCommand } from "../lib/health-command";
import { type Happened, recentEvents } from "../lib/recent-events";
import { nameOf } from "../lib/text";
import { moment } from "../lib/times";
import { isSteady, troubleOf } from "../lib/troubles";
import { useShared } from "../lib/use-shared";

interface Unwell {
  group: TargetGroup;
  target: TargetHealthDescription;
}

/** Whether all is well, and what is not. */
export default function Home() {
  const clusters = useQuery(clustersQuery);
  const groups = useQuery(targetGroupsQuery);
  const active = (clusters.data ?? []).filter((cluster) => cluster.status === "ACTIVE");
  const serviceQueries = useQueries({
    queries: active.map(({ clusterName }) => servicesQuery(clusterName ?? "")),
  });
  const healthQueries = useQueries({
    queries: (groups.data ?? []).map(({ TargetGroupArn }) => targetHealthQuery(TargetGroupArn ?? "")),
  });
  const services = useShared(serviceQueries.flatMap(({ data }) => data ?? []));
  const moving = services.filter((service) => !isSteady(service));
  const unwell = (groups.data ?? []).flatMap((group, index): Unwell[] =>
    (healthQueries[index]?.data ?? [])
      .filter(({ TargetHealth }) => ["unhealthy", "unavailable"].includes(TargetHealth?.State ?? ""))
      .map((target) => ({ group, target })),
  );
  const alarms = useQuery(alarmsQuery);
  const { isPending, error } = together([clusters, groups, ...serviceQueries, ...healthQueries, alarms]);
  const ringing = alarming(alarms.data);
  const areServicesKnown = clusters.data !== undefined && serviceQueries.every(({ data }) => data);
  const running = services.reduce((sum, service) => sum + (service.runningCount ?? 0), 0);
  return (
    <Page title="Health of the whole" actions={<CopyCommand command={healthCommand} />}>
      <Container>
        <ColumnLayout columns={4} variant="text-grid">
          <Figure
            label="Clusters"
            number={active.length}
            isReady={clusters.data !== undefined}
            to={paths.clusters()}
          />
          <Figure
            label="Services"
            number={services.length}
            isReady={areServicesKnown}
            to={paths.clusters()}
          />
          <Figure
            label="Running tasks of services"
            number={running}
            isReady={areServicesKnown}
            to={paths.clusters()}
          />
          <Figure
            label="Target groups"
            number={groups.data?.length ?? 0}
            isReady={groups.data !== undefined}
            to={paths.targetGroups()}
          />
        </ColumnLayout>
        <Box padding={{ top: "m" }}>
          <Verdict
            isPending={isPending}
            moving={moving.length}
            unwell={unwell.length}
            ringing={ringing.length}
            isEmpty={services.length === 0}
            error={error}
          />
        </Box>
      </Container>
      {!isPending && !error && services.length === 0 && <FirstSteps cluster={active[0]?.clusterName} />}
      {ringing.length > 0 && (
        <ResourceTable
          noun="alarms"
          title="Alarms in ALARM"
          columns={ALARMS}
          query={known(ringing)}
          rowKey={(alarm) => alarm.AlarmName ?? ""}
          empty="No alarm is in ALARM."
        />
      )}
      {moving.length > 0 && <Moving query={known(moving)} />}
      {unwell.length > 0 && <UnwellTargets query={known(unwell)} />}
      <Events services={areServicesKnown ? services : undefined} error={areServicesKnown ? null : error} />
    </Page>
  );
}

function Figure({
  label,
  number,
  isReady,
  to,
}: {
  label: string;
  number: number;
  isReady: boolean;
  to: string;
}) {
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <PageLink to={to} fontSize="display-l" ariaLabel={`${label}: ${isReady ? number : "loading"}`}>
        {isReady ? number : "…"}
      </PageLink>
    </div>
  );
}

const MOVING: Column<Service>[] = [
  { id: "name", header: "Service", value: (s) => s.serviceName, cell: (s) => <ServiceLink service={s} /> },
  { id: "cluster", header: "Cluster", value: (s) => nameOf(s.clusterArn), cell: (s) => nameOf(s.clusterArn) },
  { id: "tasks", header: "Tasks", cell: (s) => <ServiceHealth service={s} />, minWidth: 180 },
  {
    id: "rollout",
    header: "Rollout",
    cell: (s) => <RolloutStatus state={s.deployments?.[0]?.rolloutState} />,
  },
  {
    id: "reason",
    header: "Reason",
    cell: (s) => troubleOf(s)?.said ?? s.deployments?.[0]?.rolloutStateReason ?? "-",
    minWidth: 300,
  },
];

function ServiceLink({ service }: { service: Service }) {
  return (
    <PageLink to={paths.service(nameOf(service.clusterArn), service.serviceName ?? "")}>
      {service.serviceName}
    </PageLink>
  );
}

function Moving({ query }: { query: { data: Service[]; error: Error | null; isPending: boolean } }) {
  return (
    <ResourceTable
      noun="services"
      title="Services that are not steady"
      columns={MOVING}
      query={query}
      rowKey={(service) => service.serviceArn ?? ""}
      empty="Every service is steady."
    />
  );
}

const UNWELL: Column<Unwell>[] = [
  {
    id: "group",
    header: "Target group",
    value: ({ group }) => group.TargetGroupName,
    cell: ({ group }) => (
      <PageLink to={paths.targetGroup(group.TargetGroupName ?? "")}>{group.TargetGroupName}</PageLink>
    ),
  },
  {
    id: "target",
    header: "Target",
    value: ({ target }) => target.Target?.Id,
    cell: ({ target }) => target.Target?.Id,
  },
  {
    id: "port",
    header: "Port",
    value: ({ target }) => target.Target?.Port,
    cell: ({ target }) => target.Target?.Port,
  },
  {
    id: "state",
    header: "Status",
    cell: ({ target }) => <TargetStatus state={target.TargetHealth?.State} />,
  },
  {
    id: "reason",
    header: "Reason",
    value: ({ target }) => target.TargetHealth?.Reason,
    cell: ({ target }) => target.TargetHealth?.Reason ?? "-",
    minWidth: 200,
  },
  {
    id: "description",
    header: "Details",
    value: ({ target }) => target.TargetHealth?.Description,
    cell: ({ target }) => target.TargetHealth?.Description ?? "-",
    minWidth: 260,
  },
];

function UnwellTargets({ query }: { query: { data: Unwell[]; error: Error | null; isPending: boolean } }) {
  return (
    <ResourceTable
      noun="targets"
      title="Unhealthy targets"
      columns={UNWELL}
      query={query}
      rowKey={({ group, target }) => `${group.TargetGroupArn}|${target.Target?.Id}|${target.Target?.Port}`}
      empty="No target is unhealthy."
    />
  );
}

const HAPPENED: Column<Happened>[] = [
  { id: "at", header: "Time", value: ({ at }) => at?.getTime(), cell: ({ at }) => moment(at), minWidth: 215 },
  {
    id: "service",
    header: "Service",
    value: ({ service }) => service.serviceName,
    cell: ({ service }) => <ServiceLink service={service} />,
    minWidth: 200,
  },
  {
    id: "message",
    header: "Event",
    value: ({ message }) => message,
    cell: ({ message }) => message,
    minWidth: 420,
  },
];

/** An error of what is known already is the verdict's to tell. It is the longest of the page's tables, and not
 * drawn again with every answer that has nothing to do with it. */
const Events = memo(function Events({
  services,
  error,
}: {
  services: Service[] | undefined;
  error: Error | null;
}) {
  return (
    <ResourceTable
      noun="events"
      title="Recent service events"
      columns={HAPPENED}
      query={{
        data: useMemo(() => services && recentEvents(services), [services]),
        error,
        isPending: !services && !error,
      }}
      rowKey={({ id }) => id}
      empty="No service has had an event yet."
    />
  );
});
