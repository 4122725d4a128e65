import { isRefusal } from "./refused";

/** A token by which AWS knows a request again. `randomUUID` is not there on plain HTTP. */
function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Tokens of requests that were not answered yet: the same asked once more, after its answer was lost, is known again,
 * and nothing is started twice. */
export class ClientTokens<Request = unknown> {
  readonly #unanswered = new Map<string, { request: Request; token: string }>();

  /** Ask with the request's token; once it is answered the same request is another one. Raises what `ask` raises. */
  async over<T>(request: Request, ask: (token: string) => Promise<T>): Promise<T> {
    const key = JSON.stringify(request);
    const { token } = this.#unanswered.get(key) ?? { token: newToken() };
    this.#unanswered.set(key, { request, token });
    try {
      const answer = await ask(token);
      this.#unanswered.delete(key);
      return answer;
    } catch (error) {
      if (isRefusal(error)) this.#unanswered.delete(key);
      throw error;
    }
  }

  /** The requests that may have been done, with their tokens, in the order in which they were asked first. */
  get unanswered(): { request: Request; token: string }[] {
    return [...this.#unanswered.values()];
  }
}
