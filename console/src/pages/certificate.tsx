import {
  AddTagsToCertificateCommand,
  type CertificateDetail,
  DeleteCertificateCommand,
  RemoveTagsFromCertificateCommand,
} from "@aws-sdk/client-acm";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { Action } from "../components/action";
import { CopyCommand } from "../components/copy-command";
import { Arn, Details } from "../components/details";
import { PageLink, paths } from "../components/link";
import { ImportCertificate } from "../components/new-certificate";
import { Page } from "../components/page";
import { CertificateStatus } from "../components/statuses";
import { TagsPanel } from "../components/tags-panel";
import { useGone } from "../components/use-gone";
import { acm, certificateQuery, certificatesQuery, certificateTagsQuery } from "../lib/acm";
import { saveTags, type TagChanges, tagCommands } from "../lib/tags";
import { awsCommand, elbName, nameOf, shorthand } from "../lib/text";
import { moment } from "../lib/times";

/** A certificate, by the last part of its ARN. */
export default function CertificatePage() {
  const { id = "" } = useParams();
  const all = useQuery(certificatesQuery);
  const known = all.data?.find(({ CertificateArn }) => nameOf(CertificateArn) === id);
  const arn = known?.CertificateArn ?? "";
  const one = useQuery({ ...certificateQuery(arn), enabled: arn !== "" });
  const data = all.data && !known ? null : one.data;
  return (
    <Details noun="certificate" query={{ data, error: all.error ?? one.error }}>
      {(certificate) => <Shown certificate={certificate} />}
    </Details>
  );
}

function Shown({ certificate }: { certificate: CertificateDetail }) {
  const arn = certificate.CertificateArn ?? "";
  return (
    <Page
      title={certificate.DomainName ?? nameOf(arn)}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyCommand command={awsCommand("acm describe-certificate", { "certificate-arn": arn })} />
          {certificate.Type === "IMPORTED" && <ImportCertificate arn={arn} />}
          <DeleteCertificate certificate={certificate} />
        </SpaceBetween>
      }
    >
      <Container header={<Header variant="h2">Certificate</Header>}>
        <Facts certificate={certificate} />
      </Container>
      <Tags arn={arn} />
    </Page>
  );
}

function Facts({ certificate }: { certificate: CertificateDetail }) {
  const users = certificate.InUseBy ?? [];
  return (
    <KeyValuePairs
      columns={4}
      items={[
        { label: "Status", value: <CertificateStatus status={certificate.Status} /> },
        { label: "Names", value: certificate.SubjectAlternativeNames?.join(", ") ?? "-" },
        { label: "Type", value: certificate.Type === "IMPORTED" ? "imported" : "issued here" },
        {
          label: "In use by",
          value:
            users.length > 0
              ? users.map((user) => (
                  <Box key={user}>
                    <PageLink to={paths.loadBalancer(elbName(user))}>{elbName(user)}</PageLink>
                  </Box>
                ))
              : "no listener",
        },
        { label: "Valid from", value: moment(certificate.NotBefore) },
        { label: "Expires", value: moment(certificate.NotAfter) },
        { label: "Renewal", value: renewal(certificate) },
        { label: "Key", value: certificate.KeyAlgorithm ?? "-" },
        { label: "Signature", value: certificate.SignatureAlgorithm ?? "-" },
        { label: "Issuer", value: certificate.Issuer ?? "-" },
        { label: "Serial number", value: certificate.Serial ?? "-" },
        { label: "ARN", value: <Arn arn={certificate.CertificateArn} /> },
      ]}
    />
  );
}

function renewal({ Type, RenewalEligibility }: CertificateDetail): string {
  if (Type === "IMPORTED") return "import the next one in its place";
  return RenewalEligibility === "ELIGIBLE" ? "by itself, before it expires" : "once it is in use";
}

function Tags({ arn }: { arn: string }) {
  const asked = { CertificateArn: arn };
  return (
    <TagsPanel
      query={useQuery(certificateTagsQuery(arn))}
      kinds={["certificate"]}
      command={(changes) => tagCommand(arn, changes)}
      save={(changes) =>
        saveTags(changes, {
          add: (Tags) => acm.send(new AddTagsToCertificateCommand({ ...asked, Tags })),
          remove: (keys) => {
            const Tags = keys.map((Key) => ({ Key }));
            return acm.send(new RemoveTagsFromCertificateCommand({ ...asked, Tags }));
          },
        })
      }
    />
  );
}

function tagCommand(arn: string, changes: TagChanges): string {
  const asked = { "certificate-arn": arn };
  return tagCommands(changes, {
    add: (tags) => awsCommand("acm add-tags-to-certificate", { ...asked, tags }),
    remove: (keys) => {
      const tags = keys.map((key) => `Key=${shorthand(key)}`);
      return awsCommand("acm remove-tags-from-certificate", { ...asked, tags });
    },
    show: awsCommand("acm list-tags-for-certificate", asked),
  });
}

function DeleteCertificate({ certificate }: { certificate: CertificateDetail }) {
  const gone = useGone();
  const arn = certificate.CertificateArn;
  return (
    <Action
      label="Delete"
      title={`Delete the certificate for ${certificate.DomainName}?`}
      command={awsCommand("acm delete-certificate", { "certificate-arn": arn })}
      run={() => acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))}
      done="The certificate was deleted."
      kinds={["certificate"]}
      onDone={() => gone(paths.certificates())}
    >
      <Box>One that a listener uses cannot be deleted.</Box>
    </Action>
  );
}
