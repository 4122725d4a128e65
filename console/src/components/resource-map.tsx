import type { Listener, LoadBalancer, Rule } from "@aws-sdk/client-elastic-load-balancing-v2";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useQueries, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { listenersQuery, rulesQuery, targetGroupsQuery, targetHealthQuery } from "../lib/elbv2";
import {
  type Edge,
  forwardsTo,
  healthText,
  type Leaf,
  type ResourceMap,
  resourceMap,
} from "../lib/resource-map";
import { conditionText } from "../lib/rule-conditions";
import { elbName, errorText } from "../lib/text";
import { type Traffic, trafficQuery, trafficText } from "../lib/traffic";
import { PageLink, paths } from "./link";
import { GroupHealth, TargetStatus } from "./statuses";

/** From listeners over rules and target groups to targets, with health and traffic as they change. */
export default function ResourceMapPanel({ balancer }: { balancer: LoadBalancer }) {
  const arn = balancer.LoadBalancerArn ?? "";
  const listeners = useQuery(listenersQuery(arn));
  const listenerArns = (listeners.data ?? []).map(({ ListenerArn = "" }) => ListenerArn);
  const rules = useQueries({ queries: listenerArns.map((one) => rulesQuery(one)) });
  const byListener = Object.fromEntries(listenerArns.map((one, index) => [one, rules[index]?.data ?? []]));
  const groupArns = [
    ...new Set(Object.values(byListener).flatMap((some) => some.flatMap(forwardsTo).map((to) => to.arn))),
  ];
  const groups = useQuery(targetGroupsQuery);
  const health = useQueries({ queries: groupArns.map((one) => targetHealthQuery(one)) });
  const traffic = useQuery(trafficQuery(arn, groupArns));
  const error = listeners.error ?? rules.find((one) => one.error)?.error ?? groups.error;
  const map = resourceMap({
    listeners: listeners.data ?? [],
    rules: byListener,
    groups: groups.data ?? [],
    health: Object.fromEntries(groupArns.map((one, index) => [one, health[index]?.data ?? []])),
  });
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Requests go from left to right. Traffic is that of the last 15 seconds, as CloudWatch has it."
        >
          Resource map
        </Header>
      }
    >
      {error && <Alert type="error">{errorText(error)}</Alert>}
      {listeners.data?.length === 0 ? (
        <Box textAlign="center">This load balancer has no listener, so it answers nowhere: add one.</Box>
      ) : (
        <Picture map={map} name={balancer.LoadBalancerName ?? ""} traffic={traffic.data ?? {}} />
      )}
    </Container>
  );
}

// Columns and the room between them, in percent of the width.
const COLUMNS = [
  { left: 0, width: 15 },
  { left: 19, width: 27 },
  { left: 50, width: 22 },
  { left: 76, width: 24 },
] as const;
const HEAD = 32;

interface PictureProps {
  map: ResourceMap;
  name: string;
  traffic: Record<string, Traffic>;
}

/** Every box has its place by what there is, not by what it shows: figures that change move nothing. */
function Picture({ map, name, traffic }: PictureProps) {
  return (
    <div style={{ overflowX: "auto" }}>
      <div style={{ position: "relative", minWidth: 860, height: map.height + HEAD }}>
        <Lines map={map} />
        <Column index={0} title="Listeners">
          {map.listeners.map(({ key, item, ...place }) => (
            <Node key={key} {...place}>
              <ListenerNode listener={item} balancer={name} />
            </Node>
          ))}
        </Column>
        <Column index={1} title="Rules">
          {map.rules.map(({ key, item, ...place }) => (
            <Node key={key} {...place}>
              <RuleNode rule={item.rule} listener={item.listener} balancer={name} />
            </Node>
          ))}
        </Column>
        <Column index={2} title="Target groups">
          {map.groups.map(({ key, item, ...place }) => (
            <Node key={key} {...place}>
              <div>
                <PageLink to={paths.targetGroup(elbName(item.arn))}>{elbName(item.arn)}</PageLink>
              </div>
              <GroupHealth health={item.health} text={healthText(item.health)} />
              <Small>
                {traffic[item.arn] ? trafficText(traffic[item.arn] as Traffic) : "traffic unknown yet"}
              </Small>
            </Node>
          ))}
        </Column>
        <Column index={3} title="Targets">
          {map.leaves.map(({ key, item, ...place }) => (
            <Node key={key} {...place}>
              <LeafNode leaf={item} />
            </Node>
          ))}
        </Column>
      </div>
    </div>
  );
}

