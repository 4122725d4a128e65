import type { Action } from "@aws-sdk/client-elastic-load-balancing-v2";
import { describe, expect, it } from "vitest";
import { EMPTY_LISTENER, listenerCommands, listenerFaults } from "../lib/listener-form";
import {
  NO_PRE_ROUTING,
  type PreRoutingForm,
  preRoutingAction,
  preRoutingFaults,
  preRoutingForm,
} from "../lib/pre-routing";
import { actionForm } from "../lib/rule-actions";

const SESSION = {
  SessionCookieName: "AWSELBAuthSessionCookie",
  Scope: "openid email",
  SessionTimeout: 3600,
  OnUnauthenticatedRequest: "allow" as const,
  AuthenticationRequestExtraParams: { display: "page" },
};
const OIDC = {
  Issuer: "https://login.test",
  AuthorizationEndpoint: "https://login.test/authorize",
  TokenEndpoint: "https://login.test/token",
  UserInfoEndpoint: "https://login.test/userinfo",
  ClientId: "shop",
  ...SESSION,
};
const COGNITO: Action = {
  Type: "authenticate-cognito",
  AuthenticateCognitoConfig: {
    UserPoolArn: "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Shop",
    UserPoolClientId: "shop",
    UserPoolDomain: "login",
    ...SESSION,
  },
};
const TOKEN: Action = {
  Type: "jwt-validation",
  JwtValidationConfig: {
    JwksEndpoint: "https://login.test/jwks",
    Issuer: "https://login.test",
    AdditionalClaims: [{ Name: "role", Format: "string-array", Values: ["a b", "c"] }],
  },
};
const LOGIN: Action = { Type: "authenticate-oidc", AuthenticateOidcConfig: OIDC };

describe("what is asked before an action", () => {
  it.each([
    ["a login with Cognito", COGNITO],
    ["a token", TOKEN],
  ])("is %s, and comes through a form unchanged", (_, action) => {
    expect(preRoutingAction(preRoutingForm(action))).toEqual(action);
    expect(preRoutingFaults(preRoutingForm(action))).toEqual({});
  });

  it("is nothing", () => {
    expect(preRoutingAction(preRoutingForm(undefined))).toBeNull();
    expect(preRoutingFaults(NO_PRE_ROUTING)).toEqual({});
  });

  it("keeps a secret that nobody can read, unless another is typed", () => {
    const form = preRoutingForm(LOGIN);
    const config = (other: Partial<PreRoutingForm>) =>
      preRoutingAction({ ...form, ...other })?.AuthenticateOidcConfig;
    expect(config({ clientId: "other" })).toEqual({
      ...OIDC,
      ClientId: "other",
      UseExistingClientSecret: true,
    });
    expect(config({ clientSecret: "s" })).toEqual({ ...OIDC, ClientSecret: "s" });
  });

  it("is faulty by field", () => {
    const fields = (kind: PreRoutingForm["kind"], other: Partial<PreRoutingForm> = {}) =>
      Object.keys(preRoutingFaults({ ...NO_PRE_ROUTING, kind, ...other }));
    expect(fields("authenticate-oidc")).toEqual([
      "issuer",
      "authorizationEndpoint",
      "tokenEndpoint",
      "userInfoEndpoint",
      "clientId",
      "clientSecret",
    ]);
    expect(fields("authenticate-cognito")).toEqual(["userPoolArn", "userPoolClientId", "userPoolDomain"]);
    expect(
      fields("jwt-validation", { claims: [{ name: "role", format: "single-string", values: "" }] }),
    ).toEqual(["jwksEndpoint", "tokenIssuer", "claims"]);
    const login = preRoutingForm(LOGIN);
    const twice = [...login.params, ...login.params];
    expect(
      preRoutingFaults({ ...login, issuer: "http://login.test", params: twice, sessionTimeout: "0" }),
    ).toEqual({
      issuer: "A whole URL, with https://.",
      params: "A parameter is there twice.",
      sessionTimeout: "1 to 604800 seconds.",
    });
  });
});

describe("a listener's login", () => {
  const action = actionForm([
    { ...LOGIN, Order: 1 },
    { Type: "fixed-response", Order: 2, FixedResponseConfig: { StatusCode: "200" } },
  ]);
  const first = { ...EMPTY_LISTENER, protocol: "HTTPS" as const, certificateArn: "arn:c", action };
  const command = (form: typeof EMPTY_LISTENER) => listenerCommands({ listener: "arn:l", first }, form);

  it("is not typed into the command that does the same, which has its secret from the shell", () => {
    const typed = { ...first, action: { ...action, before: { ...action.before, clientSecret: "it's" } } };
    expect(command(typed)).toContain(`"ClientSecret":"'"$CLIENT_SECRET"'"`);
    expect(command(typed)).not.toContain("it's");
  });

  it("goes with TLS, and is not looked at without", () => {
    const before = { ...action.before, issuer: "" };
    expect(listenerFaults({ ...first, action: { ...action, before } }).before).toHaveProperty("issuer");
    const plain = { ...first, protocol: "HTTP" as const, action: { ...action, before } };
    expect(listenerFaults(plain)).toEqual({});
    expect(command(plain)).toContain('--default-actions \'[{"Type":"fixed-response"');
  });
});
