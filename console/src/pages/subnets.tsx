import { SubnetTable } from "../components/subnet-table";

export default function Subnets() {
  return <SubnetTable variant="full-page" />;
}
