import {
  AddListenerCertificatesCommand,
  type Certificate,
  CreateListenerCommand,
  type Listener,
  ModifyListenerCommand,
  RemoveListenerCertificatesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { elbv2 } from "./clients";
import { type MutualForm, mutualFault, mutualForm, mutualOf, mutualWord, NO_MUTUAL } from "./mutual-tls";
import { SSL_POLICY } from "./new-load-balancer";
import { isPort, PORT_FAULT } from "./numbers";
import {
  actionsText,
  NO_PRE_ROUTING,
  type PreRoutingFaults,
  preRoutingFaults,
  withSecret,
} from "./pre-routing";
import { type ActionForm, actionFault, actionForm, actionsOf, EMPTY_ACTION } from "./rule-actions";
import { isOther } from "./same";
import { awsCommand } from "./text";

/** A listener as a form has it. */
export interface ListenerForm {
  protocol: "HTTP" | "HTTPS";
  port: string;
  certificateArn: string;
  /** Certificates beside the default one, chosen by the name that a client asks for. */
  otherArns: string[];
  sslPolicy: string;
  mutual: MutualForm;
  action: ActionForm;
}

export const EMPTY_LISTENER: ListenerForm = {
  protocol: "HTTP",
  port: "80",
  certificateArn: "",
  otherArns: [],
  sslPolicy: SSL_POLICY,
  mutual: NO_MUTUAL,
  action: EMPTY_ACTION,
};

const others = (certificates: Certificate[]): string[] =>
  certificates.flatMap(({ IsDefault, CertificateArn }) =>
    IsDefault || !CertificateArn ? [] : [CertificateArn],
  );

/** The form of a listener that there is, with all its certificates. */
export function listenerForm(listener: Listener, certificates: Certificate[]): ListenerForm {
  return {
    protocol: listener.Protocol === "HTTPS" ? "HTTPS" : "HTTP",
    port: `${listener.Port}`,
    certificateArn: listener.Certificates?.[0]?.CertificateArn ?? "",
    otherArns: others(certificates),
    sslPolicy: listener.SslPolicy ?? SSL_POLICY,
    mutual: mutualForm(listener.MutualAuthentication),
    action: actionForm(listener.DefaultActions ?? []),
  };
}

export interface ListenerFaults {
  port?: string;
  certificateArn?: string;
  mutual?: string;
  action?: string;
  before?: PreRoutingFaults;
}

/** How clients' certificates are handled. There are none without TLS. */
const mutualIn = ({ protocol, mutual }: ListenerForm) => mutualOf(protocol === "HTTPS" ? mutual : NO_MUTUAL);

/** The action of a form. Nobody is asked who he is without TLS. */
const actionOf = ({ protocol, action }: ListenerForm): ActionForm =>
  protocol === "HTTPS" ? action : { ...action, before: NO_PRE_ROUTING };

/** What of a listener that there is goes with its HTTPS, where a form changes it to HTTP: sentences. */
export function lostWithHttps(first: ListenerForm, form: ListenerForm): string[] {
  if (first.protocol !== "HTTPS" || form.protocol === "HTTPS") return [];
  const { kind, hasSecret } = first.action.before;
  return [
    ...(kind === "none" ? [] : [`${BEFORE_TEXTS[kind]} no more: everybody gets in.`]),
    ...(hasSecret ? ["The client's secret is lost with it, and is to be typed anew."] : []),
    ...(first.mutual.mode === "verify" ? ["Clients are asked for no certificate any more."] : []),
    ...(first.mutual.mode === "passthrough" ? ["Clients' certificates are passed on no more."] : []),
  ];
}

const BEFORE_TEXTS = {
  "authenticate-oidc": "The default action asks for a login",
  "authenticate-cognito": "The default action asks for a login",
  "jwt-validation": "The default action asks for a token",
};

/** A form with a client's secret to keep where there is one: that is the listener's, whatever is typed. */
export const withKept = (form: ListenerForm, { action }: ListenerForm): ListenerForm => {
  const before = { ...form.action.before, hasSecret: action.before.hasSecret };
  return { ...form, action: { ...form.action, before } };
};

/** The form of a listener that was saved: without its login, the secret went too. */
function savedForm(form: ListenerForm, otherArns: string[]): ListenerForm {
  const { kind, hasSecret } = actionOf(form).before;
  const before = { ...form.action.before, hasSecret: hasSecret && kind === "authenticate-oidc" };
  return { ...form, otherArns, action: { ...form.action, before } };
}

export function listenerFaults(form: ListenerForm): ListenerFaults {
  const action = actionFault(form.action);
  const mutual = form.protocol === "HTTPS" && mutualFault(form.mutual);
  const before = preRoutingFaults(actionOf(form).before);
  return {
    ...(!isPort(form.port) && { port: PORT_FAULT }),
    ...(form.protocol === "HTTPS" &&
      !form.certificateArn && { certificateArn: "Choose a certificate, or have one made." }),
    ...(mutual && { mutual }),
    ...(action && { action }),
    ...(Object.keys(before).length > 0 && { before }),
  };
}

/** Certificates to add and to take out, so that a listener has those of the form beside its default one.
 * `first` is what the form had when it was opened: one that somebody else added since is not to be removed. */
export function certificateChanges(first: ListenerForm, form: ListenerForm) {
  // A listener that speaks HTTP from now on has lost all of them by that.
  if (form.protocol === "HTTP") return { add: [], remove: [] };
  const had = first.otherArns;
  const wanted = form.otherArns.filter((arn) => arn !== form.certificateArn);
  return {
    add: wanted.filter((arn) => !had.includes(arn)),
    remove: had.filter((arn) => !wanted.includes(arn) && arn !== form.certificateArn),
  };
}

const asked = (form: ListenerForm) => ({
  Protocol: form.protocol,
  Port: Number(form.port),
  ...(form.protocol === "HTTPS" && {
    Certificates: [{ CertificateArn: form.certificateArn }],
    SslPolicy: form.sslPolicy,
  }),
  DefaultActions: actionsOf(actionOf(form)),
});

/** What a new listener is asked for by; a plain one has nothing to say of clients' certificates. */
const newly = (form: ListenerForm) => ({ ...asked(form), ...mutualChange(EMPTY_LISTENER, form) });

function mutualChange(first: ListenerForm, form: ListenerForm) {
  const [had, MutualAuthentication] = [mutualIn(first), mutualIn(form)];
  return form.protocol === "HTTPS" && isOther(MutualAuthentication, had) ? { MutualAuthentication } : {};
}

/** Make a listener; its ARN. Raises what AWS says. */
export async function createListener(loadBalancerArn: string, form: ListenerForm): Promise<string> {
  const command = new CreateListenerCommand({ LoadBalancerArn: loadBalancerArn, ...newly(form) });
  return (await elbv2.send(command)).Listeners?.[0]?.ListenerArn ?? "";
}

/** What of a listener is to be another than it was when the form was opened: weights that a shift moves
 * meanwhile stay where nobody typed others. */
function changed(first: ListenerForm, form: ListenerForm) {
  const { Protocol, Port, DefaultActions, ...tls } = asked(form);
  const isSpoken = form.protocol !== first.protocol;
  return {
    ...(isSpoken && { Protocol }),
    ...(form.port !== first.port && { Port }),
    // With HTTPS both are sent: for want of a policy AWS takes an old one.
    ...((isSpoken || form.certificateArn !== first.certificateArn || form.sslPolicy !== first.sslPolicy) &&
      tls),
    ...mutualChange(first, form),
    ...(isOther(actionOf(form), actionOf(first)) && { DefaultActions }),
  };
}

/** Make a listener what the form says, which was `first` when it was opened. `saved` hears after each call what the
 * listener is by then: another try goes on from there. Raises what AWS says. */
export async function modifyListener(
  arn: string,
  first: ListenerForm,
  form: ListenerForm,
  saved: (now: ListenerForm) => void,
): Promise<void> {
  const asked = changed(first, form);
  if (Object.keys(asked).length > 0) {
    await elbv2.send(new ModifyListenerCommand({ ListenerArn: arn, ...asked }));
  }
  // With HTTP it has lost its certificates; the default one is not beside itself.
  const kept = form.protocol === "HTTP" ? [] : first.otherArns.filter((one) => one !== form.certificateArn);
  const others = new Set(kept);
  const tell = () => saved(savedForm(form, [...others]));
  tell();
  const { add, remove } = certificateChanges(first, form);
  // The API takes one certificate a call.
  const one = (CertificateArn: string) => ({ ListenerArn: arn, Certificates: [{ CertificateArn }] });
  for (const each of add) {
    await elbv2.send(new AddListenerCertificatesCommand(one(each)));
    others.add(each);
    tell();
  }
  for (const each of remove) {
    await elbv2.send(new RemoveListenerCertificatesCommand(one(each)));
    others.delete(each);
    tell();
  }
}

/** Parts of a listener as options of `aws` commands. */
function options(parts: Partial<ReturnType<typeof newly>>) {
  const [certificate] = parts.Certificates ?? [];
  return {
    protocol: parts.Protocol,
    port: parts.Port,
    certificates: certificate && `CertificateArn=${certificate.CertificateArn}`,
    "ssl-policy": parts.SslPolicy,
    "mutual-authentication": parts.MutualAuthentication && mutualWord(parts.MutualAuthentication),
    "default-actions": parts.DefaultActions && actionsText(parts.DefaultActions),
  };
}

type Place = { listener: string; first: ListenerForm } | { loadBalancer: string };

/** The same as `aws` commands, one a line. `place` names the listener, with what it was when the form was
 * opened, or the load balancer of a new one. */
export const listenerCommands = (place: Place, form: ListenerForm): string =>
  withSecret(commandLines(place, form));

function commandLines(place: Place, form: ListenerForm): string {
  const { add, remove } = certificateChanges("first" in place ? place.first : EMPTY_LISTENER, form);
  const lines = (listener: string) => [
    ...add.map(
      (arn) => `aws elbv2 add-listener-certificates ${listener} --certificates CertificateArn=${arn}`,
    ),
    ...remove.map(
      (arn) => `aws elbv2 remove-listener-certificates ${listener} --certificates CertificateArn=${arn}`,
    ),
  ];
  if ("listener" in place) {
    const parts = changed(place.first, form);
    const named = { "listener-arn": place.listener };
    const modified = awsCommand("elbv2 modify-listener", { ...named, ...options(parts) });
    const others = lines(`--listener-arn ${place.listener}`);
    if (Object.keys(parts).length > 0) return [modified, ...others].join("\n");
    return others.join("\n") || awsCommand("elbv2 describe-listeners", { "listener-arns": place.listener });
  }
  const made = { "load-balancer-arn": place.loadBalancer, ...options(newly(form)) };
  if (add.length === 0) return awsCommand("elbv2 create-listener", made);
  const query = { query: "Listeners[0].ListenerArn", output: "text" };
  const named = `listener=$(${awsCommand("elbv2 create-listener", { ...made, ...query })})`;
  return [named, ...lines("--listener-arn $listener")].join("\n");
}
