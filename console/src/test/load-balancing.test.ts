import type { Action, Rule, RuleCondition } from "@aws-sdk/client-elastic-load-balancing-v2";
import { describe, expect, it } from "vitest";
import { arranged, changedOf } from "../lib/attributes";
import {
  certificateChanges,
  EMPTY_LISTENER,
  listenerCommands,
  listenerFaults,
  listenerForm,
} from "../lib/listener-form";
import { placesOf } from "../lib/places";
import { actionFault, actionForm, actionsOf, EMPTY_ACTION } from "../lib/rule-actions";
import {
  conditionForm,
  conditionOf,
  conditionsFault,
  conditionText,
  EMPTY_CONDITION,
} from "../lib/rule-conditions";
import { moved, nextPriority } from "../lib/rule-order";
import { tagChanges } from "../lib/tags";

const WEIGHTED: Action = {
  Type: "forward",
  ForwardConfig: {
    TargetGroups: [
      { TargetGroupArn: "arn:a", Weight: 90 },
      { TargetGroupArn: "arn:b", Weight: 0 },
    ],
    TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
  },
};
const REDIRECT: Action = {
  Type: "redirect",
  RedirectConfig: {
    Protocol: "HTTPS",
    Host: "#{host}",
    Port: "443",
    Path: "/new/#{path}",
    Query: "#{query}",
    StatusCode: "HTTP_302",
  },
};
const FIXED: Action = {
  Type: "fixed-response",
  FixedResponseConfig: { StatusCode: "404", ContentType: "text/plain", MessageBody: "gone" },
};

describe("actions", () => {
  it.each([
    ["weights", WEIGHTED],
    ["a redirect", REDIRECT],
    ["an answer", FIXED],
  ])("of %s come through a form unchanged", (_, action) =>
    expect(actionsOf(actionForm([action]))).toEqual([action]),
  );

  it("to one group without weight come through a form unchanged", () => {
    const nobody = {
      Type: "forward" as const,
      ForwardConfig: {
        TargetGroups: [{ TargetGroupArn: "arn:a", Weight: 0 }],
        TargetGroupStickinessConfig: { Enabled: false },
      },
    };
    expect(actionsOf(actionForm([nobody]))).toEqual([nobody]);
  });

  it("to one group name it as AWS's shortest form does", () => {
    const described: Action = {
      Type: "forward",
      TargetGroupArn: "arn:a",
      ForwardConfig: { TargetGroups: [{ TargetGroupArn: "arn:a", Weight: 1 }] },
    };
    expect(actionsOf(actionForm([described]))).toEqual([{ Type: "forward", TargetGroupArn: "arn:a" }]);
  });

  it("keep a login before them, with the secret that nobody can read", () => {
    const login: Action = {
      Type: "authenticate-oidc",
      Order: 1,
      AuthenticateOidcConfig: {
        Issuer: "i",
        AuthorizationEndpoint: "a",
        TokenEndpoint: "t",
        UserInfoEndpoint: "u",
        ClientId: "c",
      },
    };
    const made = actionsOf(actionForm([{ ...FIXED, Order: 2 }, login]));
    expect(made.map(({ Type, Order }) => [Type, Order])).toEqual([
      ["authenticate-oidc", 1],
      ["fixed-response", 2],
    ]);
    expect(made[0]?.AuthenticateOidcConfig?.UseExistingClientSecret).toBe(true);
  });

  it("are faulty without a group, with one twice, and with a weight that is none", () => {
    const form = actionForm([WEIGHTED]);
    const [first] = form.groups;
    if (!first) throw new Error("no group");
    expect(actionFault(form)).toBeUndefined();
    expect(actionFault(EMPTY_ACTION)).toBe("Choose a target group.");
    expect(actionFault({ ...form, groups: [first, first] })).toContain("twice");
    expect(actionFault({ ...form, groups: [{ ...first, weight: "1000" }] })).toContain("0 to 999");
    expect(actionFault({ ...form, kind: "redirect", groups: [] })).toBeUndefined();
  });
});

const CONDITIONS: [string, RuleCondition][] = [
  ["host-header is *.shop.test", { Field: "host-header", HostHeaderConfig: { Values: ["*.shop.test"] } }],
  ["path-pattern matches ^/a$", { Field: "path-pattern", PathPatternConfig: { RegexValues: ["^/a$"] } }],
  [
    "http-header User-Agent is *curl* or *wget*",
    {
      Field: "http-header",
      HttpHeaderConfig: { HttpHeaderName: "User-Agent", Values: ["*curl*", "*wget*"] },
    },
  ],
  [
    "http-request-method is GET",
    { Field: "http-request-method", HttpRequestMethodConfig: { Values: ["GET"] } },
  ],
  [
    "query-string is v=1=2 or any",
    { Field: "query-string", QueryStringConfig: { Values: [{ Key: "v", Value: "1=2" }, { Value: "any" }] } },
  ],
  ["source-ip is 10.0.0.0/8", { Field: "source-ip", SourceIpConfig: { Values: ["10.0.0.0/8"] } }],
];

