import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import Textarea from "@cloudscape-design/components/textarea";
import { useRef, useState } from "react";
import { importPem, request } from "../lib/acm";
import { EMPTY_IMPORT, EMPTY_REQUEST, importCommand, requestCommand } from "../lib/certificate-forms";
import { Action } from "./action";

interface Props {
  /** Hears the ARN of the certificate that was made. */
  onMade?: (arn: string) => void;
  isPrimary?: boolean;
}

const KEYS = ["RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1"].map((value) => ({
  value,
}));

/** Has a certificate issued for a name, at once. */
export function RequestCertificate({ onMade, isPrimary }: Props) {
  const [form, setForm] = useState(EMPTY_REQUEST);
  const made = useRef("");
  return (
    <Action
      label="Request certificate"
      title="Request a certificate"
      command={requestCommand(form)}
      run={async () => {
        made.current = await request(form);
      }}
      done={`A certificate for ${form.domain} was issued.`}
      kinds={["certificate"]}
      isPrimary={isPrimary ?? false}
      typed={form}
      onOpen={() => setForm(EMPTY_REQUEST)}
      onDone={() => onMade?.(made.current)}
    >
      <FormField
        label="Domain name"
        description="Issued at once by this installation's own authority: clients trust it once they have the root that tidegate ca prints."
      >
        <Input
          value={form.domain}
          placeholder="shop.example.com"
          onChange={({ detail }) => setForm({ ...form, domain: detail.value.trim() })}
        />
      </FormField>
      <FormField label="Other names" description="That it is good for too, parted by spaces.">
        <Input
          value={form.otherNames}
          placeholder="www.example.com *.shop.example.com"
          onChange={({ detail }) => setForm({ ...form, otherNames: detail.value })}
        />
      </FormField>
      <FormField label="Key algorithm">
        <Select
          options={KEYS}
          selectedOption={{ value: form.keyAlgorithm }}
          onChange={({ detail }) => setForm({ ...form, keyAlgorithm: detail.selectedOption.value ?? "" })}
        />
      </FormField>
    </Action>
  );
}

interface ImportProps extends Props {
  /** The certificate whose place the imported one takes. */
  arn?: string;
}

const PARTS = [
  { field: "certificate", label: "Certificate body", description: "PEM, of this certificate alone." },
  { field: "key", label: "Certificate private key", description: "PEM, without a passphrase." },
  {
    field: "chain",
    label: "Certificate chain",
    description: "PEM, of the authorities between; may be empty.",
  },
] as const;

/** Imports a certificate that another authority issued. */
export function ImportCertificate({ onMade, arn }: ImportProps) {
  const [form, setForm] = useState(EMPTY_IMPORT);
  const made = useRef("");
  return (
    <Action
      label={arn ? "Reimport certificate" : "Import certificate"}
      title={arn ? "Import in this certificate's place" : "Import a certificate"}
      command={importCommand(form, arn)}
      run={async () => {
        made.current = await importPem(form, arn);
      }}
      done="The certificate was imported."
      kinds={["certificate"]}
      typed={form}
      onOpen={() => setForm(EMPTY_IMPORT)}
      onDone={() => onMade?.(made.current)}
    >
      {PARTS.map(({ field, label, description }) => (
        <FormField key={field} label={label} description={description}>
          <Textarea
            value={form[field]}
            rows={4}
            spellcheck={false}
            onChange={({ detail }) => setForm({ ...form, [field]: detail.value })}
          />
        </FormField>
      ))}
    </Action>
  );
}
