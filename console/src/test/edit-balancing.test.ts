import type { Listener, Rule } from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { elbv2 } from "../lib/clients";
import {
  listenerCommands,
  listenerFaults,
  listenerForm,
  lostWithHttps,
  modifyListener,
} from "../lib/listener-form";
import { actionForm } from "../lib/rule-actions";
import { conditionForm } from "../lib/rule-conditions";
import { changeCommands, createCommand, type RuleForm, ruleChanges, ruleOf } from "../lib/rule-form";
import { NO_TRANSFORMS, transformsFaults, transformsForm, transformText } from "../lib/rule-transforms";

const ACTIONS = [
  {
    Type: "forward" as const,
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: "arn:a", Weight: 90 },
        { TargetGroupArn: "arn:b", Weight: 10 },
      ],
      TargetGroupStickinessConfig: { Enabled: false },
    },
  },
];
const LISTENER: Listener = {
  Protocol: "HTTPS",
  Port: 443,
  Certificates: [{ CertificateArn: "arn:c" }],
  SslPolicy: "OLD",
  DefaultActions: ACTIONS,
};
const FIRST = listenerForm(LISTENER, []);

let sent: unknown[];

beforeEach(() => {
  sent = [];
  vi.spyOn(elbv2, "send").mockImplementation(async (command: { input: unknown }) => {
    sent.push(command.input);
  });
});
afterEach(() => vi.restoreAllMocks());

describe("saving a listener", () => {
  it("sends another policy with its certificate, and no weights", async () => {
    const form = { ...FIRST, sslPolicy: "NEW" };
    await modifyListener("arn:l", FIRST, form, () => {});
    expect(sent).toEqual([
      { ListenerArn: "arn:l", Certificates: [{ CertificateArn: "arn:c" }], SslPolicy: "NEW" },
    ]);
    expect(listenerCommands({ listener: "arn:l", first: FIRST }, form)).toBe(
      "aws elbv2 modify-listener --listener-arn arn:l --certificates CertificateArn=arn:c --ssl-policy NEW",
    );
  });

  it("sends weights that were typed alone", async () => {
    const [one, other] = FIRST.action.groups;
    const groups = [
      { arn: one?.arn ?? "", weight: "50" },
      { arn: other?.arn ?? "", weight: "10" },
    ];
    await modifyListener("arn:l", FIRST, { ...FIRST, action: { ...FIRST.action, groups } }, () => {});
    const [weighted] = ACTIONS;
    const TargetGroups = [
      { TargetGroupArn: "arn:a", Weight: 50 },
      { TargetGroupArn: "arn:b", Weight: 10 },
    ];
    const ForwardConfig = { ...weighted?.ForwardConfig, TargetGroups };
    expect(sent).toEqual([{ ListenerArn: "arn:l", DefaultActions: [{ ...weighted, ForwardConfig }] }]);
  });

  it("asks for a policy as well where HTTP becomes HTTPS", async () => {
    const first = listenerForm({ Protocol: "HTTP", Port: 80, DefaultActions: ACTIONS }, []);
    await modifyListener("arn:l", first, { ...first, protocol: "HTTPS", certificateArn: "arn:c" }, () => {});
    expect(sent).toEqual([
      {
        ListenerArn: "arn:l",
        Protocol: "HTTPS",
        Certificates: [{ CertificateArn: "arn:c" }],
        SslPolicy: first.sslPolicy,
      },
    ]);
  });

  it("leaves the listener alone where only other certificates were chosen", async () => {
    await modifyListener("arn:l", FIRST, { ...FIRST, otherArns: ["arn:d"] }, () => {});
    expect(sent).toEqual([{ ListenerArn: "arn:l", Certificates: [{ CertificateArn: "arn:d" }] }]);
  });

  it("tells what the listener is by then, also where a certificate could not be added", async () => {
    let now = { ...FIRST, otherArns: ["arn:old"] };
    const failing = new Error("no");
    const form = { ...now, port: "444", otherArns: ["arn:d", "arn:e", "arn:c"] };
    const save = () =>
      modifyListener("arn:l", now, form, (saved) => {
        now = saved;
      });
    vi.mocked(elbv2.send)
      .mockImplementationOnce(async () => {})
      .mockImplementationOnce(async () => {})
      .mockRejectedValueOnce(failing);
    await expect(save()).rejects.toBe(failing);
    expect(now).toEqual({ ...form, otherArns: ["arn:old", "arn:d"] });
    await save();
    expect(sent).toHaveLength(2);
    // The default one is not beside itself.
    expect(now.otherArns).toEqual(["arn:d", "arn:e"]);
  });

  it("tells that certificates are lost with HTTP", async () => {
    const saved = vi.fn();
    const first = { ...FIRST, otherArns: ["arn:old"] };
    await modifyListener("arn:l", first, { ...first, protocol: "HTTP" }, saved);
    expect(saved).toHaveBeenLastCalledWith(expect.objectContaining({ otherArns: [] }));
  });

  const LOGIN = { Type: "authenticate-oidc" as const, AuthenticateOidcConfig: { ClientId: "web" } as never };
  const asking = listenerForm({ ...LISTENER, DefaultActions: [LOGIN, ...ACTIONS] }, []);

  it.each([
    ["HTTP", { protocol: "HTTP" as const }, false],
    ["no login", { action: { ...asking.action, before: { ...asking.action.before, kind: "none" } } }, false],
    ["the same login", { port: "444" }, true],
  ])("tells whether a client's secret is still kept with %s", async (_, part, isKept) => {
    const saved = vi.fn();
    await modifyListener("arn:l", asking, { ...asking, ...part } as typeof asking, saved);
    const [now] = saved.mock.lastCall as [typeof asking];
    expect(now.action.before.hasSecret).toBe(isKept);
    expect(now.action.kind).toBe("forward");
  });

  it("takes away with HTTPS what needs it, and says so before", () => {
    const http = { protocol: "HTTP" as const };
    const lost = (first: typeof FIRST) => lostWithHttps(first, { ...first, ...http });
    expect(lost(FIRST)).toEqual([]);
    expect(lost(asking).join(" ")).toContain("client's secret");
    const verifying = { ...FIRST, mutual: { ...FIRST.mutual, mode: "verify" as const } };
    expect(lost(verifying).join(" ")).toContain("certificate");
    expect(lostWithHttps(asking, asking)).toEqual([]);
    expect(lostWithHttps({ ...asking, ...http }, { ...asking, ...http })).toEqual([]);
  });
});

