import type {
  Action,
  AuthenticateCognitoActionConfig,
  AuthenticateOidcActionConfig,
  JwtValidationActionConfig,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { isWithin } from "./numbers";
import { lineOf, wordsIn } from "./shell-words";

export type PreRoutingKind = "none" | "authenticate-oidc" | "authenticate-cognito" | "jwt-validation";

export type OnUnauthenticated = "authenticate" | "allow" | "deny";
export type ClaimFormat = "single-string" | "string-array" | "space-separated-values";

/** What is asked of who sends a request, before it is acted on, as a form has it: numbers as they were typed. */
export interface PreRoutingForm {
  kind: PreRoutingKind;
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  userInfoEndpoint: string;
  clientId: string;
  /** Empty where the one that there is stays: it is never shown. */
  clientSecret: string;
  hasSecret: boolean;
  userPoolArn: string;
  userPoolClientId: string;
  userPoolDomain: string;
  cookieName: string;
  scope: string;
  sessionTimeout: string;
  onUnauthenticated: OnUnauthenticated;
  params: { name: string; value: string }[];
  jwksEndpoint: string;
  tokenIssuer: string;
  /** Their values are words as a shell has them. */
  claims: { name: string; format: ClaimFormat; values: string }[];
}

export const NO_PRE_ROUTING: PreRoutingForm = {
  kind: "none",
  issuer: "",
  authorizationEndpoint: "",
  tokenEndpoint: "",
  userInfoEndpoint: "",
  clientId: "",
  clientSecret: "",
  hasSecret: false,
  userPoolArn: "",
  userPoolClientId: "",
  userPoolDomain: "",
  cookieName: "AWSELBAuthSessionCookie",
  scope: "openid",
  sessionTimeout: "604800",
  onUnauthenticated: "authenticate",
  params: [],
  jwksEndpoint: "",
  tokenIssuer: "",
  claims: [],
};

export const PARAMS_MAX = 10;
export const CLAIMS_MAX = 10;
const SESSION_SECONDS_MAX = 604_800;

/** The form of an action that there is; of none where there is none. */
export function preRoutingForm(action: Action | undefined): PreRoutingForm {
  const {
    AuthenticateOidcConfig: oidc,
    AuthenticateCognitoConfig: cognito,
    JwtValidationConfig: jwt,
  } = action ?? {};
  return {
    ...NO_PRE_ROUTING,
    ...(oidc && oidcForm(oidc)),
    ...(cognito && cognitoForm(cognito)),
    ...(jwt && jwtForm(jwt)),
  };
}

const oidcForm = (config: AuthenticateOidcActionConfig): Partial<PreRoutingForm> => ({
  kind: "authenticate-oidc",
  issuer: config.Issuer ?? "",
  authorizationEndpoint: config.AuthorizationEndpoint ?? "",
  tokenEndpoint: config.TokenEndpoint ?? "",
  userInfoEndpoint: config.UserInfoEndpoint ?? "",
  clientId: config.ClientId ?? "",
  hasSecret: true,
  ...sessionForm(config),
});

const cognitoForm = (config: AuthenticateCognitoActionConfig): Partial<PreRoutingForm> => ({
  kind: "authenticate-cognito",
  userPoolArn: config.UserPoolArn ?? "",
  userPoolClientId: config.UserPoolClientId ?? "",
  userPoolDomain: config.UserPoolDomain ?? "",
  ...sessionForm(config),
});

const jwtForm = (config: JwtValidationActionConfig): Partial<PreRoutingForm> => ({
  kind: "jwt-validation",
  jwksEndpoint: config.JwksEndpoint ?? "",
  tokenIssuer: config.Issuer ?? "",
  claims: (config.AdditionalClaims ?? []).map(({ Name = "", Format = "single-string", Values = [] }) => ({
    name: Name,
    format: Format,
    values: lineOf(Values),
  })),
});

type Session = Pick<
  AuthenticateOidcActionConfig,
  | "SessionCookieName"
  | "Scope"
  | "SessionTimeout"
  | "OnUnauthenticatedRequest"
  | "AuthenticationRequestExtraParams"
>;

const sessionForm = (config: Session): Partial<PreRoutingForm> => ({
  cookieName: config.SessionCookieName ?? NO_PRE_ROUTING.cookieName,
  scope: config.Scope ?? NO_PRE_ROUTING.scope,
  sessionTimeout: `${config.SessionTimeout ?? NO_PRE_ROUTING.sessionTimeout}`,
  onUnauthenticated: config.OnUnauthenticatedRequest ?? NO_PRE_ROUTING.onUnauthenticated,
  params: Object.entries(config.AuthenticationRequestExtraParams ?? {}).map(([name, value]) => ({
    name,
    value,
  })),
});

export type PreRoutingFaults = Partial<Record<keyof PreRoutingForm, string>>;

const isUrl = (text: string) => /^https:\/\/[^/\s]+/.test(text);
const URL_FAULT = "A whole URL, with https://.";

/** What is wrong with a form, by field. AWS has the last word on what is not said here. */
export function preRoutingFaults(form: PreRoutingForm): PreRoutingFaults {
  if (form.kind === "authenticate-oidc") return { ...oidcFaults(form), ...sessionFaults(form) };
  if (form.kind === "authenticate-cognito") return { ...cognitoFaults(form), ...sessionFaults(form) };
  return form.kind === "jwt-validation" ? jwtFaults(form) : {};
}

function oidcFaults(form: PreRoutingForm): PreRoutingFaults {
  const urls = ["issuer", "authorizationEndpoint", "tokenEndpoint", "userInfoEndpoint"] as const;
  return {
    ...Object.fromEntries(urls.filter((url) => !isUrl(form[url])).map((url) => [url, URL_FAULT])),
    ...(!form.clientId && { clientId: "The id by which the provider knows this client is needed." }),
    ...(!form.clientSecret && !form.hasSecret && { clientSecret: "The client's secret is needed." }),
  };
}

const cognitoFaults = (form: PreRoutingForm): PreRoutingFaults => ({
  ...(!/^arn:[\w-]+:cognito-idp:/.test(form.userPoolArn) && {
    userPoolArn: "The ARN of a user pool is needed.",
  }),
  ...(!form.userPoolClientId && { userPoolClientId: "The id of the pool's app client is needed." }),
  ...(!form.userPoolDomain && { userPoolDomain: "The pool's domain, or the prefix of it, is needed." }),
});

const sessionFaults = (form: PreRoutingForm): PreRoutingFaults => ({
  ...(!isWithin(form.sessionTimeout, 1, SESSION_SECONDS_MAX) && { sessionTimeout: "1 to 604800 seconds." }),
  ...(form.params.some(({ name }) => !name) && { params: "Each parameter has a name." }),
  ...(new Set(form.params.map(({ name }) => name)).size < form.params.length && {
    params: "A parameter is there twice.",
  }),
});

const jwtFaults = (form: PreRoutingForm): PreRoutingFaults => ({
  ...(!isUrl(form.jwksEndpoint) && { jwksEndpoint: URL_FAULT }),
  ...(!form.tokenIssuer && { tokenIssuer: "The issuer that tokens name is needed." }),
  ...(form.claims.some(({ name, values }) => !name || wordsIn(values).length === 0) && {
    claims: "Each claim has a name, and one value or more.",
  }),
});

const MARK = "@CLIENT_SECRET@";

/** Actions as an option of an `aws` command has them, without the client's secret: see `withSecret`. */
export const actionsText = (actions: Action[]): string =>
  JSON.stringify(actions, (name, value) => (name === "ClientSecret" ? MARK : value));

/** A command that takes the client's secret from a variable of the shell: it is not shown, nor kept in a history. */
export const withSecret = (command: string): string => command.replaceAll(MARK, `'"$CLIENT_SECRET"'`);

/** The action of a form, as the API takes it; null for none. */
export function preRoutingAction(form: PreRoutingForm): Action | null {
  if (form.kind === "authenticate-oidc") return { Type: form.kind, AuthenticateOidcConfig: oidcOf(form) };
  if (form.kind === "authenticate-cognito")
    return {
      Type: form.kind,
      AuthenticateCognitoConfig: {
        UserPoolArn: form.userPoolArn,
        UserPoolClientId: form.userPoolClientId,
        UserPoolDomain: form.userPoolDomain,
        ...sessionOf(form),
      },
    };
  if (form.kind === "jwt-validation") return { Type: form.kind, JwtValidationConfig: jwtOf(form) };
  return null;
}

const oidcOf = (form: PreRoutingForm): AuthenticateOidcActionConfig => ({
  Issuer: form.issuer,
  AuthorizationEndpoint: form.authorizationEndpoint,
  TokenEndpoint: form.tokenEndpoint,
  UserInfoEndpoint: form.userInfoEndpoint,
  ClientId: form.clientId,
  ...(form.clientSecret ? { ClientSecret: form.clientSecret } : { UseExistingClientSecret: true }),
  ...sessionOf(form),
});

const sessionOf = (form: PreRoutingForm): Session => ({
  // Left empty, AWS takes what it proposes.
  ...(form.cookieName && { SessionCookieName: form.cookieName }),
  ...(form.scope && { Scope: form.scope }),
  SessionTimeout: Number(form.sessionTimeout),
  OnUnauthenticatedRequest: form.onUnauthenticated,
  ...(form.params.length > 0 && {
    AuthenticationRequestExtraParams: Object.fromEntries(form.params.map(({ name, value }) => [name, value])),
  }),
});

const jwtOf = (form: PreRoutingForm): JwtValidationActionConfig => ({
  JwksEndpoint: form.jwksEndpoint,
  Issuer: form.tokenIssuer,
  ...(form.claims.length > 0 && {
    AdditionalClaims: form.claims.map(({ name, format, values }) => ({
      Name: name,
      Format: format,
      Values: wordsIn(values),
    })),
  }),
});
