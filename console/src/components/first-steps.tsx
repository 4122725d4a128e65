import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Steps, { type StepsProps } from "@cloudscape-design/components/steps";
import { useQuery } from "@tanstack/react-query";
import { familiesQuery } from "../lib/ecs";
import { loadBalancersQuery } from "../lib/elbv2";
import { PageLink, paths } from "./link";

interface Props {
  /** The first cluster that is there. */
  cluster: string | undefined;
}

/** What an installation without a service needs, in the order in which the parts name each other. */
export function FirstSteps({ cluster }: Props) {
  const families = useQuery(familiesQuery);
  const balancers = useQuery(loadBalancersQuery);
  const steps = [
    {
      text: "Register a task definition",
      to: paths.registerTaskDefinition(),
      why: "Which image runs, with how much memory, and on which port it answers.",
      isDone: (families.data?.length ?? 0) > 0,
    },
    {
      text: "Create a load balancer",
      to: paths.createLoadBalancer(),
      why: "It takes the requests, and knows which tasks are healthy. Its VPC has to be the cluster's.",
      isDone: (balancers.data?.length ?? 0) > 0,
    },
    {
      text: "Create a cluster",
      to: paths.clusters(),
      why: "With the instances that tasks run on.",
      isDone: cluster !== undefined,
    },
    {
      text: "Create a service",
      to: cluster === undefined ? paths.clusters() : paths.createService(cluster),
      why: "It keeps so many tasks running behind the load balancer.",
      isDone: false,
    },
  ];
  const next = steps.findIndex(({ isDone }) => !isDone);
  return (
    <Container header={<Header variant="h2">First steps</Header>}>
      <Steps
        ariaLabel="First steps"
        steps={steps.map(
          ({ text, to, why, isDone }, index): StepsProps.Step => ({
            status: isDone ? "success" : index === next ? "info" : "pending",
            statusIconAriaLabel: isDone ? "Done" : index === next ? "Next" : "Later",
            header: <PageLink to={to}>{text}</PageLink>,
            details: why,
          }),
        )}
      />
    </Container>
  );
}
