import {
  type Cluster,
  type ContainerInstance,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  paginateListClusters,
  paginateListContainerInstances,
  paginateListServices,
  paginateListTaskDefinitionFamilies,
  paginateListTaskDefinitions,
  paginateListTasks,
  type Service,
  type Tag,
  type Task,
  type TaskDefinition,
} from "@aws-sdk/client-ecs";
import { queryOptions } from "@tanstack/react-query";
import { ecs } from "./clients";
import { listQuery } from "./listing";

const paging = { client: ecs, pageSize: 100 };

async function collected<P>(pages: AsyncIterable<P>, items: (page: P) => string[] | undefined) {
  const found: string[] = [];
  for await (const page of pages) found.push(...(items(page) ?? []));
  return found;
}

/** Describe in batches of AWS's size, all at once. */
export async function described<T>(
  names: string[],
  size: number,
  describe: (batch: string[]) => Promise<T[]>,
) {
  const batches: string[][] = [];
  for (let first = 0; first < names.length; first += size) batches.push(names.slice(first, first + size));
  return (await Promise.all(batches.map(describe))).flat();
}

/** Whether an ARN names a resource of this cluster, and this one where it is given. */
export const isOf =
  (cluster: string, name?: string) =>
  (arn: string): boolean => {
    const [, itsCluster, itsName] = arn.split("/");
    return itsCluster === cluster && (name === undefined || itsName === name);
  };

const describedClusters = (arns: string[]): Promise<Cluster[]> =>
  described(
    arns,
    100,
    async (clusters) =>
      (await ecs.send(new DescribeClustersCommand({ clusters, include: ["SETTINGS"] }))).clusters ?? [],
  );

/** One cluster with its settings, or null when there is none of that name. */
export const clusterQuery = (name: string) =>
  queryOptions({
    queryKey: ["cluster", "one", name],
    queryFn: async (): Promise<Cluster | null> => (await describedClusters([name]))[0] ?? null,
    meta: { shows: isOf(name) },
  });

export const clustersQuery = listQuery({
  queryKey: ["cluster"] as const,
  whole: async () =>
    describedClusters(await collected(paginateListClusters(paging, {}), (page) => page.clusterArns)),
  some: async (arns) => (await describedClusters(arns)).filter(({ status }) => status !== "INACTIVE"),
  nameOf: ({ clusterArn }) => clusterArn ?? "",
  shows: () => true,
});

const describedServices = (cluster: string, arns: string[]): Promise<Service[]> =>
  described(
    arns,
    10,
    async (services) => (await ecs.send(new DescribeServicesCommand({ cluster, services }))).services ?? [],
  );

export const servicesQuery = (cluster: string) =>
  listQuery({
    queryKey: ["service", cluster] as const,
    whole: async () => {
      const arns = await collected(paginateListServices(paging, { cluster }), (page) => page.serviceArns);
      return describedServices(cluster, arns);
    },
    some: async (arns) =>
      (await describedServices(cluster, arns)).filter(({ status }) => status !== "INACTIVE"),
    nameOf: ({ serviceArn }) => serviceArn ?? "",
    shows: isOf(cluster),
  });

/** One service, or null when there is none of that name. */
export const serviceQuery = (cluster: string, name: string) =>
  queryOptions({
    queryKey: ["service", cluster, name],
    queryFn: async (): Promise<Service | null> => (await describedServices(cluster, [name]))[0] ?? null,
    meta: { shows: isOf(cluster, name) },
  });

export type DesiredStatus = "RUNNING" | "STOPPED";

const describedTasks = (cluster: string, arns: string[]): Promise<Task[]> =>
  described(
    arns,
    100,
    async (tasks) => (await ecs.send(new DescribeTasksCommand({ cluster, tasks }))).tasks ?? [],
  );

export const tasksQuery = (cluster: string, desiredStatus: DesiredStatus, serviceName?: string) =>
  listQuery({
    queryKey: ["task", cluster, desiredStatus, serviceName ?? ""] as const,
    whole: async () => {
      const asked = { cluster, desiredStatus, ...(serviceName && { serviceName }) };
      return describedTasks(
        cluster,
        await collected(paginateListTasks(paging, asked), (page) => page.taskArns),
      );
    },
    some: async (arns) =>
      (await describedTasks(cluster, arns)).filter(
        (task) =>
          task.desiredStatus === desiredStatus && (!serviceName || task.group === `service:${serviceName}`),
      ),
    nameOf: ({ taskArn }) => taskArn ?? "",
    shows: isOf(cluster),
  });

/** One task, or null when it is not known any more. */
export const taskQuery = (cluster: string, id: string) =>
  queryOptions({
    queryKey: ["task", cluster, id],
    queryFn: async (): Promise<Task | null> => (await describedTasks(cluster, [id]))[0] ?? null,
    meta: { shows: isOf(cluster, id) },
  });

const describedInstances = (cluster: string, arns: string[]): Promise<ContainerInstance[]> =>
  described(
    arns,
    100,
    async (containerInstances) =>
      (await ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances })))
        .containerInstances ?? [],
  );

export const instancesQuery = (cluster: string) =>
  listQuery({
    queryKey: ["container-instance", cluster] as const,
    whole: async () => {
      const arns = await collected(
        paginateListContainerInstances(paging, { cluster }),
        (page) => page.containerInstanceArns,
      );
      return describedInstances(cluster, arns);
    },
    some: async (arns) =>
      (await describedInstances(cluster, arns)).filter(({ status }) => status !== "INACTIVE"),
    nameOf: ({ containerInstanceArn }) => containerInstanceArn ?? "",
    shows: isOf(cluster),
  });

export const familiesQuery = queryOptions({
  queryKey: ["task-definition"],
  queryFn: () =>
    collected(paginateListTaskDefinitionFamilies(paging, { status: "ACTIVE" }), (page) => page.families),
});

/** ARNs of a family's active revisions, the newest first. */
export const revisionsQuery = (familyPrefix: string) =>
  queryOptions({
    queryKey: ["task-definition", familyPrefix],
    queryFn: async (): Promise<string[]> => {
      const asked = { familyPrefix, sort: "DESC", status: "ACTIVE" } as const;
      const arns = await collected(
        paginateListTaskDefinitions(paging, asked),
        (page) => page.taskDefinitionArns,
      );
      // What is asked for is a prefix: `users` finds `users-service` too.
      return arns.filter((arn) => arn.split("/")[1]?.split(":")[0] === familyPrefix);
    },
  });

/** A task definition by `family:revision` or ARN. */
export const taskDefinitionQuery = (taskDefinition: string) =>
  queryOptions({
    queryKey: ["task-definition", "one", taskDefinition],
    queryFn: async (): Promise<TaskDefinition | null> =>
      (await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).taskDefinition ?? null,
  });

/** The tags of a revision: they are told beside it, and the next one is to have them too. */
export const definitionTagsQuery = (taskDefinition: string) =>
  queryOptions({
    queryKey: ["task-definition", "one", taskDefinition, "tags"],
    queryFn: async (): Promise<Tag[]> => {
      const asked = { taskDefinition, include: ["TAGS" as const] };
      return (await ecs.send(new DescribeTaskDefinitionCommand(asked))).tags ?? [];
    },
  });
