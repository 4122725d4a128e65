import type { TargetGroup } from "@aws-sdk/client-elastic-load-balancing-v2";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { CopyCommand } from "../components/copy-command";
import { Arn, Details } from "../components/details";
import { PageLink, paths } from "../components/link";
import { PageTabs } from "../components/tabs";
import { TargetTable } from "../components/target-table";
import { targetGroupQuery, targetHealthQuery } from "../lib/elbv2";
import { awsCommand, elbName } from "../lib/text";

export default function TargetGroupPage() {
  const { name = "" } = useParams();
  return (
    <Details noun="target group" query={useQuery(targetGroupQuery(name))}>
      {(group) => (
        <ContentLayout
          header={
            <Header
              variant="h1"
              actions={<CopyCommand command={awsCommand("elbv2 describe-target-groups", { names: name })} />}
            >
              {name}
            </Header>
          }
        >
          <SpaceBetween size="l">
            <Overview group={group} />
            <PageTabs
              label="Parts of the target group"
              tabs={[
                { id: "targets", label: "Targets", content: <Targets group={group} /> },
                { id: "checks", label: "Health checks", content: <Checks group={group} /> },
              ]}
            />
          </SpaceBetween>
        </ContentLayout>
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
  return (
    <TargetTable
      title="Registered targets"
      query={useQuery(targetHealthQuery(arn))}
      actions={
        <CopyCommand command={awsCommand("elbv2 describe-target-health", { "target-group-arn": arn })} />
      }
      empty="No target is registered: a service with this target group registers its tasks by itself."
    />
  );
}

function Checks({ group }: { group: TargetGroup }) {
  return (
    <Container header={<Header variant="h2">Health checks</Header>}>
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
