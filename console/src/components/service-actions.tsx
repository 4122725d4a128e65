import { DeleteServiceCommand, type Service, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ecs } from "../lib/clients";
import { revisionsQuery } from "../lib/ecs";
import { listState } from "../lib/list-state";
import { isWhole } from "../lib/numbers";
import { awsCommand, nameOf } from "../lib/text";
import { changes, formOf, type ServiceForm, updateCommand } from "../lib/update-service";
import { Action } from "./action";
import { PageLink, paths } from "./link";

interface Props {
  cluster: string;
  service: Service;
}

/** Changes the desired count, the revision, or starts the same deployment anew. Nothing but what was changed in the
 * dialog is sent: the service may move on while it is open. */
export function UpdateService({ cluster, service }: Props) {
  const name = service.serviceName ?? "";
  const [first, setFirst] = useState(service);
  const [form, setForm] = useState(() => formOf(service));
  const change = (part: Partial<ServiceForm>) => setForm((old) => ({ ...old, ...part }));
  const asked = changes(first, form);
  const isCount = isWhole(form.desired);
  const current = formOf(first).definition;
  const revisions = useQuery(revisionsQuery(current.split(":")[0] ?? ""));
  const names = [...new Set([current, ...(revisions.data ?? []).map(nameOf)])];
  const options = names.map((value) => ({ value, label: value }));
  return (
    <Action
      label="Update"
      title={`Update ${name}`}
      command={updateCommand(cluster, name, asked, form)}
      run={() => {
        if (!isCount) throw new Error("The desired count is a whole number, 0 or more.");
        if (Object.keys(asked).length === 0) throw new Error("Nothing was changed.");
        return ecs.send(new UpdateServiceCommand({ cluster, service: name, ...asked }));
      }}
      done={`${name} is being updated.`}
      kinds={["service", "task"]}
      isPrimary
      typed={form}
      onOpen={() => {
        setFirst(service);
        setForm(formOf(service));
      }}
    >
      <FormField
        label="Task definition"
        description="Another revision is rolled out: new tasks start and become healthy before old ones drain."
      >
        <Select
          options={options}
          {...listState(revisions)}
          selectedOption={options.find(({ value }) => value === form.definition) ?? null}
          onChange={({ detail }) => change({ definition: detail.selectedOption.value ?? "" })}
        />
      </FormField>
      <FormField label="Desired tasks" {...(!isCount && { errorText: "A whole number, 0 or more." })}>
        <Input
          value={form.desired}
          inputMode="numeric"
          onChange={({ detail }) => change({ desired: detail.value.trim() })}
        />
      </FormField>
      <Checkbox
        checked={form.isForced}
        onChange={({ detail }) => change({ isForced: detail.checked })}
        description="Replaces every task, also where nothing else changes."
      >
        Force new deployment
      </Checkbox>
      <PageLink to={paths.updateService(cluster, name)}>
        Deployment settings, load balancing, placement and tags
      </PageLink>
    </Action>
  );
}

/** Deletes the service: its tasks drain and stop. */
export function DeleteService({ cluster, service }: Props) {
  const name = service.serviceName ?? "";
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  return (
    <Action
      label="Delete"
      title={`Delete ${name}?`}
      command={awsCommand("ecs delete-service", { cluster, service: name, force: true })}
      run={() => {
        if (typed !== name) throw new Error("The name that was typed is not the service's.");
        return ecs.send(new DeleteServiceCommand({ cluster, service: name, force: true }));
      }}
      done={`${name} is being deleted: its tasks drain and stop.`}
      kinds={["service", "task", "cluster"]}
      isDisabled={service.status !== "ACTIVE"}
      onOpen={() => setTyped("")}
      onDone={() => void navigate(paths.cluster(cluster))}
    >
      <Alert type="warning">All of its tasks stop. This cannot be taken back.</Alert>
      <FormField label={<Box>Type the service's name, {name}, to delete it</Box>}>
        <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} />
      </FormField>
    </Action>
  );
}
