/** A task definition as its JSON has it: of any members, and with numbers as they were typed where they are none. */
export type Draft = Record<string, unknown>;
export type Path = readonly (string | number)[];
/** What is wrong, by the path of the member: `containerDefinitions.0.image`. */
export type Faults = Record<string, string>;

const isObject = (value: unknown): value is Draft =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The draft in a text, or null where the form cannot show it. */
export function draftIn(text: string): Draft | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  const draft = isObject(parsed) && isObject(parsed.taskDefinition) ? parsed.taskDefinition : parsed;
  if (!isObject(draft)) return null;
  const lists = [draft.containerDefinitions, ...containersOf(draft).flatMap(listsOf)];
  return lists.every((list) => list === undefined || (Array.isArray(list) && list.every(isObject)))
    ? draft
    : null;
}

const listsOf = ({ portMappings, environment }: Draft) => [portMappings, environment];

/** Its containers; those that are no objects are left out. */
export function containersOf({ containerDefinitions }: Draft): Draft[] {
  return Array.isArray(containerDefinitions) ? containerDefinitions.filter(isObject) : [];
}

export function valueAt(draft: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) => (value as Record<string | number, unknown> | null | undefined)?.[part],
    draft,
  );
}

export const textAt = (draft: unknown, path: Path) => String(valueAt(draft, path) ?? "");

export function listAt(draft: unknown, path: Path): Draft[] {
  const value = valueAt(draft, path);
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function wordsAt(draft: unknown, path: Path): string[] {
  const value = valueAt(draft, path);
  return Array.isArray(value) ? value.map(String) : [];
}

/** The draft with another value at a path; undefined takes the member away. */
export function withValue(draft: Draft, path: Path, value: unknown): Draft {
  return changed(draft, path, value) as Draft;
}

function changed(old: unknown, [part, ...rest]: Path, value: unknown): unknown {
  if (part === undefined) return value;
  const inner = changed((old as Record<string | number, unknown> | undefined)?.[part], rest, value);
  if (typeof part === "number") {
    const items = Array.isArray(old) ? [...old] : [];
    if (inner === undefined) items.splice(part, 1);
    else items[part] = inner;
    return items;
  }
  const { [part]: _, ...others } = (old ?? {}) as Draft;
  if (inner === undefined) return others;
  // A member that was there keeps its place.
  return isObject(old) && part in old ? { ...old, [part]: inner } : { ...others, [part]: inner };
}

/** A number where the text is one, else the text: what is typed is never lost. Nothing for nothing. */
export function numberIn(text: string): number | string | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : trimmed;
}

const NAME = /^[\w-]{1,255}$/;
const NAME_FAULT = "1 to 255 letters, digits, hyphens and underscores.";

function range(faults: Faults, draft: Draft, path: Path, from: number, to = Number.POSITIVE_INFINITY): void {
  const value = valueAt(draft, path);
  if (value === undefined) return;
  if (!Number.isInteger(value) || Number(value) < from || Number(value) > to)
    faults[path.join(".")] = `A whole number, ${from} ${Number.isFinite(to) ? `to ${to}` : "or more"}.`;
}

/** What AWS would refuse, as far as the form knows it. AWS has the last word on the rest. */
export function faultsOf(draft: Draft): Faults {
  const faults: Faults = {};
  if (!NAME.test(textAt(draft, ["family"]))) faults.family = NAME_FAULT;
  const containers = containersOf(draft);
  if (containers.length === 0) faults.containerDefinitions = "A task has one container or more.";
  containers.forEach((container, index) => {
    const at: Path = ["containerDefinitions", index];
    const name = textAt(container, ["name"]);
    if (!NAME.test(name)) faults[[...at, "name"].join(".")] = NAME_FAULT;
    else if (containers.findIndex((other) => other.name === name) < index)
      faults[[...at, "name"].join(".")] = "Another container has this name.";
    containerFaults(faults, draft, at);
  });
  return faults;
}

function containerFaults(faults: Faults, draft: Draft, at: Path): void {
  const container = valueAt(draft, at) as Draft;
  const fault = (path: Path, text: string) => {
    faults[[...at, ...path].join(".")] = text;
  };
  if (!textAt(container, ["image"])) fault(["image"], "An image is needed, as nginx:1.");
  range(faults, draft, [...at, "cpu"], 0);
  range(faults, draft, [...at, "memory"], 6);
  range(faults, draft, [...at, "memoryReservation"], 6);
  if (
    draft.memory === undefined &&
    container.memory === undefined &&
    container.memoryReservation === undefined
  )
    fault(["memory"], "At least one of memory limit and reservation is needed.");
  listAt(container, ["portMappings"]).forEach((mapping, index) => {
    const path: Path = [...at, "portMappings", index];
    if (mapping.containerPort === undefined)
      faults[[...path, "containerPort"].join(".")] = "A port is needed.";
    range(faults, draft, [...path, "containerPort"], 1, 65_535);
    range(faults, draft, [...path, "hostPort"], 0, 65_535);
  });
  listAt(container, ["environment"]).forEach(({ name }, index) => {
    if (!name) fault(["environment", index, "name"], "A name is needed.");
  });
  if (
    textAt(container, ["logConfiguration", "logDriver"]) === "awslogs" &&
    !textAt(container, ["logConfiguration", "options", "awslogs-group"])
  )
    fault(["logConfiguration"], "awslogs needs the option awslogs-group.");
  if (isObject(container.healthCheck)) {
    const command = wordsAt(container, ["healthCheck", "command"]);
    if (command.slice(1).join("") === "" && command[0] !== "NONE")
      fault(["healthCheck", "command", ...(command[0] === "CMD-SHELL" ? [1] : [])], "A command is needed.");
    range(faults, draft, [...at, "healthCheck", "interval"], 5, 300);
    range(faults, draft, [...at, "healthCheck", "timeout"], 2, 60);
    range(faults, draft, [...at, "healthCheck", "retries"], 1, 10);
    range(faults, draft, [...at, "healthCheck", "startPeriod"], 0, 300);
  }
}

/** The faults to show: what is merely missing is not told before somebody wanted to register. */
export function shownFaults(draft: Draft, isChecked: boolean): Faults {
  const isTyped = ([path]: [string, string]) => {
    const value = valueAt(draft, path.split("."));
    return value !== undefined && value !== "";
  };
  const all = Object.entries(faultsOf(draft));
  return Object.fromEntries(isChecked ? all : all.filter(isTyped));
}

/** A container to begin with, named as none of the others is. */
export function newContainer(draft: Draft): Draft {
  const names = new Set(containersOf(draft).map(({ name }) => name));
  let number = names.size + 1;
  while (names.has(`container-${number}`)) number += 1;
  return { name: `container-${number}`, image: "", cpu: 128, memory: 128, essential: true, portMappings: [] };
}
