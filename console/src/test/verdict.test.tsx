import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { together, Verdict } from "../components/verdict";

const known = { isPending: false, error: null };
const waiting = { isPending: true, error: null };
const denied = Object.assign(new Error("Not allowed."), { name: "AccessDenied" });
const refused = { isPending: false, error: denied };
const none = { moving: 0, unwell: 0, ringing: 0, isEmpty: false };

afterEach(cleanup);

describe("Verdict", () => {
  it("is that all is well where every answer was had", () => {
    render(<Verdict {...none} {...together([known, known])} />);
    expect(screen.getByText(/Every service is steady/)).toBeDefined();
  });

  it("waits for the last answer", () => {
    render(<Verdict {...none} {...together([known, waiting])} />);
    expect(screen.getByText("Looking")).toBeDefined();
  });

  it("says what could not be asked, not that all is well or that nothing runs", () => {
    render(<Verdict {...none} isEmpty {...together([known, refused, waiting])} />);
    expect(screen.getByText(/Not everything could be asked: AccessDenied: Not allowed\./)).toBeDefined();
    expect(screen.queryByText(/steady|Nothing runs/)).toBeNull();
  });

  it("tells the troubles that are known beside an error", () => {
    render(<Verdict {...none} unwell={2} {...together([refused])} />);
    expect(screen.getByText(/Of what is known: 2 targets unhealthy$/)).toBeDefined();
  });

  it("names each trouble that there is", () => {
    render(<Verdict isEmpty={false} moving={1} unwell={2} ringing={1} {...known} />);
    expect(screen.getByText("1 service not steady, 2 targets unhealthy, 1 alarm in ALARM")).toBeDefined();
  });

  it("tells of unhealthy targets where there is no service", () => {
    render(<Verdict {...none} isEmpty unwell={1} {...known} />);
    expect(screen.getByText("1 target unhealthy")).toBeDefined();
  });
});
