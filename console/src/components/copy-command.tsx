import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";

/** Copies the `aws` command that shows or does the same. */
export function CopyCommand({ command }: { command: string }) {
  return (
    <CopyToClipboard
      variant="button"
      copyButtonText="Copy aws command"
      copySuccessText={command}
      copyErrorText="The browser did not let it be copied"
      textToCopy={command}
    />
  );
}
