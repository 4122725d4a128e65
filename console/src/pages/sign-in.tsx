import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type FormEvent, useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { focusPage } from "../layout/focus";
import { useSignOut } from "../layout/leaving";
import { signInWithCode, signInWithKey, useEnding } from "../lib/session";
import { errorText } from "../lib/text";

// React runs effects twice in development, and a code is good once.
const redeemed = new Set<string>();

/** Asks for an access key, or follows a one-time link, and goes on to the page that was wanted. */
export function SignIn() {
  return (
    <main>
      <Box padding="xxxl">
        <Grid gridDefinition={[{ colspan: { default: 12, s: 6, l: 4 }, offset: { default: 0, s: 3, l: 4 } }]}>
          <SignInForm />
        </Grid>
      </Box>
    </main>
  );
}

/** The same over a page whose session has ended: to sign in goes on with it, to close it leaves it. */
export function SignInAgain() {
  const { signOut, question } = useSignOut();
  const leave = ({ detail }: { detail: { reason: string } }) => {
    if (detail.reason === "closeButton") signOut();
  };
  return (
    <>
      <Modal visible header="Your session has ended" closeAriaLabel="Leave this page" onDismiss={leave}>
        <SignInForm />
      </Modal>
      {question}
    </>
  );
}

function SignInForm() {
  const ending = useEnding();
  const [accessKeyId, setAccessKeyId] = useState("");
  const [secretKey, setSecretKey] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const navigate = useNavigate();
  const { pathname, hash } = useLocation();
  const code = new URLSearchParams(hash.slice(1)).get("code");

  async function attempt(exchange: () => Promise<void>) {
    setBusy(true);
    setTrouble("");
    try {
      await exchange();
      focusPage();
      if (pathname === "/sign-in") await navigate("/", { replace: true });
    } catch (error) {
      setTrouble(errorText(error));
    }
    setBusy(false);
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each code
  useEffect(() => {
    if (!code || redeemed.has(code)) return;
    redeemed.add(code);
    void navigate("/sign-in", { replace: true });
    void attempt(() => signInWithCode(code));
  }, [code]);

  function submit(event: FormEvent) {
    event.preventDefault();
    void attempt(() => signInWithKey(accessKeyId.trim(), secretKey.trim()));
  }

  return (
    <form onSubmit={submit}>
      <Form
        actions={
          <Button variant="primary" formAction="submit" loading={isBusy} loadingText="Signing in">
            Sign in
          </Button>
        }
        {...(trouble && { errorText: trouble })}
      >
        <Container header={<Header variant="h1">Sign in to Tidegate</Header>}>
          <SpaceBetween size="l">
            {ending && <Alert type="warning">{ending}</Alert>}
            <FormField label="Access key ID">
              <Input
                value={accessKeyId}
                onChange={({ detail }) => setAccessKeyId(detail.value)}
                name="username"
                autoComplete="username"
                spellcheck={false}
                autoFocus
              />
            </FormField>
            <FormField
              label="Secret access key"
              description="It is exchanged for credentials that end after 12 hours, and not kept."
            >
              <Input
                value={secretKey}
                onChange={({ detail }) => setSecretKey(detail.value)}
                type="password"
                name="password"
                autoComplete="current-password"
              />
            </FormField>
            <Alert type="info">
              <Box variant="code">tidegate env</Box> prints both. <Box variant="code">tidegate console</Box>{" "}
              opens this page already signed in.
            </Alert>
          </SpaceBetween>
        </Container>
      </Form>
    </form>
  );
}
