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
  type Task,
  type TaskDefinition,
} from "@aws-sdk/client-ecs";
import { queryOptions } from "@tanstack/react-query";
import { ecs } from "./clients";

const paging = { client: ecs, pageSize: 100 };

async function collected<P>(pages: AsyncIterable<P>, items: (page: P) => string[] | undefined) {
  const found: string[] = [];
  for await (const page of pages) found.push(...(items(page) ?? []));
  return found;
}

/** Describe in batches of AWS's size, all at once. */
async function described<T>(names: string[], size: number, describe: (batch: string[]) => Promise<T[]>) {
  const batches: string[][] = [];
  for (let first = 0; first < names.length; first += size) batches.push(names.slice(first, first + size));
  return (await Promise.all(batches.map(describe))).flat();
}

export const clustersQuery = queryOptions({
  queryKey: ["cluster"],
  queryFn: async (): Promise<Cluster[]> => {
    const arns = await collected(paginateListClusters(paging, {}), (page) => page.clusterArns);
    return described(
      arns,
      100,
      async (clusters) => (await ecs.send(new DescribeClustersCommand({ clusters }))).clusters ?? [],
    );
  },
});

export const servicesQuery = (cluster: string) =>
  queryOptions({
    queryKey: ["service", cluster],
    queryFn: async (): Promise<Service[]> => {
      const arns = await collected(paginateListServices(paging, { cluster }), (page) => page.serviceArns);
      return described(
        arns,
        10,
        async (services) =>
          (await ecs.send(new DescribeServicesCommand({ cluster, services }))).services ?? [],
      );
    },
  });

/** One service, or null when there is none of that name. */
export const serviceQuery = (cluster: string, name: string) =>
  queryOptions({
    queryKey: ["service", cluster, name],
    queryFn: async (): Promise<Service | null> => {
      const answer = await ecs.send(new DescribeServicesCommand({ cluster, services: [name] }));
      return answer.services?.[0] ?? null;
    },
  });

export type DesiredStatus = "RUNNING" | "STOPPED";

export const tasksQuery = (cluster: string, desiredStatus: DesiredStatus, serviceName?: string) =>
  queryOptions({
    queryKey: ["task", cluster, desiredStatus, serviceName ?? ""],
    queryFn: async (): Promise<Task[]> => {
      const asked = { cluster, desiredStatus, ...(serviceName && { serviceName }) };
      const arns = await collected(paginateListTasks(paging, asked), (page) => page.taskArns);
      return described(
        arns,
        100,
        async (tasks) => (await ecs.send(new DescribeTasksCommand({ cluster, tasks }))).tasks ?? [],
      );
    },
  });

/** One task, or null when it is not known any more. */
export const taskQuery = (cluster: string, id: string) =>
  queryOptions({
    queryKey: ["task", cluster, id],
    queryFn: async (): Promise<Task | null> => {
      const answer = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [id] }));
      return answer.tasks?.[0] ?? null;
    },
  });

export const instancesQuery = (cluster: string) =>
  queryOptions({
    queryKey: ["container-instance", cluster],
    queryFn: async (): Promise<ContainerInstance[]> => {
      const arns = await collected(
        paginateListContainerInstances(paging, { cluster }),
        (page) => page.containerInstanceArns,
      );
      return described(
        arns,
        100,
        async (containerInstances) =>
          (await ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances })))
            .containerInstances ?? [],
      );
    },
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
