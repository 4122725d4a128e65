import {
  type MutualAuthenticationAttributes,
  paginateDescribeTrustStores,
  type TrustStore,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { queryOptions } from "@tanstack/react-query";
import { elbv2 } from "./clients";
import { elbName } from "./text";

/** How a listener handles clients' certificates, as a form has it. What only "verify" looks at is kept for it. */
export interface MutualForm {
  mode: "off" | "passthrough" | "verify";
  trustStoreArn: string;
  allowsExpired: boolean;
  advertises: boolean;
}

export const NO_MUTUAL: MutualForm = {
  mode: "off",
  trustStoreArn: "",
  allowsExpired: false,
  advertises: false,
};

const MODES: readonly (string | undefined)[] = ["passthrough", "verify"];

/** The form of what a listener has; off where it has nothing. */
export const mutualForm = (given: MutualAuthenticationAttributes | undefined): MutualForm => ({
  mode: MODES.includes(given?.Mode) ? (given?.Mode as MutualForm["mode"]) : "off",
  trustStoreArn: given?.TrustStoreArn ?? "",
  allowsExpired: given?.IgnoreClientCertificateExpiry ?? false,
  advertises: given?.AdvertiseTrustStoreCaNames === "on",
});

/** What is wrong with a form, or nothing. */
export const mutualFault = ({ mode, trustStoreArn }: MutualForm): string | undefined =>
  mode === "verify" && !trustStoreArn ? "Choose a trust store." : undefined;

/** The settings of a form, as the API takes them. */
export const mutualOf = (form: MutualForm): MutualAuthenticationAttributes =>
  form.mode === "verify"
    ? {
        Mode: form.mode,
        TrustStoreArn: form.trustStoreArn,
        IgnoreClientCertificateExpiry: form.allowsExpired,
        AdvertiseTrustStoreCaNames: form.advertises ? "on" : "off",
      }
    : { Mode: form.mode };

/** The same in the short form of an `aws` command's option. */
export const mutualWord = (given: MutualAuthenticationAttributes): string =>
  Object.entries(given)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");

/** The settings of a form in words. */
export function mutualText({ mode, trustStoreArn, allowsExpired, advertises }: MutualForm): string {
  if (mode !== "verify") return mode;
  return [
    `verify with trust store ${elbName(trustStoreArn)}`,
    ...(allowsExpired ? ["expired certificates are allowed"] : []),
    ...(advertises ? ["CA subject names are advertised"] : []),
  ].join(", ");
}

export const trustStoresQuery = queryOptions({
  queryKey: ["trust-store"],
  queryFn: async (): Promise<TrustStore[]> => {
    const found: TrustStore[] = [];
    for await (const page of paginateDescribeTrustStores({ client: elbv2, pageSize: 400 }, {}))
      found.push(...(page.TrustStores ?? []));
    return found;
  },
});
