import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { command as alarmCommand, EMPTY as EMPTY_ALARM } from "../lib/alarm-form";
import { namedOption } from "../lib/ec2";
import { healthCommand } from "../lib/health-command";
import { logCommand } from "../lib/log-sources";
import { commands as serviceCommands } from "../lib/make-service";
import { commands as clusterCommands, EMPTY as EMPTY_CLUSTER, userData } from "../lib/new-cluster";
import { EMPTY as EMPTY_SERVICE } from "../lib/new-service";
import { vpcCommands } from "../lib/new-vpc";
import { EMPTY_TASKS, emptyOverride, runCommand } from "../lib/run-task";
import { tagWords } from "../lib/tags";
import { awsCommand, shorthand } from "../lib/text";

/** What a shell, into which they are pasted, calls `aws` with, call by call. Each answers `made`. */
function calls(commands: string): string[][] {
  const stub = [
    'aws() { for word in "$@"; do printf "%s\\0" "$word" >&3; done; printf "\\036" >&3; echo made; }',
    'xargs() { while [ "$1" != aws ]; do shift; done; "$@" $(cat); }',
  ].join("\n");
  const out = execFileSync("sh", ["-eu", "-c", `exec 3>&1\n${stub}\n{\n${commands}\n} >/dev/null`]);
  return String(out)
    .split("\x1e")
    .filter(Boolean)
    .map((call) => call.split("\0").slice(0, -1));
}
/** The words that follow an option in the only call that has it. */
function given(commands: string, option: string): string[] {
  const [call = []] = calls(commands).filter((words) => words.includes(option));
  const rest = call.slice(call.indexOf(option) + 1);
  const end = rest.findIndex((word) => word.startsWith("--"));
  return end < 0 ? rest : rest.slice(0, end);
}

describe("a pasted command", () => {
  it("has every word as it was typed, whatever a shell makes of it", () => {
    const typed = [
      "it's",
      'say "x"',
      "$HOME `id` $(id)",
      "a\\b",
      "*",
      "",
      "a\nb",
      "!!",
      "~",
      "#x",
      "a;b&c|d>e",
    ];
    expect(given(awsCommand("x", { words: typed }), "--words")).toEqual(typed);
  });

  it("has no value that is taken for an option", () => {
    const command = logCommand({ group: "/ecs/shop" }, "-DEBUG", 0);
    expect(calls(command)[0]?.at(-1)).toBe("--filter-pattern=-DEBUG");
    expect(calls(awsCommand("x", { threshold: -1e-7 }))[0]?.at(-1)).toBe("--threshold=-1e-7");
  });

  it("keeps a comma, a quote and a brace inside of the value that they were typed in", () => {
    expect(tagWords([{ Key: "team", Value: 'a, "b"=[c]' }, { Key: "empty" }])).toEqual([
      'Key=team,Value="a, \\"b\\"=[c]"',
      "Key=empty,Value=",
    ]);
    expect(shorthand("C:\\x")).toBe('"C:\\\\x"');
    expect(namedOption("vpc", "shop, new")).toBe('ResourceType=vpc,Tags=[{Key=Name,Value="shop, new"}]');
    const metric = { namespace: "Shop", name: "Orders", dimensions: { Path: "/a,b", Kind: "x" } };
    expect(
      given(alarmCommand({ ...EMPTY_ALARM, name: "a", metric, threshold: "1" }), "--dimensions"),
    ).toEqual(['Name=Path,Value="/a,b"', "Name=Kind,Value=x"]);
    const form = {
      ...EMPTY_SERVICE,
      ...{ family: "users", name: "users", isBalanced: true, isAdded: true, container: "web:0:80" },
      ...{ loadBalancerArn: "arn:b", listenerArn: "arn:l", groupName: "users", pathPattern: "/a,b&c*" },
    };
    expect(given(serviceCommands("shop", form, "vpc-1"), "--conditions")).toEqual([
      'Field=path-pattern,Values="/a,b&c*"',
    ]);
  });

  it("names what the one before it made", () => {
    const vpc = vpcCommands({ name: "it's, new", block: "10.0.0.0/16", hasGateway: true });
    expect(calls(vpc).at(-1)).toEqual(
      "ec2 attach-internet-gateway --internet-gateway-id made --vpc-id made".split(" "),
    );
    const made = { parts: {}, gateway: { id: "igw-1" } };
    const again = vpcCommands({ name: "", block: "10.0.0.0/16", hasGateway: true }, made);
    expect(calls(again).map(([, operation]) => operation)).toEqual(["create-vpc", "attach-internet-gateway"]);
    expect(given(again, "--internet-gateway-id")).toEqual(["igw-1"]);
    const form = {
      ...EMPTY_CLUSTER,
      ...{ name: "shop", vpcId: "vpc-1", vpcBlock: "10.0.0.0/16", subnetIds: ["subnet-1"], groupName: "a b" },
    };
    expect(given(clusterCommands(form), "--group-name")).toEqual(["a b"]);
    expect(given(clusterCommands(form), "--security-group-ids")).toEqual(["made"]);
    expect(given(clusterCommands(form), "--user-data")).toEqual([userData("shop")]);
  });

  it("shows each cluster's services and each group's targets", () => {
    const all = calls(healthCommand).map(([, operation, ...words]) => [operation, ...words].join(" "));
    expect(all).toContain("list-services --cluster made --query serviceArns[] --output text");
    expect(all).toContain("describe-services --cluster made --services made");
    expect(all).toContain("describe-target-health --target-group-arn made");
    expect(all).toContain("describe-alarms --state-value ALARM --alarm-types MetricAlarm CompositeAlarm");
  });

  it("has JSON whole", () => {
    const overrides = [{ ...emptyOverride("web"), command: `sh -c "echo 'a'"` }];
    const [json = ""] = given(runCommand("shop", { ...EMPTY_TASKS, family: "f", overrides }), "--overrides");
    expect(JSON.parse(json).containerOverrides[0].command).toEqual(["sh", "-c", "echo 'a'"]);
  });
});
