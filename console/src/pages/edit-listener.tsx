import {
  type Certificate,
  type Listener,
  type LoadBalancer,
  ModifyListenerAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams, useSearchParams } from "react-router";
import { ActionFields } from "../components/action-fields";
import { AttributesForm } from "../components/attributes-form";
import { Details } from "../components/details";
import { EditForm } from "../components/edit-form";
import { paths } from "../components/link";
import { MutualFields } from "../components/mutual-fields";
import { ShiftWarning } from "../components/shift-warning";
import { TlsFields, useCertificateOptions } from "../components/tls-fields";
import { certificateName } from "../lib/certificate-forms";
import { elbv2 } from "../lib/clients";
import {
  listenerAttributesQuery,
  listenerCertificatesQuery,
  listenersQuery,
  loadBalancerQuery,
  rulesQuery,
} from "../lib/elbv2";
import {
  createListener,
  EMPTY_LISTENER,
  type ListenerForm,
  listenerCommands,
  listenerFaults,
  listenerForm,
  lostWithHttps,
  modifyListener,
  withKept,
} from "../lib/listener-form";
import { withProtocol } from "../lib/new-load-balancer";

/** Adds a listener to a load balancer, or edits the one that the address names. */
export default function EditListener() {
  const { name = "" } = useParams();
  const arn = useSearchParams()[0].get("listener");
  return (
    <Details noun="load balancer" query={useQuery(loadBalancerQuery(name))}>
      {(balancer) =>
        arn ? <Existing key={arn} arn={arn} balancer={balancer} /> : <New balancer={balancer} />
      }
    </Details>
  );
}

const KINDS = ["listener", "rule", "target-group", "certificate"];

function New({ balancer }: { balancer: LoadBalancer }) {
  const [form, setForm] = useState(EMPTY_LISTENER);
  // Made at a try whose certificates could not be added: the next try goes on with it.
  const [made, setMade] = useState<{ listener: string; first: ListenerForm } | null>(null);
  const arn = balancer.LoadBalancerArn ?? "";
  return (
    <EditForm
      title="Add listener"
      description={`To load balancer ${balancer.LoadBalancerName}.`}
      submit="Add listener"
      command={listenerCommands(made ?? { loadBalancer: arn }, form)}
      typed={form}
      isFaulty={Object.keys(listenerFaults(form)).length > 0}
      run={async () => {
        const listener = made?.listener ?? (await createListener(arn, form));
        const first = made?.first ?? { ...form, otherArns: [] };
        await modifyListener(listener, first, form, (now) => setMade({ listener, first: now }));
      }}
      done={`Listener ${form.protocol}:${form.port} was added.`}
      kinds={KINDS}
      back={paths.loadBalancer(balancer.LoadBalancerName ?? "")}
    >
      {(isChecked) => (
        <Fields form={form} first={made?.first ?? EMPTY_LISTENER} isChecked={isChecked} onChange={setForm} />
      )}
    </EditForm>
  );
}

function Existing({ arn, balancer }: { arn: string; balancer: LoadBalancer }) {
  const listeners = useQuery(listenersQuery(balancer.LoadBalancerArn ?? ""));
  const certificates = useQuery(listenerCertificatesQuery(arn));
  const listener = listeners.data?.find(({ ListenerArn }) => ListenerArn === arn);
  const there = certificates.data;
  const both = listener && there ? { listener, there } : listeners.data && !listener ? null : undefined;
  return (
    <Details noun="listener" query={{ data: both, error: listeners.error ?? certificates.error }}>
      {({ listener, there }) => <Editor listener={listener} there={there} balancer={balancer} />}
    </Details>
  );
}

interface EditorProps {
  listener: Listener;
  there: Certificate[];
  balancer: LoadBalancer;
}

