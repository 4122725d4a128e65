import { awsCommand } from "./text";

/** What a request for a certificate is made of. */
export interface Requested {
  domain: string;
  /** Further names, parted by spaces or commas. */
  otherNames: string;
  keyAlgorithm: string;
}

export const EMPTY_REQUEST: Requested = { domain: "", otherNames: "", keyAlgorithm: "RSA_2048" };

/** What is imported, as PEM. */
export interface Imported {
  certificate: string;
  key: string;
  chain: string;
}

export const EMPTY_IMPORT: Imported = { certificate: "", key: "", chain: "" };

/** The words of a text that are parted by spaces, commas or ends of lines. */
export const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

export function requestCommand({ domain, otherNames, keyAlgorithm }: Requested): string {
  const others = words(otherNames);
  return awsCommand("acm request-certificate", {
    "domain-name": domain,
    "validation-method": "DNS",
    "key-algorithm": keyAlgorithm,
    "subject-alternative-names": others.length > 0 ? others : undefined,
  });
}

/** As a command it reads files: a private key has no place in a shell's history. */
export function importCommand({ chain }: Imported, arn?: string): string {
  return awsCommand("acm import-certificate", {
    "certificate-arn": arn,
    certificate: "fileb://certificate.pem",
    "private-key": "fileb://key.pem",
    "certificate-chain": chain.trim() ? "fileb://chain.pem" : undefined,
  });
}

/** A certificate's ARN in few letters: `shop.example (1a2b3c4d)`. */
export function certificateName(arn: string | undefined, domain: string | undefined): string {
  const id = arn?.split("/")[1]?.slice(0, 8) ?? "";
  return domain ? `${domain} (${id})` : id;
}
