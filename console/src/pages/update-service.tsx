import { type Service, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import Alert from "@cloudscape-design/components/alert";
import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "react-router";
import { DeploymentFields } from "../components/deployment-fields";
import { Details } from "../components/details";
import { EditForm } from "../components/edit-form";
import { Choice, TextField } from "../components/fields";
import { paths } from "../components/link";
import type { StepProps } from "../components/use-steps";
import { ecs } from "../lib/clients";
import { familiesQuery, revisionsQuery, serviceQuery, taskDefinitionQuery } from "../lib/ecs";
import { targetGroupsQuery } from "../lib/elbv2";
import { type ListState, listState } from "../lib/list-state";
import { containerPorts } from "../lib/new-service";
import { PLACEMENTS } from "../lib/placement";
import { elbName, nameOf } from "../lib/text";
import {
  changes,
  formOf,
  isDeployment,
  type ServiceForm,
  serviceFaults,
  type Use,
  updateCommand,
} from "../lib/update-service";

type Props = StepProps<ServiceForm>;

/** Everything of a service that UpdateService changes. */
export default function UpdateService() {
  const { cluster = "", service: name = "" } = useParams();
  return (
    <Details noun="service" query={useQuery(serviceQuery(cluster, name))}>
      {(service) => <Update cluster={cluster} service={service} />}
    </Details>
  );
}

function Update({ cluster, service }: { cluster: string; service: Service }) {
  const name = service.serviceName ?? "";
  // What was typed stays while the service moves on: a scaled desired count is sent only where it was changed.
  const [first] = useState(service);
  const [form, setForm] = useState(() => formOf(service));
  const asked = changes(first, form);
  const faults = serviceFaults(form);
  const change = (part: Partial<ServiceForm>) => setForm((old) => ({ ...old, ...part }));
  const isNothing = Object.keys(asked).length === 0;
  return (
    <EditForm
      title={`Update ${name}`}
      submit="Update service"
      command={updateCommand(cluster, name, asked, form)}
      typed={form}
      isFaulty={Object.keys(faults).length > 0}
      run={() => {
        if (isNothing) throw new Error("Nothing was changed.");
        return ecs.send(new UpdateServiceCommand({ cluster, service: name, ...asked }));
      }}
      done={`${name} is being updated.`}
      kinds={["service", "task"]}
      back={`${paths.service(cluster, name)}?tab=deployments`}
    >
      {(isChecked) => {
        const props = { form, faults: isChecked ? faults : {}, change };
        return (
          <SpaceBetween size="l">
            <Container header={<Header variant="h2">Tasks</Header>}>
              <Tasks {...props} />
            </Container>
            <Container header={<Header variant="h2">Deployments</Header>}>
              <DeploymentFields {...props} />
            </Container>
            <Container header={<Header variant="h2">Load balancing</Header>}>
              <Uses {...props} />
            </Container>
            <Container header={<Header variant="h2">Placement and tags</Header>}>
              <Placement {...props} />
            </Container>
            <Alert type="info">
              {isDeployment(asked)
                ? "This begins a new deployment: new tasks start and become healthy before old ones drain."
                : "Tasks that run stay as they are."}
            </Alert>
          </SpaceBetween>
        );
      }}
    </EditForm>
  );
}

function Tasks(props: Props) {
  const { form, change } = props;
  const family = form.definition.split(":")[0] ?? "";
  const families = useQuery(familiesQuery);
  const revisions = useQuery(revisionsQuery(family));
  const names = [...new Set([form.definition, ...(revisions.data ?? []).map(nameOf)])].filter(Boolean);
  return (
    <SpaceBetween size="l">
      <ColumnLayout columns={3}>
        <Choice
          label="Task definition"
          options={[...new Set([family, ...(families.data ?? [])])].map((value) => ({ value, label: value }))}
          value={family}
          state={listState(families)}
          empty=""
          onChoose={(chosen) => change({ definition: chosen })}
        />
        <Choice
          label="Revision"
          description={form.definition.includes(":") ? "" : "The newest, unless another is chosen."}
          options={names.map((value) => ({ value, label: value }))}
          value={form.definition}
          state={listState(revisions)}
          empty=""
          onChoose={(definition) => change({ definition })}
        />
        <TextField {...props} field="desired" label="Desired tasks" isNumber />
      </ColumnLayout>
      <Checkbox
        checked={form.isForced}
        onChange={({ detail }) => change({ isForced: detail.checked })}
        description="Replaces every task, also where nothing else changes."
      >
        Force new deployment
      </Checkbox>
    </SpaceBetween>
  );
}

function Uses(props: Props) {
  const { form, faults, change } = props;
  const groups = useQuery(targetGroupsQuery);
  const definition = useQuery(taskDefinitionQuery(form.definition));
  const ports = containerPorts(definition.data).map((port) => {
    const [name, , number] = port.split(":");
    return { value: `${name}:${number}`, label: `${name}:${number}` };
  });
  const usable = (groups.data ?? [])
    .filter(({ TargetType, LoadBalancerArns }) => TargetType === "instance" && LoadBalancerArns?.length)
    .map(({ TargetGroupArn = "", TargetGroupName = "", LoadBalancerArns }) => ({
      value: TargetGroupArn,
      label: TargetGroupName,
      description: `behind ${LoadBalancerArns?.map(elbName).join(", ")}`,
    }));
  const become = (at: number, part: Partial<Use>) =>
    change({ uses: form.uses.map((use, index) => (index === at ? { ...use, ...part } : use)) });
  const column = (
    label: string,
    field: keyof Use,
    options: { value: string; label: string }[],
    state: ListState,
  ) => ({
    label,
    control: (use: Use, index: number) => (
      <Select
        options={options}
        placeholder="Choose one"
        {...state}
        empty="There is none."
        selectedOption={
          options.find(({ value }) => value === use[field]) ??
          (use[field] ? { value: use[field], label: use[field] } : null)
        }
        onChange={({ detail }) => become(index, { [field]: detail.selectedOption.value ?? "" })}
      />
    ),
  });
  return (
    <SpaceBetween size="l">
      <FormField
        label="Target groups"
        description="Other ones begin a new deployment. A group is listed once a load balancer forwards to it."
        errorText={faults.uses ?? ""}
        stretch
      >
        <AttributeEditor
          items={form.uses}
          addButtonText="Add target group"
          removeButtonText="Remove"
          removeButtonAriaLabel={({ targetGroupArn }) => `Remove ${elbName(targetGroupArn) || "it"}`}
          empty="Nothing sends requests to the tasks."
          onAddButtonClick={() =>
            change({ uses: [...form.uses, { targetGroupArn: "", container: ports[0]?.value ?? "" }] })
          }
          onRemoveButtonClick={({ detail }) =>
            change({ uses: form.uses.filter((_, index) => index !== detail.itemIndex) })
          }
          definition={[
            column("Target group", "targetGroupArn", usable, listState(groups)),
            column("Container and port", "container", ports, listState(definition)),
          ]}
        />
      </FormField>
      <TextField
        {...props}
        field="graceSeconds"
        label="Health check grace period, in seconds"
        description="So long a new task is not stopped for failing health checks."
        isNumber
      />
    </SpaceBetween>
  );
}

const TAG_SOURCES = [
  { value: "NONE", label: "None" },
  { value: "SERVICE", label: "The service's" },
  { value: "TASK_DEFINITION", label: "The task definition's" },
];

function Placement({ form, change }: Props) {
  const own = { value: "", label: "As it is, of its own making" };
  const options = form.placement ? PLACEMENTS : [own, ...PLACEMENTS];
  return (
    <SpaceBetween size="l">
      <ColumnLayout columns={2}>
        <Choice
          label="Placement template"
          description="Of tasks that start from now on."
          options={options}
          value={form.placement}
          empty=""
          onChoose={(placement) => change({ placement })}
        />
        <Choice
          label="Tags that tasks get"
          options={TAG_SOURCES}
          value={form.propagateTags}
          empty=""
          onChoose={(source) => change({ propagateTags: source as ServiceForm["propagateTags"] })}
        />
      </ColumnLayout>
      <Checkbox
        checked={form.hasManagedTags}
        onChange={({ detail }) => change({ hasManagedTags: detail.checked })}
        description="Tasks that start get aws:ecs:clusterName and aws:ecs:serviceName."
      >
        ECS managed tags
      </Checkbox>
    </SpaceBetween>
  );
}
