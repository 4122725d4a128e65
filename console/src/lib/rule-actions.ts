import type { Action, RedirectActionStatusCodeEnum } from "@aws-sdk/client-elastic-load-balancing-v2";
import { NO_PRE_ROUTING, type PreRoutingForm, preRoutingAction, preRoutingForm } from "./pre-routing";

export type ActionKind = "forward" | "redirect" | "fixed-response";

/** What a rule or a listener does with a request, as a form has it: numbers as they were typed. */
export interface ActionForm {
  kind: ActionKind;
  groups: { arn: string; weight: string }[];
  isSticky: boolean;
  stickySeconds: string;
  redirect: { protocol: string; host: string; port: string; path: string; query: string; code: string };
  fixed: { code: string; contentType: string; body: string };
  /** A login or a token that is asked for first. */
  before: PreRoutingForm;
}

export const EMPTY_ACTION: ActionForm = {
  kind: "forward",
  groups: [{ arn: "", weight: "1" }],
  isSticky: false,
  stickySeconds: "3600",
  redirect: {
    protocol: "HTTPS",
    host: "#{host}",
    port: "443",
    path: "/#{path}",
    query: "#{query}",
    code: "HTTP_301",
  },
  fixed: { code: "503", contentType: "text/plain", body: "" },
  before: NO_PRE_ROUTING,
};

export const GROUPS_MAX = 5;

const KINDS: readonly string[] = ["forward", "redirect", "fixed-response"];

/** The form of actions that there are. */
export function actionForm(actions: Action[]): ActionForm {
  const ordered = [...actions].sort((one, other) => (one.Order ?? 0) - (other.Order ?? 0));
  const last = ordered.find(({ Type }) => KINDS.includes(Type ?? ""));
  const form = { ...EMPTY_ACTION, before: preRoutingForm(ordered.find((action) => action !== last)) };
  if (last?.Type === "redirect") {
    const { Protocol, Host, Port, Path, Query, StatusCode } = last.RedirectConfig ?? {};
    const { redirect } = EMPTY_ACTION;
    return {
      ...form,
      kind: "redirect",
      redirect: {
        protocol: Protocol ?? "#{protocol}",
        host: Host ?? redirect.host,
        port: Port ?? "#{port}",
        path: Path ?? redirect.path,
        query: Query ?? redirect.query,
        code: StatusCode ?? redirect.code,
      },
    };
  }
  if (last?.Type === "fixed-response") {
    const { StatusCode, ContentType, MessageBody } = last.FixedResponseConfig ?? {};
    const fixed = { code: StatusCode ?? "", contentType: ContentType ?? "", body: MessageBody ?? "" };
    return { ...form, kind: "fixed-response", fixed };
  }
  if (!last) return form;
  const { TargetGroups, TargetGroupStickinessConfig: sticky } = last.ForwardConfig ?? {};
  const groups = TargetGroups?.length ? TargetGroups : [{ TargetGroupArn: last.TargetGroupArn, Weight: 1 }];
  return {
    ...form,
    groups: groups.map(({ TargetGroupArn = "", Weight = 1 }) => ({
      arn: TargetGroupArn,
      weight: `${Weight}`,
    })),
    isSticky: sticky?.Enabled ?? false,
    stickySeconds: `${sticky?.DurationSeconds ?? EMPTY_ACTION.stickySeconds}`,
  };
}

/** What is wrong with a form, or nothing. AWS has the last word on what is not said here. */
export function actionFault(form: ActionForm): string | undefined {
  if (form.kind !== "forward") return undefined;
  const arns = form.groups.map(({ arn }) => arn);
  if (arns.some((arn) => !arn)) return "Choose a target group.";
  if (new Set(arns).size < arns.length) return "A target group is there twice.";
  if (form.groups.some(({ weight }) => !/^\d{1,3}$/.test(weight)))
    return "A weight is a number from 0 to 999.";
  if (form.isSticky && !/^\d+$/.test(form.stickySeconds)) return "Clients stay for a number of seconds.";
  return undefined;
}

/** The actions of a form, as the API takes them. */
export function actionsOf(form: ActionForm): Action[] {
  const before = preRoutingAction(form.before);
  const last = lastOf(form);
  return before
    ? [
        { ...before, Order: 1 },
        { ...last, Order: 2 },
      ]
    : [last];
}

function lastOf({ kind, groups, isSticky, stickySeconds, redirect, fixed }: ActionForm): Action {
  if (kind === "redirect") {
    return {
      Type: "redirect",
      RedirectConfig: {
        Protocol: redirect.protocol,
        Host: redirect.host,
        Port: redirect.port,
        Path: redirect.path,
        Query: redirect.query,
        StatusCode: redirect.code as RedirectActionStatusCodeEnum,
      },
    };
  }
  if (kind === "fixed-response") {
    return {
      Type: "fixed-response",
      FixedResponseConfig: {
        StatusCode: fixed.code,
        ...(fixed.contentType && { ContentType: fixed.contentType }),
        ...(fixed.body && { MessageBody: fixed.body }),
      },
    };
  }
  const [only] = groups;
  // A weight of 0 answers 503, also of one group alone.
  if (groups.length === 1 && !isSticky && Number(only?.weight) > 0)
    return { Type: "forward", TargetGroupArn: only?.arn };
  return {
    Type: "forward",
    ForwardConfig: {
      TargetGroups: groups.map(({ arn, weight }) => ({ TargetGroupArn: arn, Weight: Number(weight) })),
      TargetGroupStickinessConfig: {
        Enabled: isSticky,
        ...(isSticky && { DurationSeconds: Number(stickySeconds) }),
      },
    },
  };
}
