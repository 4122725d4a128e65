import { RegisterTaskDefinitionCommand, type TaskDefinition } from "@aws-sdk/client-ecs";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { CopyCommand } from "../components/copy-command";
import { Details } from "../components/details";
import { paths } from "../components/link";
import { notify } from "../layout/notices";
import { ecs } from "../lib/clients";
import { requestIn, textOf } from "../lib/definition-text";
import { taskDefinitionQuery } from "../lib/ecs";
import { refresh } from "../lib/queries";
import { awsCommand, errorText, nameOf } from "../lib/text";

/** Registers a revision, from the one that the address names or from an example. */
export default function RegisterTaskDefinition() {
  const from = useSearchParams()[0].get("from") ?? "";
  const query = useQuery({ ...taskDefinitionQuery(from), enabled: from !== "" });
  if (!from) return <Editor from={null} />;
  return (
    <Details noun="task definition" query={query}>
      {(definition) => <Editor key={from} from={definition} />}
    </Details>
  );
}

function Editor({ from }: { from: TaskDefinition | null }) {
  const [text, setText] = useState(() => textOf(from));
  const navigate = useNavigate();
  const read = requestIn(text);
  const mutation = useMutation({
    mutationFn: async () => {
      if ("fault" in read) throw new Error(read.fault);
      return (await ecs.send(new RegisterTaskDefinitionCommand(read.request))).taskDefinition;
    },
    onSuccess: (registered) => {
      const name = nameOf(registered?.taskDefinitionArn);
      notify("success", `${name} was registered.`);
      refresh(["task-definition"]);
      void navigate(paths.revision(name));
    },
  });
  const isWrong = "fault" in read;
  const command = awsCommand("ecs register-task-definition", {
    "cli-input-json": isWrong ? text : JSON.stringify(read.request),
  });
  return (
    <Form
      header={
        <Header variant="h1">{from ? `New revision of ${from.family}` : "Register task definition"}</Header>
      }
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyCommand command={command} />
          <Button variant="link" onClick={() => void navigate(-1)}>
            Cancel
          </Button>
          <Button
            variant="primary"
            disabled={isWrong}
            loading={mutation.isPending}
            onClick={() => mutation.mutate()}
          >
            Register
          </Button>
        </SpaceBetween>
      }
      {...(mutation.error && { errorText: errorText(mutation.error) })}
    >
      <Container header={<Header variant="h2">JSON</Header>}>
        <FormField
          stretch
          label="Task definition"
          description="hostPort 0 takes any free port of the instance: several tasks fit on one."
          errorText={isWrong ? read.fault : ""}
        >
          <Textarea
            value={text}
            rows={24}
            spellcheck={false}
            onChange={({ detail }) => setText(detail.value)}
          />
        </FormField>
      </Container>
    </Form>
  );
}
