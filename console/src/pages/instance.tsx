import type { Instance } from "@aws-sdk/client-ec2";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useParams } from "react-router";
import { CopyCommand } from "../components/copy-command";
import { Details } from "../components/details";
import { Terminate } from "../components/instance-table";
import { PageLink, paths } from "../components/link";
import { Page } from "../components/page";
import { PlainStatus } from "../components/statuses";
import { ec2InstancesQuery, tagName, userDataQuery } from "../lib/ec2";
import { clusterIn } from "../lib/new-cluster";
import { awsCommand, errorText } from "../lib/text";
import { moment } from "../lib/times";

export default function InstancePage() {
  const { id = "" } = useParams();
  const query = useQuery({
    ...ec2InstancesQuery,
    select: (all) => all.find(({ InstanceId }) => InstanceId === id) ?? null,
  });
  return (
    <Details noun="instance" query={query}>
      {(instance) => (
        <Page
          title={id}
          description={tagName(instance.Tags)}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Terminate instance={instance} />
              <CopyCommand command={awsCommand("ec2 describe-instances", { "instance-ids": id })} />
            </SpaceBetween>
          }
        >
          <Machine instance={instance} />
          <Network instance={instance} />
          <UserData id={id} />
        </Page>
      )}
    </Details>
  );
}

function Machine({ instance }: { instance: Instance }) {
  const userData = useQuery(userDataQuery(instance.InstanceId ?? ""));
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: "State", value: <PlainStatus status={instance.State?.Name} /> },
          { label: "Type", value: instance.InstanceType ?? "-" },
          {
            label: "Cluster",
            value: <Told query={userData}>{(text) => <ClusterLink cluster={clusterIn(text)} />}</Told>,
          },
          { label: "Key pair", value: instance.KeyName ?? "none" },
          { label: "Image", value: instance.ImageId ?? "-" },
          { label: "Launched", value: moment(instance.LaunchTime) },
          { label: "Reason for the last change of its state", value: instance.StateTransitionReason || "-" },
        ]}
      />
    </Container>
  );
}

function Network({ instance }: { instance: Instance }) {
  const groups = instance.SecurityGroups ?? [];
  return (
    <Container header={<Header variant="h2">Network</Header>}>
      <KeyValuePairs
        columns={4}
        items={[
          {
            label: "VPC",
            value: <PageLink to={paths.vpc(instance.VpcId ?? "")}>{instance.VpcId}</PageLink>,
          },
          { label: "Subnet", value: `${instance.SubnetId}, ${instance.Placement?.AvailabilityZone}` },
          {
            label: "Security groups",
            value: groups.map(({ GroupId = "", GroupName }) => (
              <div key={GroupId}>
                <PageLink to={paths.securityGroup(GroupId)}>{GroupName}</PageLink>
              </div>
            )),
          },
          { label: "Private address", value: instance.PrivateIpAddress ?? "-" },
          { label: "Private name", value: instance.PrivateDnsName || "-" },
          { label: "Public address", value: instance.PublicIpAddress ?? "-" },
          { label: "Public name", value: instance.PublicDnsName || "-" },
        ]}
      />
    </Container>
  );
}

function UserData({ id }: { id: string }) {
  const query = useQuery(userDataQuery(id));
  return (
    <Container header={<Header variant="h2">User data</Header>}>
      <Told query={query}>
        {(text) => <Box variant="pre">{text || "It was started without user data."}</Box>}
      </Told>
    </Container>
  );
}

interface ToldProps {
  query: { data: string | undefined; error: Error | null };
  children: (text: string) => ReactNode;
}

/** What was told, or that it has not been, or cannot be. */
function Told({ query: { data, error }, children }: ToldProps) {
  if (data !== undefined) return children(data);
  if (error) return <StatusIndicator type="error">{errorText(error)}</StatusIndicator>;
  return <StatusIndicator type="loading">Loading</StatusIndicator>;
}

function ClusterLink({ cluster }: { cluster: string | undefined }) {
  if (!cluster) return "none is named in its user data";
  return <PageLink to={`${paths.cluster(cluster)}?tab=instances`}>{cluster}</PageLink>;
}
