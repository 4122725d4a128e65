import Box from "@cloudscape-design/components/box";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Link from "@cloudscape-design/components/link";

interface Props {
  name: string;
  /** Where it really answers; none before a listener is bound. */
  place: string | undefined;
}

/** A DNS name, to be copied, and to be clicked where something answers: the name itself is the link, but where its
 * port is another process's. It takes the same place before the link is known. */
export function NameWithPlace({ name, place }: Props) {
  const isNamed = name !== "" && (place?.includes(name) ?? false);
  const external = { external: true, externalIconAriaLabel: "Opens in a new tab" };
  return (
    <>
      <div style={{ display: "flex", alignItems: "start", overflowWrap: "anywhere" }}>
        <div>
          {isNamed ? (
            <Link href={place ?? ""} {...external}>
              {name}
            </Link>
          ) : (
            name
          )}
        </div>
        <CopyToClipboard
          variant="icon"
          textToCopy={name}
          copyButtonAriaLabel="Copy DNS name"
          copySuccessText="DNS name copied"
          copyErrorText="The browser did not let it be copied"
        />
      </div>
      {place && !isNamed && (
        <Box>
          <Link href={place} {...external}>{`Open ${place}`}</Link>
        </Box>
      )}
    </>
  );
}
