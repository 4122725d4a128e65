import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
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
import { isUnsaved } from "../lib/unsaved";
import EditListener from "../pages/edit-listener";

const { CERTIFICATES, LISTENER } = vi.hoisted(() => {
  const listener = {
    ListenerArn: "arn:l",
    LoadBalancerArn: "arn:b",
    Protocol: "HTTPS" as const,
    Port: 443,
    SslPolicy: "P",
    Certificates: [{ CertificateArn: "arn:default" }],
    DefaultActions: [{ Type: "fixed-response" as const, FixedResponseConfig: { StatusCode: "200" } }],
  };
  const certificates = [
    { CertificateArn: "arn:default", IsDefault: true },
    { CertificateArn: "arn:ours", IsDefault: false },
  ];
  return { CERTIFICATES: certificates, LISTENER: listener };
});

// A new one begins as one that could be sent, with a certificate beside its default one.
vi.mock("../lib/listener-form", async (original) => {
  const real = await original<typeof import("../lib/listener-form")>();
  return { ...real, EMPTY_LISTENER: real.listenerForm(LISTENER, CERTIFICATES) };
});

/** Answers what the page asks; the commands that change something, in order. */
function answered(certificates: () => object[], failing = "", listener: object = LISTENER): string[] {
  const changes: string[] = [];
  const answers = () => ({
    DescribeLoadBalancers: { LoadBalancers: [{ LoadBalancerArn: "arn:b", LoadBalancerName: "web" }] },
    DescribeListeners: { Listeners: [listener] },
    DescribeListenerCertificates: { Certificates: certificates() },
    DescribeListenerAttributes: { Attributes: [] },
    CreateListener: { Listeners: [LISTENER] },
    DescribeRules: { Rules: [] },
    DescribeSSLPolicies: { SslPolicies: [] },
    DescribeTargetGroups: { TargetGroups: [] },
  });
  vi.spyOn(elbv2, "send").mockImplementation((async (command: object) => {
    const name = command.constructor.name.replace("Command", "");
    if (!name.startsWith("Describe")) changes.push(name);
    if (name === failing) throw new Error(`${name} failed`);
    return (answers() as Record<string, object>)[name] ?? {};
  }) as never);
  return changes;
}

/** A page that nothing leaves. */
function Kept() {
  useBlocker(true);
  return <Outlet />;
}

function opened(search: string): void {
  const pages = [{ path: "load-balancers/:name/edit-listener", element: <EditListener /> }];
  const router = createMemoryRouter([{ element: <Kept />, children: pages }], {
    initialEntries: [`/load-balancers/web/edit-listener${search}`],
  });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
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
    opened("?listener=arn:l");
    const port = await screen.findByLabelText("Port");
    await userEvent.type(port, "{backspace}4{Enter}");
    await waitFor(() => expect(changes).toHaveLength(1));
    await userEvent.type(port, "{backspace}3{Enter}");
    await waitFor(() => expect(changes).toEqual(["ModifyListener", "ModifyListener"]));
  });

  it("says what HTTP takes away, and knows of no client's secret once it is gone", async () => {
    const login = {
      Type: "authenticate-oidc",
      AuthenticateOidcConfig: {
        Issuer: "https://login.test",
        AuthorizationEndpoint: "https://login.test/authorize",
        TokenEndpoint: "https://login.test/token",
        UserInfoEndpoint: "https://login.test/user",
        ClientId: "web",
      },
    };
    const asking = { ...LISTENER, DefaultActions: [login, ...LISTENER.DefaultActions] };
    const changes = answered(() => CERTIFICATES, "", asking);
    opened("?listener=arn:l");
    expect(await screen.findByText(/the one that there is stays/)).toBeDefined();
    expect(screen.queryByText(/is lost with it/)).toBeNull();
    await userEvent.click(screen.getByLabelText("HTTP"));
    expect(screen.getByText(/is lost with it/)).toBeDefined();
    await userEvent.click(screen.getByText("Save listener"));
    await waitFor(() => expect(changes).toEqual(["ModifyListener"]));
    await waitFor(() => expect(screen.queryByText(/is lost with it/)).toBeNull());
    await userEvent.click(screen.getByLabelText("HTTPS"));
    expect(screen.queryByText(/the one that there is stays/)).toBeNull();
    expect(isUnsaved()).toBe(true);
    await userEvent.click(screen.getByLabelText("HTTP"));
    expect(isUnsaved()).toBe(false);
    await userEvent.click(screen.getByLabelText("HTTPS"));
    await userEvent.click(screen.getByText("Save listener"));
    expect(await screen.findAllByText("The client's secret is needed.")).not.toEqual([]);
    expect(changes).toHaveLength(1);
  });

  it("copies the command that goes on with a listener whose certificates could not be added", async () => {
    const user = userEvent.setup();
    const changes = answered(() => CERTIFICATES, "AddListenerCertificates");
    opened("");
    await screen.findByLabelText("Port");
    const [add] = screen.getAllByText("Add listener").filter((one) => one.closest("button"));
    await user.click(add as HTMLElement);
    await screen.findByText("AddListenerCertificates failed");
    expect(changes).toEqual(["CreateListener", "AddListenerCertificates"]);
    await user.click(screen.getByText("Copy aws command"));
    expect(await navigator.clipboard.readText()).toBe(
      "aws elbv2 add-listener-certificates --listener-arn arn:l --certificates CertificateArn=arn:ours",
    );
  });
});
