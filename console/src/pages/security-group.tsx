import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
  type SecurityGroupRule,
} from "@aws-sdk/client-ec2";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { Action } from "../components/action";
import { CopyCommand } from "../components/copy-command";
import { Details } from "../components/details";
import { PageLink, paths } from "../components/link";
import { Page } from "../components/page";
import { type Column, ResourceTable } from "../components/resource-table";
import { DeleteSecurityGroup } from "../components/security-group-table";
import { PageTabs } from "../components/tabs";
import { ec2, securityGroupsQuery, securityRulesQuery } from "../lib/ec2";
import { listState } from "../lib/list-state";
import {
  addCommand,
  check,
  type Direction,
  EMPTY,
  type PeerKind,
  type Protocol,
  peerOf,
  permission,
  portsOf,
  protocolOf,
} from "../lib/security-rules";
import { awsCommand } from "../lib/text";

export default function SecurityGroupPage() {
  const { id = "" } = useParams();
  const navigate = useNavigate();
  const query = useQuery({
    ...securityGroupsQuery,
    select: (all) => all.find(({ GroupId }) => GroupId === id) ?? null,
  });
  return (
    <Details noun="security group" query={query}>
      {(group) => (
        <Page
          title={group.GroupName}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <DeleteSecurityGroup group={group} onDone={() => void navigate(paths.securityGroups())} />
              <CopyCommand command={awsCommand("ec2 describe-security-groups", { "group-ids": id })} />
            </SpaceBetween>
          }
        >
          <Overview group={group} />
          <PageTabs
            label="Rules of the security group"
            tabs={[
              {
                id: "inbound",
                label: "Inbound rules",
                content: <Rules key="ingress" group={group} direction="ingress" />,
              },
              {
                id: "outbound",
                label: "Outbound rules",
                content: <Rules key="egress" group={group} direction="egress" />,
              },
            ]}
          />
        </Page>
      )}
    </Details>
  );
}

function Overview({ group }: { group: SecurityGroup }) {
  return (
    <Container>
      <KeyValuePairs
        columns={3}
        items={[
          { label: "Id", value: group.GroupId ?? "-" },
          { label: "Description", value: group.Description ?? "-" },
          { label: "VPC", value: <PageLink to={paths.vpc(group.VpcId ?? "")}>{group.VpcId}</PageLink> },
        ]}
      />
    </Container>
  );
}

function Peer({ rule, names }: { rule: SecurityGroupRule; names: Map<string, string> }) {
  const peer = peerOf(rule);
  const name = names.get(peer);
  if (!name) return <>{peer === "0.0.0.0/0" ? `${peer} (anywhere)` : peer}</>;
  return <PageLink to={paths.securityGroup(peer)}>{`${name} (${peer})`}</PageLink>;
}

function columns(direction: Direction, names: Map<string, string>): Column<SecurityGroupRule>[] {
  return [
    {
      id: "id",
      header: "Rule",
      value: (r) => r.SecurityGroupRuleId,
      cell: (r) => r.SecurityGroupRuleId,
      minWidth: 190,
    },
    { id: "protocol", header: "Protocol", value: protocolOf, cell: protocolOf, minWidth: 110 },
    { id: "ports", header: "Ports", value: portsOf, cell: portsOf, minWidth: 120 },
    {
      id: "peer",
      header: direction === "ingress" ? "From" : "To",
      value: (r) => `${names.get(peerOf(r)) ?? ""} ${peerOf(r)}`,
      cell: (r) => <Peer rule={r} names={names} />,
      minWidth: 220,
    },
    {
      id: "description",
      header: "Description",
      value: (r) => r.Description,
      cell: (r) => r.Description ?? "-",
      minWidth: 150,
    },
  ];
}

function Rules({ group, direction }: { group: SecurityGroup; direction: Direction }) {
  const id = group.GroupId ?? "";
  const [selected, setSelected] = useState<string | null>(null);
  const query = useQuery({
    ...securityRulesQuery(id),
    select: (all) => all.filter(({ IsEgress }) => IsEgress === (direction === "egress")),
  });
  const { data: groups } = useQuery(securityGroupsQuery);
  const shown = useMemo(() => {
    const names = new Map((groups ?? []).map(({ GroupId = "", GroupName = "" }) => [GroupId, GroupName]));
    return columns(direction, names);
  }, [direction, groups]);
  const chosen = query.data?.find(({ SecurityGroupRuleId }) => SecurityGroupRuleId === selected);
  return (
    <ResourceTable
      noun="rules"
      title={direction === "ingress" ? "Inbound rules" : "Outbound rules"}
      columns={shown}
      query={query}
      rowKey={(rule) => rule.SecurityGroupRuleId ?? ""}
      sortBy="ports"
      selected={selected}
      onSelect={setSelected}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Revoke groupId={id} direction={direction} rule={chosen} />
          <CopyCommand
            command={awsCommand("ec2 describe-security-group-rules", {
              filters: `Name=group-id,Values=${id}`,
            })}
          />
          <AddRule group={group} direction={direction} />
        </SpaceBetween>
      }
      empty={
        direction === "ingress"
          ? "Nobody is let in: add a rule for those who are to be."
          : "Nothing is let out: add a rule for what is to be."
      }
    />
  );
}

