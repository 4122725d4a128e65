import {
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  ModifyTargetGroupAttributesCommand,
  type TargetGroup,
  type TargetHealthDescription,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "react-router";
import { Action } from "../components/action";
import { AttributesForm } from "../components/attributes-form";
import { CopyCommand } from "../components/copy-command";
import { Arn, Details } from "../components/details";
import { ElbTags } from "../components/elb-tags";
import { PageButton, PageLink, paths } from "../components/link";
import { Metrics } from "../components/metric-chart";
import { Page } from "../components/page";
import { RegisterTargets } from "../components/register-targets";
import { PageTabs } from "../components/tabs";
import { TargetTable, targetKey } from "../components/target-table";
import { useGone } from "../components/use-gone";
import { TARGET_GROUP_ATTRIBUTES } from "../lib/attributes";
import { elbv2 } from "../lib/clients";
import { targetGroupAttributesQuery, targetGroupQuery, targetHealthQuery } from "../lib/elbv2";
import { groupMonitoring } from "../lib/known-charts";
import { awsCommand, elbName } from "../lib/text";

export default function TargetGroupPage() {
  const { name = "" } = useParams();
  return (
    <Details noun="target group" query={useQuery(targetGroupQuery(name))}>
      {(group) => (
        <Page
          title={name}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <CopyCommand command={awsCommand("elbv2 describe-target-groups", { names: name })} />
              <DeleteTargetGroup group={group} />
            </SpaceBetween>
          }
        >
          <Overview group={group} />
          <PageTabs
            label="Parts of the target group"
            tabs={[
              { id: "targets", label: "Targets", content: <Targets group={group} /> },
              { id: "monitoring", label: "Monitoring", content: <Monitoring group={group} /> },
              { id: "checks", label: "Health checks", content: <Checks group={group} /> },
              { id: "attributes", label: "Attributes", content: <Attributes group={group} /> },
              {
                id: "tags",
                label: "Tags",
                content: <ElbTags arn={group.TargetGroupArn ?? ""} kind="target-group" />,
              },
            ]}
          />
        </Page>
      )}
    </Details>
  );
}

function Overview({ group }: { group: TargetGroup }) {
  const balancers = group.LoadBalancerArns ?? [];
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: "Protocol and port", value: `${group.Protocol}:${group.Port}, ${group.ProtocolVersion}` },
          { label: "Target type", value: group.TargetType ?? "-" },
          {
            label: "Load balancer",
            value: balancers.length
              ? balancers.map((arn) => (
                  <PageLink key={arn} to={paths.loadBalancer(elbName(arn))}>
                    {elbName(arn)}
                  </PageLink>
                ))
              : "none: no listener sends requests here",
          },
          { label: "ARN", value: <Arn arn={group.TargetGroupArn} /> },
        ]}
      />
    </Container>
  );
}

function Targets({ group }: { group: TargetGroup }) {
  const arn = group.TargetGroupArn ?? "";
  const query = useQuery(targetHealthQuery(arn));
  const [selected, setSelected] = useState<string | null>(null);
  const chosen = query.data?.find((target) => targetKey(target) === selected) ?? null;
  return (
    <TargetTable
      title="Registered targets"
      query={query}
      selected={selected}
      onSelect={setSelected}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Deregister arn={arn} target={chosen} />
          <CopyCommand command={awsCommand("elbv2 describe-target-health", { "target-group-arn": arn })} />
          <RegisterTargets group={group} />
        </SpaceBetween>
      }
      empty="No target is registered: a service with this target group registers its tasks by itself."
    />
  );
}

/** Takes a target out of its group, after a question. */
function Deregister({ arn, target }: { arn: string; target: TargetHealthDescription | null }) {
  const { Id, Port } = target?.Target ?? {};
  const command = awsCommand("elbv2 deregister-targets", {
    "target-group-arn": arn,
    targets: `Id=${Id},Port=${Port}`,
  });
  return (
    <Action
      label="Deregister"
      title={`Deregister ${Id}:${Port}?`}
      command={command}
      run={() => elbv2.send(new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets: [{ Id, Port }] }))}
      done={`${Id}:${Port} is draining.`}
      kinds={["target-health"]}
      isDisabled={target === null || target.TargetHealth?.State === "draining"}
    >
      <Box>
        It gets no new request, and those in flight have the deregistration delay to end. A service's task
        goes on running without requests: to replace it, stop it instead.
      </Box>
    </Action>
  );
}

function Monitoring({ group }: { group: TargetGroup }) {
  if (!group.LoadBalancerArns?.length) {
    return (
      <Container header={<Header variant="h2">Monitoring</Header>}>
        <Box>No load balancer forwards to this target group: nothing is measured.</Box>
      </Container>
    );
  }
  return <Metrics title="Monitoring" charts={groupMonitoring(group)} />;
}

function Checks({ group }: { group: TargetGroup }) {
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <PageButton to={paths.editHealthChecks(group.TargetGroupName ?? "")} isPlain>
              Edit
            </PageButton>
          }
        >
          Health checks
        </Header>
      }
    >
      <KeyValuePairs
        columns={4}
        items={[
          { label: "Enabled", value: group.HealthCheckEnabled ? "yes" : "no" },
          { label: "Protocol and port", value: `${group.HealthCheckProtocol}, ${group.HealthCheckPort}` },
          { label: "Path", value: group.HealthCheckPath ?? "-" },
          { label: "Success codes", value: group.Matcher?.HttpCode ?? group.Matcher?.GrpcCode ?? "-" },
          { label: "Interval", value: `${group.HealthCheckIntervalSeconds} s` },
          { label: "Timeout", value: `${group.HealthCheckTimeoutSeconds} s` },
          { label: "Healthy after", value: `${group.HealthyThresholdCount} successes` },
          { label: "Unhealthy after", value: `${group.UnhealthyThresholdCount} failures` },
        ]}
      />
    </Container>
  );
}

function Attributes({ group }: { group: TargetGroup }) {
  const arn = group.TargetGroupArn ?? "";
  return (
    <AttributesForm
      title="Attributes"
      query={useQuery(targetGroupAttributesQuery(arn))}
      known={TARGET_GROUP_ATTRIBUTES}
      operation={`elbv2 modify-target-group-attributes --target-group-arn ${arn}`}
      save={(Attributes) =>
        elbv2.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes }))
      }
      kinds={["target-group"]}
    />
  );
}

function DeleteTargetGroup({ group }: { group: TargetGroup }) {
  const gone = useGone();
  const arn = group.TargetGroupArn;
  return (
    <Action
      label="Delete"
      title={`Delete ${group.TargetGroupName}?`}
      command={awsCommand("elbv2 delete-target-group", { "target-group-arn": arn })}
      run={() => elbv2.send(new DeleteTargetGroupCommand({ TargetGroupArn: arn }))}
      done={`Target group ${group.TargetGroupName} was deleted.`}
      kinds={["target-group"]}
      onDone={() => gone(paths.targetGroups())}
    >
      <Box>One that a listener or a rule forwards to cannot be deleted. Its targets go on running.</Box>
    </Action>
  );
}
