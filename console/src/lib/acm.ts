import {
  ACMClient,
  type CertificateDetail,
  type CertificateSummary,
  DescribeCertificateCommand,
  ImportCertificateCommand,
  KeyAlgorithm,
  ListTagsForCertificateCommand,
  paginateListCertificates,
  RequestCertificateCommand,
  type Tag,
} from "@aws-sdk/client-acm";
import { queryOptions } from "@tanstack/react-query";
import { nullOn } from "./aws-errors";
import { type Imported, type Requested, words } from "./certificate-forms";
import { clientOptions } from "./clients";
import { ofOne } from "./listing";

export const acm = new ACMClient(clientOptions);

// Without key types ACM lists certificates with RSA keys of up to 2,048 bits alone.
const KEY_TYPES = Object.values(KeyAlgorithm);

export const certificatesQuery = queryOptions({
  queryKey: ["certificate"],
  queryFn: async (): Promise<CertificateSummary[]> => {
    const found: CertificateSummary[] = [];
    const asked = { Includes: { keyTypes: KEY_TYPES } };
    for await (const page of paginateListCertificates({ client: acm }, asked))
      found.push(...(page.CertificateSummaryList ?? []));
    return found;
  },
});

export const certificateQuery = (arn: string) =>
  queryOptions({
    queryKey: ["certificate", arn],
    queryFn: async (): Promise<CertificateDetail | null> => {
      const command = new DescribeCertificateCommand({ CertificateArn: arn });
      const answer = await nullOn("ResourceNotFound", () => acm.send(command));
      return answer?.Certificate ?? null;
    },
  });

export const certificateTagsQuery = (arn: string) =>
  queryOptions({
    queryKey: ["certificate", arn, "tags"],
    queryFn: async (): Promise<Tag[]> =>
      (await acm.send(new ListTagsForCertificateCommand({ CertificateArn: arn }))).Tags ?? [],
    meta: ofOne(arn),
  });

/** Request a certificate; the ARN of what the installation's authority issued. */
export async function request({ domain, otherNames, keyAlgorithm }: Requested): Promise<string> {
  const others = words(otherNames);
  const answer = await acm.send(
    new RequestCertificateCommand({
      DomainName: domain,
      ValidationMethod: "DNS",
      KeyAlgorithm: keyAlgorithm as KeyAlgorithm,
      ...(others.length > 0 && { SubjectAlternativeNames: others }),
    }),
  );
  return answer.CertificateArn ?? "";
}

/** Import a certificate, in the place of another where an ARN is given; its ARN. */
export async function importPem({ certificate, key, chain }: Imported, arn?: string): Promise<string> {
  const encoder = new TextEncoder();
  const answer = await acm.send(
    new ImportCertificateCommand({
      Certificate: encoder.encode(certificate),
      PrivateKey: encoder.encode(key),
      ...(chain.trim() && { CertificateChain: encoder.encode(chain) }),
      ...(arn && { CertificateArn: arn }),
    }),
  );
  return answer.CertificateArn ?? "";
}
