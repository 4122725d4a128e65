import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import {
  CLAIMS_MAX,
  type ClaimFormat,
  type OnUnauthenticated,
  PARAMS_MAX,
  type PreRoutingForm,
  type PreRoutingKind,
} from "../lib/pre-routing";
import { Choice, TextField } from "./fields";
import type { StepProps } from "./use-steps";

type Props = StepProps<PreRoutingForm>;

/** What is asked of who sends a request before it is acted on: a login, a token, or nothing. */
export function PreRoutingFields(props: Props) {
  const { form, change } = props;
  return (
    <SpaceBetween size="l">
      <FormField label="Pre-routing action" description="What has to hold before the action is done.">
        <RadioGroup
          value={form.kind}
          onChange={({ detail }) => change({ kind: detail.value as PreRoutingKind })}
          items={[
            { value: "none", label: "None" },
            { value: "authenticate-oidc", label: "Authenticate users with OpenID Connect (OIDC)" },
            { value: "authenticate-cognito", label: "Authenticate users with Amazon Cognito" },
            { value: "jwt-validation", label: "Validate tokens (JWT)" },
          ]}
        />
      </FormField>
      {form.kind === "authenticate-oidc" && <OidcFields {...props} />}
      {form.kind === "authenticate-cognito" && <CognitoFields {...props} />}
      {form.kind === "jwt-validation" && <TokenFields {...props} />}
      {form.kind.startsWith("authenticate-") && <SessionFields {...props} />}
    </SpaceBetween>
  );
}

function OidcFields(props: Props) {
  const { hasSecret } = props.form;
  const kept = "Never shown. Left empty, the one that there is stays.";
  const command =
    'The copied command takes it from the shell\'s variable CLIENT_SECRET, with \\" for " and \\\\ for \\ as in JSON.';
  return (
    <ColumnLayout columns={2}>
      <TextField {...props} field="issuer" label="Issuer" placeholder="https://login.example.com" />
      <TextField
        {...props}
        field="authorizationEndpoint"
        label="Authorization endpoint"
        placeholder="https://login.example.com/authorize"
      />
      <TextField
        {...props}
        field="tokenEndpoint"
        label="Token endpoint"
        placeholder="https://login.example.com/token"
      />
      <TextField
        {...props}
        field="userInfoEndpoint"
        label="User info endpoint"
        placeholder="https://login.example.com/userinfo"
      />
      <TextField
        {...props}
        field="clientId"
        label="Client ID"
        description="Its callback at the provider is https://HOST/oauth2/idpresponse."
      />
      <TextField
        {...props}
        field="clientSecret"
        label="Client secret"
        isSecret
        description={hasSecret ? `${kept} ${command}` : command}
      />
    </ColumnLayout>
  );
}

function CognitoFields(props: Props) {
  return (
    <ColumnLayout columns={2}>
      <TextField
        {...props}
        field="userPoolArn"
        label="User pool"
        description="Its ARN."
        placeholder="arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Example"
      />
      <TextField
        {...props}
        field="userPoolClientId"
        label="App client"
        description="Its id, of the pool's."
      />
      <TextField
        {...props}
        field="userPoolDomain"
        label="User pool domain"
        description="The prefix of Amazon's, or a whole name of your own."
      />
    </ColumnLayout>
  );
}

const UNAUTHENTICATED: { value: OnUnauthenticated; label: string; description: string }[] = [
  {
    value: "authenticate",
    label: "Authenticate",
    description: "Whoever has no session is led to the login.",
  },
  { value: "allow", label: "Allow", description: "The request goes on, without headers about a user." },
  { value: "deny", label: "Deny", description: "The request is answered 401." },
];

