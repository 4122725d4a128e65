import type {
  Action,
  Listener,
  LoadBalancer,
  Rule,
  RuleCondition,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { CopyCommand } from "../components/copy-command";
import { Arn, Details } from "../components/details";
import { PageLink, paths } from "../components/link";
import { Metrics } from "../components/metric-chart";
import { type Column, ResourceTable } from "../components/resource-table";
import { PlainStatus } from "../components/statuses";
import { PageTabs } from "../components/tabs";
import { type Bound, boundQuery, listenersQuery, loadBalancerQuery, rulesQuery } from "../lib/elbv2";
import { balancerMonitoring } from "../lib/known-charts";
import { awsCommand, elbName, moment } from "../lib/text";

export default function LoadBalancerPage() {
  const { name = "" } = useParams();
  return (
    <Details noun="load balancer" query={useQuery(loadBalancerQuery(name))}>
      {(balancer) => (
        <ContentLayout
          header={
            <Header
              variant="h1"
              actions={<CopyCommand command={awsCommand("elbv2 describe-load-balancers", { names: name })} />}
            >
              {name}
            </Header>
          }
        >
          <Body balancer={balancer} />
        </ContentLayout>
      )}
    </Details>
  );
}

function Body({ balancer }: { balancer: LoadBalancer }) {
  const zones = (balancer.AvailabilityZones ?? []).map(
    ({ ZoneName, SubnetId }) => `${ZoneName} (${SubnetId})`,
  );
  return (
    <SpaceBetween size="l">
      <Container>
        <KeyValuePairs
          columns={4}
          items={[
            { label: "State", value: <PlainStatus status={balancer.State?.Code} /> },
            { label: "DNS name", value: <Arn arn={balancer.DNSName} /> },
            { label: "Scheme", value: balancer.Scheme ?? "-" },
            { label: "Created", value: moment(balancer.CreatedTime) },
            { label: "VPC", value: balancer.VpcId ?? "-" },
            { label: "Zones and subnets", value: zones.join(", ") || "-" },
            { label: "Security groups", value: balancer.SecurityGroups?.join(", ") || "-" },
            { label: "ARN", value: <Arn arn={balancer.LoadBalancerArn} /> },
          ]}
        />
      </Container>
      <PageTabs
        label="Parts of the load balancer"
        tabs={[
          { id: "listeners", label: "Listeners and rules", content: <Listeners balancer={balancer} /> },
          {
            id: "monitoring",
            label: "Monitoring",
            content: <Metrics title="Monitoring" charts={balancerMonitoring(balancer)} />,
          },
        ]}
      />
    </SpaceBetween>
  );
}

function Listeners({ balancer }: { balancer: LoadBalancer }) {
  const listeners = useQuery(listenersQuery(balancer.LoadBalancerArn ?? ""));
  const bound = useQuery(boundQuery);
  return (
    <SpaceBetween size="l">
      <ResourceTable
        noun="listeners"
        title="Listeners"
        columns={listenerColumns(balancer, bound.data ?? {})}
        query={listeners}
        rowKey={(listener) => listener.ListenerArn ?? ""}
        sortBy="port"
        actions={
          <CopyCommand
            command={awsCommand("elbv2 describe-listeners", {
              "load-balancer-arn": balancer.LoadBalancerArn,
            })}
          />
        }
        empty="This load balancer has no listener, so it answers nowhere: aws elbv2 create-listener makes one."
      />
      {(listeners.data ?? []).map((listener) => (
        <Rules key={listener.ListenerArn} listener={listener} />
      ))}
    </SpaceBetween>
  );
}

const USUAL: Record<string, number> = { HTTP: 80, HTTPS: 443 };

function url(listener: Listener, host: string, port: number): string {
  const scheme = (listener.Protocol ?? "HTTP").toLowerCase();
  return `${scheme}://${host}${port === USUAL[listener.Protocol ?? ""] ? "" : `:${port}`}/`;
}

/** Where a listener answers: by the load balancer's name in browsers, by its address everywhere. */
function Places({
  listener,
  balancer,
  bound,
}: {
  listener: Listener;
  balancer: LoadBalancer;
  bound: Bound | undefined;
}) {
  if (!bound?.port) {
    return (
      <StatusIndicator type="pending">{bound?.error ?? "The balancer has not bound it yet"}</StatusIndicator>
    );
  }
  const places = [bound.address && url(listener, bound.address, bound.port)];
  if (bound.namePort) places.unshift(url(listener, balancer.DNSName ?? "", bound.namePort));
  return (
    <SpaceBetween size="xxs">
      {places
        .filter((place) => place !== null)
        .map((place) => (
          <Link key={place} href={place} external externalIconAriaLabel="Opens in a new tab">
            {place}
          </Link>
        ))}
      {bound.nameError && <StatusIndicator type="warning">{bound.nameError}</StatusIndicator>}
    </SpaceBetween>
  );
}

function listenerColumns(balancer: LoadBalancer, bound: Record<string, Bound>): Column<Listener>[] {
  return [
    {
      id: "port",
      header: "Listener",
      value: (l) => l.Port,
      cell: (l) => `${l.Protocol}:${l.Port}`,
      minWidth: 110,
    },
    {
      id: "places",
      header: "Answers on",
      cell: (l) => <Places listener={l} balancer={balancer} bound={bound[l.ListenerArn ?? ""]} />,
      minWidth: 320,
    },
    {
      id: "actions",
      header: "Default action",
      cell: (l) => <Actions actions={l.DefaultActions ?? []} />,
      minWidth: 220,
    },
    {
      id: "certificates",
      header: "Certificate and policy",
      cell: (l) =>
        [l.Certificates?.[0]?.CertificateArn?.split("/")[1], l.SslPolicy].filter(Boolean).join(", ") || "-",
      minWidth: 180,
    },
  ];
}

function Actions({ actions }: { actions: Action[] }) {
  return (
    <SpaceBetween size="xxs">
      {actions.map((action, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: actions have no name, and their order is what they are
        <div key={index}>
          <OneAction action={action} />
        </div>
      ))}
    </SpaceBetween>
  );
}

function OneAction({ action }: { action: Action }) {
  const groups = action.ForwardConfig?.TargetGroups ?? [];
  if (action.Type === "forward") {
    const all = groups.length > 0 ? groups : [{ TargetGroupArn: action.TargetGroupArn }];
    return (
      <>
        forward to{" "}
        {all.map((group, index) => (
          <span key={group.TargetGroupArn}>
            {index > 0 && ", "}
            <PageLink to={paths.targetGroup(elbName(group.TargetGroupArn))}>
              {elbName(group.TargetGroupArn)}
            </PageLink>
            {all.length > 1 && "Weight" in group && ` (weight ${group.Weight})`}
          </span>
        ))}
      </>
    );
  }
  if (action.Type === "redirect") {
    const { Protocol, Host, Port, Path, Query, StatusCode } = action.RedirectConfig ?? {};
    const query = Query ? `?${Query}` : "";
    return (
      <>{`redirect to ${Protocol}://${Host}:${Port}${Path}${query} (${StatusCode?.replace("HTTP_", "")})`}</>
    );
  }
  if (action.Type === "fixed-response") {
    const { StatusCode, ContentType } = action.FixedResponseConfig ?? {};
    return <>{`answer ${StatusCode}${ContentType ? ` (${ContentType})` : ""}`}</>;
  }
  return <>{action.Type}</>;
}

function condition({ Field, Values, ...configs }: RuleCondition): string {
  const named = configs.HttpHeaderConfig?.HttpHeaderName;
  const pairs = configs.QueryStringConfig?.Values?.map(({ Key, Value }) =>
    Key ? `${Key}=${Value}` : (Value ?? ""),
  );
  const config =
    configs.PathPatternConfig ??
    configs.HostHeaderConfig ??
    configs.HttpHeaderConfig ??
    configs.HttpRequestMethodConfig ??
    configs.SourceIpConfig;
  const values = pairs ?? [
    ...(config?.Values ?? []),
    ...((config as { RegexValues?: string[] })?.RegexValues ?? []),
  ];
  const shown = values.length > 0 ? values : (Values ?? []);
  return `${Field}${named ? ` ${named}` : ""} is ${shown.join(" or ")}`;
}

const RULES: Column<Rule>[] = [
  {
    id: "priority",
    header: "Priority",
    value: (r) => (r.IsDefault ? Number.MAX_SAFE_INTEGER : Number(r.Priority)),
    cell: (r) => r.Priority,
    minWidth: 100,
  },
  {
    id: "conditions",
    header: "If",
    value: (r) => (r.Conditions ?? []).map(condition).join(" and "),
    cell: (r) =>
      r.IsDefault ? (
        <Box color="text-body-secondary">no other rule matches</Box>
      ) : (
        (r.Conditions ?? []).map(condition).join(" and ")
      ),
    minWidth: 300,
  },
  { id: "actions", header: "Then", cell: (r) => <Actions actions={r.Actions ?? []} />, minWidth: 300 },
];

function Rules({ listener }: { listener: Listener }) {
  return (
    <ResourceTable
      noun="rules"
      title={`Rules of ${listener.Protocol}:${listener.Port}`}
      columns={RULES}
      query={useQuery(rulesQuery(listener.ListenerArn ?? ""))}
      rowKey={(rule) => rule.RuleArn ?? ""}
      sortBy="priority"
      actions={
        <CopyCommand command={awsCommand("elbv2 describe-rules", { "listener-arn": listener.ListenerArn })} />
      }
      empty="This listener has no rule."
    />
  );
}
