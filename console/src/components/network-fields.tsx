import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import { useQuery } from "@tanstack/react-query";
import { securityGroupsQuery, subnetsQuery, tagName, vpcsQuery } from "../lib/ec2";
import { listState } from "../lib/list-state";

/** What is chosen, also of a list that is not there yet: another choice would drop it. */
const chosenOf = <Option extends { value: string }>(options: Option[], values: string[]) =>
  values.map((value) => options.find((option) => option.value === value) ?? { value, label: value });

interface FieldProps {
  label: string;
  description?: string;
  fault?: string | undefined;
}

interface VpcProps extends FieldProps {
  value: string;
  /** Hears of the VPC and of its addresses. */
  onChange: (vpcId: string, block: string) => void;
}

export function VpcField({ label, description, fault, value, onChange }: VpcProps) {
  const vpcs = useQuery(vpcsQuery);
  const options = (vpcs.data ?? []).map(({ VpcId = "", CidrBlock, IsDefault, Tags }) => ({
    value: VpcId,
    label: [tagName(Tags), VpcId].filter(Boolean).join(" "),
    description: `${CidrBlock}${IsDefault ? ", the default VPC" : ""}`,
  }));
  const blockOf = (id: string) => vpcs.data?.find(({ VpcId }) => VpcId === id)?.CidrBlock ?? "";
  return (
    <FormField label={label} description={description ?? ""} errorText={fault ?? ""}>
      <Select
        options={options}
        {...listState(vpcs)}
        placeholder="Choose a VPC"
        empty="There is no VPC yet: create one."
        selectedOption={chosenOf(options, value ? [value] : [])[0] ?? null}
        onChange={({ detail }) => {
          const id = detail.selectedOption.value ?? "";
          onChange(id, blockOf(id));
        }}
      />
    </FormField>
  );
}

interface OfVpcProps extends FieldProps {
  vpcId: string;
  values: string[];
  onChange: (ids: string[]) => void;
}

export function SubnetsField({ label, description, fault, vpcId, values, onChange }: OfVpcProps) {
  const subnets = useQuery(subnetsQuery);
  const options = (subnets.data ?? [])
    .filter(({ VpcId }) => VpcId === vpcId)
    .map(({ SubnetId = "", AvailabilityZone, CidrBlock, Tags }) => ({
      value: SubnetId,
      label: [`${AvailabilityZone}:`, tagName(Tags), SubnetId].filter(Boolean).join(" "),
      description: CidrBlock ?? "",
    }))
    .sort((one, other) => one.label.localeCompare(other.label));
  return (
    <FormField label={label} description={description ?? ""} errorText={fault ?? ""}>
      <Multiselect
        options={options}
        placeholder="Choose one or more"
        {...listState(subnets)}
        empty={vpcId ? "This VPC has no subnet yet: create one." : "Choose a VPC first."}
        deselectAriaLabel={(option) => `Take ${option.label} out`}
        selectedOptions={chosenOf(options, values)}
        onChange={({ detail }) => onChange(detail.selectedOptions.map(({ value }) => value ?? ""))}
      />
    </FormField>
  );
}

export function SecurityGroupsField({ label, description, fault, vpcId, values, onChange }: OfVpcProps) {
  const groups = useQuery(securityGroupsQuery);
  const options = (groups.data ?? [])
    .filter(({ VpcId }) => VpcId === vpcId)
    .map(({ GroupId = "", GroupName, Description }) => ({
      value: GroupId,
      label: `${GroupName} (${GroupId})`,
      description: Description ?? "",
    }));
  return (
    <FormField label={label} description={description ?? ""} errorText={fault ?? ""}>
      <Multiselect
        options={options}
        placeholder="Choose one or more"
        {...listState(groups)}
        empty={vpcId ? "This VPC has no security group." : "Choose a VPC first."}
        deselectAriaLabel={(option) => `Take ${option.label} out`}
        selectedOptions={chosenOf(options, values)}
        onChange={({ detail }) => onChange(detail.selectedOptions.map(({ value }) => value ?? ""))}
      />
    </FormField>
  );
}
