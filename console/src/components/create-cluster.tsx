import { CreateClusterCommand } from "@aws-sdk/client-ecs";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ecs } from "../lib/clients";
import { awsCommand } from "../lib/text";
import { Action } from "./action";
import { paths } from "./link";

/** Makes a cluster and goes to its page. */
export function CreateCluster() {
  const [name, setName] = useState("");
  const navigate = useNavigate();
  return (
    <Action
      label="Create cluster"
      title="Create cluster"
      command={awsCommand("ecs create-cluster", { "cluster-name": name })}
      run={() => {
        if (!name) throw new Error("A cluster needs a name.");
        return ecs.send(new CreateClusterCommand({ clusterName: name }));
      }}
      done={`Cluster ${name} was created.`}
      kinds={["cluster"]}
      isPrimary
      onOpen={() => setName("")}
      onDone={() => void navigate(`${paths.cluster(name)}?tab=instances`)}
    >
      <FormField
        label="Cluster name"
        description="Instances join it that are run with ECS_CLUSTER and this name in their user data."
      >
        <Input value={name} onChange={({ detail }) => setName(detail.value.trim())} />
      </FormField>
    </Action>
  );
}
