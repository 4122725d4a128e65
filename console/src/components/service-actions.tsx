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
import { awsCommand, nameOf } from "../lib/text";
import { Action } from "./action";
import { PageLink, paths } from "./link";

interface Props {
  cluster: string;
  service: Service;
}

/** Changes the desired count, the revision, or starts the same deployment anew. */
export function UpdateService({ cluster, service }: Props) {
  const name = service.serviceName ?? "";
  const now = {
    desired: String(service.desiredCount ?? 0),
    definition: nameOf(service.taskDefinition),
    isForced: false,
  };
  const [wanted, setWanted] = useState(now);
  const revisions = useQuery(revisionsQuery(now.definition.split(":")[0] ?? ""));
  const names = [...new Set([now.definition, ...(revisions.data ?? []).map(nameOf)])];
  const options = names.map((value) => ({ value, label: value }));
  const desiredCount = Number(wanted.desired);
  const isCount = /^\d+$/.test(wanted.desired);
  const changes = {
    ...(wanted.desired !== now.desired && { desiredCount }),
    ...(wanted.definition !== now.definition && { taskDefinition: wanted.definition }),
    ...(wanted.isForced && { forceNewDeployment: true }),
  };
  const command = awsCommand("ecs update-service", {
    cluster,
    service: name,
    "desired-count": changes.desiredCount,
    "task-definition": changes.taskDefinition,
    "force-new-deployment": changes.forceNewDeployment,
  });
  return (
    <Action
      label="Update"
      title={`Update ${name}`}
      command={command}
      run={() => {
        if (!isCount) throw new Error("The desired count is a whole number, 0 or more.");
        return ecs.send(new UpdateServiceCommand({ cluster, service: name, ...changes }));
      }}
      done={`${name} is being updated.`}
      kinds={["service", "task"]}
      isPrimary
      onOpen={() => setWanted(now)}
    >
      <FormField
        label="Task definition"
        description="Another revision is rolled out: new tasks start and become healthy before old ones drain."
      >
        <Select
          options={options}
          selectedOption={options.find(({ value }) => value === wanted.definition) ?? null}
          onChange={({ detail }) => setWanted({ ...wanted, definition: detail.selectedOption.value ?? "" })}
        />
      </FormField>
      <FormField label="Desired tasks" {...(!isCount && { errorText: "A whole number, 0 or more." })}>
        <Input
          value={wanted.desired}
          inputMode="numeric"
          onChange={({ detail }) => setWanted({ ...wanted, desired: detail.value.trim() })}
        />
      </FormField>
      <Checkbox
        checked={wanted.isForced}
        onChange={({ detail }) => setWanted({ ...wanted, isForced: detail.checked })}
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
