import Link, { type LinkProps } from "@cloudscape-design/components/link";
import { useHref, useNavigate } from "react-router";

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

/** The path of a page. */
export const paths = {
  clusters: () => "/clusters",
  cluster: (cluster: string) => `/clusters/${encodeURIComponent(cluster)}`,
  service: (cluster: string, service: string) =>
    `/clusters/${encodeURIComponent(cluster)}/services/${encodeURIComponent(service)}`,
  task: (cluster: string, id: string) => `/clusters/${encodeURIComponent(cluster)}/tasks/${id}`,
  taskDefinitions: () => "/task-definitions",
  taskDefinition: (family: string) => `/task-definitions/${encodeURIComponent(family)}`,
  revision: (familyAndRevision: string) => `/task-definitions/${familyAndRevision.replace(":", "/")}`,
  loadBalancers: () => "/load-balancers",
  loadBalancer: (name: string) => `/load-balancers/${encodeURIComponent(name)}`,
  targetGroups: () => "/target-groups",
  targetGroup: (name: string) => `/target-groups/${encodeURIComponent(name)}`,
};
