import type {
  CreateServiceCommandInput,
  DeploymentCircuitBreaker,
  TaskDefinition,
} from "@aws-sdk/client-ecs";
import { ELB_NAME_FAULT, isElbName } from "./elb-names";
import { isPort, isWhole, isWithin, PORT_FAULT } from "./numbers";
import { placement } from "./placement";
import { EMPTY_TRACKING, type Tracking, trackingFaults } from "./tracking-policy";

/** What becomes of a deployment whose tasks do not become healthy. */
export type Breaker = "rollback" | "stop" | "off";

/** What the wizard asks for. Numbers are as they were typed. */
export interface NewService extends Tracking {
  family: string;
  /** `family:revision`; empty for the newest. */
  revision: string;
  name: string;
  desired: string;
  minimumPercent: string;
  maximumPercent: string;
  breaker: Breaker;
  /** The name of a template of AWS's. */
  placement: string;
  isBalanced: boolean;
  loadBalancerArn: string;
  /** `NAME:HOSTPORT:CONTAINERPORT`, as the choice names a container's port. */
  container: string;
  /** "Add to ELB" was pressed: the container takes requests. */
  isAdded: boolean;
  isListenerNew: boolean;
  listenerArn: string;
  listenerPort: string;
  isGroupNew: boolean;
  targetGroupArn: string;
  /** The listener forwards to the group that was chosen: no rule is made. */
  isForwarded: boolean;
  groupName: string;
  healthCheckPath: string;
  pathPattern: string;
  priority: string;
  graceSeconds: string;
  isScaled: boolean;
  minimum: string;
  maximum: string;
  hasPolicy: boolean;
}

export const EMPTY: NewService = {
  family: "",
  revision: "",
  name: "",
  desired: "1",
  minimumPercent: "100",
  maximumPercent: "200",
  breaker: "rollback",
  placement: "balanced-spread",
  isBalanced: false,
  loadBalancerArn: "",
  container: "",
  isAdded: false,
  isListenerNew: false,
  listenerArn: "",
  listenerPort: "80",
  isGroupNew: true,
  targetGroupArn: "",
  isForwarded: false,
  groupName: "",
  healthCheckPath: "/",
  pathPattern: "",
  priority: "1",
  graceSeconds: "0",
  isScaled: false,
  minimum: "1",
  maximum: "4",
  hasPolicy: true,
  ...EMPTY_TRACKING,
};

export type Faults = Partial<Record<keyof NewService, string>>;

const NUMBER_FAULT = "A whole number, 0 or more.";

/** Whether a rule has to lead requests to the group: a new listener leads all of them there. */
export const isRuled = (form: NewService) => !form.isListenerNew && (form.isGroupNew || !form.isForwarded);

/** What is wrong with how a service is deployed, by field. */
export function deploymentFaults(
  form: Pick<NewService, "desired" | "minimumPercent" | "maximumPercent">,
): Faults {
  const [minimum, maximum] = [Number(form.minimumPercent), Number(form.maximumPercent)];
  const isStuck = minimum === 100 && maximum === 100;
  return {
    ...(!isWhole(form.desired) && { desired: NUMBER_FAULT }),
    ...((!isWhole(form.minimumPercent) || minimum > 100) && {
      minimumPercent: "A whole number, 0 to 100.",
    }),
    ...((!isWhole(form.maximumPercent) || maximum < 100 || isStuck) && {
      maximumPercent: isStuck
        ? "Above 100 where the minimum is 100: else no task could ever be replaced."
        : "A whole number, 100 or more.",
    }),
  };
}

function balanceFaults(form: NewService): Faults {
  if (!form.isBalanced) return {};
  if (!form.loadBalancerArn || !form.container || !form.isAdded) {
    return {
      ...(!form.loadBalancerArn && { loadBalancerArn: "Choose a load balancer." }),
      container: form.container
        ? "Add it to the load balancer."
        : "Choose the container that takes requests.",
    };
  }
  const isListed = form.isListenerNew || form.listenerArn;
  return {
    ...(!isListed && { listenerArn: "Choose a listener." }),
    ...(form.isListenerNew && !isPort(form.listenerPort) && { listenerPort: PORT_FAULT }),
    ...(!form.isGroupNew && !form.targetGroupArn && { targetGroupArn: "Choose a target group." }),
    ...(form.isGroupNew && !isElbName(form.groupName) && { groupName: ELB_NAME_FAULT }),
    ...(form.isGroupNew &&
      !form.healthCheckPath.startsWith("/") && {
        healthCheckPath: "A path begins with a slash.",
      }),
    ...(isRuled(form) &&
      !/^[/*?]/.test(form.pathPattern) && {
        pathPattern: "A path of requests, as /users*: this listener leads no request to the group yet.",
      }),
    ...(isRuled(form) && !isWithin(form.priority, 1, 50_000) && { priority: "1 to 50000." }),
    ...(!isWhole(form.graceSeconds) && { graceSeconds: NUMBER_FAULT }),
  };
}

function scalingFaults(form: NewService): Faults {
  if (!form.isScaled) return {};
  const isOrdered = Number(form.minimum) <= Number(form.maximum);
  return {
    ...(!isWhole(form.minimum) && { minimum: NUMBER_FAULT }),
    ...((!isWhole(form.maximum) || !isOrdered) && {
      maximum: "A whole number, not below the minimum.",
    }),
    ...(!isWhole(form.desired) && { desired: NUMBER_FAULT }),
    ...(form.hasPolicy && trackingFaults(form, form.isBalanced)),
  };
}

/** What must be mended before a step is left, by field. AWS has the last word on the rest. */
export const checks: ((form: NewService) => Faults)[] = [
  (form) => ({
    ...(!form.family && { family: "Choose a task definition." }),
    ...(!/^[\w-]{1,255}$/.test(form.name) && {
      name: "1 to 255 letters, digits, hyphens and underscores.",
    }),
    ...deploymentFaults(form),
  }),
  balanceFaults,
  scalingFaults,
];

/** The ports that a load balancer can send requests to, as the wizard names them. */
export function containerPorts(definition: TaskDefinition | null | undefined): string[] {
  return (definition?.containerDefinitions ?? []).flatMap(({ name, portMappings }) =>
    (portMappings ?? []).map(({ hostPort, containerPort }) => `${name}:${hostPort ?? 0}:${containerPort}`),
  );
}

/** As the API and the `aws` command say it. */
export const circuitBreaker = (breaker: Breaker): DeploymentCircuitBreaker => ({
  enable: breaker !== "off",
  rollback: breaker === "rollback",
});

/** The service that the form stands for, behind a target group that is there. */
export function request(
  cluster: string,
  form: NewService,
  targetGroupArn: string,
): CreateServiceCommandInput {
  const [containerName, , containerPort] = form.container.split(":");
  const { strategy, constraints } = placement(form.placement);
  return {
    cluster,
    serviceName: form.name,
    taskDefinition: form.revision || form.family,
    desiredCount: Number(form.desired),
    deploymentConfiguration: {
      minimumHealthyPercent: Number(form.minimumPercent),
      maximumPercent: Number(form.maximumPercent),
      deploymentCircuitBreaker: circuitBreaker(form.breaker),
    },
    ...(strategy.length > 0 && { placementStrategy: strategy }),
    ...(constraints.length > 0 && { placementConstraints: constraints }),
    ...(form.isBalanced && {
      loadBalancers: [{ targetGroupArn, containerName, containerPort: Number(containerPort) }],
      healthCheckGracePeriodSeconds: Number(form.graceSeconds),
    }),
  };
}
