import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";

interface Props {
  command: string;
  /** The command's first word, where it is another. */
  noun?: "aws" | "tidegate" | undefined;
}

/** Copies the `aws` command that shows or does the same; `tidegate` where AWS has none. */
export function CopyCommand({ command, noun = "aws" }: Props) {
  return (
    <CopyToClipboard
      variant="button"
      copyButtonText={`Copy ${noun} command`}
      copySuccessText={command}
      copyErrorText="The browser did not let it be copied"
      textToCopy={command}
    />
  );
}
