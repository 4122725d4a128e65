import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Component, type ReactNode } from "react";
import { errorText } from "../lib/text";
import { forgetFailed } from "./lazily";

interface Props {
  /** What cannot be shown then, as `chart`. */
  noun: string;
  /** Another place is tried anew. */
  place?: string;
  children: ReactNode;
}

interface State {
  error: unknown;
  isFailed: boolean;
  place: string | undefined;
}

/** Keeps an error of what it holds from taking the whole page away: says it, and offers to try again. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null, isFailed: false, place: this.props.place };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error, isFailed: true };
  }

  static getDerivedStateFromProps({ place }: Props, state: State): Partial<State> | null {
    if (place === state.place) return null;
    if (state.isFailed) forgetFailed();
    return { error: null, isFailed: false, place };
  }

  override render() {
    if (!this.state.isFailed) return this.props.children;
    const again = () => {
      forgetFailed();
      this.setState({ error: null, isFailed: false });
    };
    return (
      <Alert
        type="error"
        header={`The ${this.props.noun} cannot be shown`}
        action={
          <SpaceBetween direction="horizontal" size="xs">
            <Button formAction="none" onClick={again}>
              Try again
            </Button>
            <Button formAction="none" onClick={() => location.reload()}>
              Reload the page
            </Button>
          </SpaceBetween>
        }
      >
        {errorText(this.state.error)}
      </Alert>
    );
  }
}