function Column({ index, title, children }: { index: 0 | 1 | 2 | 3; title: string; children: ReactNode }) {
  const { left, width } = COLUMNS[index];
  return (
    <section
      aria-label={title}
      style={{ position: "absolute", left: `${left}%`, width: `${width}%`, top: 0, bottom: 0 }}
    >
      <Box variant="h3" padding={{ bottom: "xxs" }}>
        {title}
      </Box>
      <ul style={{ listStyle: "none", margin: 0, padding: 0 }}>{children}</ul>
    </section>
  );
}

function Node({ top, height, children }: { top: number; height: number; children: ReactNode }) {
  return (
    <li
      style={{
        position: "absolute",
        top: HEAD + top,
        height,
        left: 0,
        right: 0,
        boxSizing: "border-box",
        padding: "6px 10px",
        overflow: "hidden",
        border: "1px solid color-mix(in srgb, currentColor 35%, transparent)",
        borderRadius: 8,
      }}
    >
      {children}
    </li>
  );
}

/** One line, cut where the box ends; all of it is told by the pointer. */
function Small({ children }: { children: string }) {
  return (
    <Box fontSize="body-s" color="text-body-secondary">
      <div style={{ overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }} title={children}>
        {children}
      </div>
    </Box>
  );
}

function ListenerNode({ listener, balancer }: { listener: Listener; balancer: string }) {
  return (
    <>
      <PageLink to={paths.editListener(balancer, listener.ListenerArn ?? "")}>
        {`${listener.Protocol}:${listener.Port}`}
      </PageLink>
      <Small>{listener.SslPolicy ?? "not encrypted"}</Small>
    </>
  );
}

function RuleNode({ rule, listener, balancer }: { rule: Rule; listener: Listener; balancer: string }) {
  const listenerArn = listener.ListenerArn ?? "";
  const to = rule.IsDefault
    ? paths.editListener(balancer, listenerArn)
    : paths.editRule(balancer, listenerArn, rule.RuleArn ?? "");
  const groups = forwardsTo(rule);
  const shares = groups.map(({ arn, share }) => `${elbName(arn)} ${Math.round(share * 100)} %`).join(", ");
  const last = rule.Actions?.at(-1);
  const answer =
    last?.FixedResponseConfig?.StatusCode ??
    last?.RedirectConfig?.StatusCode?.replace("HTTP_", "redirect, ") ??
    "";
  return (
    <>
      <PageLink to={to}>
        {rule.IsDefault ? `Default of ${listener.Port}` : `Priority ${rule.Priority}`}
      </PageLink>
      <Small>
        {`${(rule.Conditions ?? []).map(conditionText).join(" and ") || "all else"}: ${shares || `answers ${answer}`}`}
      </Small>
    </>
  );
}

function LeafNode({ leaf }: { leaf: Leaf }) {
  const to = paths.targetGroup(elbName(leaf.group));
  if ("more" in leaf) return <PageLink to={to}>{`and ${leaf.more} more`}</PageLink>;
  const { Target, TargetHealth } = leaf.target;
  const isInstance = Target?.Id?.startsWith("i-");
  return (
    <div title={TargetHealth?.Description}>
      <div style={{ whiteSpace: "nowrap" }}>
        <PageLink
          to={isInstance ? paths.instance(Target?.Id ?? "") : to}
        >{`${Target?.Id}:${Target?.Port}`}</PageLink>
      </div>
      <TargetStatus state={TargetHealth?.State} />
    </div>
  );
}

const STROKES: Record<Edge["state"], { stroke: string; dash?: string }> = {
  plain: { stroke: "color-mix(in srgb, currentColor 55%, transparent)" },
  idle: { stroke: "color-mix(in srgb, currentColor 55%, transparent)", dash: "3 5" },
  healthy: { stroke: "#2e9e44" },
  unhealthy: { stroke: "#e5484d" },
  changing: { stroke: "#3f86e8", dash: "6 4" },
};

/** What the boxes say in words, drawn: screen readers have nothing of it. */
function Lines({ map }: { map: ResourceMap }) {
  return (
    <svg
      aria-hidden="true"
      width="100%"
      height={map.height}
      viewBox={`0 0 100 ${map.height}`}
      preserveAspectRatio="none"
      style={{ position: "absolute", top: HEAD, left: 0, pointerEvents: "none" }}
    >
      {map.edges.map(({ key, column, from, to, state }) => {
        const { left, width } = COLUMNS[column];
        const start = left + width;
        const end = COLUMNS[(column + 1) as 1 | 2 | 3].left;
        const middle = (start + end) / 2;
        const { stroke, dash } = STROKES[state];
        return (
          <path
            key={key}
            d={`M ${start} ${from} C ${middle} ${from}, ${middle} ${to}, ${end} ${to}`}
            fill="none"
            stroke={stroke}
            strokeWidth={2}
            {...(dash && { strokeDasharray: dash })}
            vectorEffect="non-scaling-stroke"
          />
        );
      })}
    </svg>
  );
}
