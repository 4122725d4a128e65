import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, it, vi } from "vitest";
import AutoScaling from "../components/auto-scaling";
import { NameWithPlace } from "../components/name-with-place";
import { queries } from "../lib/queries";
import { policiesQuery, scalableTargetQuery, scaling } from "../lib/scaling";
import AbTest from "../pages/ab-test";

const draw = (content: ReactNode) =>
  render(
    <QueryClientProvider client={queries}>
      <MemoryRouter>{content}</MemoryRouter>
    </QueryClientProvider>,
  );

const never = () => new Promise<never>(() => {});

afterEach(() => {
  cleanup();
  queries.clear();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

it("what is below a service's curves is not drawn before it is known whether there are any", () => {
  vi.spyOn(scaling, "send").mockImplementation(never);
  const service = { serviceName: "users", clusterArn: "arn:aws:ecs:us-east-1:0:cluster/staging" };
  queries.setQueryData(scalableTargetQuery("staging", "users").queryKey, null);
  const { unmount } = draw(<AutoScaling service={service} />);
  screen.getByText("Loading the scalable target");
  expect(screen.queryByText("Scaling policies")).toBeNull();

  unmount();
  queries.setQueryData(policiesQuery("staging", "users").queryKey, []);
  draw(<AutoScaling service={service} />);
  screen.getByText("Scaling policies");
});

it("what is below a verdict is not drawn before it", () => {
  vi.stubGlobal("fetch", never);
  draw(<AbTest />);
  screen.getByText("Loading the comparison");
  expect(screen.queryByText("Shifts")).toBeNull();
});

it("a DNS name that answers is itself the link", () => {
  draw(<NameWithPlace name="users.elb.localhost" place="http://users.elb.localhost:8080/" />);
  const link = screen.getByRole("link", { name: /^users\.elb\.localhost/ });
  expect(link.getAttribute("href")).toBe("http://users.elb.localhost:8080/");
  expect(link.getAttribute("target")).toBe("_blank");
  screen.getByRole("button", { name: "Copy DNS name" });
});

it("a DNS name that is not known yet is no link without a text", () => {
  draw(<NameWithPlace name="" place="http://127.1.2.1:80/" />);
  expect(screen.getByRole("link").textContent).toContain("Open http://127.1.2.1:80/");
});

it("a DNS name whose port is another's is no link, and what answers is one", () => {
  draw(<NameWithPlace name="users.elb.localhost" place="http://127.1.2.1:80/" />);
  const [link, ...others] = screen.getAllByRole("link");
  expect([link?.getAttribute("href"), others]).toEqual(["http://127.1.2.1:80/", []]);
});
