import { describe, expect, it } from "vitest";
import {
  checkFaults,
  checkForm,
  checksOf,
  createCommand,
  EMPTY_CHECKS,
  EMPTY_TARGET_GROUP,
  modifyCommand,
  targetGroupFaults,
  targetGroupOf,
  targetsIn,
  targetWords,
  withVersion,
} from "../lib/target-group-form";

const FORM = { ...EMPTY_TARGET_GROUP, name: "users", vpcId: "vpc-1" };

describe("a target group's form", () => {
  it("is faulty without a name, a port and a VPC, and with numbers that are none", () => {
    expect(targetGroupFaults(FORM)).toEqual({});
    expect(Object.keys(targetGroupFaults({ ...FORM, name: "a_b", port: "http", vpcId: "" }))).toEqual([
      "name",
      "port",
      "vpcId",
    ]);
    expect(Object.keys(checkFaults({ ...EMPTY_CHECKS, interval: "5 s", path: "ping" }))).toEqual([
      "interval",
      "path",
    ]);
  });

  it("asks gRPC targets by AWS's path and for its code, and comes back", () => {
    const other = { ...FORM, ...withVersion(FORM, "GRPC") };
    expect(targetGroupOf(other)).toMatchObject({
      ProtocolVersion: "GRPC",
      HealthCheckPath: "/AWS.ALB/healthcheck",
      Matcher: { GrpcCode: "12" },
    });
    expect({ ...other, ...withVersion(other, "HTTP1") }).toEqual(FORM);
    expect(withVersion({ ...FORM, checks: { ...EMPTY_CHECKS, path: "/ping" } }, "HTTP2")).toEqual({
      protocolVersion: "HTTP2",
    });
  });

  it("reads health checks as it writes them", () => {
    expect(checkForm(checksOf(EMPTY_CHECKS, "HTTP1"))).toEqual(EMPTY_CHECKS);
  });

  it("is an aws command, whose success codes may have commas", () => {
    expect(createCommand(FORM)).toContain(
      "aws elbv2 create-target-group --name users --target-type instance --protocol HTTP --protocol-version HTTP1 --port 80 --vpc-id vpc-1 --health-check-protocol HTTP",
    );
    expect(modifyCommand("arn:t", { ...EMPTY_CHECKS, codes: "200,204" }, "HTTP1")).toContain(
      `--matcher 'HttpCode="200,204"'`,
    );
  });
});

describe("targets", () => {
  it("have the port that is asked for, unless they name their own", () => {
    const targets = targetsIn(["i-1", "10.0.0.1:9000"], "8080");
    expect(targetWords(targets)).toEqual(["Id=i-1,Port=8080", "Id=10.0.0.1,Port=9000"]);
    expect(targetWords(targetsIn(["i-1"], ""))).toEqual(["Id=i-1"]);
  });
});