function Editor({ listener, there, balancer }: EditorProps) {
  const [first, setFirst] = useState(() => listenerForm(listener, there));
  const [typed, setTyped] = useState(first);
  const form = withKept(typed, first);
  const arn = listener.ListenerArn ?? "";
  const attributes = useQuery(listenerAttributesQuery(arn));
  const rules = useQuery(rulesQuery(arn));
  return (
    <SpaceBetween size="xxl">
      <EditForm
        title={`Edit ${listener.Protocol}:${listener.Port}`}
        description={`Listener of load balancer ${balancer.LoadBalancerName}.`}
        submit="Save listener"
        command={listenerCommands({ listener: arn, first }, form)}
        // Whether there is a secret to keep is not typed.
        typed={withKept(typed, EMPTY_LISTENER)}
        isFaulty={Object.keys(listenerFaults(form)).length > 0}
        run={async () => {
          // Attributes that are not saved may keep the page.
          await modifyListener(arn, first, form, setFirst);
        }}
        done={`Listener ${form.protocol}:${form.port} was saved.`}
        kinds={KINDS}
        back={paths.loadBalancer(balancer.LoadBalancerName ?? "")}
      >
        {(isChecked) => (
          <SpaceBetween size="l">
            <ShiftWarning ruleArn={rules.data?.find(({ IsDefault }) => IsDefault)?.RuleArn} />
            <Fields form={form} first={first} isChecked={isChecked} onChange={setTyped} />
          </SpaceBetween>
        )}
      </EditForm>
      <AttributesForm
        title="Listener attributes"
        query={attributes}
        known={{}}
        operation={`elbv2 modify-listener-attributes --listener-arn ${arn}`}
        save={(Attributes) =>
          elbv2.send(new ModifyListenerAttributesCommand({ ListenerArn: arn, Attributes }))
        }
        kinds={["listener"]}
      />
    </SpaceBetween>
  );
}

interface FieldsProps {
  form: ListenerForm;
  /** What the listener is. */
  first: ListenerForm;
  isChecked: boolean;
  onChange: (form: ListenerForm) => void;
}

function Fields({ form, first, isChecked, onChange }: FieldsProps) {
  const faults = isChecked ? listenerFaults(form) : {};
  const change = (part: Partial<ListenerForm>) => onChange({ ...form, ...part });
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Protocol and port</Header>}>
        <SpaceBetween size="l">
          <FormField label="Protocol">
            <RadioGroup
              value={form.protocol}
              onChange={({ detail }) => {
                const asked = detail.value as "HTTP" | "HTTPS";
                const { listenerProtocol, listenerPort } = withProtocol(form.port, asked);
                change({ protocol: listenerProtocol, port: listenerPort });
              }}
              items={[
                { value: "HTTP", label: "HTTP" },
                { value: "HTTPS", label: "HTTPS" },
              ]}
            />
          </FormField>
          <Lost sentences={lostWithHttps(first, form)} />
          <FormField
            label="Port"
            description="The load balancer's security groups must let clients in at it."
            errorText={faults.port ?? ""}
          >
            <Input
              value={form.port}
              inputMode="numeric"
              onChange={({ detail }) => change({ port: detail.value.trim() })}
            />
          </FormField>
        </SpaceBetween>
      </Container>
      {form.protocol === "HTTPS" && (
        <Container header={<Header variant="h2">Security settings</Header>}>
          <SpaceBetween size="l">
            <TlsFields
              certificateArn={form.certificateArn}
              sslPolicy={form.sslPolicy}
              certificateFault={faults.certificateArn}
              onChange={change}
            />
            <OtherCertificates form={form} change={change} />
          </SpaceBetween>
        </Container>
      )}
      {form.protocol === "HTTPS" && (
        <Container header={<Header variant="h2">Client certificate handling</Header>}>
          <MutualFields
            form={form.mutual}
            fault={faults.mutual}
            change={(part) => change({ mutual: { ...form.mutual, ...part } })}
          />
        </Container>
      )}
      <Container header={<Header variant="h2">Default action</Header>}>
        <ActionFields
          form={form.action}
          fault={faults.action}
          beforeFaults={faults.before}
          isSecure={form.protocol === "HTTPS"}
          onChange={(part) => change({ action: { ...form.action, ...part } })}
        />
      </Container>
    </SpaceBetween>
  );
}

function Lost({ sentences }: { sentences: string[] }) {
  if (sentences.length === 0) return null;
  return (
    <Alert type="warning" header="What needs HTTPS is taken away">
      {sentences.join(" ")}
    </Alert>
  );
}

function OtherCertificates(props: { form: ListenerForm; change: (part: Partial<ListenerForm>) => void }) {
  const { form, change } = props;
  const { options, state } = useCertificateOptions();
  const offered = options.filter(({ value }) => value !== form.certificateArn);
  // One that is not listed yet is shown too: another choice would take it out.
  const shown = form.otherArns
    .filter((arn) => arn !== form.certificateArn)
    .map(
      (arn) =>
        offered.find(({ value }) => value === arn) ?? { value: arn, label: certificateName(arn, undefined) },
    );
  return (
    <FormField
      label="Certificates for server names"
      description="Shown to clients that ask for a name of theirs (SNI)."
    >
      <Multiselect
        options={offered}
        {...state}
        placeholder="Choose any number"
        empty="There is no other certificate."
        deselectAriaLabel={({ label }) => `Take ${label} out`}
        selectedOptions={shown}
        onChange={({ detail }) =>
          change({ otherArns: detail.selectedOptions.map(({ value }) => value ?? "") })
        }
      />
    </FormField>
  );
}
