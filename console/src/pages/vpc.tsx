import { DeleteVpcCommand, type InternetGateway, type Vpc } from "@aws-sdk/client-ec2";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { Action } from "../components/action";
import { CopyCommand } from "../components/copy-command";
import { Details } from "../components/details";
import { InstanceTable } from "../components/instance-table";
import { PageLink, paths } from "../components/link";
import { Page } from "../components/page";
import { SecurityGroupTable } from "../components/security-group-table";
import { PlainStatus } from "../components/statuses";
import { SubnetTable } from "../components/subnet-table";
import { PageTabs } from "../components/tabs";
import { ec2, gatewaysQuery, tagName, vpcsQuery } from "../lib/ec2";
import { loadBalancersQuery, targetGroupsQuery } from "../lib/elbv2";
import { attachGateway, gatewayCommands, gatewayIn, type MadeGateway, removeGateway } from "../lib/gateways";
import { awsCommand } from "../lib/text";

export default function VpcPage() {
  const { id = "" } = useParams();
  const query = useQuery({
    ...vpcsQuery,
    select: (all) => all.find(({ VpcId }) => VpcId === id) ?? null,
  });
  const { data: gateways } = useQuery(gatewaysQuery);
  const gatewayId = gatewayIn(id, gateways ?? [], null);
  return (
    <Details noun="VPC" query={query}>
      {(vpc) => (
        <Page
          title={id}
          description={tagName(vpc.Tags)}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Gateway key={id} id={id} gateways={gateways} />
              <DeleteVpc id={id} />
              <CopyCommand command={awsCommand("ec2 describe-vpcs", { "vpc-ids": id })} />
            </SpaceBetween>
          }
        >
          <Overview vpc={vpc} gatewayId={gatewayId} />
          <PageTabs
            label="What is in the VPC"
            tabs={[
              { id: "subnets", label: "Subnets", content: <SubnetTable vpcId={id} /> },
              { id: "groups", label: "Security groups", content: <SecurityGroupTable vpcId={id} /> },
              { id: "instances", label: "Instances", content: <InstanceTable vpcId={id} /> },
            ]}
          />
        </Page>
      )}
    </Details>
  );
}

/** Links one below the other; `-` where there is none. */
function Links({ names, to }: { names: string[]; to: (name: string) => string }) {
  if (names.length === 0) return <>-</>;
  return names.map((name) => (
    <div key={name}>
      <PageLink to={to(name)}>{name}</PageLink>
    </div>
  ));
}

function Overview({ vpc, gatewayId }: { vpc: Vpc; gatewayId: string | null }) {
  const { data: balancers } = useQuery(loadBalancersQuery);
  const { data: groups } = useQuery(targetGroupsQuery);
  const inVpc = ({ VpcId }: { VpcId?: string | undefined }) => VpcId === vpc.VpcId;
  const balancerNames = (balancers ?? []).filter(inVpc).map(({ LoadBalancerName = "" }) => LoadBalancerName);
  const groupNames = (groups ?? []).filter(inVpc).map(({ TargetGroupName = "" }) => TargetGroupName);
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: "State", value: <PlainStatus status={vpc.State} /> },
          { label: "Addresses", value: vpc.CidrBlock ?? "-" },
          { label: "Default VPC", value: vpc.IsDefault ? "yes" : "no" },
          { label: "Internet gateway", value: gatewayId ?? "none: no internet-facing load balancer" },
          { label: "Load balancers", value: <Links names={balancerNames} to={paths.loadBalancer} /> },
          { label: "Target groups", value: <Links names={groupNames} to={paths.targetGroup} /> },
        ]}
      />
    </Container>
  );
}

/** Attaches a gateway, or detaches the one that there is. */
export function Gateway({ id, gateways }: { id: string; gateways: InternetGateway[] | undefined }) {
  // One that was detached and could not be deleted is in no VPC any more: its question stays, with what was said.
  const [begun, setBegun] = useState<string | null>(null);
  const gatewayId = gatewayIn(id, gateways ?? [], begun);
  if (!gatewayId) return <AttachGateway id={id} isKnown={gateways !== undefined} />;
  return <DetachGateway id={id} gatewayId={gatewayId} onBegin={() => setBegun(gatewayId)} />;
}

function AttachGateway({ id, isKnown }: { id: string; isKnown: boolean }) {
  const made = useRef<MadeGateway>({});
  return (
    <Action
      label="Attach gateway"
      title={`Attach an internet gateway to ${id}?`}
      command={gatewayCommands(id, made.current).join("\n")}
      run={() => attachGateway(made.current, id)}
      done={`An internet gateway is attached to ${id}.`}
      kinds={["vpc"]}
      isDisabled={!isKnown}
    >
      <Box>A new gateway is made for it: an internet-facing load balancer needs one in its VPC.</Box>
    </Action>
  );
}

interface DetachProps {
  id: string;
  gatewayId: string;
  onBegin: () => void;
}

function DetachGateway({ id, gatewayId, onBegin }: DetachProps) {
  return (
    <Action
      label="Detach gateway"
      title={`Detach ${gatewayId}?`}
      command={[
        awsCommand("ec2 detach-internet-gateway", { "internet-gateway-id": gatewayId, "vpc-id": id }),
        awsCommand("ec2 delete-internet-gateway", { "internet-gateway-id": gatewayId }),
      ].join("\n")}
      run={() => {
        onBegin();
        return removeGateway(id, gatewayId);
      }}
      done={`${gatewayId} was detached and deleted.`}
      kinds={["vpc"]}
    >
      <Box>It is deleted then. A VPC with a gateway cannot be deleted.</Box>
    </Action>
  );
}

function DeleteVpc({ id }: { id: string }) {
  const navigate = useNavigate();
  return (
    <Action
      label="Delete"
      title={`Delete ${id}?`}
      command={awsCommand("ec2 delete-vpc", { "vpc-id": id })}
      run={() => ec2.send(new DeleteVpcCommand({ VpcId: id }))}
      done={`${id} was deleted.`}
      kinds={["vpc", "security-group"]}
      onDone={() => void navigate(paths.vpcs())}
    >
      <Alert type="warning">
        Its subnets, security groups and gateway have to be deleted before, but for the default group. This
        cannot be taken back.
      </Alert>
    </Action>
  );
}