function Revoke(props: { groupId: string; direction: Direction; rule: SecurityGroupRule | undefined }) {
  const { groupId, direction, rule } = props;
  const id = rule?.SecurityGroupRuleId ?? "";
  const asked = { GroupId: groupId, SecurityGroupRuleIds: [id] };
  return (
    <Action
      label="Revoke"
      title={`Revoke ${id}?`}
      command={awsCommand(`ec2 revoke-security-group-${direction}`, {
        "group-id": groupId,
        "security-group-rule-ids": id,
      })}
      // A client's `send` takes one kind of command at a time.
      run={() =>
        direction === "ingress"
          ? ec2.send(new RevokeSecurityGroupIngressCommand(asked))
          : ec2.send(new RevokeSecurityGroupEgressCommand(asked))
      }
      done="The rule was revoked."
      kinds={["security-group"]}
      isDisabled={!rule}
    >
      <Box>
        {rule &&
          `${protocolOf(rule)}, ports ${portsOf(rule)}, ${peerOf(rule)}: new connections are let through no more.`}
      </Box>
    </Action>
  );
}

const PROTOCOLS: { value: Protocol; label: string }[] = [
  { value: "tcp", label: "TCP" },
  { value: "udp", label: "UDP" },
  { value: "icmp", label: "ICMP" },
  { value: "-1", label: "All" },
];
const PEERS: { value: PeerKind; label: string }[] = [
  { value: "anywhere", label: "Anywhere (0.0.0.0/0)" },
  { value: "block", label: "Addresses" },
  { value: "group", label: "What is in a security group" },
];

function AddRule({ group, direction }: { group: SecurityGroup; direction: Direction }) {
  const [rule, setRule] = useState(EMPTY);
  const [isChecked, setChecked] = useState(false);
  const groups = useQuery(securityGroupsQuery);
  const id = group.GroupId ?? "";
  const found = check(rule);
  const faults = isChecked ? found : {};
  const change = (part: Partial<typeof rule>) => setRule({ ...rule, ...part });
  const groupOptions = (groups.data ?? [])
    .filter(({ VpcId }) => VpcId === group.VpcId)
    .map(({ GroupId = "", GroupName }) => ({ value: GroupId, label: `${GroupName} (${GroupId})` }));
  return (
    <Action
      label="Add rule"
      title={direction === "ingress" ? "Add an inbound rule" : "Add an outbound rule"}
      isPrimary
      command={addCommand(id, direction, rule)}
      run={() => {
        setChecked(true);
        const first = Object.values(found)[0];
        if (first) throw new Error(first);
        const asked = { GroupId: id, IpPermissions: [permission(rule)] };
        return direction === "ingress"
          ? ec2.send(new AuthorizeSecurityGroupIngressCommand(asked))
          : ec2.send(new AuthorizeSecurityGroupEgressCommand(asked));
      }}
      done="The rule was added."
      kinds={["security-group"]}
      typed={rule}
      onOpen={() => {
        setRule(EMPTY);
        setChecked(false);
      }}
    >
      <FormField label="Protocol">
        <Select
          options={PROTOCOLS}
          selectedOption={PROTOCOLS.find(({ value }) => value === rule.protocol) ?? null}
          onChange={({ detail }) => change({ protocol: detail.selectedOption.value as Protocol })}
        />
      </FormField>
      {(rule.protocol === "tcp" || rule.protocol === "udp") && (
        <FormField
          label="Ports"
          description="One, or the first and the last: tasks with host port 0 get one of 32768-65535."
          errorText={faults.ports ?? ""}
        >
          <Input value={rule.ports} onChange={({ detail }) => change({ ports: detail.value })} />
        </FormField>
      )}
      <FormField label={direction === "ingress" ? "From" : "To"}>
        <RadioGroup
          value={rule.peer}
          items={PEERS}
          onChange={({ detail }) => change({ peer: detail.value as PeerKind })}
        />
      </FormField>
      {rule.peer === "block" && (
        <FormField label="Addresses" description="As 10.0.0.0/16." errorText={faults.block ?? ""}>
          <Input value={rule.block} onChange={({ detail }) => change({ block: detail.value.trim() })} />
        </FormField>
      )}
      {rule.peer === "group" && (
        <FormField
          label="Security group"
          description="The load balancer's, to let it in and nobody else."
          errorText={faults.groupId ?? ""}
        >
          <Select
            options={groupOptions}
            {...listState(groups)}
            placeholder="Choose a security group"
            selectedOption={groupOptions.find(({ value }) => value === rule.groupId) ?? null}
            onChange={({ detail }) => change({ groupId: detail.selectedOption.value ?? "" })}
          />
        </FormField>
      )}
      <FormField label="Description" description="May be empty.">
        <Input value={rule.description} onChange={({ detail }) => change({ description: detail.value })} />
      </FormField>
    </Action>
  );
}
