import type { ProtectedTask } from "@aws-sdk/client-ecs";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import {
  isMinutes,
  MINUTES_DEFAULT,
  MINUTES_FAULT,
  type ProtectionForm,
  protectionCommand,
  protectionQuery,
  updateProtection,
} from "../lib/task-protection";
import { errorText } from "../lib/text";
import { moment } from "../lib/times";
import { Action } from "./action";
import { useNow } from "./now";

interface Props {
  cluster: string;
  id: string;
}

const isHeld = (protection: ProtectedTask | null | undefined, now: number): boolean =>
  protection?.protectionEnabled === true && (protection.expirationDate?.getTime() ?? now + 1) > now;

/** Until when neither scale-in nor a deployment stops the task. It ends by itself, also on the page. */
export function TaskProtection({ cluster, id }: Props) {
  const { data, error } = useQuery(protectionQuery(cluster, id));
  const now = useNow();
  if (error) return <StatusIndicator type="warning">{errorText(error)}</StatusIndicator>;
  if (data === undefined) return <StatusIndicator type="loading">Loading</StatusIndicator>;
  if (!isHeld(data, now)) return "None";
  return <StatusIndicator type="info">{`Until ${moment(data?.expirationDate)}`}</StatusIndicator>;
}

/** Protects the task from scale-in and deployments for a while, anew or no longer. */
export function EditProtection({ cluster, id, isDisabled }: Props & { isDisabled: boolean }) {
  const { data } = useQuery({ ...protectionQuery(cluster, id), enabled: !isDisabled });
  const [form, setForm] = useState<ProtectionForm>({ isProtected: true, minutes: MINUTES_DEFAULT });
  const change = (part: Partial<ProtectionForm>) => setForm((old) => ({ ...old, ...part }));
  const short = id.slice(0, 12);
  return (
    <Action
      label="Set protection"
      title={`Scale-in protection of task ${short}`}
      command={protectionCommand(cluster, id, form)}
      run={() => updateProtection(cluster, id, form)}
      done={form.isProtected ? `Task ${short} is protected.` : `Task ${short} is not protected any more.`}
      kinds={["task"]}
      isDisabled={isDisabled}
      typed={form}
      onOpen={() => setForm({ isProtected: true, minutes: MINUTES_DEFAULT })}
    >
      <Checkbox
        checked={form.isProtected}
        onChange={({ detail }) => change({ isProtected: detail.checked })}
        description={
          isHeld(data, Date.now())
            ? `It is protected until ${moment(data?.expirationDate)}; what is asked for here begins anew.`
            : "Neither scale-in nor a deployment stops it meanwhile: both wait for it. Bad health and Stop still do."
        }
      >
        Protected from scale-in and deployments
      </Checkbox>
      {form.isProtected && (
        <FormField
          label="Minutes"
          description="From now on, 1 to 2880 (48 hours)."
          {...(!isMinutes(form.minutes) && { errorText: MINUTES_FAULT })}
        >
          <Input
            value={form.minutes}
            inputMode="numeric"
            onChange={({ detail }) => change({ minutes: detail.value.trim() })}
          />
        </FormField>
      )}
    </Action>
  );
}
