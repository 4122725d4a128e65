import { PutScheduledActionCommand } from "@aws-sdk/client-application-auto-scaling";
import { isName, NAME_FAULT, scaled, scaling, scalingCommand } from "./scaling";

/** A scheduled action as forms ask for it. Numbers are as they were typed; one of both bounds may be empty. */
export interface NewSchedule {
  actionName: string;
  schedule: string;
  timezone: string;
  minimum: string;
  maximum: string;
}

export const EMPTY_SCHEDULE: NewSchedule = {
  actionName: "",
  schedule: "cron(0 8 ? * MON-FRI *)",
  timezone: "UTC",
  minimum: "",
  maximum: "",
};

export function scheduleFaults(form: NewSchedule): Partial<Record<keyof NewSchedule, string>> {
  const isBound = (text: string) => /^\d{0,9}$/.test(text);
  return {
    ...(!isName(form.actionName) && { actionName: NAME_FAULT }),
    ...(!/^(at|rate|cron)\(.+\)$/.test(form.schedule) && {
      schedule: "at(...), rate(...) or cron(...).",
    }),
    ...(!(isBound(form.minimum) && isBound(form.maximum)) && { minimum: "Whole numbers, or nothing." }),
    ...(form.minimum === "" && form.maximum === "" && { minimum: "A minimum, a maximum or both." }),
  };
}

function bounds({ minimum, maximum }: NewSchedule) {
  return {
    ...(minimum !== "" && { MinCapacity: Number(minimum) }),
    ...(maximum !== "" && { MaxCapacity: Number(maximum) }),
  };
}

export function putSchedule(cluster: string, service: string, form: NewSchedule) {
  return scaling.send(
    new PutScheduledActionCommand({
      ...scaled(cluster, service),
      ScheduledActionName: form.actionName,
      Schedule: form.schedule,
      ...(form.timezone && { Timezone: form.timezone }),
      ScalableTargetAction: bounds(form),
    }),
  );
}

export function scheduleCommand(cluster: string, service: string, form: NewSchedule): string {
  return scalingCommand("put-scheduled-action", cluster, service, {
    "scheduled-action-name": form.actionName,
    schedule: form.schedule,
    timezone: form.timezone || undefined,
    "scalable-target-action": Object.entries(bounds(form))
      .map(([name, value]) => `${name}=${value}`)
      .join(","),
  });
}
