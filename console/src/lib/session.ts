import { useSyncExternalStore } from "react";

/** Credentials that end. All tabs share them; the long-lived key is never kept. */
export interface Session {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  /** ISO 8601. */
  expiration: string;
}

const KEY = "tidegate.session";
/** What is signed names a region; the installation takes any and answers for its own. */
export const SIGNING_REGION = "us-east-1";

const listeners = new Set<() => void>();
let kept: { text: string | null; session: Session | null } = { text: null, session: null };

/** The session of this browser, or null when nobody is signed in. */
export function currentSession(): Session | null {
  const text = localStorage.getItem(KEY);
  if (text !== kept.text) kept = { text, session: parsed(text) };
  if (kept.session && Date.parse(kept.session.expiration) <= Date.now()) return null;
  return kept.session;
}

export function useSession(): Session | null {
  return useSyncExternalStore(subscribe, currentSession);
}

export function keepSession(session: Session): void {
  localStorage.setItem(KEY, JSON.stringify(session));
  tell();
}

/** Forget the credentials here and in every other tab. */
export function signOut(): void {
  localStorage.removeItem(KEY);
  tell();
}

/** Exchange an access key for a session. Raises what STS says. */
export async function signInWithKey(accessKeyId: string, secretAccessKey: string): Promise<void> {
  // Seldom needed: the other pages do not load it.
  const { STSClient, GetSessionTokenCommand } = await import("@aws-sdk/client-sts");
  const client = new STSClient({
    endpoint: location.origin,
    region: SIGNING_REGION,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  const { Credentials } = await client.send(new GetSessionTokenCommand({}));
  if (!Credentials?.AccessKeyId || !Credentials.SecretAccessKey || !Credentials.SessionToken) {
    throw new Error("STS gave no credentials.");
  }
  keepSession({
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken,
    expiration: (Credentials.Expiration ?? new Date(Date.now() + 3_600_000)).toISOString(),
  });
}

/** Exchange the code of a one-time link for a session. Raises what control says. */
export async function signInWithCode(code: string): Promise<void> {
  const answer = await fetch("/console/sign-in", { method: "POST", body: JSON.stringify({ code }) });
  if (!answer.ok) throw new Error((await answer.text()).trim());
  keepSession((await answer.json()) as Session);
}

function parsed(text: string | null): Session | null {
  if (text === null) return null;
  try {
    const session = JSON.parse(text) as Partial<Session>;
    const isWhole =
      session.accessKeyId && session.secretAccessKey && session.sessionToken && session.expiration;
    return isWhole ? (session as Session) : null;
  } catch {
    return null;
  }
}

function subscribe(listener: () => void): () => void {
  const onStorage = (event: StorageEvent) => {
    if (event.key === KEY || event.key === null) listener();
  };
  listeners.add(listener);
  addEventListener("storage", onStorage);
  return () => {
    listeners.delete(listener);
    removeEventListener("storage", onStorage);
  };
}

function tell(): void {
  for (const listener of listeners) listener();
}
