import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connection } from "../lib/connection";
import { endSessionAsSaid, endSessionOn } from "../lib/queries";
import { currentSession, endSession, keepSession, sessionToSign, signOut } from "../lib/session";

const KEY = "tidegate.session";
const begun = Date.parse("2030-01-01T00:00:00Z");

function sessionOf(seconds: number) {
  const expiration = new Date(begun + seconds * 1000).toISOString();
  keepSession({ accessKeyId: "ASIA1", secretAccessKey: "s", sessionToken: "t", expiration });
}

beforeEach(() => {
  vi.useFakeTimers({ now: begun });
  sessionOf(60);
});
afterEach(() => {
  signOut();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a session", () => {
  it("is over at its expiration, as AWS says it", async () => {
    expect(sessionToSign().accessKeyId).toBe("ASIA1");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(currentSession()).toBeNull();
    expect(sessionToSign).toThrow(expect.objectContaining({ name: "ExpiredTokenException" }));
  });

  it("leaves why it ended and no credentials", () => {
    endSession();
    expect(currentSession()).toBeNull();
    expect(JSON.parse(localStorage.getItem(KEY) ?? "")).toEqual({
      ending: "Your session has ended: sign in again.",
    });
  });

  it("that its user left does not end once more by a late answer", () => {
    signOut();
    endSessionOn(Object.assign(new Error("late"), { name: "ExpiredToken" }));
    expect(localStorage.getItem(KEY)).toBeNull();
  });

  it("outlives a late answer to a request of the one before", async () => {
    const expired = Object.assign(new Error("late"), { name: "ExpiredToken" });
    endSessionOn(expired);
    expect(currentSession()).not.toBeNull();
    await vi.advanceTimersByTimeAsync(11_000);
    endSessionOn(expired);
    expect(currentSession()).toBeNull();
  });

  it("goes on where control refuses for another reason", () => {
    endSessionAsSaid("SignatureDoesNotMatch: Signature expired: the clock is off");
    expect(currentSession()).not.toBeNull();
    endSessionAsSaid("ExpiredToken: The security token included in the request is expired");
    expect(currentSession()).toBeNull();
  });
});

describe("the line to control", () => {
  it("tells what it is refused for, and is new to who follows next", async () => {
    vi.stubGlobal("fetch", async () => new Response("AccessDenied: no\n", { status: 403 }));
    const refused = vi.fn();
    const stop = connection.follow(vi.fn(), vi.fn(), refused);
    await vi.waitFor(() => expect(refused).toHaveBeenCalledWith("AccessDenied: no"));
    expect(connection.state().refusal).toBe("AccessDenied: no");
    stop();
    expect(connection.state()).toMatchObject({ isConnected: false, wasConnected: false, refusal: "" });
  });
});
