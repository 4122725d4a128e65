import type { Listener, LoadBalancer, Rule, TargetGroup } from "@aws-sdk/client-elastic-load-balancing-v2";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { clusterPlacesQuery, placeFault } from "../lib/cluster-places";
import { taskDefinitionQuery } from "../lib/ecs";
import { listenersQuery, loadBalancersQuery, rulesQuery, targetGroupsQuery } from "../lib/elbv2";
import { listState } from "../lib/list-state";
import { containerPorts, isRuled, type NewService } from "../lib/new-service";
import { elbName } from "../lib/text";
import { Choice, TextField } from "./fields";
import { PageLink, paths } from "./link";
import type { StepProps } from "./use-steps";

interface Props extends StepProps<NewService> {
  cluster: string;
}

/** Whether a listener's rules send requests to a target group. */
export const forwardsTo = (rules: Rule[] | undefined, group: string) =>
  (rules ?? []).some(({ Actions }) =>
    Actions?.some(
      ({ TargetGroupArn, ForwardConfig }) =>
        TargetGroupArn === group ||
        ForwardConfig?.TargetGroups?.some(({ TargetGroupArn }) => TargetGroupArn === group),
    ),
  );

/** The wizard's step about the load balancer: "Configure ELB". */
export function ServiceBalancing(props: Props) {
  const { form, change } = props;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Elastic Load Balancing</Header>}>
        <SpaceBetween size="l">
          <FormField label="Load balancer type">
            <RadioGroup
              value={form.isBalanced ? "alb" : "none"}
              onChange={({ detail }) => change({ isBalanced: detail.value === "alb" })}
              items={[
                { value: "none", label: "None", description: "Nothing sends requests to the tasks." },
                {
                  value: "alb",
                  label: "Application Load Balancer",
                  description: "Tasks are registered as they start, and drain before they stop.",
                },
              ]}
            />
          </FormField>
          {form.isBalanced && <Balancer {...props} />}
        </SpaceBetween>
      </Container>
      {form.isBalanced && form.isAdded && form.loadBalancerArn && <Added {...props} />}
    </SpaceBetween>
  );
}

function Balancer(props: Props) {
  const { form, faults, change, cluster } = props;
  const balancers = useQuery(loadBalancersQuery);
  const where = useQuery(clusterPlacesQuery(cluster)).data;
  const definition = useQuery({
    ...taskDefinitionQuery(form.revision || form.family),
    enabled: form.family !== "",
  });
  const options = (balancers.data ?? []).map((balancer) => {
    const fault = placeFault(balancer, cluster, where);
    return {
      value: balancer.LoadBalancerArn ?? "",
      label: balancer.LoadBalancerName ?? "",
      description: fault?.short ?? balancer.VpcId ?? "",
      ...(fault && { iconName: "status-warning" as const }),
    };
  });
  const chosen = balancers.data?.find(({ LoadBalancerArn }) => LoadBalancerArn === form.loadBalancerArn);
  return (
    <SpaceBetween size="l">
      <Choice
        label="Load balancer"
        error={faults.loadBalancerArn}
        options={options}
        value={form.loadBalancerArn}
        state={listState(balancers)}
        empty="There is no load balancer yet: create one first."
        onChoose={(loadBalancerArn) =>
          change({ loadBalancerArn, listenerArn: "", targetGroupArn: "", isForwarded: false })
        }
      />
      <WrongPlace cluster={cluster} balancer={chosen} />
      <Choice
        label="Container to load balance"
        description="Name, host port (0: any free one) and container port."
        error={faults.container}
        options={containerPorts(definition.data).map((value) => ({ value, label: value }))}
        value={form.container}
        state={listState(definition)}
        empty="No container of the task definition maps a port."
        onChoose={(container) => change({ container, isAdded: false })}
        secondary={
          <Button
            disabled={!form.container || !form.loadBalancerArn || form.isAdded}
            // With a reason it keeps the keyboard, which goes on from here.
            {...(form.isAdded && { disabledReason: "The container is added: see below." })}
            onClick={() => change({ isAdded: true, groupName: form.groupName || form.name.slice(0, 32) })}
          >
            Add to ELB
          </Button>
        }
      />
    </SpaceBetween>
  );
}

/** What is wrong with a load balancer's VPC or zones for this cluster, and what mends it. */
function WrongPlace({ cluster, balancer }: { cluster: string; balancer: LoadBalancer | undefined }) {
  const where = useQuery(clusterPlacesQuery(cluster)).data;
  const fault = placeFault(balancer, cluster, where);
  if (balancer && where?.instances === 0) {
    return (
      <Alert type="info" header={`Cluster ${cluster} has no instance yet`}>
        Its instances have to be in {balancer.VpcId}: targets of this load balancer can be nowhere else.
      </Alert>
    );
  }
  if (!balancer || !fault) return null;
  return (
    <Alert type="warning" header={fault.header}>
      {fault.what} {fault.mend}{" "}
      {fault.isVpc ? (
        <PageLink to={paths.createLoadBalancer()}>Create a load balancer</PageLink>
      ) : (
        <PageLink to={`${paths.loadBalancer(balancer.LoadBalancerName ?? "")}?tab=network`}>
          Edit the load balancer's subnets
        </PageLink>
      )}
      , <PageLink to={`${paths.cluster(cluster)}?tab=instances`}>see the cluster's instances</PageLink>.
    </Alert>
  );
}

