import Textarea from "@cloudscape-design/components/textarea";
import { type CSSProperties, useRef } from "react";
import "./json-text.css";

const LINE_PX = 20;
const ABOVE_PX = 5;

// As its own sheet has it for the lines beside them. A fault marks lines: the text keeps its colour.
const STYLE: CSSProperties = {
  font: '13px / 20px "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace',
  whiteSpace: "pre",
  paddingBlock: ABOVE_PX,
  color: "inherit",
};

interface Props {
  text: string;
  /** Lines, from 1 on, that something is wrong with. */
  faulty: number[];
  onChange: (text: string) => void;
}

/** A text of numbered lines, of which the faulty ones are marked. */
export function JsonText({ text, faulty, onChange }: Props) {
  const lines = useRef<HTMLDivElement>(null);
  const numbers = Array.from(text.split("\n"), (_, index) => index + 1).join("\n");
  return (
    <div className="json-text">
      <Textarea
        value={text}
        rows={24}
        resize="none"
        spellcheck={false}
        onChange={({ detail }) => onChange(detail.value)}
        nativeTextareaAttributes={{
          style: STYLE,
          wrap: "off",
          onScroll: ({ currentTarget }) => {
            if (lines.current) lines.current.style.transform = `translateY(${-currentTarget.scrollTop}px)`;
          },
        }}
      />
      <div className="json-lines" aria-hidden="true">
        <div ref={lines}>
          <pre className="json-numbers">{numbers}</pre>
          {faulty.map((line) => (
            <div key={line} className="json-fault" style={{ top: ABOVE_PX + (line - 1) * LINE_PX }} />
          ))}
        </div>
      </div>
    </div>
  );
}
