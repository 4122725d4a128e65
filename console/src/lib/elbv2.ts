import {
  type Certificate,
  DescribeListenerAttributesCommand,
  DescribeListenerCertificatesCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type Listener,
  type LoadBalancer,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
  type Rule,
  type Tag,
  type TargetGroup,
  type TargetHealthDescription,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { queryOptions } from "@tanstack/react-query";
import type { Attribute } from "./attributes";
import { nullOn } from "./aws-errors";
import { elbv2 } from "./clients";
import { ofOne } from "./listing";
import { signedFetch } from "./signed-fetch";

const paging = { client: elbv2, pageSize: 400 };

// `listener/app/NAME/ID/ID` and `listener-rule/app/NAME/ID/ID/ID` begin with what they belong to.
const balancerPart = (arn: string) => arn.split("/").slice(1, 4).join("/");
const listenerPart = (arn: string) => arn.split("/").slice(1, 5).join("/");

export const loadBalancersQuery = queryOptions({
  queryKey: ["load-balancer"],
  queryFn: async (): Promise<LoadBalancer[]> => {
    const found: LoadBalancer[] = [];
    for await (const page of paginateDescribeLoadBalancers(paging, {}))
      found.push(...(page.LoadBalancers ?? []));
    return found;
  },
});

export const loadBalancerQuery = (name: string) =>
  queryOptions({
    queryKey: ["load-balancer", name],
    queryFn: async (): Promise<LoadBalancer | null> => {
      const command = new DescribeLoadBalancersCommand({ Names: [name] });
      const answer = await nullOn("LoadBalancerNotFound", () => elbv2.send(command));
      return answer?.LoadBalancers?.[0] ?? null;
    },
  });

export const listenersQuery = (loadBalancerArn: string) =>
  queryOptions({
    queryKey: ["listener", loadBalancerArn],
    queryFn: async (): Promise<Listener[]> =>
      (await elbv2.send(new DescribeListenersCommand({ LoadBalancerArn: loadBalancerArn }))).Listeners ?? [],
    meta: {
      shows: (name) => balancerPart(name) === balancerPart(loadBalancerArn),
      follows: (name) => name === loadBalancerArn,
    },
  });

export const listenerQuery = (arn: string) =>
  queryOptions({
    queryKey: ["listener", arn, "itself"],
    queryFn: async (): Promise<Listener | null> => {
      const command = new DescribeListenersCommand({ ListenerArns: [arn] });
      const answer = await nullOn("ListenerNotFound", () => elbv2.send(command));
      return answer?.Listeners?.[0] ?? null;
    },
    meta: ofOne(arn),
  });

export const rulesQuery = (listenerArn: string) =>
  queryOptions({
    queryKey: ["rule", listenerArn],
    queryFn: async (): Promise<Rule[]> =>
      (await elbv2.send(new DescribeRulesCommand({ ListenerArn: listenerArn }))).Rules ?? [],
    meta: {
      shows: (name) => listenerPart(name) === listenerPart(listenerArn),
      // A target group's change can be one of its rules' health.
      follows: (name) => name.includes(":targetgroup/") || name === listenerArn,
    },
  });

export const targetGroupsQuery = queryOptions({
  queryKey: ["target-group"],
  queryFn: async (): Promise<TargetGroup[]> => {
    const found: TargetGroup[] = [];
    for await (const page of paginateDescribeTargetGroups(paging, {}))
      found.push(...(page.TargetGroups ?? []));
    return found;
  },
});

export const targetGroupQuery = (name: string) =>
  queryOptions({
    queryKey: ["target-group", name],
    queryFn: async (): Promise<TargetGroup | null> => {
      const command = new DescribeTargetGroupsCommand({ Names: [name] });
      const answer = await nullOn("TargetGroupNotFound", () => elbv2.send(command));
      return answer?.TargetGroups?.[0] ?? null;
    },
  });

export const targetHealthQuery = (targetGroupArn: string) =>
  queryOptions({
    queryKey: ["target-health", targetGroupArn],
    // Of a group that was deleted meanwhile there is no target any more.
    queryFn: async (): Promise<TargetHealthDescription[]> => {
      const command = new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn });
      const answer = await nullOn("TargetGroupNotFound", () => elbv2.send(command));
      return answer?.TargetHealthDescriptions ?? [];
    },
    meta: { shows: (arn) => arn === targetGroupArn },
  });

export const loadBalancerAttributesQuery = (arn: string) =>
  queryOptions({
    queryKey: ["load-balancer", arn, "attributes"],
    queryFn: async (): Promise<Attribute[]> =>
      (await elbv2.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn }))).Attributes ??
      [],
    meta: ofOne(arn),
  });

export const targetGroupAttributesQuery = (arn: string) =>
  queryOptions({
    queryKey: ["target-group", arn, "attributes"],
    queryFn: async (): Promise<Attribute[]> =>
      (await elbv2.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }))).Attributes ?? [],
    meta: ofOne(arn),
  });

export const listenerAttributesQuery = (arn: string) =>
  queryOptions({
    queryKey: ["listener", arn, "attributes"],
    queryFn: async (): Promise<Attribute[]> =>
      (await elbv2.send(new DescribeListenerAttributesCommand({ ListenerArn: arn }))).Attributes ?? [],
    meta: ofOne(arn),
  });

/** A listener's certificates, the default one among them. */
export const listenerCertificatesQuery = (arn: string) =>
  queryOptions({
    queryKey: ["listener", arn, "certificates"],
    queryFn: async (): Promise<Certificate[]> =>
      (await elbv2.send(new DescribeListenerCertificatesCommand({ ListenerArn: arn }))).Certificates ?? [],
    meta: ofOne(arn),
  });

/** `kind` is that of the resource, as the stream of changes calls it. */
export const elbTagsQuery = (kind: string, arn: string) =>
  queryOptions({
    queryKey: [kind, arn, "tags"],
    queryFn: async (): Promise<Tag[]> =>
      (await elbv2.send(new DescribeTagsCommand({ ResourceArns: [arn] }))).TagDescriptions?.[0]?.Tags ?? [],
    meta: ofOne(arn),
  });

/** Where a listener really answers, as the balancer reported it. */
export interface Bound {
  address: string | null;
  port: number | null;
  error: string | null;
  namePort: number | null;
  nameError: string | null;
}

/** By listener ARN. */
export const boundQuery = queryOptions({
  queryKey: ["listener", "bound"],
  queryFn: async (): Promise<Record<string, Bound>> => {
    const answer = await signedFetch("/fleet/status");
    if (!answer.ok) throw new Error(await answer.text());
    return ((await answer.json()) as { listeners: Record<string, Bound> }).listeners;
  },
});
