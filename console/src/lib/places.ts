import type { Listener } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Bound } from "./elbv2";

const USUAL: Record<string, number> = { HTTP: 80, HTTPS: 443 };

function url(protocol: string, host: string, port: number): string {
  return `${protocol.toLowerCase()}://${host}${port === USUAL[protocol] ? "" : `:${port}`}/`;
}

/** URLs on which a listener really answers: by the load balancer's name where that is bound, by its address. */
export function placesOf(listener: Listener, dnsName: string, bound: Bound | undefined): string[] {
  if (!bound?.port) return [];
  const protocol = listener.Protocol ?? "HTTP";
  return [
    ...(bound.namePort ? [url(protocol, dnsName, bound.namePort)] : []),
    ...(bound.address ? [url(protocol, bound.address, bound.port)] : []),
  ];
}
