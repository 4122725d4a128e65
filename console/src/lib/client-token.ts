/** A token by which AWS knows a request again. `randomUUID` is not there on plain HTTP. */
function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Tokens of requests that were not answered yet: the same asked once more, after its answer was lost, is known again,
 * and nothing is started twice. */
export class ClientTokens {
  readonly #byRequest = new Map<string, string>();

  /** Ask with the request's token; once it is answered the same request is another one. Raises what `ask` raises. */
  async over<T>(request: unknown, ask: (token: string) => Promise<T>): Promise<T> {
    const key = JSON.stringify(request);
    const token = this.#byRequest.get(key) ?? newToken();
    this.#byRequest.set(key, token);
    const answer = await ask(token);
    this.#byRequest.delete(key);
    return answer;
  }
}
