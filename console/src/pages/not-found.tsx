import Alert from "@cloudscape-design/components/alert";
import { PageLink } from "../components/link";

export default function NotFound() {
  return (
    <Alert type="info" header="There is no such page">
      <PageLink to="/">Go to the home page</PageLink>
    </Alert>
  );
}
