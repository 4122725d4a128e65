import {
  type RegisterTaskDefinitionCommandInput,
  RegisterTaskDefinitionRequest$,
  type Tag,
  type TaskDefinition,
} from "@aws-sdk/client-ecs";
import type { Path } from "./definition-form";
import { pathText } from "./json-lines";
import { unknownMember } from "./unknown-members";

/** What DescribeTaskDefinition answers and RegisterTaskDefinition does not take. */
const GIVEN = [
  "taskDefinitionArn",
  "revision",
  "status",
  "requiresAttributes",
  "compatibilities",
  "registeredAt",
  "registeredBy",
  "deregisteredAt",
] as const;

const EXAMPLE = {
  family: "my-service",
  containerDefinitions: [
    {
      name: "web",
      image: "my-service:1",
      cpu: 128,
      memory: 128,
      essential: true,
      portMappings: [{ containerPort: 8080, hostPort: 0 }],
    },
  ],
};

/** The JSON to edit for a new revision of a task definition, with its tags, or for the first of a family. */
export function textOf(definition: TaskDefinition | null, tags: Tag[] = []): string {
  if (!definition) return JSON.stringify(EXAMPLE, null, 2);
  const kept = Object.entries(definition).filter(([name]) => !(GIVEN as readonly string[]).includes(name));
  return JSON.stringify({ ...Object.fromEntries(kept), ...(tags.length > 0 && { tags }) }, null, 2);
}

/** Why a text is no request, and of which member that is, the whole of it being the empty path; of none where it is no
 * JSON. */
interface Fault {
  fault: string;
  member?: Path;
}

/** The request in a text, or what is wrong with it. A file of `describe-task-definition` is taken too. */
export function requestIn(text: string): { request: RegisterTaskDefinitionCommandInput } | Fault {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return { fault: `This is no JSON: ${error instanceof Error ? error.message : error}` };
  }
  const outer = parsed as { taskDefinition?: TaskDefinition; tags?: Tag[] } | null;
  const definition = outer?.taskDefinition ?? (parsed as TaskDefinition | null);
  if (typeof definition !== "object" || definition === null || Array.isArray(definition)) {
    return { fault: "A task definition is an object, in braces.", member: [] };
  }
  if (typeof definition.family !== "string" || !definition.family)
    return { fault: "family is missing.", member: ["family"] };
  if (!Array.isArray(definition.containerDefinitions) || definition.containerDefinitions.length === 0) {
    return { fault: "containerDefinitions needs one container or more.", member: ["containerDefinitions"] };
  }
  // Tags stand beside the definition in what was described, and inside of what is registered.
  const tags = outer?.taskDefinition && Array.isArray(outer.tags) ? outer.tags : [];
  const request = JSON.parse(textOf(definition, tags)) as RegisterTaskDefinitionCommandInput;
  const unknown = unknownMember(request, RegisterTaskDefinitionRequest$);
  return unknown
    ? { fault: `RegisterTaskDefinition has no member ${pathText(unknown)}.`, member: unknown }
    : { request };
}
