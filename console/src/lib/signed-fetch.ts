import { Sha256Js } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { SIGNING_REGION, sessionToSign } from "./session";

/** GET one of Tidegate's own pages, signed with the session. */
export function signedFetch(path: string, signal?: AbortSignal): Promise<Response> {
  return signedRequest(path, { method: "GET", headers: {} }, signal);
}

interface Asked {
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
}

/** Send what is signed with the session, for the service `tidegate`. */
export async function signedRequest(path: string, asked: Asked, signal?: AbortSignal): Promise<Response> {
  const { accessKeyId, secretAccessKey, sessionToken } = sessionToSign();
  const signer = new SignatureV4({
    service: "tidegate",
    region: SIGNING_REGION,
    // crypto.subtle is missing on plain HTTP beyond this machine.
    sha256: Sha256Js,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
  });
  const signed = await signer.sign({
    ...asked,
    protocol: location.protocol,
    hostname: location.hostname,
    path,
    headers: { ...asked.headers, host: location.host },
  });
  const { host: _, ...headers } = signed.headers;
  return fetch(path, {
    method: asked.method,
    headers,
    body: asked.body ?? null,
    signal: signal ?? null,
    cache: "no-store",
  });
}
