import Button from "@cloudscape-design/components/button";
import Link, { type LinkProps } from "@cloudscape-design/components/link";
import { useHref, useNavigate } from "react-router";
import { nameOf } from "../lib/text";

/** A link to a page of the console; it opens in another tab where the user asks for that. */
export function PageLink({ to, ...props }: Omit<LinkProps, "href" | "onFollow"> & { to: string }) {
  const navigate = useNavigate();
  const href = useHref(to);
  return (
    <Link
      {...props}
      href={href}
      onFollow={(event) => {
        event.preventDefault();
        void navigate(to);
      }}
    />
  );
}

/** The button that leads to a wizard. */
export function PageButton({
  to,
  children,
  isPlain,
  isDisabled,
}: {
  to: string;
  children: string;
  /** One of several buttons, and not the first. */
  isPlain?: boolean;
  isDisabled?: boolean;
}) {
  const navigate = useNavigate();
  const href = useHref(to);
  return (
    <Button
      variant={isPlain ? "normal" : "primary"}
      disabled={isDisabled ?? false}
      href={href}
      onFollow={(event) => {
        event.preventDefault();
        void navigate(to);
      }}
    >
      {children}
    </Button>
  );
}

/** The path of a page. */
export const paths = {
  clusters: () => "/clusters",
  createCluster: () => "/create-cluster",
  runInstances: (cluster: string) => `/run-instances?cluster=${encodeURIComponent(cluster)}`,
  cluster: (cluster: string) => `/clusters/${encodeURIComponent(cluster)}`,
  service: (cluster: string, service: string) =>
    `/clusters/${encodeURIComponent(cluster)}/services/${encodeURIComponent(service)}`,
  updateService: (cluster: string, service: string) => `${paths.service(cluster, service)}/update`,
  createService: (cluster: string) => `/clusters/${encodeURIComponent(cluster)}/create-service`,
  runTask: (cluster: string) => `/clusters/${encodeURIComponent(cluster)}/run-task`,
  task: (cluster: string, id: string) => `/clusters/${encodeURIComponent(cluster)}/tasks/${id}`,
  instances: () => "/instances",
  instance: (id: string) => `/instances/${id}`,
  vpcs: () => "/vpcs",
  vpc: (id: string) => `/vpcs/${id}`,
  subnets: () => "/subnets",
  securityGroups: () => "/security-groups",
  securityGroup: (id: string) => `/security-groups/${id}`,
  keyPairs: () => "/key-pairs",
  taskDefinitions: () => "/task-definitions",
  registerTaskDefinition: (from?: string) =>
    `/register-task-definition${from ? `?from=${encodeURIComponent(from)}` : ""}`,
  taskDefinition: (family: string) => `/task-definitions/${encodeURIComponent(family)}`,
  revision: (familyAndRevision: string) => `/task-definitions/${familyAndRevision.replace(":", "/")}`,
  loadBalancers: () => "/load-balancers",
  createLoadBalancer: () => "/create-load-balancer",
  loadBalancer: (name: string) => `/load-balancers/${encodeURIComponent(name)}`,
  createListener: (name: string) => `${paths.loadBalancer(name)}/create-listener`,
  editListener: (name: string, arn: string) =>
    `${paths.loadBalancer(name)}/edit-listener?listener=${encodeURIComponent(arn)}`,
  createRule: (name: string, listenerArn: string) =>
    `${paths.loadBalancer(name)}/create-rule?listener=${encodeURIComponent(listenerArn)}`,
  editRule: (name: string, listenerArn: string, arn: string) =>
    `${paths.loadBalancer(name)}/edit-rule?listener=${encodeURIComponent(listenerArn)}&rule=${encodeURIComponent(arn)}`,
  certificates: () => "/certificates",
  certificate: (id: string) => `/certificates/${encodeURIComponent(id)}`,
  abTests: () => "/ab-tests",
  abTest: (ruleArn: string) => `/ab-test?rule=${encodeURIComponent(ruleArn)}`,
  startShift: (ruleArn: string) => `/start-shift?rule=${encodeURIComponent(ruleArn)}`,
  createTargetGroup: () => "/create-target-group",
  editHealthChecks: (name: string) => `${paths.targetGroup(name)}/edit-health-checks`,
  targetGroups: () => "/target-groups",
  alarms: () => "/alarms",
  createAlarm: (edited?: string) => `/create-alarm${edited ? `?edit=${encodeURIComponent(edited)}` : ""}`,
  alarm: (name: string) => `/alarms/${encodeURIComponent(name)}`,
  logGroups: () => "/log-groups",
  logGroup: (name: string) => `/log-groups/${encodeURIComponent(name)}`,
  logStream: (group: string, stream: string) =>
    `/log-groups/${encodeURIComponent(group)}?stream=${encodeURIComponent(stream)}`,
  targetGroup: (name: string) => `/target-groups/${encodeURIComponent(name)}`,
};

/** A link to a revision of a task definition, by its ARN. */
export function RevisionLink({ arn }: { arn: string | undefined }) {
  const name = nameOf(arn);
  return <PageLink to={paths.revision(name)}>{name}</PageLink>;
}
