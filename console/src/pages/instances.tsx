import { InstanceTable } from "../components/instance-table";

export default function Instances() {
  return <InstanceTable variant="full-page" />;
}
