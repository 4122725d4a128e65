import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  DeleteInternetGatewayCommand,
  DetachInternetGatewayCommand,
  type InternetGateway,
} from "@aws-sdk/client-ec2";
import { isCode, nullOn } from "./aws-errors";
import { ec2, named, namedOption } from "./ec2";
import { awsCommand } from "./text";

/** What was made by a try that failed later: the next try goes on with it. */
export interface MadeGateway {
  id?: string | undefined;
}

/** Make an internet gateway, where none was made yet, and attach it to the VPC. Raises what AWS says; the next try makes
 * another where it says that there is none. */
export async function attachGateway(made: MadeGateway, vpcId: string, name = ""): Promise<void> {
  const asked = named("internet-gateway", name);
  made.id ??= (await ec2.send(new CreateInternetGatewayCommand(asked))).InternetGateway?.InternetGatewayId;
  try {
    await ec2.send(new AttachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: made.id }));
    made.id = undefined;
  } catch (error) {
    if (isCode(error, "InvalidInternetGatewayID.NotFound")) made.id = undefined;
    throw error;
  }
}

/** The same as `aws` commands; `vpc` is an id or a shell variable. */
export function gatewayCommands(vpc: string, made: MadeGateway, name = ""): string[] {
  const create = awsCommand("ec2 create-internet-gateway", {
    "tag-specifications": namedOption("internet-gateway", name),
    query: "InternetGateway.InternetGatewayId",
    output: "text",
  });
  return [
    `gateway=${made.id ?? `$(${create})`}`,
    `aws ec2 attach-internet-gateway --internet-gateway-id $gateway --vpc-id ${vpc}`,
  ];
}

/** Detach an internet gateway, unless that was done before, and delete it. */
export async function removeGateway(vpcId: string, id: string): Promise<void> {
  const asked = { VpcId: vpcId, InternetGatewayId: id };
  await nullOn("Gateway.NotAttached", () => ec2.send(new DetachInternetGatewayCommand(asked)));
  await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId: id }));
}

/** The id of a VPC's gateway, or of `begun`, whose removal has begun, for as long as it is in no VPC; else null. */
export function gatewayIn(vpcId: string, gateways: InternetGateway[], begun: string | null): string | null {
  const isIn = ({ Attachments = [] }: InternetGateway) => Attachments.some(({ VpcId }) => VpcId === vpcId);
  const isBegun = ({ InternetGatewayId, Attachments = [] }: InternetGateway) =>
    InternetGatewayId === begun && Attachments.length === 0;
  return (gateways.find(isIn) ?? gateways.find(isBegun))?.InternetGatewayId ?? null;
}
