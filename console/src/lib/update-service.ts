import type { PropagateTags, Service, UpdateServiceCommandInput } from "@aws-sdk/client-ecs";
import { type Breaker, circuitBreaker, deploymentFaults } from "./new-service";
import { isWhole } from "./numbers";
import { placement, placementOptions, templateOf } from "./placement";
import { isOther } from "./same";
import { awsCommand, nameOf } from "./text";

/** A target group that gets a container's port, as `NAME:PORT`. */
export interface Use {
  targetGroupArn: string;
  container: string;
}

/** What the form asks for. Numbers are as they were typed. */
export interface ServiceForm {
  /** `family:revision`. */
  definition: string;
  desired: string;
  minimumPercent: string;
  maximumPercent: string;
  breaker: Breaker;
  /** The name of a template of AWS's; empty for what the service has, which is none of them. */
  placement: string;
  uses: Use[];
  graceSeconds: string;
  propagateTags: PropagateTags;
  hasManagedTags: boolean;
  isForced: boolean;
}

/** The form that stands for a service as it is. */
export function formOf(service: Service): ServiceForm {
  const rollout = service.deploymentConfiguration;
  const breaker = rollout?.deploymentCircuitBreaker;
  return {
    definition: nameOf(service.taskDefinition),
    desired: String(service.desiredCount ?? 0),
    minimumPercent: String(rollout?.minimumHealthyPercent ?? 100),
    maximumPercent: String(rollout?.maximumPercent ?? 200),
    breaker: breaker?.enable ? (breaker.rollback ? "rollback" : "stop") : "off",
    placement: templateOf(service.placementStrategy, service.placementConstraints) ?? "",
    uses: (service.loadBalancers ?? []).map(({ targetGroupArn = "", containerName, containerPort }) => ({
      targetGroupArn,
      container: `${containerName}:${containerPort}`,
    })),
    graceSeconds: String(service.healthCheckGracePeriodSeconds ?? 0),
    propagateTags: service.propagateTags ?? "NONE",
    hasManagedTags: service.enableECSManagedTags ?? false,
    isForced: false,
  };
}

/** What must be mended, by field. AWS has the last word on the rest. */
export function serviceFaults(form: ServiceForm): Partial<Record<keyof ServiceForm, string>> {
  return {
    ...deploymentFaults(form),
    ...(!isWhole(form.graceSeconds) && { graceSeconds: "A whole number, 0 or more." }),
    ...(form.uses.some(({ targetGroupArn, container }) => !targetGroupArn || !container) && {
      uses: "Each has a target group and a container's port.",
    }),
  };
}

const loadBalancer = ({ targetGroupArn, container }: Use) => {
  const [containerName, port] = container.split(":");
  return { targetGroupArn, containerName, containerPort: Number(port) };
};

/** What UpdateService is asked to change: only what is another than it was. */
export function changes(service: Service, form: ServiceForm): Partial<UpdateServiceCommandInput> {
  const was = formOf(service);
  const is = (...fields: (keyof ServiceForm)[]) => fields.some((field) => isOther(form[field], was[field]));
  const { strategy, constraints } = placement(form.placement);
  return {
    ...(is("definition") && { taskDefinition: form.definition }),
    ...(is("desired") && { desiredCount: Number(form.desired) }),
    ...(is("minimumPercent", "maximumPercent", "breaker") && {
      deploymentConfiguration: {
        minimumHealthyPercent: Number(form.minimumPercent),
        maximumPercent: Number(form.maximumPercent),
        deploymentCircuitBreaker: circuitBreaker(form.breaker),
      },
    }),
    ...(is("placement") && { placementStrategy: strategy, placementConstraints: constraints }),
    ...(is("uses") && { loadBalancers: form.uses.map(loadBalancer) }),
    ...(is("graceSeconds") && { healthCheckGracePeriodSeconds: Number(form.graceSeconds) }),
    ...(is("propagateTags") && { propagateTags: form.propagateTags }),
    ...(is("hasManagedTags") && { enableECSManagedTags: form.hasManagedTags }),
    ...(form.isForced && { forceNewDeployment: true }),
  };
}

/** Whether what changes begins a new deployment: other tasks take the place of those that run. */
export function isDeployment(asked: Partial<UpdateServiceCommandInput>): boolean {
  return Boolean(asked.taskDefinition || asked.loadBalancers || asked.forceNewDeployment);
}

/** The same as an `aws` command. */
export function updateCommand(
  cluster: string,
  service: string,
  asked: Partial<UpdateServiceCommandInput>,
  form: ServiceForm,
) {
  const rollout = asked.deploymentConfiguration;
  const breaker = rollout?.deploymentCircuitBreaker;
  const uses = asked.loadBalancers?.map(
    (use) =>
      `targetGroupArn=${use.targetGroupArn},containerName=${use.containerName},containerPort=${use.containerPort}`,
  );
  return awsCommand("ecs update-service", {
    cluster,
    service,
    "task-definition": asked.taskDefinition,
    "desired-count": asked.desiredCount,
    "deployment-configuration":
      rollout &&
      `minimumHealthyPercent=${rollout.minimumHealthyPercent},maximumPercent=${rollout.maximumPercent},` +
        `deploymentCircuitBreaker={enable=${breaker?.enable},rollback=${breaker?.rollback}}`,
    ...(asked.placementStrategy && placementOptions(form.placement, true)),
    "load-balancers": uses && (uses.length ? uses : "[]"),
    "health-check-grace-period-seconds": asked.healthCheckGracePeriodSeconds,
    "propagate-tags": asked.propagateTags,
    "enable-ecs-managed-tags": asked.enableECSManagedTags === true,
    "no-enable-ecs-managed-tags": asked.enableECSManagedTags === false,
    "force-new-deployment": asked.forceNewDeployment,
  });
}
