import {
  CreateServiceCommand,
  type CreateServiceCommandInput,
  type TaskDefinition,
} from "@aws-sdk/client-ecs";
import { ecs } from "./clients";
import { awsCommand } from "./text";

/** What the wizard asks for. Numbers are as they were typed. */
export interface NewService {
  family: string;
  /** `family:revision`; empty for the newest. */
  revision: string;
  name: string;
  desired: string;
  minimumPercent: string;
  maximumPercent: string;
  isRolledBack: boolean;
  isBalanced: boolean;
  loadBalancerArn: string;
  /** `NAME:HOSTPORT:CONTAINERPORT`, as the choice names a container's port. */
  container: string;
  targetGroupArn: string;
  graceSeconds: string;
}

export const EMPTY: NewService = {
  family: "",
  revision: "",
  name: "",
  desired: "1",
  minimumPercent: "100",
  maximumPercent: "200",
  isRolledBack: true,
  isBalanced: false,
  loadBalancerArn: "",
  container: "",
  targetGroupArn: "",
  graceSeconds: "0",
};

type Faults = Partial<Record<keyof NewService, string>>;

const NUMBER_FAULT = "A whole number, 0 or more.";
const isNumber = (text: string) => /^\d{1,9}$/.test(text);

/** What must be mended before a step is left, by field. AWS has the last word on the rest. */
export const checks: ((form: NewService) => Faults)[] = [
  (form) => ({
    ...(!form.family && { family: "Choose a task definition." }),
    ...(!/^[\w-]{1,255}$/.test(form.name) && {
      name: "1 to 255 letters, digits, hyphens and underscores.",
    }),
    ...(!isNumber(form.desired) && { desired: NUMBER_FAULT }),
    ...(!isNumber(form.minimumPercent) && { minimumPercent: NUMBER_FAULT }),
    ...(!isNumber(form.maximumPercent) && { maximumPercent: NUMBER_FAULT }),
  }),
  (form) =>
    form.isBalanced
      ? {
          ...(!form.loadBalancerArn && { loadBalancerArn: "Choose a load balancer." }),
          ...(!form.container && { container: "Choose the container that takes requests." }),
          ...(!form.targetGroupArn && { targetGroupArn: "Choose a target group." }),
          ...(!isNumber(form.graceSeconds) && { graceSeconds: NUMBER_FAULT }),
        }
      : {},
];

/** The ports that a load balancer can send requests to, as the wizard names them. */
export function containerPorts(definition: TaskDefinition | null | undefined): string[] {
  return (definition?.containerDefinitions ?? []).flatMap(({ name, portMappings }) =>
    (portMappings ?? []).map(({ hostPort, containerPort }) => `${name}:${hostPort ?? 0}:${containerPort}`),
  );
}

/** The request that the form stands for. */
export function request(cluster: string, form: NewService): CreateServiceCommandInput {
  const [containerName, , containerPort] = form.container.split(":");
  const { targetGroupArn } = form;
  return {
    cluster,
    serviceName: form.name,
    taskDefinition: form.revision || form.family,
    desiredCount: Number(form.desired),
    deploymentConfiguration: {
      minimumHealthyPercent: Number(form.minimumPercent),
      maximumPercent: Number(form.maximumPercent),
      deploymentCircuitBreaker: { enable: form.isRolledBack, rollback: form.isRolledBack },
    },
    ...(form.isBalanced && {
      loadBalancers: [{ targetGroupArn, containerName, containerPort: Number(containerPort) }],
      healthCheckGracePeriodSeconds: Number(form.graceSeconds),
    }),
  };
}

export function create(cluster: string, form: NewService) {
  return ecs.send(new CreateServiceCommand(request(cluster, form)));
}

/** The same as an `aws` command. */
export function command(cluster: string, form: NewService): string {
  const [name, , port] = form.container.split(":");
  const { isRolledBack: on, minimumPercent, maximumPercent } = form;
  return awsCommand("ecs create-service", {
    cluster,
    "service-name": form.name,
    "task-definition": form.revision || form.family,
    "desired-count": form.desired,
    "deployment-configuration":
      `minimumHealthyPercent=${minimumPercent},maximumPercent=${maximumPercent},` +
      `deploymentCircuitBreaker={enable=${on},rollback=${on}}`,
    "load-balancers": form.isBalanced
      ? `targetGroupArn=${form.targetGroupArn},containerName=${name},containerPort=${port}`
      : undefined,
    "health-check-grace-period-seconds": form.isBalanced ? form.graceSeconds : undefined,
  });
}
