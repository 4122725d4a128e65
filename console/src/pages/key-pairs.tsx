import { CreateKeyPairCommand, DeleteKeyPairCommand, type KeyPairInfo } from "@aws-sdk/client-ec2";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Action } from "../components/action";
import { CopyCommand } from "../components/copy-command";
import { type Column, ResourceTable } from "../components/resource-table";
import { ec2, keyPairsQuery } from "../lib/ec2";
import { awsCommand, shellWord } from "../lib/text";
import { moment } from "../lib/times";

const COLUMNS: Column<KeyPairInfo>[] = [
  { id: "name", header: "Key pair", value: (k) => k.KeyName, cell: (k) => k.KeyName, minWidth: 160 },
  { id: "type", header: "Type", value: (k) => k.KeyType, cell: (k) => k.KeyType, minWidth: 110 },
  {
    id: "fingerprint",
    header: "Fingerprint",
    value: (k) => k.KeyFingerprint,
    cell: (k) => k.KeyFingerprint,
    minWidth: 300,
  },
  {
    id: "created",
    header: "Created",
    value: (k) => k.CreateTime?.getTime(),
    cell: (k) => moment(k.CreateTime),
    minWidth: 180,
  },
  { id: "id", header: "Id", value: (k) => k.KeyPairId, cell: (k) => k.KeyPairId, minWidth: 200 },
];

export default function KeyPairs() {
  const [selected, setSelected] = useState<string | null>(null);
  const query = useQuery(keyPairsQuery);
  const chosen = query.data?.find(({ KeyPairId }) => KeyPairId === selected);
  return (
    <ResourceTable
      variant="full-page"
      noun="key pairs"
      title="Key pairs"
      columns={COLUMNS}
      query={query}
      rowKey={(pair) => pair.KeyPairId ?? ""}
      sortBy="name"
      selected={selected}
      onSelect={setSelected}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <DeleteKeyPair name={chosen?.KeyName} />
          <CopyCommand command={awsCommand("ec2 describe-key-pairs", {})} />
          <CreateKeyPair />
        </SpaceBetween>
      }
      empty="There is no key pair yet. Instances can be run without one."
    />
  );
}

type KeyType = "ed25519" | "rsa";

interface Created {
  name: string;
  /** The private key: here only, and only until it is closed. */
  material: string;
}

function CreateKeyPair() {
  const [name, setName] = useState("");
  const [type, setType] = useState<KeyType>("ed25519");
  const [created, setCreated] = useState<Created | null>(null);
  return (
    <>
      <Action
        label="Create key pair"
        title="Create key pair"
        isPrimary
        command={`${awsCommand("ec2 create-key-pair", {
          "key-name": name,
          "key-type": type,
          query: "KeyMaterial",
          output: "text",
        })} > ${shellWord(`${name || "key"}.pem`)}`}
        run={async () => {
          const answer = await ec2.send(new CreateKeyPairCommand({ KeyName: name, KeyType: type }));
          setCreated({ name, material: answer.KeyMaterial ?? "" });
        }}
        done={`Key pair ${name} was created.`}
        kinds={["key-pair"]}
        typed={{ name, type }}
        onOpen={() => setName("")}
      >
        <FormField label="Key pair name">
          <Input value={name} onChange={({ detail }) => setName(detail.value.trim())} />
        </FormField>
        <FormField label="Type">
          <RadioGroup
            value={type}
            items={[
              { value: "ed25519", label: "ED25519" },
              { value: "rsa", label: "RSA" },
            ]}
            onChange={({ detail }) => setType(detail.value as KeyType)}
          />
        </FormField>
      </Action>
      {created && <PrivateKey created={created} onClose={() => setCreated(null)} />}
    </>
  );
}

function download({ name, material }: Created): void {
  const url = URL.createObjectURL(new Blob([material], { type: "application/x-pem-file" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name}.pem`;
  link.click();
  // A browser that asks where to keep it reads it later.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function PrivateKey({ created, onClose }: { created: Created; onClose: () => void }) {
  return (
    <Modal
      visible
      size="large"
      header={`The private key of ${created.name}`}
      closeAriaLabel="Close"
      // Neither a click beside it nor Escape must lose the key.
      onDismiss={({ detail }) => detail.reason === "closeButton" && onClose()}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <CopyToClipboard
              variant="button"
              copyButtonText="Copy private key"
              copySuccessText="Private key copied"
              copyErrorText="The browser did not let it be copied"
              textToCopy={created.material}
            />
            <Button iconName="download" onClick={() => download(created)}>
              Download
            </Button>
            <Button variant="primary" onClick={onClose}>
              Close
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Alert type="warning">Keep it now: it is kept nowhere here, and shown this once.</Alert>
        <Box variant="pre">{created.material}</Box>
      </SpaceBetween>
    </Modal>
  );
}

function DeleteKeyPair({ name }: { name: string | undefined }) {
  return (
    <Action
      label="Delete"
      title={`Delete ${name}?`}
      command={awsCommand("ec2 delete-key-pair", { "key-name": name ?? "" })}
      run={() => ec2.send(new DeleteKeyPairCommand({ KeyName: name }))}
      done={`Key pair ${name} was deleted.`}
      kinds={["key-pair"]}
      isDisabled={name === undefined}
    >
      <Box>Instances that were run with it stay as they are.</Box>
    </Action>
  );
}