function SessionFields(props: Props) {
  const { form, faults, change } = props;
  const [isOpen, setOpen] = useState(false);
  const isFaulty = (name: string, at: number) =>
    !name || form.params.findIndex((one) => one.name === name) < at;
  const become = (at: number, part: Partial<PreRoutingForm["params"][number]>) =>
    change({ params: form.params.map((one, index) => (index === at ? { ...one, ...part } : one)) });
  return (
    <ExpandableSection
      headerText="Advanced authentication settings"
      // What has to be mended is seen.
      expanded={isOpen || faults.sessionTimeout !== undefined || faults.params !== undefined}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      <SpaceBetween size="l">
        <ColumnLayout columns={2}>
          <TextField {...props} field="cookieName" label="Session cookie name" />
          <TextField {...props} field="sessionTimeout" label="Session timeout, in seconds" isNumber />
          <TextField {...props} field="scope" label="Scope" description="Parted by spaces." hasSpaces />
          <Choice
            label="Action on unauthenticated request"
            description={
              UNAUTHENTICATED.find(({ value }) => value === form.onUnauthenticated)?.description ?? ""
            }
            options={UNAUTHENTICATED}
            value={form.onUnauthenticated}
            empty=""
            onChoose={(value) => change({ onUnauthenticated: value as OnUnauthenticated })}
          />
        </ColumnLayout>
        <FormField
          label="Extra request parameters"
          description={`Up to ${PARAMS_MAX}, given to the provider with each login.`}
          stretch
        >
          <AttributeEditor
            items={form.params}
            empty="None."
            addButtonText="Add parameter"
            removeButtonText="Remove"
            removeButtonAriaLabel={({ name }) => `Remove parameter ${name}`}
            disableAddButton={form.params.length >= PARAMS_MAX}
            onAddButtonClick={() => change({ params: [...form.params, { name: "", value: "" }] })}
            onRemoveButtonClick={({ detail }) =>
              change({ params: form.params.filter((_, index) => index !== detail.itemIndex) })
            }
            definition={[
              {
                label: "Parameter",
                errorText: ({ name }, at) => (isFaulty(name, at) ? faults.params : undefined),
                control: ({ name }, at) => (
                  <Input value={name} onChange={({ detail }) => become(at, { name: detail.value.trim() })} />
                ),
              },
              {
                label: "Value",
                control: ({ value }, at) => (
                  <Input value={value} onChange={({ detail }) => become(at, { value: detail.value })} />
                ),
              },
            ]}
          />
        </FormField>
      </SpaceBetween>
    </ExpandableSection>
  );
}

const FORMATS: { value: ClaimFormat; label: string }[] = [
  { value: "single-string", label: "Single string" },
  { value: "string-array", label: "String array" },
  { value: "space-separated-values", label: "Space-separated values" },
];

function TokenFields(props: Props) {
  const { form, faults, change } = props;
  const become = (at: number, part: Partial<PreRoutingForm["claims"][number]>) =>
    change({ claims: form.claims.map((one, index) => (index === at ? { ...one, ...part } : one)) });
  return (
    <SpaceBetween size="l">
      <ColumnLayout columns={2}>
        <TextField
          {...props}
          field="jwksEndpoint"
          label="JWKS endpoint"
          description="Where the issuer's public keys are."
          placeholder="https://login.example.com/jwks"
        />
        <TextField
          {...props}
          field="tokenIssuer"
          label="Issuer"
          description="The iss claim of every token."
          placeholder="https://login.example.com"
        />
      </ColumnLayout>
      <FormField
        label="Additional claims"
        description={`Up to ${CLAIMS_MAX}. Values are words as a shell takes them: a string has to be one of them, an array to have one, space-separated values to have all.`}
        stretch
      >
        <AttributeEditor
          items={form.claims}
          empty="None."
          addButtonText="Add claim"
          removeButtonText="Remove"
          removeButtonAriaLabel={({ name }) => `Remove claim ${name}`}
          disableAddButton={form.claims.length >= CLAIMS_MAX}
          onAddButtonClick={() =>
            change({ claims: [...form.claims, { name: "", format: "single-string", values: "" }] })
          }
          onRemoveButtonClick={({ detail }) =>
            change({ claims: form.claims.filter((_, index) => index !== detail.itemIndex) })
          }
          definition={[
            {
              label: "Claim",
              errorText: ({ name }) => (name ? undefined : faults.claims),
              control: ({ name }, at) => (
                <Input value={name} onChange={({ detail }) => become(at, { name: detail.value.trim() })} />
              ),
            },
            {
              label: "Format",
              control: ({ format }, at) => (
                <Select
                  options={FORMATS}
                  selectedOption={FORMATS.find(({ value }) => value === format) ?? null}
                  onChange={({ detail }) =>
                    become(at, { format: detail.selectedOption.value as ClaimFormat })
                  }
                />
              ),
            },
            {
              label: "Values",
              errorText: ({ values }) => (values.trim() ? undefined : faults.claims),
              control: ({ values }, at) => (
                <Input value={values} onChange={({ detail }) => become(at, { values: detail.value })} />
              ),
            },
          ]}
        />
      </FormField>
    </SpaceBetween>
  );
}
