import type { TaskDefinition } from "@aws-sdk/client-ecs";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { textOf } from "../lib/definition-text";
import { taskDefinitionQuery } from "../lib/ecs";
import { folded, type Line, lineDiff } from "../lib/line-diff";
import { awsCommand, count, nameOf } from "../lib/text";
import { CopyCommand } from "./copy-command";
import { Details } from "./details";

interface Props {
  definition: TaskDefinition;
  /** ARNs of the family's active revisions, the newest first. */
  all: string[];
}

/** What a revision changed of another one: of the one before it, where the address names none. */
export function RevisionChanges({ definition, all }: Props) {
  const [parameters, setParameters] = useSearchParams();
  const name = nameOf(definition.taskDefinitionArn);
  const others = all.map(nameOf).filter((other) => other !== name);
  const before = others.find((other) => numberOf(other) < numberOf(name)) ?? others[0] ?? "";
  const asked = parameters.get("with");
  const other = asked ? `${definition.family}:${asked}` : before;
  const options = [...new Set([other, ...others])]
    .filter(Boolean)
    .map((value) => ({ value, label: `Revision ${numberOf(value)}` }));
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <CopyCommand
              command={[name, other]
                .filter(Boolean)
                .map((one) => awsCommand("ecs describe-task-definition", { "task-definition": one }))
                .join("\n")}
            />
          }
        >
          Changes
        </Header>
      }
    >
      <SpaceBetween size="l">
        <FormField label="Compared with">
          <Select
            options={options}
            placeholder="Choose a revision"
            empty="This family has no other revision."
            selectedOption={options.find(({ value }) => value === other) ?? null}
            onChange={({ detail }) =>
              setParameters(
                { tab: "changes", with: String(numberOf(detail.selectedOption.value ?? "")) },
                { replace: true },
              )
            }
          />
        </FormField>
        {other ? (
          <Difference definition={definition} other={other} />
        ) : (
          <Box>There is nothing to compare with: this is the family's only revision.</Box>
        )}
      </SpaceBetween>
    </Container>
  );
}

const numberOf = (name: string) => Number(name.split(":")[1]);

function Difference({ definition, other }: { definition: TaskDefinition; other: string }) {
  return (
    <Details noun="task definition" query={useQuery(taskDefinitionQuery(other))}>
      {(old) => {
        const lines = lineDiff(textOf(old), textOf(definition));
        if (lines.every(({ sign }) => sign === " ")) return <Box>Nothing is different.</Box>;
        return <Lines lines={lines} />;
      }}
    </Details>
  );
}

const MEANING = { "+": "Added: ", "-": "Taken away: ", " ": "" } as const;
const COLOUR = { "+": "text-status-success", "-": "text-status-error", " ": "inherit" } as const;

function Lines({ lines }: { lines: Line[] }) {
  return (
    <ul aria-label="Lines that differ" style={{ listStyle: "none", margin: 0, padding: 0 }}>
      {folded(lines).map((line, index) =>
        "same" in line ? (
          // Lines are told by their place alone: they may be equal.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={index}>
            <Box variant="small">{`… ${count(line.same, "line")} the same`}</Box>
          </li>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={index} aria-label={`${MEANING[line.sign]}${line.text.trim()}`}>
            <Box variant="code" color={COLOUR[line.sign]} fontWeight={line.sign === " " ? "normal" : "bold"}>
              <span style={{ whiteSpace: "pre-wrap" }}>{`${line.sign} ${line.text}`}</span>
            </Box>
          </li>
        ),
      )}
    </ul>
  );
}
