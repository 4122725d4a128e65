import { CreateVpcCommand } from "@aws-sdk/client-ec2";
import { ec2, named, namedOption } from "./ec2";
import { attachGateway, gatewayCommands, type MadeGateway } from "./gateways";
import { forgettingGone, idOf, once, type Parts } from "./once";
import { awsCommand } from "./text";

export interface NewVpc {
  name: string;
  block: string;
  hasGateway: boolean;
}

/** What earlier tries made. */
export interface MadeVpc {
  parts: Parts<"VPC">;
  gateway: MadeGateway;
}

const askedOf = (name: string, block: string) => ({ CidrBlock: block, ...named("vpc", name) });

/** Make a VPC, and its gateway where one is wanted; another try goes on where the last one failed. Raises what
 * AWS says. */
export const createVpc = (made: MadeVpc, form: NewVpc): Promise<void> =>
  forgettingGone(made.parts, { VPC: ["InvalidVpcID.NotFound"] }, () => makeAll(made, form));

async function makeAll(made: MadeVpc, { name, block, hasGateway }: NewVpc): Promise<void> {
  const asked = askedOf(name, block);
  const send = async () => (await ec2.send(new CreateVpcCommand(asked))).Vpc?.VpcId;
  const id = await once(made.parts, "VPC", asked, send);
  if (hasGateway) await attachGateway(made.gateway, id, name);
  // Another of the same block is another VPC.
  made.parts = {};
}

/** The same as `aws` commands, one a line, but for what earlier tries made. */
export function vpcCommands(
  { name, block, hasGateway }: NewVpc,
  { parts, gateway }: MadeVpc = { parts: {}, gateway: {} },
): string {
  const id = idOf(parts, "VPC", askedOf(name, block));
  const create = awsCommand("ec2 create-vpc", {
    "cidr-block": block,
    "tag-specifications": namedOption("vpc", name),
  });
  if (!hasGateway) return id ? awsCommand("ec2 describe-vpcs", { "vpc-ids": id }) : create;
  return [
    `vpc=${id ?? `$(${create} --query Vpc.VpcId --output text)`}`,
    ...gatewayCommands("$vpc", gateway, name),
  ].join("\n");
}
