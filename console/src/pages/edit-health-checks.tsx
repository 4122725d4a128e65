import { ModifyTargetGroupCommand, type TargetGroup } from "@aws-sdk/client-elastic-load-balancing-v2";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "react-router";
import { CheckFields } from "../components/check-fields";
import { Details } from "../components/details";
import { EditForm } from "../components/edit-form";
import { paths } from "../components/link";
import { elbv2 } from "../lib/clients";
import { targetGroupQuery } from "../lib/elbv2";
import { checkFaults, checkForm, checksOf, modifyCommand } from "../lib/target-group-form";

/** Changes how a target group's targets are checked. */
export default function EditHealthChecks() {
  const { name = "" } = useParams();
  return (
    <Details noun="target group" query={useQuery(targetGroupQuery(name))}>
      {(group) => <Editor key={group.TargetGroupArn} group={group} />}
    </Details>
  );
}

function Editor({ group }: { group: TargetGroup }) {
  const [form, setForm] = useState(() => checkForm(group));
  const { TargetGroupArn = "", TargetGroupName = "", ProtocolVersion = "HTTP1" } = group;
  const faults = checkFaults(form);
  return (
    <EditForm
      title="Edit health checks"
      description={`Of target group ${TargetGroupName}.`}
      submit="Save health checks"
      command={modifyCommand(TargetGroupArn, form, ProtocolVersion)}
      typed={form}
      isFaulty={Object.keys(faults).length > 0}
      run={() =>
        elbv2.send(new ModifyTargetGroupCommand({ TargetGroupArn, ...checksOf(form, ProtocolVersion) }))
      }
      done="The health checks were saved."
      kinds={["target-group", "target-health"]}
      back={`${paths.targetGroup(TargetGroupName)}?tab=checks`}
    >
      {(isChecked) => (
        <Container header={<Header variant="h2">Health checks</Header>}>
          <CheckFields
            form={form}
            faults={isChecked ? faults : {}}
            onChange={(part) => setForm({ ...form, ...part })}
          />
        </Container>
      )}
    </EditForm>
  );
}
