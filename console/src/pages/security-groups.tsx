import { SecurityGroupTable } from "../components/security-group-table";

export default function SecurityGroups() {
  return <SecurityGroupTable variant="full-page" />;
}
