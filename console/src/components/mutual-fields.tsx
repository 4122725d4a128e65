import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { listState } from "../lib/list-state";
import { type MutualForm, trustStoresQuery } from "../lib/mutual-tls";
import { count } from "../lib/text";
import { Choice } from "./fields";

interface Props {
  form: MutualForm;
  /** What is wrong, once it was to be sent. */
  fault: string | undefined;
  change: (part: Partial<MutualForm>) => void;
}

/** Whether clients show certificates, and who looks at them. */
export function MutualFields(props: Props) {
  const { form, change } = props;
  return (
    <SpaceBetween size="l">
      <FormField label="Mutual authentication (mTLS)" description="How clients' certificates are handled.">
        <RadioGroup
          value={form.mode}
          onChange={({ detail }) => change({ mode: detail.value as MutualForm["mode"] })}
          items={[
            { value: "off", label: "Off", description: "No client is asked for a certificate." },
            {
              value: "passthrough",
              label: "Passthrough",
              description:
                "Targets get the client's certificates in X-Amzn-Mtls-Clientcert, and verify them.",
            },
            {
              value: "verify",
              label: "Verify with trust store",
              description: "Whoever shows no certificate of the store's authorities is not connected.",
            },
          ]}
        />
      </FormField>
      {form.mode === "verify" && <Verifying {...props} />}
    </SpaceBetween>
  );
}

function Verifying({ form, fault, change }: Props) {
  const stores = useQuery(trustStoresQuery);
  const options = (stores.data ?? []).map(
    ({ TrustStoreArn = "", Name = "", NumberOfCaCertificates = 0 }) => ({
      value: TrustStoreArn,
      label: Name,
      description: count(NumberOfCaCertificates, "authority certificate"),
    }),
  );
  return (
    <SpaceBetween size="s">
      <Choice
        label="Trust store"
        description="The authorities whose certificates are taken, and what they have revoked."
        error={fault}
        options={options}
        value={form.trustStoreArn}
        placeholder="Choose a trust store"
        state={listState(stores)}
        empty="There is no trust store yet: aws elbv2 create-trust-store makes one."
        onChoose={(trustStoreArn) => change({ trustStoreArn })}
      />
      <Checkbox
        checked={form.allowsExpired}
        onChange={({ detail }) => change({ allowsExpired: detail.checked })}
      >
        Allow expired client certificates
      </Checkbox>
      <Checkbox
        checked={form.advertises}
        description="Clients are told them in the handshake, and choose their certificate by them."
        onChange={({ detail }) => change({ advertises: detail.checked })}
      >
        Advertise trust store CA subject names
      </Checkbox>
    </SpaceBetween>
  );
}
