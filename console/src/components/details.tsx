import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Spinner from "@cloudscape-design/components/spinner";
import type { ReactNode } from "react";
import { useConnection } from "../lib/connection";
import { errorText } from "../lib/text";

interface Props<T> {
  noun: string;
  query: { data: T | null | undefined; error: Error | null };
  children: (item: T) => ReactNode;
}

/** The page of one resource: while it loads, where it is not there, and itself. */
export function Details<T>({ noun, query, children }: Props<T>) {
  if (query.data)
    return (
      <>
        <Stale noun={noun} error={query.error} />
        {children(query.data)}
      </>
    );
  if (query.error) {
    return (
      <Alert type="error" header={`The ${noun} cannot be shown`}>
        {errorText(query.error)}
      </Alert>
    );
  }
  if (query.data === null) {
    return (
      <Alert type="info" header={`There is no such ${noun}`}>
        It may have been deleted, or the link names another installation's.
      </Alert>
    );
  }
  return (
    <Box padding="xxl" textAlign="center">
      <Spinner size="large" /> Loading the {noun}
    </Box>
  );
}

/** Says above what was known before why it could not be asked again; that control is away stands above the page. */
export function Stale({ noun, error }: { noun: string; error: Error | null }) {
  const { isConnected } = useConnection();
  if (!error || !isConnected) return null;
  return (
    <Alert type="warning" header={`The ${noun} could not be asked for again: what is shown may be old`}>
      {errorText(error)}
    </Alert>
  );
}

/** An ARN, shown whole and with a button that copies it. */
export function Arn({ arn }: { arn: string | undefined }) {
  if (!arn) return <>-</>;
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={arn}
      copyButtonAriaLabel="Copy ARN"
      copySuccessText="ARN copied"
      copyErrorText="The browser did not let it be copied"
    />
  );
}
