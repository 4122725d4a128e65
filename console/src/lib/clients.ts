import { ECSClient } from "@aws-sdk/client-ecs";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { SIGNING_REGION, sessionToSign } from "./session";

async function credentials() {
  // Without an expiration: the client would keep credentials of a session that was signed out since.
  return { ...sessionToSign(), expiration: new Date(Date.now() + 1000) };
}

export const clientOptions = {
  endpoint: location.origin,
  region: SIGNING_REGION,
  credentials,
  maxAttempts: 3,
};

export const ecs = new ECSClient(clientOptions);
export const elbv2 = new ElasticLoadBalancingV2Client(clientOptions);
