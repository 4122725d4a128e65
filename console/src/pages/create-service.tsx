import Alert from "@cloudscape-design/components/alert";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { CopyCommand } from "../components/copy-command";
import { paths } from "../components/link";
import { type StepProps, useSteps } from "../components/use-steps";
import { notify } from "../layout/notices";
import { familiesQuery, revisionsQuery, taskDefinitionQuery } from "../lib/ecs";
import { loadBalancersQuery, targetGroupsQuery } from "../lib/elbv2";
import { checks, command, containerPorts, create, EMPTY, type NewService } from "../lib/new-service";
import { refresh } from "../lib/queries";
import { elbName, errorText, nameOf } from "../lib/text";

type Props = StepProps<NewService>;

/** The service wizard. What was typed stays over every step, error and restart of control. */
export default function CreateService() {
  const cluster = useParams().cluster ?? "";
  const { props, wizard } = useSteps(EMPTY, checks);
  const { form } = props;
  const navigate = useNavigate();
  const mutation = useMutation({
    mutationFn: () => create(cluster, form),
    onSuccess: () => {
      notify("success", `Service ${form.name} was created.`);
      refresh(["service", "cluster", "task"]);
      void navigate(paths.service(cluster, form.name));
    },
  });
  return (
    <Wizard
      submitButtonText="Create service"
      {...wizard}
      isLoadingNextStep={mutation.isPending}
      onCancel={() => void navigate(paths.cluster(cluster))}
      onSubmit={() => mutation.mutate()}
      steps={[
        { title: "Configure service", content: <Configure {...props} /> },
        { title: "Configure ELB", content: <Balance {...props} /> },
        { title: "Review", content: <Review cluster={cluster} form={form} error={mutation.error} /> },
      ]}
    />
  );
}

interface TextProps extends Props {
  field: "name" | "desired" | "minimumPercent" | "maximumPercent" | "graceSeconds";
  label: string;
  description?: string;
}

function Text({ field, label, description, form, faults, change }: TextProps) {
  return (
    <FormField label={label} description={description ?? ""} errorText={faults[field] ?? ""}>
      <Input
        value={form[field]}
        inputMode={field === "name" ? "text" : "numeric"}
        onChange={({ detail }) => change({ [field]: detail.value.trim() })}
      />
    </FormField>
  );
}

interface ChoiceProps {
  label: string;
  description?: string;
  error: string | undefined;
  options: { value: string; label: string }[];
  value: string;
  empty: string;
  onChoose: (value: string) => void;
}

function Choice({ label, description, error, options, value, empty, onChoose }: ChoiceProps) {
  return (
    <FormField label={label} description={description ?? ""} errorText={error ?? ""}>
      <Select
        options={options}
        placeholder="Choose one"
        empty={empty}
        selectedOption={options.find((option) => option.value === value) ?? null}
        onChange={({ detail }) => onChoose(detail.selectedOption.value ?? "")}
      />
    </FormField>
  );
}

function Configure(props: Props) {
  const { form, faults, change } = props;
  const families = useQuery(familiesQuery);
  const revisions = useQuery({ ...revisionsQuery(form.family), enabled: form.family !== "" });
  const newest = { value: "", label: "The newest" };
  const fixed = (revisions.data ?? []).map(nameOf).map((value) => ({ value, label: value }));
  return (
    <Container header={<Header variant="h2">Service and deployments</Header>}>
      <SpaceBetween size="l">
        <ColumnLayout columns={2}>
          <Choice
            label="Task definition"
            error={faults.family}
            options={(families.data ?? []).map((value) => ({ value, label: value }))}
            value={form.family}
            empty="There is no task definition yet: register one first."
            onChoose={(family) => change({ family, revision: "", container: "" })}
          />
          <Choice
            label="Revision"
            error={undefined}
            options={[newest, ...fixed]}
            value={form.revision}
            empty="Choose a task definition first."
            onChoose={(revision) => change({ revision, container: "" })}
          />
        </ColumnLayout>
        <Text {...props} field="name" label="Service name" />
        <Text {...props} field="desired" label="Number of tasks" />
        <ColumnLayout columns={2}>
          <Text
            {...props}
            field="minimumPercent"
            label="Minimum healthy percent"
            description="So many tasks stay healthy while a deployment runs."
          />
          <Text
            {...props}
            field="maximumPercent"
            label="Maximum percent"
            description="So many tasks run at most, old and new together."
          />
        </ColumnLayout>
        <Checkbox
          checked={form.isRolledBack}
          onChange={({ detail }) => change({ isRolledBack: detail.checked })}
          description="The deployment circuit breaker: the last revision that worked comes back."
        >
          Roll back a deployment whose tasks do not become healthy
        </Checkbox>
      </SpaceBetween>
    </Container>
  );
}

