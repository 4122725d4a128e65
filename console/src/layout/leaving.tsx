import { useState } from "react";
import { useBlocker } from "react-router";
import { LeaveQuestion } from "../components/leave-question";
import { signOut } from "../lib/session";
import { isUnsaved } from "../lib/unsaved";

/** Asks before a page is left with what was typed in it. */
export function Leaving() {
  const blocker = useBlocker(
    ({ currentLocation: from, nextLocation: to }) =>
      isUnsaved() && (from.pathname !== to.pathname || from.search !== to.search),
  );
  if (blocker.state !== "blocked") return null;
  return (
    <LeaveQuestion
      title="Leave this page?"
      onStay={() => blocker.reset()}
      onLeave={() => blocker.proceed()}
    />
  );
}

/** What signs out, and what it asks before where something was typed. */
export function useSignOut() {
  const [isAsking, setAsking] = useState(false);
  const question = isAsking && (
    <LeaveQuestion title="Sign out?" onStay={() => setAsking(false)} onLeave={signOut} />
  );
  return { signOut: () => (isUnsaved() ? setAsking(true) : signOut()), question };
}
