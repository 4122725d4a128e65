import { afterEach, describe, expect, it, vi } from "vitest";
import { decoded, ec2 } from "../lib/ec2";
import { attachGateway, gatewayIn, removeGateway } from "../lib/gateways";
import { createVpc, type MadeVpc } from "../lib/new-vpc";
import { madeText } from "../lib/once";

/** Answers each command by its name; an error is thrown. What was sent is told in order. */
function answered(answers: Record<string, unknown>): string[] {
  const sent: string[] = [];
  vi.spyOn(ec2, "send").mockImplementation((async (command: object) => {
    const name = command.constructor.name.replace("Command", "");
    sent.push(name);
    const answer = answers[name] ?? {};
    if (answer instanceof Error) throw answer;
    return answer;
  }) as never);
  return sent;
}

const fault = (name: string) => Object.assign(new Error("Refused."), { name });
const CREATED = { InternetGateway: { InternetGatewayId: "igw-1" } };

afterEach(() => vi.restoreAllMocks());

describe("attachGateway", () => {
  it("goes on with the gateway of a try whose attachment was refused", async () => {
    const made = {};
    const Attach = fault("Resource.AlreadyAssociated");
    answered({ CreateInternetGateway: CREATED, AttachInternetGateway: Attach });
    await expect(attachGateway(made, "vpc-1")).rejects.toBe(Attach);
    const sent = answered({ CreateInternetGateway: CREATED });
    await attachGateway(made, "vpc-1");
    expect(sent).toEqual(["AttachInternetGateway"]);
  });
});

describe("removeGateway", () => {
  it("deletes one that was detached before", async () => {
    const sent = answered({ DetachInternetGateway: fault("Gateway.NotAttached") });
    await removeGateway("vpc-1", "igw-1");
    expect(sent).toEqual(["DetachInternetGateway", "DeleteInternetGateway"]);
  });

  it("deletes none that cannot be detached", async () => {
    const sent = answered({ DetachInternetGateway: fault("DependencyViolation") });
    await expect(removeGateway("vpc-1", "igw-1")).rejects.toThrow("Refused.");
    expect(sent).toEqual(["DetachInternetGateway"]);
  });
});

describe("gatewayIn", () => {
  const there = {
    InternetGatewayId: "igw-1",
    Attachments: [{ VpcId: "vpc-1", State: "available" as never }],
  };
  const detached = { InternetGatewayId: "igw-1", Attachments: [] };

  it("is the one that is attached", () => {
    expect(gatewayIn("vpc-1", [there], null)).toBe("igw-1");
    expect(gatewayIn("vpc-2", [there], null)).toBeNull();
  });

  it("is one that was detached and not deleted, for as long as it is so", () => {
    expect(gatewayIn("vpc-1", [detached], null)).toBeNull();
    expect(gatewayIn("vpc-1", [detached], "igw-1")).toBe("igw-1");
    expect(gatewayIn("vpc-2", [there], "igw-1")).toBeNull();
    expect(gatewayIn("vpc-1", [], "igw-1")).toBeNull();
  });
});

describe("createVpc", () => {
  const FORM = { name: "", block: "172.16.0.0/16", hasGateway: true };
  const MADE = { CreateVpc: { Vpc: { VpcId: "vpc-1" } }, CreateInternetGateway: CREATED };

  it("goes on with the VPC and the gateway of a try that failed", async () => {
    const made: MadeVpc = { parts: {}, gateway: {} };
    answered({ ...MADE, AttachInternetGateway: fault("InternalFailure") });
    await expect(createVpc(made, FORM)).rejects.toThrow("Refused.");
    expect(madeText(made.parts)).toContain("Made already: VPC vpc-1.");
    const sent = answered(MADE);
    await createVpc(made, FORM);
    expect(sent).toEqual(["AttachInternetGateway"]);
  });

  it.each([
    ["InvalidVpcID.NotFound", ["CreateVpc", "AttachInternetGateway"]],
    ["InvalidInternetGatewayID.NotFound", ["CreateInternetGateway", "AttachInternetGateway"]],
  ])("makes anew what is gone: %s", async (code, next) => {
    const made: MadeVpc = { parts: {}, gateway: {} };
    answered({ ...MADE, AttachInternetGateway: fault(code) });
    await expect(createVpc(made, FORM)).rejects.toThrow("Refused.");
    const sent = answered(MADE);
    await createVpc(made, FORM);
    expect(sent).toEqual(next);
  });

  it("makes another where another block was asked for meanwhile, and after it is done", async () => {
    const made: MadeVpc = { parts: {}, gateway: {} };
    answered({ ...MADE, AttachInternetGateway: fault("InternalFailure") });
    await expect(createVpc(made, FORM)).rejects.toThrow("Refused.");
    const sent = answered(MADE);
    await createVpc(made, { ...FORM, block: "172.17.0.0/16" });
    await createVpc(made, { ...FORM, block: "172.17.0.0/16" });
    const whole = ["CreateVpc", "CreateInternetGateway", "AttachInternetGateway"];
    expect(sent).toEqual(["CreateVpc", "AttachInternetGateway", ...whole]);
  });
});

describe("decoded", () => {
  it("reads UTF-8", () => {
    const base64 = btoa(String.fromCharCode(...new TextEncoder().encode("echo Grüße €")));
    expect(decoded(base64)).toBe("echo Grüße €");
    expect(decoded("")).toBe("");
  });
});
