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
export function PageButton({ to, children }: { to: string; children: string }) {
  const navigate = useNavigate();
  const href = useHref(to);
  return (
    <Button
      variant="primary"
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
  cluster: (cluster: string) => `/clusters/${encodeURIComponent(cluster)}`,
  service: (cluster: string, service: string) =>
    `/clusters/${encodeURIComponent(cluster)}/services/${encodeURIComponent(service)}`,
  createService: (cluster: string) => `/clusters/${encodeURIComponent(cluster)}/create-service`,
  task: (cluster: string, id: string) => `/clusters/${encodeURIComponent(cluster)}/tasks/${id}`,
  taskDefinitions: () => "/task-definitions",
  registerTaskDefinition: (from?: string) =>
    `/register-task-definition${from ? `?from=${encodeURIComponent(from)}` : ""}`,
  taskDefinition: (family: string) => `/task-definitions/${encodeURIComponent(family)}`,
  revision: (familyAndRevision: string) => `/task-definitions/${familyAndRevision.replace(":", "/")}`,
  loadBalancers: () => "/load-balancers",
  createLoadBalancer: () => "/create-load-balancer",
  loadBalancer: (name: string) => `/load-balancers/${encodeURIComponent(name)}`,
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
