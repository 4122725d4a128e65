import {
  GetTaskProtectionCommand,
  type ProtectedTask,
  UpdateTaskProtectionCommand,
} from "@aws-sdk/client-ecs";
import { queryOptions } from "@tanstack/react-query";
import { ecs } from "./clients";
import { isOf } from "./ecs";
import { isWithin } from "./numbers";
import { awsCommand } from "./text";

/** What the dialog asks for; minutes as they were typed. */
export interface ProtectionForm {
  isProtected: boolean;
  minutes: string;
}

// AWS's own, unless it is told otherwise.
export const MINUTES_DEFAULT = "120";
export const MINUTES_FAULT = "A whole number of minutes, 1 to 2880 (48 hours).";

/** Whether a task of a service is protected and until when, or null when it is not known any more. */
export const protectionQuery = (cluster: string, id: string) =>
  queryOptions({
    queryKey: ["task", cluster, id, "protection"],
    queryFn: async (): Promise<ProtectedTask | null> => {
      const asked = { cluster, tasks: [id] };
      return (await ecs.send(new GetTaskProtectionCommand(asked))).protectedTasks?.[0] ?? null;
    },
    meta: { shows: isOf(cluster, id) },
  });

export const isMinutes = (text: string): boolean => isWithin(text, 1, 2880);

/** Protect the task or no longer. Raises what AWS says, its failure for this one task too. */
export async function updateProtection(cluster: string, id: string, form: ProtectionForm): Promise<void> {
  if (form.isProtected && !isMinutes(form.minutes)) throw new Error(MINUTES_FAULT);
  const { failures = [] } = await ecs.send(
    new UpdateTaskProtectionCommand({
      cluster,
      tasks: [id],
      protectionEnabled: form.isProtected,
      ...(form.isProtected && { expiresInMinutes: Number(form.minutes) }),
    }),
  );
  const [failure] = failures;
  if (!failure) return;
  const told = new Error(failure.detail ?? "The task's protection was not changed.");
  told.name = failure.reason ?? told.name;
  throw told;
}

export const protectionCommand = (cluster: string, id: string, form: ProtectionForm): string =>
  awsCommand("ecs update-task-protection", {
    cluster,
    tasks: id,
    "protection-enabled": form.isProtected,
    "no-protection-enabled": !form.isProtected,
    "expires-in-minutes": form.isProtected ? form.minutes : undefined,
  });
