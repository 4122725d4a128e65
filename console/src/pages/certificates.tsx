import type { CertificateSummary } from "@aws-sdk/client-acm";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { CopyCommand } from "../components/copy-command";
import { PageLink, paths } from "../components/link";
import { ImportCertificate, RequestCertificate } from "../components/new-certificate";
import { type Column, ResourceTable } from "../components/resource-table";
import { CertificateStatus } from "../components/statuses";
import { certificatesQuery } from "../lib/acm";
import { awsCommand, nameOf } from "../lib/text";
import { moment } from "../lib/times";

const COLUMNS: Column<CertificateSummary>[] = [
  {
    id: "id",
    header: "Certificate",
    value: (c) => nameOf(c.CertificateArn),
    cell: (c) => (
      <PageLink to={paths.certificate(nameOf(c.CertificateArn))}>{nameOf(c.CertificateArn)}</PageLink>
    ),
    minWidth: 220,
  },
  {
    id: "domain",
    header: "Domain name",
    value: (c) => c.SubjectAlternativeNameSummaries?.join(" ") ?? c.DomainName,
    cell: (c) => {
      const others = (c.SubjectAlternativeNameSummaries ?? []).filter((name) => name !== c.DomainName);
      return `${c.DomainName}${others.length > 0 ? ` and ${others.length} more` : ""}`;
    },
    minWidth: 220,
  },
  {
    id: "status",
    header: "Status",
    value: (c) => c.Status,
    cell: (c) => <CertificateStatus status={c.Status} />,
    minWidth: 130,
  },
  {
    id: "type",
    header: "Type",
    value: (c) => c.Type,
    cell: (c) => `${c.Type === "IMPORTED" ? "imported" : "issued here"}, ${c.KeyAlgorithm}`,
    minWidth: 180,
  },
  {
    id: "used",
    header: "In use",
    value: (c) => (c.InUse ? "yes" : "no"),
    cell: (c) => (c.InUse ? "yes" : "no"),
    minWidth: 90,
  },
  {
    id: "until",
    header: "Expires",
    value: (c) => c.NotAfter?.getTime(),
    cell: (c) => moment(c.NotAfter),
    minWidth: 200,
  },
];

export default function Certificates() {
  const navigate = useNavigate();
  const show = (arn: string) => void navigate(paths.certificate(nameOf(arn)));
  return (
    <ResourceTable
      variant="full-page"
      noun="certificates"
      title="Certificates"
      columns={COLUMNS}
      query={useQuery(certificatesQuery)}
      rowKey={(certificate) => certificate.CertificateArn ?? ""}
      sortBy="domain"
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyCommand command={awsCommand("acm list-certificates", {})} />
          <ImportCertificate onMade={show} />
          <RequestCertificate onMade={show} isPrimary />
        </SpaceBetween>
      }
      empty="There is no certificate yet: request one for the name that clients use, for a listener that speaks HTTPS."
    />
  );
}
