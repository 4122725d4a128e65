import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type Path, textAt, valueAt, withValue, wordsAt } from "../lib/definition-form";
import { type DraftProps, NumberField, PairsField, RowsField, TextField, WordsField } from "./draft-fields";

interface Props extends DraftProps {
  index: number;
  isOnly: boolean;
}

/** The form of one container. */
export function ContainerFields({ index, isOnly, ...props }: Props) {
  const { draft, onChange } = props;
  const at: Path = ["containerDefinitions", index];
  const name = textAt(draft, [...at, "name"]);
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <Button
              formAction="none"
              disabled={isOnly}
              ariaLabel={`Remove container ${name}`}
              onClick={() => onChange(withValue(draft, at, undefined))}
            >
              Remove
            </Button>
          }
        >
          {`Container ${name}`}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Image {...props} at={at} />
        <Ports {...props} at={at} />
        <ExpandableSection headerText="Environment">
          <RowsField
            {...props}
            path={[...at, "environment"]}
            noun="variable"
            columns={[
              { member: "name", label: "Name" },
              { member: "value", label: "Value" },
            ]}
            fresh={{ name: "", value: "" }}
          />
        </ExpandableSection>
        <HealthCheck {...props} at={at} />
        <Logs {...props} at={at} />
      </SpaceBetween>
    </Container>
  );
}

type AtProps = DraftProps & { at: Path };

function Image({ at, ...props }: AtProps) {
  const { draft, onChange } = props;
  return (
    <SpaceBetween size="l">
      <ColumnLayout columns={2}>
        <TextField {...props} path={[...at, "name"]} label="Container name" />
        <TextField {...props} path={[...at, "image"]} label="Image" />
      </ColumnLayout>
      <ColumnLayout columns={3}>
        <NumberField
          {...props}
          path={[...at, "cpu"]}
          label="CPU units"
          description="1024 are one core, shared by weight."
        />
        <NumberField
          {...props}
          path={[...at, "memory"]}
          label="Memory limit, in MiB"
          description="It is killed beyond it."
        />
        <NumberField
          {...props}
          path={[...at, "memoryReservation"]}
          label="Memory reservation, in MiB"
          description="What is kept free for it."
        />
      </ColumnLayout>
      <Checkbox
        checked={valueAt(draft, [...at, "essential"]) !== false}
        description="When it stops, its task stops."
        onChange={({ detail }) => onChange(withValue(draft, [...at, "essential"], detail.checked))}
      >
        Essential
      </Checkbox>
      <WordsField
        {...props}
        path={[...at, "command"]}
        label="Command"
        description="Instead of the image's own; words as in a shell."
      />
    </SpaceBetween>
  );
}

const PROTOCOLS = ["tcp", "udp"].map((value) => ({ value, label: value }));

function Ports({ at, ...props }: AtProps) {
  const { draft, onChange } = props;
  return (
    <FormField
      stretch
      label="Port mappings"
      description="Host port 0 takes any free port of the instance: several tasks fit on one."
    >
      <RowsField
        {...props}
        path={[...at, "portMappings"]}
        noun="port mapping"
        columns={[
          { member: "containerPort", label: "Container port", isNumber: true },
          { member: "hostPort", label: "Host port", isNumber: true },
          {
            member: "protocol",
            label: "Protocol",
            control: (path) => (
              <Select
                options={PROTOCOLS}
                ariaLabel="Protocol"
                selectedOption={
                  PROTOCOLS.find(({ value }) => value === (textAt(draft, path) || "tcp")) ?? null
                }
                onChange={({ detail }) => onChange(withValue(draft, path, detail.selectedOption.value))}
              />
            ),
          },
        ]}
        fresh={{ hostPort: 0, protocol: "tcp" }}
      />
    </FormField>
  );
}

const CHECKS = [
  { value: "", label: "None" },
  { value: "CMD-SHELL", label: "A shell's command" },
  { value: "CMD", label: "A program with arguments" },
];

function HealthCheck({ at, ...props }: AtProps) {
  const { draft, onChange } = props;
  const path: Path = [...at, "healthCheck"];
  const [kind = "", ...words] = wordsAt(draft, [...path, "command"]);
  const choose = (next: string) =>
    onChange(
      next === ""
        ? withValue(draft, path, undefined)
        : withValue(
            draft,
            [...path, "command"],
            next === "CMD-SHELL" ? [next, words.join(" ")] : [next, ...words],
          ),
    );
  return (
    <ExpandableSection headerText="Health check of the container" defaultExpanded={kind !== ""}>
      <SpaceBetween size="l">
        <FormField label="What is run in the container" description="It is healthy while that ends with 0.">
          <Select
            options={CHECKS}
            selectedOption={CHECKS.find(({ value }) => value === kind) ?? { value: kind, label: kind }}
            onChange={({ detail }) => choose(detail.selectedOption.value ?? "")}
          />
        </FormField>
        {kind === "CMD-SHELL" && (
          <TextField {...props} path={[...path, "command", 1]} label="Health check command" />
        )}
        {kind === "CMD" && (
          <WordsField
            {...props}
            path={[...path, "command"]}
            prefix={["CMD"]}
            label="Health check command"
            description="Words as in a shell."
          />
        )}
        {kind !== "" && (
          <ColumnLayout columns={4}>
            <NumberField
              {...props}
              path={[...path, "interval"]}
              label="Interval"
              description="Seconds; else 30."
            />
            <NumberField
              {...props}
              path={[...path, "timeout"]}
              label="Timeout"
              description="Seconds; else 5."
            />
            <NumberField
              {...props}
              path={[...path, "retries"]}
              label="Retries"
              description="Failures; else 3."
            />
            <NumberField
              {...props}
              path={[...path, "startPeriod"]}
              label="Start period"
              description="Seconds; else 0."
            />
          </ColumnLayout>
        )}
      </SpaceBetween>
    </ExpandableSection>
  );
}

const DRIVERS = [
  { value: "", label: "Default of the instance" },
  { value: "awslogs", label: "awslogs: to CloudWatch Logs" },
  { value: "json-file", label: "json-file: on the instance" },
];

function Logs({ at, ...props }: AtProps) {
  const { draft, faults, onChange } = props;
  const path: Path = [...at, "logConfiguration"];
  const driver = textAt(draft, [...path, "logDriver"]);
  const family = textAt(draft, ["family"]);
  const choose = (next: string) => {
    // Without a prefix the streams of a service cannot be told from others of the group.
    const options = {
      "awslogs-group": `/ecs/${family}`,
      "awslogs-create-group": "true",
      "awslogs-stream-prefix": "ecs",
    };
    const made = { logDriver: next, ...(next === "awslogs" && { options }) };
    onChange(withValue(draft, path, next === "" ? undefined : made));
  };
  return (
    <ExpandableSection headerText="Log configuration" defaultExpanded={driver !== ""}>
      <SpaceBetween size="l">
        <FormField label="Log driver" errorText={faults[path.join(".")] ?? ""}>
          <Select
            options={DRIVERS}
            selectedOption={DRIVERS.find(({ value }) => value === driver) ?? { value: driver, label: driver }}
            onChange={({ detail }) => choose(detail.selectedOption.value ?? "")}
          />
        </FormField>
        {driver !== "" && (
          <FormField stretch label="Log options">
            <PairsField {...props} path={[...path, "options"]} noun="log option" />
          </FormField>
        )}
      </SpaceBetween>
    </ExpandableSection>
  );
}
