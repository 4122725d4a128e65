import type { MultiselectProps } from "@cloudscape-design/components/multiselect";
import type { UseQueryResult } from "@tanstack/react-query";
import { errorText } from "./text";

type Asked = Pick<UseQueryResult, "data" | "isLoading" | "error" | "refetch">;

export type ListState = Pick<
  MultiselectProps,
  "statusType" | "loadingText" | "errorText" | "recoveryText" | "onLoadItems"
>;

/** How far the answers are that a list to choose from is made of, as Select and Multiselect take it: one that is
 * not there yet, or could not be read, is not empty. An older answer is shown where a newer one fails. */
export function listState(...asked: Asked[]): ListState {
  const failed = asked.filter(({ error, data }) => error && data === undefined);
  const isLoading = asked.some((query) => query.isLoading);
  return {
    statusType: failed.length > 0 ? "error" : isLoading ? "loading" : "finished",
    loadingText: "Loading",
    errorText: failed.map(({ error }) => errorText(error)).join(" "),
    recoveryText: "Try again",
    onLoadItems: ({ detail }) => {
      // It is told of a list that is opened, too.
      if (detail.samePage) for (const query of failed) void query.refetch();
    },
  };
}
