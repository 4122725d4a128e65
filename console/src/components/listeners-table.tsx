import {
  DeleteListenerCommand,
  type Listener,
  type LoadBalancer,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { elbv2 } from "../lib/clients";
import { type Bound, boundQuery, listenersQuery } from "../lib/elbv2";
import { placesOf } from "../lib/places";
import { awsCommand } from "../lib/text";
import { Action } from "./action";
import { CopyCommand } from "./copy-command";
import { PageButton, PageLink, paths } from "./link";
import { type Column, ResourceTable } from "./resource-table";
import { Actions } from "./rule-text";

/** The listeners of a load balancer, to be added, edited and deleted. */
export function Listeners({ balancer }: { balancer: LoadBalancer }) {
  const query = useQuery(listenersQuery(balancer.LoadBalancerArn ?? ""));
  const bound = useQuery(boundQuery);
  const [selected, setSelected] = useState<string | null>(null);
  const chosen = query.data?.find(({ ListenerArn }) => ListenerArn === selected) ?? null;
  const name = balancer.LoadBalancerName ?? "";
  return (
    <ResourceTable
      noun="listeners"
      title="Listeners"
      columns={useMemo(() => columns(balancer, bound.data ?? {}), [balancer, bound.data])}
      query={query}
      rowKey={(listener) => listener.ListenerArn ?? ""}
      selected={selected}
      onSelect={setSelected}
      sortBy="port"
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyCommand
            command={awsCommand("elbv2 describe-listeners", {
              "load-balancer-arn": balancer.LoadBalancerArn,
            })}
          />
          <DeleteListener listener={chosen} />
          <PageButton to={paths.editListener(name, selected ?? "")} isPlain isDisabled={chosen === null}>
            Edit
          </PageButton>
          <PageButton to={paths.createListener(name)}>Add listener</PageButton>
        </SpaceBetween>
      }
      empty="This load balancer has no listener, so it answers nowhere: add one."
    />
  );
}

function DeleteListener({ listener }: { listener: Listener | null }) {
  const name = `${listener?.Protocol}:${listener?.Port}`;
  const ListenerArn = listener?.ListenerArn;
  return (
    <Action
      label="Delete"
      title={`Delete listener ${name}?`}
      command={awsCommand("elbv2 delete-listener", { "listener-arn": ListenerArn })}
      run={() => elbv2.send(new DeleteListenerCommand({ ListenerArn }))}
      done={`Listener ${name} was deleted.`}
      kinds={["listener"]}
      isDisabled={listener === null}
    >
      <Box>Its rules go with it, and nothing answers on its port any more. Target groups stay.</Box>
    </Action>
  );
}

/** Where a listener answers: by the load balancer's name in browsers, by its address everywhere. */
function Places({
  listener,
  dnsName,
  bound,
}: {
  listener: Listener;
  dnsName: string;
  bound: Bound | undefined;
}) {
  const places = placesOf(listener, dnsName, bound);
  if (places.length === 0) {
    return (
      <StatusIndicator type="pending">{bound?.error ?? "The balancer has not bound it yet"}</StatusIndicator>
    );
  }
  return (
    <SpaceBetween size="xxs">
      {places.map((place) => (
        <Link key={place} href={place} external externalIconAriaLabel="Opens in a new tab">
          {place}
        </Link>
      ))}
      {bound?.nameError && <StatusIndicator type="warning">{bound.nameError}</StatusIndicator>}
    </SpaceBetween>
  );
}

function columns(balancer: LoadBalancer, bound: Record<string, Bound>): Column<Listener>[] {
  return [
    {
      id: "port",
      header: "Listener",
      value: (l) => l.Port,
      cell: (l) => `${l.Protocol}:${l.Port}`,
      minWidth: 110,
    },
    {
      id: "places",
      header: "Answers on",
      cell: (l) => (
        <Places listener={l} dnsName={balancer.DNSName ?? ""} bound={bound[l.ListenerArn ?? ""]} />
      ),
      minWidth: 320,
    },
    {
      id: "actions",
      header: "Default action",
      cell: (l) => <Actions actions={l.DefaultActions ?? []} />,
      minWidth: 220,
    },
    {
      id: "certificates",
      header: "Certificate and policy",
      cell: (l) => <Tls listener={l} />,
      minWidth: 180,
    },
  ];
}

function Tls({ listener }: { listener: Listener }) {
  const id = listener.Certificates?.[0]?.CertificateArn?.split("/")[1];
  if (!id) return <>-</>;
  return (
    <>
      <PageLink to={paths.certificate(id)}>{id.slice(0, 8)}</PageLink>, {listener.SslPolicy}
      {listener.MutualAuthentication?.Mode !== "off" && listener.MutualAuthentication
        ? `, clients' certificates: ${listener.MutualAuthentication.Mode}`
        : ""}
    </>
  );
}
