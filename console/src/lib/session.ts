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

const ENDED = "Your session has ended: sign in again.";
// The longest that a timer can wait.
const TIMER_MAX_MS = 2 ** 31 - 1;

/** What a browser keeps: a session, or why there is none any more. */
interface Kept {
  session: Session | null;
  ending: string | null;
}

const listeners = new Set<() => void>();
let kept: Kept & { text: string | null } = { text: null, session: null, ending: null };
let timer: ReturnType<typeof setTimeout> | undefined;

function look(): Kept {
  const text = localStorage.getItem(KEY);
  if (text !== kept.text) {
    kept = { text, ...parsed(text) };
    clearTimeout(timer);
    if (kept.session) timer = setTimeout(tell, Math.min(TIMER_MAX_MS, left(kept.session)));
  }
  if (kept.session && left(kept.session) <= 0) return { session: null, ending: ENDED };
  return kept;
}

const left = ({ expiration }: Session) => Date.parse(expiration) - Date.now();

/** The session of this browser, or null when nobody is signed in. */
export const currentSession = (): Session | null => look().session;

/** Why there is no session any more; null where there is one, or where its user signed out. */
const ending = (): string | null => look().ending;

/** The session; raises what AWS answers to one that is over. */
export function sessionToSign(): Session {
  const session = currentSession();
  if (!session) throw Object.assign(new Error(ENDED), { name: "ExpiredTokenException" });
  return session;
}

export function useSession(): Session | null {
  return useSyncExternalStore(subscribe, currentSession);
}

export function useEnding(): string | null {
  return useSyncExternalStore(subscribe, ending);
}

// A request of the session before may be answered so long after the next one began.
const LATE_MS = 10_000;
let begun = Number.NEGATIVE_INFINITY;

/** Whether an answer may still be to a request of the session before. */
export const isNew = (): boolean => Date.now() - begun < LATE_MS;

export function keepSession(session: Session): void {
  begun = Date.now();
  localStorage.setItem(KEY, JSON.stringify(session));
  tell();
}

/** Forget the credentials here and in every other tab, which say why they ask for others. */
export function endSession(why = ENDED): void {
  // What was signed out of stays so, whatever is answered after.
  if (!currentSession()) return;
  localStorage.setItem(KEY, JSON.stringify({ ending: why }));
  tell();
}

/** Forget the credentials here and in every other tab. */
export function signOut(): void {
  begun = Number.NEGATIVE_INFINITY;
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

function parsed(text: string | null): Kept {
  try {
    const found = JSON.parse(text ?? "{}") as Partial<Session> & { ending?: string };
    const isWhole = found.accessKeyId && found.secretAccessKey && found.sessionToken && found.expiration;
    return { session: isWhole ? (found as Session) : null, ending: found.ending ?? null };
  } catch {
    return { session: null, ending: null };
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
