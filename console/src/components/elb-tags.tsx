import { AddTagsCommand, RemoveTagsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { useQuery } from "@tanstack/react-query";
import { elbv2 } from "../lib/clients";
import { elbTagsQuery } from "../lib/elbv2";
import { saveTags, type TagChanges, tagCommands } from "../lib/tags";
import { awsCommand } from "../lib/text";
import { TagsPanel } from "./tags-panel";

/** The tags of a load balancer or a target group. */
export function ElbTags({ arn, kind }: { arn: string; kind: string }) {
  return (
    <TagsPanel
      query={useQuery(elbTagsQuery(kind, arn))}
      kinds={[kind]}
      command={(changes) => command(arn, changes)}
      save={(changes) => {
        const ResourceArns = [arn];
        return saveTags(changes, {
          add: (Tags) => elbv2.send(new AddTagsCommand({ ResourceArns, Tags })),
          remove: (TagKeys) => elbv2.send(new RemoveTagsCommand({ ResourceArns, TagKeys })),
        });
      }}
    />
  );
}

function command(arn: string, changes: TagChanges): string {
  const asked = { "resource-arns": arn };
  return tagCommands(changes, {
    add: (tags) => awsCommand("elbv2 add-tags", { ...asked, tags }),
    remove: (keys) => awsCommand("elbv2 remove-tags", { ...asked, "tag-keys": keys }),
    show: awsCommand("elbv2 describe-tags", asked),
  });
}
