import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import { useQuery } from "@tanstack/react-query";
import { ec2InstancesQuery, tagName } from "../lib/ec2";
import { listState } from "../lib/list-state";

interface Props {
  vpcId: string | undefined;
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

/** Running instances of a VPC: others cannot be registered as targets. */
export function InstancesField({ vpcId, chosen, onChange }: Props) {
  const found = useQuery(ec2InstancesQuery);
  const options = (found.data ?? [])
    .filter(({ VpcId, State }) => VpcId === vpcId && State?.Name === "running")
    .map(({ InstanceId = "", Tags, Placement, PrivateIpAddress }) => ({
      value: InstanceId,
      label: [InstanceId, tagName(Tags)].filter(Boolean).join(", "),
      description: `${Placement?.AvailabilityZone}, ${PrivateIpAddress}`,
    }));
  // One that stopped since it was chosen is shown, so that it can be taken out.
  const shown = chosen.map((id) => options.find(({ value }) => value === id) ?? { value: id, label: id });
  return (
    <FormField label="Instances" description="Those of the target group's VPC that run.">
      <Multiselect
        options={options}
        {...listState(found)}
        placeholder="Choose any number"
        empty="No instance of this VPC runs."
        deselectAriaLabel={({ label }) => `Take ${label} out`}
        selectedOptions={shown}
        onChange={({ detail }) => onChange(detail.selectedOptions.map(({ value }) => value ?? ""))}
      />
    </FormField>
  );
}
