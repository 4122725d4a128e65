import Tabs from "@cloudscape-design/components/tabs";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";

interface Props {
  label: string;
  tabs: { id: string; label: string; content: ReactNode }[];
}

/** Tabs whose choice is in the address: links and the back button lead to them. */
export function PageTabs({ label, tabs }: Props) {
  const [parameters, setParameters] = useSearchParams();
  const asked = parameters.get("tab");
  const active = tabs.find((tab) => tab.id === asked) ?? tabs[0];
  return (
    <Tabs
      ariaLabel={label}
      tabs={tabs}
      activeTabId={active?.id ?? ""}
      onChange={({ detail }) => setParameters({ tab: detail.activeTabId }, { replace: true })}
    />
  );
}
