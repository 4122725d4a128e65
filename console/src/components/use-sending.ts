import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { notify } from "../layout/notices";
import { refresh } from "../lib/queries";
import { errorText } from "../lib/text";

interface Wanted<T> {
  /** What the form does, as its button or title says it. */
  title: string;
  run: () => Promise<T>;
  /** What is said when it is done. */
  done: string | ((result: T) => string);
  /** Kinds of resources that it changes, also where it fails half-way. */
  kinds: string[];
  /** Called where the form still stands, with whether it is done: it closes, or shows what is wrong. */
  onSettled?: (isDone: boolean) => void;
  /** Called when it is done, unless its page was left meanwhile. */
  onDone?: (result: T) => void;
}

interface Sending {
  isPending: boolean;
  error: Error | null;
  /** Sends it, unless it is under way: nothing is sent twice at once. */
  send: () => void;
  reset: () => void;
  /** Tells that the form stands open, or was left: an error is then told above the page. */
  stands: (isOpen: boolean) => void;
}

/** The request of a form, and what came of it, also for somebody who has left the form by then. */
export function useSending<T>(wanted: Wanted<T>): Sending {
  const isOpen = useRef(true);
  const isMounted = useRef(true);
  const isBusy = useRef(false);
  const stands = (open: boolean) => {
    isOpen.current = open;
  };
  useEffect(() => {
    isMounted.current = true;
    return () => {
      isMounted.current = false;
    };
  }, []);
  const isSeen = () => isMounted.current && isOpen.current;
  const { isPending, error, reset, mutate } = useMutation({
    mutationFn: wanted.run,
    onSettled: (_, error) => {
      isBusy.current = false;
      refresh(wanted.kinds);
      if (isSeen()) wanted.onSettled?.(error === null);
    },
    onSuccess: (result) => {
      notify("success", typeof wanted.done === "string" ? wanted.done : wanted.done(result));
      if (isMounted.current) wanted.onDone?.(result);
    },
    onError: (error) => {
      if (!isSeen()) notify("error", `${wanted.title}: ${errorText(error)}`);
    },
  });
  const send = () => {
    if (isBusy.current) return;
    isBusy.current = true;
    mutate();
  };
  return { isPending, error, send, reset, stands };
}