describe("clients' certificates of a listener", () => {
  const VERIFY = {
    Mode: "verify",
    TrustStoreArn: "arn:t",
    IgnoreClientCertificateExpiry: true,
    AdvertiseTrustStoreCaNames: "on" as const,
  };
  const first = listenerForm({ ...LISTENER, MutualAuthentication: VERIFY }, []);
  const command = (form: typeof first) => listenerCommands({ listener: "arn:l", first: FIRST }, form);

  it("are verified, or handled as before where nothing of it was changed", async () => {
    await modifyListener("arn:l", FIRST, { ...FIRST, mutual: first.mutual }, () => {});
    await modifyListener("arn:l", first, { ...first, port: "444" }, () => {});
    await modifyListener("arn:l", first, { ...first, mutual: { ...first.mutual, mode: "off" } }, () => {});
    expect(sent).toEqual([
      { ListenerArn: "arn:l", MutualAuthentication: VERIFY },
      { ListenerArn: "arn:l", Port: 444 },
      { ListenerArn: "arn:l", MutualAuthentication: { Mode: "off" } },
    ]);
    expect(command({ ...FIRST, mutual: first.mutual })).toContain(
      "--mutual-authentication Mode=verify,TrustStoreArn=arn:t,IgnoreClientCertificateExpiry=true,AdvertiseTrustStoreCaNames=on",
    );
  });

  it("need a trust store to be verified by, and TLS", async () => {
    const verify = { ...first.mutual, trustStoreArn: "" };
    expect(listenerFaults({ ...first, mutual: verify })).toEqual({ mutual: "Choose a trust store." });
    const plain = { ...first, protocol: "HTTP" as const, mutual: verify };
    expect(listenerFaults(plain)).toEqual({});
    await modifyListener("arn:l", first, plain, () => {});
    expect(sent).toEqual([{ ListenerArn: "arn:l", Protocol: "HTTP" }]);
  });

  it("are verified by a new listener from the start", () => {
    expect(listenerCommands({ loadBalancer: "arn:b" }, first)).toContain(
      "--mutual-authentication Mode=verify",
    );
    expect(listenerCommands({ loadBalancer: "arn:b" }, FIRST)).not.toContain("mutual");
  });
});

