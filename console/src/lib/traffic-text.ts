/** `app/NAME/ID` or `targetgroup/NAME/ID` of an ARN: what CloudWatch's dimensions are called. */
export function elbDimension(arn: string): string {
  return (
    arn
      .split(":")
      .at(-1)
      ?.replace(/^loadbalancer\//, "") ?? ""
  );
}

/** A rate in as many digits as matter: `0`, `0.4`, `12.5`, `320`. */
export function rateText(rate: number): string {
  if (rate === 0) return "0";
  return rate < 100 ? rate.toFixed(1) : rate.toFixed(0);
}
