import { DescribeSSLPoliciesCommand, type SslPolicy } from "@aws-sdk/client-elastic-load-balancing-v2";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { certificatesQuery } from "../lib/acm";
import { certificateName } from "../lib/certificate-forms";
import { elbv2 } from "../lib/clients";
import { listState } from "../lib/list-state";
import { ImportCertificate, RequestCertificate } from "./new-certificate";

export const sslPoliciesQuery = queryOptions({
  queryKey: ["ssl-policy"],
  // They are the same as long as this version of Tidegate runs.
  staleTime: Number.POSITIVE_INFINITY,
  refetchInterval: false,
  queryFn: async (): Promise<SslPolicy[]> => {
    const asked = new DescribeSSLPoliciesCommand({ LoadBalancerType: "application" });
    return (await elbv2.send(asked)).SslPolicies ?? [];
  },
});

/** The installation's certificates, as a Select takes them. */
export function useCertificateOptions() {
  const certificates = useQuery(certificatesQuery);
  const options = (certificates.data ?? []).map((one) => ({
    value: one.CertificateArn ?? "",
    label: certificateName(one.CertificateArn, one.DomainName),
    description: `${one.Type === "IMPORTED" ? "imported" : "issued here"}, ${one.KeyAlgorithm}`,
  }));
  return { options, state: listState(certificates) };
}

interface Props {
  certificateArn: string;
  sslPolicy: string;
  certificateFault?: string | undefined;
  onChange: (part: { certificateArn?: string; sslPolicy?: string }) => void;
}

/** What a listener for HTTPS needs: its certificate, made here where there is none, and its policy. */
export function TlsFields({ certificateArn, sslPolicy, certificateFault, onChange }: Props) {
  const policies = useQuery(sslPoliciesQuery);
  const { options, state } = useCertificateOptions();
  const policyOptions = (policies.data ?? []).map(({ Name = "", SslProtocols }) => ({
    value: Name,
    label: Name,
    description: (SslProtocols ?? []).join(", "),
  }));
  const choose = (arn: string) => onChange({ certificateArn: arn });
  return (
    <SpaceBetween size="l">
      <FormField
        label="Default certificate"
        description="Shown to clients that ask for no other certificate's name."
        errorText={certificateFault ?? ""}
        secondaryControl={
          <SpaceBetween direction="horizontal" size="xs">
            <RequestCertificate onMade={choose} />
            <ImportCertificate onMade={choose} />
          </SpaceBetween>
        }
      >
        <Select
          options={options}
          {...state}
          placeholder="Choose a certificate"
          empty="There is none yet: request or import one."
          filteringType="auto"
          selectedOption={
            options.find(({ value }) => value === certificateArn) ??
            (certificateArn ? { value: certificateArn, label: certificateArn } : null)
          }
          onChange={({ detail }) => choose(detail.selectedOption.value ?? "")}
        />
      </FormField>
      <FormField label="Security policy" description="The protocols and ciphers that clients may speak.">
        <Select
          options={policyOptions}
          {...listState(policies)}
          filteringType="auto"
          selectedOption={
            policyOptions.find(({ value }) => value === sslPolicy) ?? { value: sslPolicy, label: sslPolicy }
          }
          onChange={({ detail }) => onChange({ sslPolicy: detail.selectedOption.value ?? "" })}
        />
      </FormField>
    </SpaceBetween>
  );
}
