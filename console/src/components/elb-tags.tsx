import {
  AddTagsCommand,
  type Tag as ElbTag,
  RemoveTagsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { useQuery } from "@tanstack/react-query";
import { elbv2 } from "../lib/clients";
import { elbTagsQuery } from "../lib/elbv2";
import { type Tag, tagWords } from "../lib/tags";
import { awsCommand } from "../lib/text";
import { TagsPanel } from "./tags-panel";

interface Changes {
  add: Tag[];
  remove: string[];
}

/** The tags of a load balancer or a target group. */
export function ElbTags({ arn, kind }: { arn: string; kind: string }) {
  return (
    <TagsPanel
      query={useQuery(elbTagsQuery(kind, arn))}
      kinds={[kind]}
      command={(changes) => command(arn, changes)}
      save={async ({ add, remove }) => {
        const ResourceArns = [arn];
        if (remove.length > 0) await elbv2.send(new RemoveTagsCommand({ ResourceArns, TagKeys: remove }));
        if (add.length > 0) await elbv2.send(new AddTagsCommand({ ResourceArns, Tags: add as ElbTag[] }));
      }}
    />
  );
}

function command(arn: string, { add, remove }: Changes): string {
  const lines = [
    ...(remove.length > 0
      ? [awsCommand("elbv2 remove-tags", { "resource-arns": arn, "tag-keys": remove })]
      : []),
    ...(add.length > 0 ? [awsCommand("elbv2 add-tags", { "resource-arns": arn, tags: tagWords(add) })] : []),
  ];
  return lines.join("\n") || awsCommand("elbv2 describe-tags", { "resource-arns": arn });
}
