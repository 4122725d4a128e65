import { paths } from "../components/link";

/** A list that the navigation leads to. */
export interface Section {
  text: string;
  to: string;
}

const CLUSTERS: Section = { text: "Clusters", to: paths.clusters() };
const TASK_DEFINITIONS: Section = { text: "Task definitions", to: paths.taskDefinitions() };
const LOAD_BALANCERS: Section = { text: "Load balancers", to: paths.loadBalancers() };
const TARGET_GROUPS: Section = { text: "Target groups", to: paths.targetGroups() };
const CERTIFICATES: Section = { text: "Certificates", to: paths.certificates() };
const AB_TESTS: Section = { text: "A/B tests", to: paths.abTests() };
const ALARMS: Section = { text: "Alarms", to: paths.alarms() };
const LOG_GROUPS: Section = { text: "Log groups", to: paths.logGroups() };

const INSTANCES: Section = { text: "Instances", to: paths.instances() };
const VPCS: Section = { text: "VPCs", to: paths.vpcs() };
const SUBNETS: Section = { text: "Subnets", to: paths.subnets() };
const SECURITY_GROUPS: Section = { text: "Security groups", to: paths.securityGroups() };
const KEY_PAIRS: Section = { text: "Key pairs", to: paths.keyPairs() };

/** The navigation, by AWS's services. */
export const GROUPS: { text: string; sections: Section[] }[] = [
  { text: "Elastic Container Service", sections: [CLUSTERS, TASK_DEFINITIONS] },
  { text: "Load balancing", sections: [LOAD_BALANCERS, TARGET_GROUPS, CERTIFICATES, AB_TESTS] },
  { text: "EC2", sections: [INSTANCES, VPCS, SUBNETS, SECURITY_GROUPS, KEY_PAIRS] },
  { text: "CloudWatch", sections: [ALARMS, LOG_GROUPS] },
];

export const SECTIONS: Section[] = GROUPS.flatMap(({ sections }) => sections);

/** Pages beside the lists, where the names of what is listed are paths. */
export const WIZARDS: { path: string; text: string; below: Section }[] = [
  { path: paths.createCluster(), text: "Create cluster", below: CLUSTERS },
  { path: "/run-instances", text: "Run instances", below: CLUSTERS },
  { path: paths.createLoadBalancer(), text: "Create load balancer", below: LOAD_BALANCERS },
  { path: paths.createTargetGroup(), text: "Create target group", below: TARGET_GROUPS },
  { path: "/ab-test", text: "A/B test", below: AB_TESTS },
  { path: "/start-shift", text: "Start a shift", below: AB_TESTS },
  { path: paths.registerTaskDefinition(), text: "Register task definition", below: TASK_DEFINITIONS },
  { path: paths.createAlarm(), text: "Create alarm", below: ALARMS },
];

/** Forms that have a page below that of what they belong to, by the last part of the path. */
export const FORMS: Record<string, string> = {
  "create-service": "Create service",
  update: "Update",
  "run-task": "Run task",
  "create-listener": "Add listener",
  "edit-listener": "Edit listener",
  "create-rule": "Add rule",
  "edit-rule": "Edit rule",
  "edit-health-checks": "Edit health checks",
};
