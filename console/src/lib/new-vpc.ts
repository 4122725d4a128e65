import { CreateVpcCommand } from "@aws-sdk/client-ec2";
import { ec2, named, namedOption } from "./ec2";
import { attachGateway, type MadeGateway } from "./gateways";
import { once, type Parts } from "./once";
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

/** Make a VPC, and its gateway where one is wanted; another try goes on where the last one failed. Raises what
 * AWS says. */
export async function createVpc(made: MadeVpc, { name, block, hasGateway }: NewVpc): Promise<void> {
  const asked = { CidrBlock: block, ...named("vpc", name) };
  const send = async () => (await ec2.send(new CreateVpcCommand(asked))).Vpc?.VpcId;
  const id = await once(made.parts, "VPC", asked, send);
  if (hasGateway) await attachGateway(made.gateway, id, name);
  // Another of the same block is another VPC.
  made.parts = {};
}

/** The same as `aws` commands, one a line. */
export function vpcCommands({ name, block, hasGateway }: NewVpc): string {
  const made = awsCommand("ec2 create-vpc", {
    "cidr-block": block,
    "tag-specifications": namedOption("vpc", name),
  });
  if (!hasGateway) return made;
  const gateway = awsCommand("ec2 create-internet-gateway", {
    "tag-specifications": namedOption("internet-gateway", name),
    query: "InternetGateway.InternetGatewayId",
    output: "text",
  });
  return [
    `vpc=$(${made} --query Vpc.VpcId --output text)`,
    `gateway=$(${gateway})`,
    "aws ec2 attach-internet-gateway --internet-gateway-id $gateway --vpc-id $vpc",
  ].join("\n");
}
