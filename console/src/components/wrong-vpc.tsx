import Box from "@cloudscape-design/components/box";
import { useQuery } from "@tanstack/react-query";
import { ec2InstancesQuery } from "../lib/ec2";
import { elbName } from "../lib/text";
import type { Trouble } from "../lib/troubles";
import { PageLink, paths } from "./link";

/** Which VPC a target group is in, and which one the instance that was to be its target. */
export default function WrongVpc({ targetGroupArn, vpcId, instanceId }: NonNullable<Trouble["wrongVpc"]>) {
  const instances = useQuery(ec2InstancesQuery);
  const group = elbName(targetGroupArn);
  const other = instances.data?.find(({ InstanceId }) => InstanceId === instanceId)?.VpcId;
  return (
    <Box>
      Target group <PageLink to={paths.targetGroup(group)}>{group}</PageLink> is in{" "}
      <PageLink to={paths.vpc(vpcId)}>{vpcId}</PageLink>, instance{" "}
      <PageLink to={paths.instance(instanceId)}>{instanceId}</PageLink>{" "}
      {other ? (
        <>
          in <PageLink to={paths.vpc(other)}>{other}</PageLink>.
        </>
      ) : (
        "in another."
      )}
    </Box>
  );
}
