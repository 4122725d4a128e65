import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, configure, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import {
  createMemoryRouter,
  MemoryRouter,
  Outlet,
  Route,
  RouterProvider,
  Routes,
  useBlocker,
} from "react-router";
import { afterEach, describe, expect, it, vi } from "vitest";
import { elbv2 } from "../lib/clients";
import EditListener from "../pages/edit-listener";

// A busy machine answers in seconds.
configure({ asyncUtilTimeout: 10_000 });

const FIXED = [{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "200" } }];
const CERTIFICATES = [
  { CertificateArn: "arn:default", IsDefault: true },
  { CertificateArn: "arn:ours", IsDefault: false },
];

const LISTENER = {
  ListenerArn: "arn:l",
  LoadBalancerArn: "arn:b",
  Protocol: "HTTPS",
  Port: 443,
  SslPolicy: "P",
  Certificates: [{ CertificateArn: "arn:default" }],
  DefaultActions: FIXED,
};

/** Answers what the page asks; the commands that change something, in order. */
function answered(certificates: () => object[]): string[] {
  const changes: string[] = [];
  const answers = () => ({
    DescribeLoadBalancers: { LoadBalancers: [{ LoadBalancerArn: "arn:b", LoadBalancerName: "web" }] },
    DescribeListeners: { Listeners: [LISTENER] },
    DescribeListenerCertificates: { Certificates: certificates() },
    DescribeListenerAttributes: { Attributes: [] },
    DescribeRules: { Rules: [] },
    DescribeSSLPolicies: { SslPolicies: [] },
    DescribeTargetGroups: { TargetGroups: [] },
  });
  vi.spyOn(elbv2, "send").mockImplementation((async (command: object) => {
    const name = command.constructor.name.replace("Command", "");
    if (!name.startsWith("Describe")) changes.push(name);
    return (answers() as Record<string, object>)[name] ?? {};
  }) as never);
  return changes;
}

/** A page that nothing leaves. */
function Kept() {
  useBlocker(true);
  return <Outlet />;
}

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

describe("EditListener", () => {
  it("leaves a certificate that somebody else added since it was opened", async () => {
    let certificates = CERTIFICATES;
    const changes = answered(() => certificates);
    const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    render(
      <QueryClientProvider client={client}>
        <MemoryRouter initialEntries={["/load-balancers/web/edit-listener?listener=arn:l"]}>
          <Routes>
            <Route path="load-balancers/:name/edit-listener" element={<EditListener />} />
            <Route path="load-balancers/:name" element={<p>saved</p>} />
          </Routes>
        </MemoryRouter>
      </QueryClientProvider>,
    );
    const port = await screen.findByLabelText("Port");
    certificates = [...CERTIFICATES, { CertificateArn: "arn:theirs", IsDefault: false }];
    await act(() => client.invalidateQueries());
    await userEvent.type(port, "{backspace}4");
    await userEvent.click(screen.getByText("Save listener"));
    expect(await screen.findByText("saved")).toBeDefined();
    expect(changes).toEqual(["ModifyListener"]);
  });

  it("goes on from what it saved where the page is kept", async () => {
    const changes = answered(() => CERTIFICATES);
    const pages = [{ path: "load-balancers/:name/edit-listener", element: <EditListener /> }];
    const router = createMemoryRouter([{ element: <Kept />, children: pages }], {
      initialEntries: ["/load-balancers/web/edit-listener?listener=arn:l"],
    });
    render(
      <QueryClientProvider client={new QueryClient()}>
        <RouterProvider router={router} />
      </QueryClientProvider>,
    );
    const port = await screen.findByLabelText("Port");
    await userEvent.type(port, "{backspace}4{Enter}");
    await waitFor(() => expect(changes).toHaveLength(1));
    await userEvent.type(port, "{backspace}3{Enter}");
    await waitFor(() => expect(changes).toEqual(["ModifyListener", "ModifyListener"]));
  });
});