function Added(props: Props) {
  const { form, change } = props;
  const [name, , port] = form.container.split(":");
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={<Button onClick={() => change({ isAdded: false })}>Remove from ELB</Button>}
        >
          Container to load balance: {name}, port {port}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <ListenerFields {...props} />
        <GroupFields {...props} />
        <TextField
          {...props}
          field="graceSeconds"
          label="Health check grace period, in seconds"
          description="So long a new task is not stopped for failing health checks."
          isNumber
        />
      </SpaceBetween>
    </Container>
  );
}

const listenerName = ({ Port, Protocol }: Listener) => `${Port}:${Protocol}`;

function ListenerFields(props: Props) {
  const { form, faults, change } = props;
  const listeners = useQuery(listenersQuery(form.loadBalancerArn));
  const options = [
    ...(listeners.data ?? []).map((listener) => ({
      value: listener.ListenerArn ?? "",
      label: listenerName(listener),
    })),
    { value: "new", label: "Create new" },
  ];
  return (
    <ColumnLayout columns={2}>
      <Choice
        label="Production listener port"
        description="Where the load balancer takes the service's requests."
        error={faults.listenerArn}
        options={options}
        value={form.isListenerNew ? "new" : form.listenerArn}
        state={listState(listeners)}
        empty=""
        onChoose={(value) =>
          change({
            isListenerNew: value === "new",
            listenerArn: value === "new" ? "" : value,
            targetGroupArn: "",
            isForwarded: false,
          })
        }
      />
      {form.isListenerNew && (
        <TextField {...props} field="listenerPort" label="Port of the new listener (HTTP)" isNumber />
      )}
    </ColumnLayout>
  );
}

function GroupFields(props: Props) {
  const { form, faults, change } = props;
  const balancers = useQuery(loadBalancersQuery);
  const rules = useQuery({ ...rulesQuery(form.listenerArn), enabled: form.listenerArn !== "" });
  const vpcId = balancers.data?.find(
    ({ LoadBalancerArn }) => LoadBalancerArn === form.loadBalancerArn,
  )?.VpcId;
  const groups = useQuery(targetGroupsQuery);
  const options = [
    { value: "new", label: "Create new" },
    ...(groups.data ?? [])
      .filter((group) => isUsable(group, form.loadBalancerArn))
      .map((group) => ({
        value: group.TargetGroupArn ?? "",
        label: group.TargetGroupName ?? "",
        description: groupNote(group, vpcId, forwardsTo(rules.data, group.TargetGroupArn ?? "")),
        disabled: group.VpcId !== vpcId,
      })),
  ];
  return (
    <SpaceBetween size="l">
      <Choice
        label="Target group name"
        error={faults.targetGroupArn}
        options={options}
        value={form.isGroupNew ? "new" : form.targetGroupArn}
        state={listState(groups, balancers)}
        empty=""
        onChoose={(value) =>
          change({
            isGroupNew: value === "new",
            targetGroupArn: value === "new" ? "" : value,
            isForwarded: value !== "new" && forwardsTo(rules.data, value),
          })
        }
      />
      {form.isGroupNew && (
        <ColumnLayout columns={2}>
          <TextField {...props} field="groupName" label="Name of the new target group" />
          <TextField
            {...props}
            field="healthCheckPath"
            label="Health check path"
            description="A target is healthy while it answers 200 there."
          />
        </ColumnLayout>
      )}
      {isRuled(form) && (form.isGroupNew || form.targetGroupArn) && (
        <ColumnLayout columns={2}>
          <TextField
            {...props}
            field="pathPattern"
            label="Path pattern"
            description="The listener gets a rule: requests with such a path go to this target group."
            placeholder="/users*"
          />
          <TextField
            {...props}
            field="priority"
            label="Evaluation order"
            description={`Rules are tried from the lowest priority on; ${taken(rules.data)}.`}
            isNumber
          />
        </ColumnLayout>
      )}
    </SpaceBetween>
  );
}

/** A group belongs to one load balancer; tasks in bridge mode are registered by instance. */
const isUsable = ({ TargetType, LoadBalancerArns }: TargetGroup, balancer: string) =>
  TargetType === "instance" && (!LoadBalancerArns?.length || LoadBalancerArns.includes(balancer));

function groupNote({ VpcId }: TargetGroup, vpcId: string | undefined, isForwarded: boolean): string {
  if (VpcId !== vpcId) return `In ${VpcId}, not in the load balancer's ${vpcId}: choose one of its VPC`;
  return isForwarded ? "The listener forwards to it" : "No rule of the listener forwards to it yet";
}

function taken(rules: Rule[] | undefined): string {
  const used = (rules ?? []).flatMap(({ Priority, IsDefault }) => (IsDefault ? [] : [Priority ?? ""]));
  return used.length ? `taken: ${used.join(", ")}` : "none is taken";
}

/** What the service is behind, in words. */
export function balancing(form: NewService): string {
  if (!form.isBalanced) return "none";
  const [container, host, port] = form.container.split(":");
  const where = Number(host) ? `port ${host}` : "a free port";
  const group = form.isGroupNew
    ? `new target group ${form.groupName}`
    : `target group ${elbName(form.targetGroupArn)}`;
  const rule = isRuled(form) ? `, by a new rule for ${form.pathPattern} (priority ${form.priority})` : "";
  const listener = form.isListenerNew ? `, by a new listener ${form.listenerPort}:HTTP` : "";
  return (
    `Load balancer ${elbName(form.loadBalancerArn)} sends requests to the ${group}${listener}${rule}. Each task is ` +
    `a target there: its container ${container}, port ${port}, at ${where} of the task's instance.`
  );
}
