import { afterEach, describe, expect, it, vi } from "vitest";
import { decoded, ec2 } from "../lib/ec2";
import { attachGateway, removeGateway } from "../lib/gateways";

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

describe("decoded", () => {
  it("reads UTF-8", () => {
    const base64 = btoa(String.fromCharCode(...new TextEncoder().encode("echo Grüße €")));
    expect(decoded(base64)).toBe("echo Grüße €");
    expect(decoded("")).toBe("");
  });
});
