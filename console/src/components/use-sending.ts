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
  /** Called when it is done, unless its page was left meanwhile. A form that is gone by itself, as of a thing that was
   * deleted, is not left. */
  onDone?: (result: T) => void;
}

interface Sending {
  isPending: boolean;
  error: Error | null;
  /** Sends it, unless it is under way: nothing is sent twice at once. */
  send: () => void;
  /** Take back what was said of it, unless it is under way. */
  reset: () => void;
  /** Tells that the form stands open, or was left: an error is then told above the page. */
  stands: (isOpen: boolean) => void;
}

type Sent<T> = Wanted<T> & { place: string };

/** Where the browser is in its history; react-router gives each entry a key. */
const placeNow = (): string => `${location.pathname} ${(history.state as { key?: string } | null)?.key}`;

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
  // What is sent is told of as it was when it was sent: the page goes on meanwhile, and may name another row by then.
  const { isPending, error, reset, mutate } = useMutation<T, Error, Sent<T>>({
    mutationFn: ({ run }) => run(),
    onSettled: (_, error, sent) => {
      isBusy.current = false;
      refresh(sent.kinds);
      if (isSeen()) sent.onSettled?.(error === null);
    },
    onSuccess: (result, { done, onDone, place }) => {
      notify("success", typeof done === "string" ? done : done(result));
      if (isMounted.current || place === placeNow()) onDone?.(result);
    },
    onError: (error, { title }) => {
      if (!isSeen()) notify("error", `${title}: ${errorText(error)}`);
    },
  });
  const send = () => {
    if (isBusy.current) return;
    isBusy.current = true;
    mutate({ ...wanted, place: placeNow() });
  };
  const forget = () => {
    if (!isBusy.current) reset();
  };
  return { isPending, error, send, reset: forget, stands };
}
