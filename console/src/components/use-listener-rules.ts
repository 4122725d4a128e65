import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { rulesQuery } from "../lib/elbv2";
import type { NewService } from "../lib/new-service";
import { nextPriority } from "../lib/rule-order";
import { forwardsTo } from "./service-balancing";
import type { StepProps } from "./use-steps";

type Props = Pick<StepProps<NewService>, "form" | "change">;

/** Keeps what the form says of the listener's rules true, whenever they come or change, and proposes a priority. */
export function useListenerRules({ form, change }: Props): void {
  const { listenerArn, targetGroupArn, isForwarded, priority } = form;
  const rules = useQuery({ ...rulesQuery(listenerArn), enabled: listenerArn !== "" }).data;
  const isNow = targetGroupArn !== "" && forwardsTo(rules, targetGroupArn);
  const proposed = useRef({ of: "", priority });
  useEffect(() => {
    if (rules && isNow !== isForwarded) change({ isForwarded: isNow });
    // Once for each listener that is chosen, and never in the place of what was typed.
    if (!rules || proposed.current.of === listenerArn) return;
    const isTyped = priority !== proposed.current.priority;
    proposed.current = { of: listenerArn, priority: isTyped ? "" : String(nextPriority(rules)) };
    if (!isTyped) change({ priority: proposed.current.priority });
  });
}
