import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  DeleteInternetGatewayCommand,
  DetachInternetGatewayCommand,
} from "@aws-sdk/client-ec2";
import { ec2 } from "./ec2";

/** What was made by a try that failed later: the next try goes on with it. */
export interface MadeGateway {
  id?: string | undefined;
}

/** Make an internet gateway, where none was made yet, and attach it to the VPC. */
export async function attachGateway(made: MadeGateway, vpcId: string): Promise<void> {
  made.id ??= (await ec2.send(new CreateInternetGatewayCommand({}))).InternetGateway?.InternetGatewayId;
  await ec2.send(new AttachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: made.id }));
  made.id = undefined;
}

/** Detach an internet gateway, unless that was done before, and delete it. */
export async function removeGateway(vpcId: string, id: string): Promise<void> {
  try {
    await ec2.send(new DetachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: id }));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "Gateway.NotAttached") throw error;
  }
  await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId: id }));
}
