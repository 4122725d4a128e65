import type { Action } from "@aws-sdk/client-elastic-load-balancing-v2";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { elbName } from "../lib/text";
import { PageLink, paths } from "./link";

/** What a rule or a listener does, action by action. */
export function Actions({ actions }: { actions: Action[] }) {
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
  if (action.Type === "forward") return <Forward action={action} />;
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
  const issuer =
    action.AuthenticateOidcConfig?.Issuer ??
    action.JwtValidationConfig?.Issuer ??
    action.AuthenticateCognitoConfig?.UserPoolArn;
  return <>{`${action.Type}${issuer ? ` with ${issuer}` : ""}, then`}</>;
}

function Forward({ action }: { action: Action }) {
  const { TargetGroups: groups = [], TargetGroupStickinessConfig: sticky } = action.ForwardConfig ?? {};
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
      {sticky?.Enabled && `; clients stay with their group for ${sticky.DurationSeconds} s`}
    </>
  );
}
