import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Toggle from "@cloudscape-design/components/toggle";
import { useDeferredValue, useState } from "react";
import { notify } from "../layout/notices";
import { type LogSource, logCommand } from "../lib/log-sources";
import { asText, LINES_MAX } from "../lib/log-window";
import { count, errorText } from "../lib/text";
import { zoneName } from "../lib/times";
import { CopyCommand } from "./copy-command";
import { LogLines } from "./log-lines";
import { type Tail, useLogTail } from "./use-log-tail";

const RANGES = [
  { value: "300", label: "Last 5 minutes" },
  { value: "900", label: "Last 15 minutes" },
  { value: "3600", label: "Last hour" },
  { value: "10800", label: "Last 3 hours" },
  { value: "86400", label: "Last day" },
  { value: "604800", label: "Last week" },
  { value: "", label: "All that is kept" },
];
const FIRST_RANGE = "900";

/** The lines of a source as they come, with search. Another source begins anew: give it a key. */
export function LogViewer({ title, source }: { title: string; source: LogSource }) {
  const [typed, setTyped] = useState("");
  const [asked, ask] = useState(() => ({ pattern: "", seconds: FIRST_RANGE, at: Date.now() }));
  const [isPaused, setPaused] = useState(false);
  const [isWrapped, setWrapped] = useState(false);
  const [isAtEnd, setAtEnd] = useState(true);
  const begin = asked.seconds ? asked.at - Number(asked.seconds) * 1000 : 0;
  const query = { ...source, pattern: asked.pattern, begin };
  const tail = useLogTail({ query, isPaused, isAtEnd });
  // Lines are drawn when there is time for it: typing and scrolling go first.
  const drawn = useDeferredValue(tail.window);
  // What is asked for is looked at, also where it was paused: else it would be said not to be there.
  const look = (part: { pattern?: string; seconds?: string }) => {
    setAtEnd(true);
    setPaused(false);
    ask({ ...asked, ...part, at: Date.now() });
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          counter={`(${tail.window.count})`}
          description={<Told tail={tail} />}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={() => setPaused(!isPaused)}>{isPaused ? "Go on" : "Pause"}</Button>
              <CopyLines tail={tail} />
              <CopyCommand command={logCommand(source, asked.pattern, begin)} />
            </SpaceBetween>
          }
        >
          {title}
        </Header>
      }
    >
      <SpaceBetween size="s">
        <div className="log-tools">
          <Input
            type="search"
            value={typed}
            ariaLabel="Filter pattern"
            placeholder={"Filter pattern, as ERROR or { $.status >= 500 }"}
            onChange={({ detail }) => {
              setTyped(detail.value);
              if (detail.value === "" && asked.pattern !== "") look({ pattern: "" });
            }}
            onKeyDown={({ detail }) => {
              if (detail.key === "Enter") look({ pattern: typed.trim() });
            }}
          />
          <Button onClick={() => look({ pattern: typed.trim() })}>Search</Button>
          <Select
            ariaLabel="Time range"
            options={RANGES}
            selectedOption={RANGES.find(({ value }) => value === asked.seconds) ?? null}
            onChange={({ detail }) => look({ seconds: detail.selectedOption.value ?? "" })}
          />
          <Toggle checked={isWrapped} onChange={({ detail }) => setWrapped(detail.checked)}>
            Wrap lines
          </Toggle>
          {!isAtEnd && (
            <Button iconName="angle-down" onClick={() => setAtEnd(true)}>
              Jump to the end
            </Button>
          )}
        </div>
        {tail.error && <Alert type="error">{errorText(tail.error)}</Alert>}
        <Nothing
          tail={tail}
          isSearch={asked.pattern !== ""}
          onAll={asked.seconds === "" ? null : () => look({ seconds: "" })}
        />
        <LogLines
          label={`Lines of ${title}`}
          window={drawn}
          isWrapped={isWrapped}
          isAtEnd={isAtEnd}
          onEnd={setAtEnd}
        />
      </SpaceBetween>
    </Container>
  );
}

const STATES = {
  reading: <StatusIndicator type="loading">Reading</StatusIndicator>,
  following: <StatusIndicator>Following: lines appear as they come</StatusIndicator>,
  paused: <StatusIndicator type="stopped">Paused</StatusIndicator>,
  full: (
    <StatusIndicator type="stopped">
      {`${2 * LINES_MAX} lines are here: jump to the end to go on`}
    </StatusIndicator>
  ),
};

function Told({ tail: { state, window, error } }: { tail: Tail }) {
  const isRetried = error && state !== "paused";
  return (
    <>
      {isRetried ? <StatusIndicator type="warning">Asking again</StatusIndicator> : STATES[state]}
      {window.dropped > 0 && `, the newest ${LINES_MAX} or so; ${count(window.dropped, "older line")} left`}
      {`; times are in ${zoneName(new Date())}`}
    </>
  );
}

/** Its text is made when it is asked for: there may be thousands of lines. */
function CopyLines({ tail: { window } }: { tail: Tail }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(asText(window));
      notify("success", `${count(window.count, "line")} copied.`);
    } catch {
      notify("error", "The browser did not let them be copied.");
    }
  };
  return (
    <Button iconName="copy" disabled={window.count === 0} onClick={() => void copy()}>
      Copy lines
    </Button>
  );
}

interface NothingProps {
  tail: Tail;
  isSearch: boolean;
  /** Looks at all that is kept, where it was not looked at. */
  onAll: (() => void) | null;
}

function Nothing({ tail, isSearch, onAll }: NothingProps) {
  if (tail.window.count > 0 || tail.state === "reading" || tail.error) return null;
  const missing = isSearch ? "No line matches" : "There is no line";
  return (
    <Box textAlign="center" color="text-body-secondary">
      <SpaceBetween size="xs" alignItems="center">
        <span>{`${missing}${onAll ? " in this range." : " yet: those that are written now appear here."}`}</span>
        {onAll && <Button onClick={onAll}>Look at all that is kept</Button>}
      </SpaceBetween>
    </Box>
  );
}
