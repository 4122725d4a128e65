import {
  DeleteLoadBalancerCommand,
  type LoadBalancer,
  ModifyLoadBalancerAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { Action } from "../components/action";
import { AttributesForm } from "../components/attributes-form";
import { EditSecurityGroups, EditSubnets } from "../components/balancer-network";
import { CopyCommand } from "../components/copy-command";
import { Arn, Details } from "../components/details";
import { ElbTags } from "../components/elb-tags";
import { lazily, Part } from "../components/lazily";
import { PageLink, paths } from "../components/link";
import { Listeners } from "../components/listeners-table";
import { Metrics } from "../components/metric-chart";
import { NameWithPlace } from "../components/name-with-place";
import { Page } from "../components/page";
import { Rules } from "../components/rules-table";
import { PlainStatus } from "../components/statuses";
import { PageTabs } from "../components/tabs";
import { useGone } from "../components/use-gone";
import { LOAD_BALANCER_ATTRIBUTES } from "../lib/attributes";
import { elbv2 } from "../lib/clients";
import { boundQuery, listenersQuery, loadBalancerAttributesQuery, loadBalancerQuery } from "../lib/elbv2";
import { balancerMonitoring } from "../lib/known-charts";
import { placesOf } from "../lib/places";
import { awsCommand } from "../lib/text";
import { moment } from "../lib/times";

// It asks CloudWatch, whose client no other part needs.
const ResourceMapPanel = lazily(() => import("../components/resource-map"));

export default function LoadBalancerPage() {
  const { name = "" } = useParams();
  return (
    <Details noun="load balancer" query={useQuery(loadBalancerQuery(name))}>
      {(balancer) => (
        <Page
          title={name}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <CopyCommand command={awsCommand("elbv2 describe-load-balancers", { names: name })} />
              <DeleteLoadBalancer balancer={balancer} />
            </SpaceBetween>
          }
        >
          <Overview balancer={balancer} />
          <PageTabs
            label="Parts of the load balancer"
            tabs={[
              { id: "listeners", label: "Listeners and rules", content: <Routing balancer={balancer} /> },
              {
                id: "monitoring",
                label: "Monitoring",
                content: <Metrics title="Monitoring" charts={balancerMonitoring(balancer)} />,
              },
              { id: "map", label: "Resource map", content: <WholeMap balancer={balancer} /> },
              { id: "network", label: "Network and security", content: <Network balancer={balancer} /> },
              { id: "attributes", label: "Attributes", content: <Attributes balancer={balancer} /> },
              {
                id: "tags",
                label: "Tags",
                content: <ElbTags arn={balancer.LoadBalancerArn ?? ""} kind="load-balancer" />,
              },
            ]}
          />
        </Page>
      )}
    </Details>
  );
}

function Overview({ balancer }: { balancer: LoadBalancer }) {
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: "State", value: <PlainStatus status={balancer.State?.Code} /> },
          { label: "DNS name", value: <DnsName balancer={balancer} /> },
          { label: "Scheme", value: balancer.Scheme ?? "-" },
          { label: "Created", value: moment(balancer.CreatedTime) },
          {
            label: "VPC",
            value: <PageLink to={paths.vpc(balancer.VpcId ?? "")}>{balancer.VpcId}</PageLink>,
          },
          { label: "Type", value: `${balancer.Type}, ${balancer.IpAddressType}` },
          { label: "Hosted zone", value: balancer.CanonicalHostedZoneId ?? "-" },
          { label: "ARN", value: <Arn arn={balancer.LoadBalancerArn} /> },
        ]}
      />
    </Container>
  );
}

function DnsName({ balancer }: { balancer: LoadBalancer }) {
  const listeners = useQuery(listenersQuery(balancer.LoadBalancerArn ?? ""));
  const bound = useQuery(boundQuery);
  const name = balancer.DNSName ?? "";
  const [place] = (listeners.data ?? []).flatMap((one) =>
    placesOf(one, name, bound.data?.[one.ListenerArn ?? ""]),
  );
  return <NameWithPlace name={name} place={place} />;
}

function Routing({ balancer }: { balancer: LoadBalancer }) {
  const listeners = useQuery(listenersQuery(balancer.LoadBalancerArn ?? ""));
  return (
    <SpaceBetween size="l">
      <Listeners balancer={balancer} />
      {(listeners.data ?? []).map((listener) => (
        <Rules key={listener.ListenerArn} listener={listener} balancer={balancer.LoadBalancerName ?? ""} />
      ))}
    </SpaceBetween>
  );
}

function WholeMap({ balancer }: { balancer: LoadBalancer }) {
  return (
    <Part noun="resource map">
      <ResourceMapPanel balancer={balancer} />
    </Part>
  );
}

function Network({ balancer }: { balancer: LoadBalancer }) {
  const zones = (balancer.AvailabilityZones ?? []).map(({ ZoneName, SubnetId }) => (
    <Box key={SubnetId}>{`${ZoneName}: ${SubnetId}`}</Box>
  ));
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <EditSubnets balancer={balancer} />
              <EditSecurityGroups balancer={balancer} />
            </SpaceBetween>
          }
        >
          Network and security
        </Header>
      }
    >
      <KeyValuePairs
        columns={2}
        items={[
          {
            label: "Security groups",
            value:
              balancer.SecurityGroups?.map((id) => (
                <Box key={id}>
                  <PageLink to={paths.securityGroup(id)}>{id}</PageLink>
                </Box>
              )) ?? "-",
          },
          { label: "Zones and subnets", value: zones.length > 0 ? zones : "-" },
        ]}
      />
    </Container>
  );
}

function Attributes({ balancer }: { balancer: LoadBalancer }) {
  const arn = balancer.LoadBalancerArn ?? "";
  return (
    <AttributesForm
      title="Attributes"
      query={useQuery(loadBalancerAttributesQuery(arn))}
      known={LOAD_BALANCER_ATTRIBUTES}
      operation={`elbv2 modify-load-balancer-attributes --load-balancer-arn ${arn}`}
      save={(changes) =>
        elbv2.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: arn, Attributes: changes }))
      }
      kinds={["load-balancer"]}
    />
  );
}

function DeleteLoadBalancer({ balancer }: { balancer: LoadBalancer }) {
  const gone = useGone();
  const arn = balancer.LoadBalancerArn;
  return (
    <Action
      label="Delete"
      title={`Delete ${balancer.LoadBalancerName}?`}
      command={awsCommand("elbv2 delete-load-balancer", { "load-balancer-arn": arn })}
      run={() => elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }))}
      done={`Load balancer ${balancer.LoadBalancerName} was deleted.`}
      kinds={["load-balancer", "listener", "target-group"]}
      onDone={() => gone(paths.loadBalancers())}
    >
      <Box>
        Its listeners and rules go with it, and its DNS name leads nowhere any more. Target groups stay, with
        their targets.
      </Box>
    </Action>
  );
}