function Balance(props: Props) {
  const { form, faults, change } = props;
  const balancers = useQuery(loadBalancersQuery);
  const groups = useQuery(targetGroupsQuery);
  const definition = useQuery({
    ...taskDefinitionQuery(form.revision || form.family),
    enabled: form.family !== "",
  });
  const usable = (groups.data ?? []).filter(({ LoadBalancerArns }) =>
    LoadBalancerArns?.includes(form.loadBalancerArn),
  );
  return (
    <Container header={<Header variant="h2">Elastic Load Balancing</Header>}>
      <SpaceBetween size="l">
        <FormField label="Load balancer type">
          <RadioGroup
            value={form.isBalanced ? "alb" : "none"}
            onChange={({ detail }) => change({ isBalanced: detail.value === "alb" })}
            items={[
              { value: "none", label: "None", description: "Nothing sends requests to the tasks." },
              {
                value: "alb",
                label: "Application Load Balancer",
                description: "Tasks are registered as they start, and drain before they stop.",
              },
            ]}
          />
        </FormField>
        {form.isBalanced && (
          <SpaceBetween size="l">
            <Choice
              label="Load balancer"
              error={faults.loadBalancerArn}
              options={(balancers.data ?? []).map(({ LoadBalancerArn = "", LoadBalancerName = "" }) => ({
                value: LoadBalancerArn,
                label: LoadBalancerName,
              }))}
              value={form.loadBalancerArn}
              empty="There is no load balancer yet: create one first."
              onChoose={(loadBalancerArn) => change({ loadBalancerArn, targetGroupArn: "" })}
            />
            <Choice
              label="Container to load balance"
              description="Name, host port (0: any free one) and container port."
              error={faults.container}
              options={containerPorts(definition.data).map((value) => ({ value, label: value }))}
              value={form.container}
              empty="No container of the task definition maps a port."
              onChoose={(container) => change({ container })}
            />
            <Choice
              label="Target group"
              description="Of those that the load balancer's listeners and rules forward to."
              error={faults.targetGroupArn}
              options={usable.map(({ TargetGroupArn = "", TargetGroupName = "" }) => ({
                value: TargetGroupArn,
                label: TargetGroupName,
              }))}
              value={form.targetGroupArn}
              empty="No listener of this load balancer forwards to a target group."
              onChoose={(targetGroupArn) => change({ targetGroupArn })}
            />
            <Text
              {...props}
              field="graceSeconds"
              label="Health check grace period, in seconds"
              description="So long a new task is not stopped for failing health checks."
            />
          </SpaceBetween>
        )}
      </SpaceBetween>
    </Container>
  );
}

function Review({ cluster, form, error }: { cluster: string; form: NewService; error: Error | null }) {
  const balanced = `${form.container} in ${elbName(form.targetGroupArn)} of ${elbName(form.loadBalancerArn)}`;
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" actions={<CopyCommand command={command(cluster, form)} />}>
            What is made
          </Header>
        }
      >
        <KeyValuePairs
          columns={2}
          items={[
            { label: "Cluster", value: cluster },
            { label: "Service", value: form.name },
            { label: "Task definition", value: form.revision || `${form.family}, its newest revision` },
            { label: "Number of tasks", value: form.desired },
            {
              label: "Minimum and maximum healthy percent",
              value: `${form.minimumPercent} % and ${form.maximumPercent} %`,
            },
            {
              label: "Deployments that fail",
              value: form.isRolledBack ? "are rolled back" : "stay as they are",
            },
            { label: "Load balancing", value: form.isBalanced ? balanced : "none" },
          ]}
        />
      </Container>
      {error && (
        <Alert type="error" header="The service was not created">
          {errorText(error)}
        </Alert>
      )}
    </SpaceBetween>
  );
}
