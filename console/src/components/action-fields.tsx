import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useQuery } from "@tanstack/react-query";
import { targetGroupsQuery } from "../lib/elbv2";
import { listState } from "../lib/list-state";
import type { PreRoutingFaults } from "../lib/pre-routing";
import { type ActionForm, type ActionKind, GROUPS_MAX } from "../lib/rule-actions";
import { elbName } from "../lib/text";
import { PreRoutingFields } from "./pre-routing-fields";

interface Props {
  form: ActionForm;
  /** What is wrong, once it was to be sent. */
  fault?: string | undefined;
  beforeFaults?: PreRoutingFaults | undefined;
  /** Whether its listener speaks HTTPS: others ask nobody who he is. */
  isSecure: boolean;
  onChange: (part: Partial<ActionForm>) => void;
}

/** What is done with a request: where it is forwarded to, or how it is answered. */
export function ActionFields(props: Props) {
  const { form, onChange } = props;
  return (
    <SpaceBetween size="l">
      {props.isSecure && (
        <PreRoutingFields
          form={form.before}
          faults={props.beforeFaults ?? {}}
          change={(part) => onChange({ before: { ...form.before, ...part } })}
        />
      )}
      <FormField label="Action">
        <RadioGroup
          value={form.kind}
          onChange={({ detail }) => onChange({ kind: detail.value as ActionKind })}
          items={[
            { value: "forward", label: "Forward to target groups" },
            { value: "redirect", label: "Redirect to another URL" },
            { value: "fixed-response", label: "Return a fixed response" },
          ]}
        />
      </FormField>
      {form.kind === "forward" && <ForwardFields {...props} />}
      {form.kind === "redirect" && <RedirectFields {...props} />}
      {form.kind === "fixed-response" && <FixedFields {...props} />}
    </SpaceBetween>
  );
}

function ForwardFields({ form, fault, onChange }: Props) {
  const { groups } = form;
  const found = useQuery(targetGroupsQuery);
  const options = (found.data ?? []).map(({ TargetGroupArn = "", TargetGroupName = "", VpcId }) => ({
    value: TargetGroupArn,
    label: TargetGroupName,
    description: VpcId ?? "",
  }));
  const change = (at: number, part: Partial<{ arn: string; weight: string }>) =>
    onChange({ groups: groups.map((one, index) => (index === at ? { ...one, ...part } : one)) });
  return (
    <SpaceBetween size="l">
      {groups.map((group, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is known by its place alone until a group is chosen
        <SpaceBetween key={index} direction="horizontal" size="s" alignItems="end">
          <FormField label={`Target group ${index + 1}`}>
            <div style={{ width: 320 }}>
              <Select
                options={options}
                {...listState(found)}
                filteringType="auto"
                placeholder="Choose a target group"
                empty="There is no target group yet."
                selectedOption={
                  options.find(({ value }) => value === group.arn) ??
                  (group.arn ? { value: group.arn, label: elbName(group.arn) } : null)
                }
                onChange={({ detail }) => change(index, { arn: detail.selectedOption.value ?? "" })}
              />
            </div>
          </FormField>
          <FormField label={`Weight ${index + 1}`}>
            <div style={{ width: 90 }}>
              <Input
                value={group.weight}
                inputMode="numeric"
                disabled={groups.length === 1}
                onChange={({ detail }) => change(index, { weight: detail.value.trim() })}
              />
            </div>
          </FormField>
          <Button
            formAction="none"
            disabled={groups.length === 1}
            ariaLabel={`Remove target group ${index + 1}`}
            onClick={() => onChange({ groups: groups.filter((_, at) => at !== index) })}
          >
            Remove
          </Button>
        </SpaceBetween>
      ))}
      <FormField errorText={fault ?? ""}>
        <Button
          formAction="none"
          disabled={groups.length >= GROUPS_MAX}
          onClick={() => onChange({ groups: [...groups, { arn: "", weight: "1" }] })}
        >
          Add target group
        </Button>
      </FormField>
      <Checkbox
        checked={form.isSticky}
        description="Whoever was sent to a group gets it again, whatever the weights are by then."
        onChange={({ detail }) => onChange({ isSticky: detail.checked })}
      >
        Clients stay with their target group
      </Checkbox>
      {form.isSticky && (
        <FormField label="Seconds that they stay" description="1 to 604800.">
          <Input
            value={form.stickySeconds}
            inputMode="numeric"
            onChange={({ detail }) => onChange({ stickySeconds: detail.value.trim() })}
          />
        </FormField>
      )}
    </SpaceBetween>
  );
}

const REDIRECT_TEXTS = [
  { field: "host", label: "Host" },
  { field: "port", label: "Port" },
  { field: "path", label: "Path" },
  { field: "query", label: "Query" },
] as const;

function RedirectFields({ form, onChange }: Props) {
  const { redirect } = form;
  const change = (part: Partial<ActionForm["redirect"]>) => onChange({ redirect: { ...redirect, ...part } });
  const codes = [
    { value: "HTTP_301", label: "301, moved permanently" },
    { value: "HTTP_302", label: "302, found" },
  ];
  return (
    <ColumnLayout columns={2}>
      <FormField label="Protocol">
        <Select
          options={["HTTPS", "HTTP", "#{protocol}"].map((value) => ({ value }))}
          selectedOption={{ value: redirect.protocol }}
          onChange={({ detail }) => change({ protocol: detail.selectedOption.value ?? "" })}
        />
      </FormField>
      {REDIRECT_TEXTS.map(({ field, label }) => (
        <FormField key={field} label={label} description={`#{${field}} is that of the request.`}>
          <Input
            value={redirect[field]}
            onChange={({ detail }) => change({ [field]: detail.value.trim() })}
          />
        </FormField>
      ))}
      <FormField label="Status code">
        <Select
          options={codes}
          selectedOption={codes.find(({ value }) => value === redirect.code) ?? null}
          onChange={({ detail }) => change({ code: detail.selectedOption.value ?? "" })}
        />
      </FormField>
    </ColumnLayout>
  );
}

const TYPES = ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];

function FixedFields({ form, onChange }: Props) {
  const { fixed } = form;
  const change = (part: Partial<ActionForm["fixed"]>) => onChange({ fixed: { ...fixed, ...part } });
  return (
    <SpaceBetween size="l">
      <FormField label="Response code" description="2xx, 4xx or 5xx.">
        <Input
          value={fixed.code}
          inputMode="numeric"
          onChange={({ detail }) => change({ code: detail.value.trim() })}
        />
      </FormField>
      <FormField label="Content type">
        <Select
          options={TYPES.map((value) => ({ value }))}
          selectedOption={fixed.contentType ? { value: fixed.contentType } : null}
          onChange={({ detail }) => change({ contentType: detail.selectedOption.value ?? "" })}
        />
      </FormField>
      <FormField label="Response body" description="Up to 1,024 characters; may be empty.">
        <Textarea value={fixed.body} rows={3} onChange={({ detail }) => change({ body: detail.value })} />
      </FormField>
    </SpaceBetween>
  );
}
