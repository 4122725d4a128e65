import type { Instance } from "@aws-sdk/client-ec2";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { CopyCommand } from "../components/copy-command";
import { Details } from "../components/details";
import { Terminate } from "../components/instance-table";
import { PageLink, paths } from "../components/link";
import { PlainStatus } from "../components/statuses";
import { ec2InstancesQuery, tagName, userDataQuery } from "../lib/ec2";
import { clusterIn } from "../lib/new-cluster";
import { awsCommand, moment } from "../lib/text";

export default function InstancePage() {
  const { id = "" } = useParams();
  const query = useQuery({
    ...ec2InstancesQuery,
    select: (all) => all.find(({ InstanceId }) => InstanceId === id) ?? null,
  });
  return (
    <Details noun="instance" query={query}>
      {(instance) => (
        <ContentLayout
          header={
            <Header
              variant="h1"
              description={tagName(instance.Tags)}
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Terminate instance={instance} />
                  <CopyCommand command={awsCommand("ec2 describe-instances", { "instance-ids": id })} />
                </SpaceBetween>
              }
            >
              {id}
            </Header>
          }
        >
          <SpaceBetween size="l">
            <Machine instance={instance} />
            <Network instance={instance} />
            <UserData id={id} />
          </SpaceBetween>
        </ContentLayout>
      )}
    </Details>
  );
}

function Machine({ instance }: { instance: Instance }) {
  const userData = useQuery(userDataQuery(instance.InstanceId ?? ""));
  const cluster = clusterIn(userData.data ?? "");
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: "State", value: <PlainStatus status={instance.State?.Name} /> },
          { label: "Type", value: instance.InstanceType ?? "-" },
          {
            label: "Cluster",
            value: cluster ? (
              <PageLink to={`${paths.cluster(cluster)}?tab=instances`}>{cluster}</PageLink>
            ) : (
              "none is named in its user data"
            ),
          },
          { label: "Key pair", value: instance.KeyName ?? "none" },
          { label: "Image", value: instance.ImageId ?? "-" },
          { label: "Launched", value: moment(instance.LaunchTime) },
          { label: "Why it changed its state", value: instance.StateTransitionReason || "-" },
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
  const { data } = useQuery(userDataQuery(id));
  return (
    <Container header={<Header variant="h2">User data</Header>}>
      <Box variant="pre">{data || "It was started without user data."}</Box>
    </Container>
  );
}
