import type { Service } from "@aws-sdk/client-ecs";

export interface Happened {
  id: string;
  at: Date | undefined;
  service: Service;
  message: string;
}

const EVENTS_MAX = 50;

const time = ({ at }: { at: Date | undefined }) => at?.getTime() ?? 0;

/** The newest events of all services, the newest first. A service has up to a hundred, its newest first too: of
 * a thousand services few are looked at. */
export function recentEvents(services: Service[]): Happened[] {
  let found: Happened[] = [];
  for (const service of services) {
    const oldest = found.length < EVENTS_MAX ? 0 : time(found[EVENTS_MAX - 1] ?? { at: undefined });
    const newer: Happened[] = [];
    for (const { id, createdAt, message } of service.events ?? []) {
      if (newer.length === EVENTS_MAX || time({ at: createdAt }) < oldest) break;
      newer.push({ id: id ?? "", at: createdAt, service, message: message ?? "" });
    }
    if (newer.length === 0) continue;
    found = [...found, ...newer].sort((one, other) => time(other) - time(one)).slice(0, EVENTS_MAX);
  }
  return found;
}
