import {
  type ContainerInstance,
  DeleteClusterCommand,
  DeregisterContainerInstanceCommand,
} from "@aws-sdk/client-ecs";
import Box from "@cloudscape-design/components/box";
import Toggle from "@cloudscape-design/components/toggle";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ecs } from "../lib/clients";
import { awsCommand, nameOf } from "../lib/text";
import { Action } from "./action";
import { paths } from "./link";

/** Deletes a cluster that is empty, after a question. */
export function DeleteCluster({ name }: { name: string }) {
  const navigate = useNavigate();
  return (
    <Action
      label="Delete"
      title={`Delete ${name}?`}
      command={awsCommand("ecs delete-cluster", { cluster: name })}
      run={() => ecs.send(new DeleteClusterCommand({ cluster: name }))}
      done={`${name} was deleted.`}
      kinds={["cluster"]}
      onDone={() => void navigate(paths.clusters())}
    >
      <Box>
        Its services are to be deleted before, its tasks stopped, and its container instances deregistered or
        terminated. This cannot be taken back.
      </Box>
    </Action>
  );
}

interface Props {
  cluster: string;
  instance: ContainerInstance | null;
  onDone: () => void;
}

/** Takes an instance out of its cluster, after a question. */
export function DeregisterInstance({ cluster, instance, onDone }: Props) {
  const [isForced, setForced] = useState(false);
  const arn = instance?.containerInstanceArn ?? "";
  const name = instance?.ec2InstanceId ?? nameOf(arn);
  const asked = { cluster, containerInstance: arn, force: isForced };
  return (
    <Action
      label="Deregister"
      title={`Deregister ${name}?`}
      command={awsCommand("ecs deregister-container-instance", {
        cluster,
        "container-instance": nameOf(arn),
        force: isForced,
      })}
      run={() => ecs.send(new DeregisterContainerInstanceCommand(asked))}
      done={`${name} was deregistered.`}
      kinds={["container-instance", "task", "service", "cluster"]}
      isDisabled={instance === null}
      onOpen={() => setForced(false)}
      onDone={onDone}
    >
      <Box>
        It leaves the cluster; the EC2 instance itself goes on running. Drain it first, so that services
        replace its tasks elsewhere.
      </Box>
      <Toggle checked={isForced} onChange={({ detail }) => setForced(detail.checked)}>
        Even while tasks run on it: they are not followed any more
      </Toggle>
    </Action>
  );
}