describe("conditions", () => {
  it.each(CONDITIONS)("%s: comes through a form unchanged, and is said", (text, condition) => {
    expect(conditionOf(conditionForm(condition))).toEqual(condition);
    expect(conditionText(condition)).toBe(text);
  });

  it("of the old form, with top-level values, are read", () => {
    expect(conditionText({ Field: "path-pattern", Values: ["/a", "/b"] })).toBe("path-pattern is /a or /b");
  });

  it("need values, and a header its name", () => {
    expect(conditionsFault([])).toContain("needs a condition");
    expect(conditionsFault([{ ...EMPTY_CONDITION, values: " \n" }])).toContain("value");
    expect(conditionsFault([{ ...EMPTY_CONDITION, field: "http-header", values: "a" }])).toContain("name");
    expect(conditionsFault([{ ...EMPTY_CONDITION, values: "/a" }])).toBeUndefined();
  });
});

describe("priorities", () => {
  const rules: Rule[] = [
    { RuleArn: "last", Priority: "default", IsDefault: true },
    { RuleArn: "b", Priority: "20", IsDefault: false },
    { RuleArn: "a", Priority: "3", IsDefault: false },
  ];

  it("of neighbours change places", () => {
    const pairs = [
      { RuleArn: "b", Priority: 3 },
      { RuleArn: "a", Priority: 20 },
    ];
    expect(moved(rules, "b", -1)).toEqual(pairs);
    expect(moved(rules, "a", 1)).toEqual([pairs[1], pairs[0]]);
  });

  it("stay where there is no place to go to", () => {
    expect(moved(rules, "a", -1)).toBeNull();
    expect(moved(rules, "b", 1)).toBeNull();
    expect(moved(rules, "last", -1)).toBeNull();
    expect(moved(rules, null, 1)).toBeNull();
  });

  it("of a new rule come behind all others", () => {
    expect(nextPriority(rules)).toBe(21);
    expect(nextPriority([])).toBe(1);
  });
});

describe("placesOf", () => {
  const bound = { address: "127.1.2.1", port: 8080, error: null, namePort: 80, nameError: null };

  it("gives the name first, without the protocol's usual port", () => {
    const places = placesOf({ Protocol: "HTTP", Port: 80 }, "shop.localhost", bound);
    expect(places).toEqual(["http://shop.localhost/", "http://127.1.2.1:8080/"]);
    expect(placesOf({ Protocol: "HTTPS" }, "shop.localhost", bound)[0]).toBe("https://shop.localhost:80/");
  });

  it("gives none before the listener is bound, and no name where that is taken", () => {
    expect(placesOf({ Protocol: "HTTP" }, "shop", undefined)).toEqual([]);
    expect(placesOf({ Protocol: "HTTP" }, "shop", { ...bound, namePort: null })).toHaveLength(1);
  });
});

describe("attributes and tags", () => {
  const there = [
    { Key: "z", Value: "1" },
    { Key: "b", Value: "2" },
    { Key: "a", Value: "" },
  ];

  it("are shown with those that are known first", () => {
    expect(arranged(there, { z: { label: "Z" } }).map(({ Key }) => Key)).toEqual(["z", "a", "b"]);
  });

  it("are sent only where they change", () => {
    expect(changedOf(there, { z: "1", b: "3", a: "" })).toEqual([{ Key: "b", Value: "3" }]);
    const { add, remove } = tagChanges(there, [
      { Key: "z", Value: "1" },
      { Key: "b", Value: "9" },
      { Key: "new", Value: "" },
    ]);
    expect(add.map(({ Key }) => Key)).toEqual(["b", "new"]);
    expect(remove).toEqual(["a"]);
  });
});

describe("a listener's certificates", () => {
  const there = [
    { CertificateArn: "arn:default", IsDefault: true },
    { CertificateArn: "arn:old", IsDefault: false },
  ];
  const listener = {
    Protocol: "HTTPS" as const,
    Port: 443,
    SslPolicy: "P",
    Certificates: [{ CertificateArn: "arn:default" }],
    DefaultActions: [FIXED],
  };

  it("beside the default one come through a form unchanged", () => {
    const form = listenerForm(listener, there);
    expect(form.otherArns).toEqual(["arn:old"]);
    expect(certificateChanges(form, form)).toEqual({ add: [], remove: [] });
  });

  it("are added and taken out one a command, after the listener was modified", () => {
    const first = { ...listenerForm(listener, there), port: "444" };
    const form = { ...first, port: "443", otherArns: ["arn:new", "arn:default"] };
    expect(listenerCommands({ listener: "arn:l", first }, form).split("\n").slice(1)).toEqual([
      "aws elbv2 add-listener-certificates --listener-arn arn:l --certificates CertificateArn=arn:new",
      "aws elbv2 remove-listener-certificates --listener-arn arn:l --certificates CertificateArn=arn:old",
    ]);
  });

  it("are asked for with HTTPS alone, and a port is one", () => {
    expect(Object.keys(listenerFaults({ ...listenerForm(listener, there), certificateArn: "" }))).toEqual([
      "certificateArn",
    ]);
    expect(Object.keys(listenerFaults({ ...EMPTY_LISTENER, port: "0" }))).toEqual(["port", "action"]);
  });
});
