import { awsCommand, describeCommand } from "./text";

const services = describeCommand(
  "aws ecs list-services --cluster $cluster",
  "serviceArns",
  10,
  "aws ecs describe-services --cluster $cluster --services",
);
const clusters = awsCommand("ecs list-clusters", { query: "clusterArns[]", output: "text" });
const groups = awsCommand("elbv2 describe-target-groups", {
  query: "TargetGroups[].TargetGroupArn",
  output: "text",
});

/** What shows the same as the first page: every service with its events, every target's health, what is in ALARM. */
export const healthCommand = [
  `for cluster in $(${clusters}); do ${services}; done`,
  `${groups} | xargs -r -n 1 aws elbv2 describe-target-health --target-group-arn`,
  awsCommand("cloudwatch describe-alarms", {
    "state-value": "ALARM",
    "alarm-types": ["MetricAlarm", "CompositeAlarm"],
  }),
].join("\n");
