import Alert from "@cloudscape-design/components/alert";
import { useEffect, useRef } from "react";
import { isFocusNowhere } from "../layout/focus";
import { errorText } from "../lib/text";

/** Why something was not done, in AWS's words. It is read aloud; a keyboard that is nowhere, as after fields that
 * could not be used meanwhile, is led here. */
export function Refused({ error }: { error: Error | null }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error && isFocusNowhere()) place.current?.focus();
  }, [error]);
  if (!error) return null;
  return (
    <div ref={place} role="alert" tabIndex={-1}>
      <Alert type="error">{errorText(error)}</Alert>
    </div>
  );
}
