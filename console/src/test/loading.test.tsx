import { act, cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ErrorBoundary } from "../components/error-boundary";
import { lazily, Part } from "../components/lazily";
import { connection } from "../lib/connection";
import { insistent, NotLoaded } from "../lib/loading";

const gone = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));
const atOnce = () => Promise.resolve();

describe("insistent", () => {
  it("asks for as long as control is away", async () => {
    let tried = 0;
    const load = () => {
      tried += 1;
      return tried < 20 ? gone() : Promise.resolve("there");
    };
    expect(await insistent(load, () => tried < 20, atOnce)).toBe("there");
  });

  it("gives up where control answers", async () => {
    const load = vi.fn(gone);
    await expect(insistent(load, () => false, atOnce)).rejects.toThrow(NotLoaded);
    expect(load).toHaveBeenCalledTimes(3);
  });
});

describe("whether control is away", () => {
  afterEach(() => vi.restoreAllMocks());

  it("is not so where the line was let go, as by a session that is over", async () => {
    const state = { isConnected: false, wasConnected: false, refusal: "", region: "", account: "" };
    vi.spyOn(connection, "state").mockReturnValue(state);
    const load = vi.fn(gone);
    await expect(insistent(load, undefined, atOnce)).rejects.toThrow(NotLoaded);
    vi.spyOn(connection, "state").mockReturnValue({ ...state, wasConnected: true });
    let tried = 0;
    const late = () => {
      tried += 1;
      return tried < 9 ? gone() : Promise.resolve("there");
    };
    expect(await insistent(late, undefined, atOnce)).toBe("there");
  });
});

/** A part that fails to be drawn until told otherwise. */
function Fragile({ isBroken }: { isBroken: () => boolean }) {
  if (isBroken()) throw new Error("It broke.");
  return <p>whole</p>;
}

describe("ErrorBoundary", () => {
  beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {}));
  afterEach(() => {
    cleanup();
    vi.restoreAllMocks();
  });

  it("says what went wrong beside what goes on, and tries again", async () => {
    let isBroken = true;
    render(
      <>
        <input aria-label="Name" defaultValue="typed" />
        <Part noun="chart">
          <Fragile isBroken={() => isBroken} />
        </Part>
      </>,
    );
    expect(screen.getByText("The chart cannot be shown")).toBeDefined();
    expect(screen.getByText("It broke.")).toBeDefined();
    expect(screen.getByLabelText("Name")).toHaveProperty("value", "typed");
    isBroken = false;
    await userEvent.click(screen.getByText("Try again"));
    expect(screen.getByText("whole")).toBeDefined();
  });

  it("is over at another place", () => {
    const at = (place: string) => (
      <ErrorBoundary noun="page" place={place}>
        <Fragile isBroken={() => place === "/broken"} />
      </ErrorBoundary>
    );
    const { rerender } = render(at("/broken"));
    expect(screen.getByText("The page cannot be shown")).toBeDefined();
    rerender(at("/whole"));
    expect(screen.getByText("whole")).toBeDefined();
  });

  it("asks again for scripts that did not come", async () => {
    vi.spyOn(connection, "state").mockReturnValue({ ...connection.state(), isConnected: true });
    let isThere = false;
    const Late = lazily(() => (isThere ? Promise.resolve({ default: () => <p>late</p> }) : gone()));
    await act(async () => {
      render(
        <Part noun="map">
          <Late />
        </Part>,
      );
    });
    expect(await screen.findByText("The map cannot be shown", {}, { timeout: 10_000 })).toBeDefined();
    isThere = true;
    await act(() => userEvent.click(screen.getByText("Try again")));
    expect(await screen.findByText("late")).toBeDefined();
  });
});
