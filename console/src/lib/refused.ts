/** Whether AWS answered that it did not do what it was asked. After any other error it may have been done: so it may
 * where the SDK asked more than once, whose first requests got no answer, and where the session had ended (403), which
 * is all that was looked at. */
export function isRefusal(error: unknown): boolean {
  const { $metadata } = (error ?? {}) as { $metadata?: { httpStatusCode?: number; attempts?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500 && status !== 403 && ($metadata?.attempts ?? 1) === 1;
}