describe("saving a rule", () => {
  const RULE: Rule = {
    RuleArn: "arn:r",
    Priority: "3",
    Conditions: [{ Field: "path-pattern", PathPatternConfig: { Values: ["/a*"] } }],
    Actions: ACTIONS,
    Transforms: [
      { Type: "url-rewrite", UrlRewriteConfig: { Rewrites: [{ Regex: "^/a(.*)$", Replace: "$1" }] } },
    ],
  };
  const form: RuleForm = {
    priority: "3",
    conditions: (RULE.Conditions ?? []).map(conditionForm),
    action: actionForm(ACTIONS),
    transforms: transformsForm(RULE.Transforms ?? []),
  };

  it("asks for nothing where nothing was changed", () => {
    expect(ruleChanges(RULE, form)).toEqual({});
    expect(changeCommands(RULE, form)).toBe("aws elbv2 describe-rules --rule-arns arn:r");
  });

  it("sends another condition without the weights", () => {
    const conditions = [conditionForm({ Field: "path-pattern", PathPatternConfig: { Values: ["/b*"] } })];
    const { modified, priorities } = ruleChanges(RULE, { ...form, conditions });
    expect(Object.keys(modified ?? {})).toEqual(["RuleArn", "Conditions"]);
    expect(priorities).toBeUndefined();
    expect(changeCommands(RULE, { ...form, conditions })).not.toContain("--actions");
  });

  it("sends rewrites that were typed, and takes back those that were emptied", () => {
    const typed = { ...form.transforms, hostRegex: "^(.*)$", hostReplace: "$1.inner" };
    const rewritten = {
      Type: "host-header-rewrite",
      HostHeaderRewriteConfig: { Rewrites: [{ Regex: "^(.*)$", Replace: "$1.inner" }] },
    };
    expect(ruleChanges(RULE, { ...form, transforms: typed }).modified).toEqual({
      RuleArn: "arn:r",
      Transforms: [rewritten, ...(RULE.Transforms ?? [])],
    });
    const none = { ...form, transforms: NO_TRANSFORMS };
    expect(ruleChanges(RULE, none).modified).toEqual({ RuleArn: "arn:r", ResetTransforms: true });
    expect(changeCommands(RULE, none)).toBe("aws elbv2 modify-rule --rule-arn arn:r --reset-transforms");
    expect(ruleOf(none)).not.toHaveProperty("Transforms");
    expect(createCommand("arn:l", form)).toContain('--transforms \'[{"Type":"url-rewrite"');
  });

  it("asks what a replacement stands for", () => {
    expect(transformsFaults(form.transforms)).toEqual({});
    expect(Object.keys(transformsFaults({ ...NO_TRANSFORMS, urlReplace: "/" }))).toEqual(["urlRegex"]);
    expect((RULE.Transforms ?? []).map(transformText)).toEqual(["url-rewrite: ^/a(.*)$ becomes $1"]);
  });

  it("sends another priority alone", () => {
    const moved = { ...form, priority: "7" };
    expect(ruleChanges(RULE, moved)).toEqual({
      priorities: { RulePriorities: [{ RuleArn: "arn:r", Priority: 7 }] },
    });
    expect(changeCommands(RULE, moved)).toBe(
      "aws elbv2 set-rule-priorities --rule-priorities RuleArn=arn:r,Priority=7",
    );
  });
});
