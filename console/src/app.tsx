import { useEffect, useState } from "react";
import { Route, Routes, useLocation } from "react-router";
import { lazily } from "./components/lazily";
import { Shell } from "./layout/shell";
import { queries } from "./lib/queries";
import { useEnding, useSession } from "./lib/session";
import { SignIn, SignInAgain } from "./pages/sign-in";

const Home = lazily(() => import("./pages/home"));
const Clusters = lazily(() => import("./pages/clusters"));
const CreateCluster = lazily(() => import("./pages/create-cluster"));
const Cluster = lazily(() => import("./pages/cluster"));
const ServicePage = lazily(() => import("./pages/service"));
const CreateService = lazily(() => import("./pages/create-service"));
const RunTask = lazily(() => import("./pages/run-task"));
const UpdateService = lazily(() => import("./pages/update-service"));
const TaskPage = lazily(() => import("./pages/task"));
const TaskDefinitions = lazily(() => import("./pages/task-definitions"));
const RegisterTaskDefinition = lazily(() => import("./pages/register-task-definition"));
const TaskDefinitionPage = lazily(() => import("./pages/task-definition"));
const LoadBalancers = lazily(() => import("./pages/load-balancers"));
const CreateLoadBalancer = lazily(() => import("./pages/create-load-balancer"));
const LoadBalancerPage = lazily(() => import("./pages/load-balancer"));
const EditListener = lazily(() => import("./pages/edit-listener"));
const EditRule = lazily(() => import("./pages/edit-rule"));
const TargetGroups = lazily(() => import("./pages/target-groups"));
const TargetGroupPage = lazily(() => import("./pages/target-group"));
const Instances = lazily(() => import("./pages/instances"));
const InstancePage = lazily(() => import("./pages/instance"));
const Vpcs = lazily(() => import("./pages/vpcs"));
const VpcPage = lazily(() => import("./pages/vpc"));
const Subnets = lazily(() => import("./pages/subnets"));
const SecurityGroups = lazily(() => import("./pages/security-groups"));
const SecurityGroupPage = lazily(() => import("./pages/security-group"));
const KeyPairs = lazily(() => import("./pages/key-pairs"));
const Alarms = lazily(() => import("./pages/alarms"));
const AlarmPage = lazily(() => import("./pages/alarm"));
const CreateAlarm = lazily(() => import("./pages/create-alarm"));
const LogGroups = lazily(() => import("./pages/log-groups"));
const LogGroupPage = lazily(() => import("./pages/log-group"));
const CreateTargetGroup = lazily(() => import("./pages/create-target-group"));
const EditHealthChecks = lazily(() => import("./pages/edit-health-checks"));
const Certificates = lazily(() => import("./pages/certificates"));
const CertificatePage = lazily(() => import("./pages/certificate"));
const AbTests = lazily(() => import("./pages/ab-tests"));
const AbTest = lazily(() => import("./pages/ab-test"));
const StartShift = lazily(() => import("./pages/start-shift"));
const NotFound = lazily(() => import("./pages/not-found"));

export function App() {
  const session = useSession();
  const ending = useEnding();
  const isSigningIn = useLocation().pathname === "/sign-in";
  // A session that ends leaves the page as it is, with what was typed, beneath the sign-in.
  const [isKept, setKept] = useState(false);
  const isShown = session !== null || (isKept && ending !== null);
  if (isShown !== isKept) setKept(isShown);
  useEffect(() => {
    // The next user of this tab sees nothing of this one's.
    if (!isShown) queries.clear();
  }, [isShown]);
  if (!isShown || isSigningIn) return <SignIn />;
  return (
    <>
      <Shell>
        <Routes>
          <Route index element={<Home />} />
          <Route path="clusters" element={<Clusters />} />
          <Route path="create-cluster" element={<CreateCluster />} />
          <Route path="run-instances" element={<CreateCluster />} />
          <Route path="clusters/:cluster" element={<Cluster />} />
          <Route path="clusters/:cluster/create-service" element={<CreateService />} />
          <Route path="clusters/:cluster/services/:service" element={<ServicePage />} />
          <Route path="clusters/:cluster/run-task" element={<RunTask />} />
          <Route path="clusters/:cluster/services/:service/update" element={<UpdateService />} />
          <Route path="clusters/:cluster/tasks/:task" element={<TaskPage />} />
          <Route path="task-definitions" element={<TaskDefinitions />} />
          <Route path="register-task-definition" element={<RegisterTaskDefinition />} />
          <Route path="task-definitions/:family" element={<TaskDefinitionPage />} />
          <Route path="task-definitions/:family/:revision" element={<TaskDefinitionPage />} />
          <Route path="load-balancers" element={<LoadBalancers />} />
          <Route path="create-load-balancer" element={<CreateLoadBalancer />} />
          <Route path="load-balancers/:name" element={<LoadBalancerPage />} />
          <Route path="load-balancers/:name/create-listener" element={<EditListener />} />
          <Route path="load-balancers/:name/edit-listener" element={<EditListener />} />
          <Route path="load-balancers/:name/create-rule" element={<EditRule />} />
          <Route path="load-balancers/:name/edit-rule" element={<EditRule />} />
          <Route path="target-groups" element={<TargetGroups />} />
          <Route path="target-groups/:name" element={<TargetGroupPage />} />
          <Route path="instances" element={<Instances />} />
          <Route path="instances/:id" element={<InstancePage />} />
          <Route path="vpcs" element={<Vpcs />} />
          <Route path="vpcs/:id" element={<VpcPage />} />
          <Route path="subnets" element={<Subnets />} />
          <Route path="security-groups" element={<SecurityGroups />} />
          <Route path="security-groups/:id" element={<SecurityGroupPage />} />
          <Route path="key-pairs" element={<KeyPairs />} />
          <Route path="alarms" element={<Alarms />} />
          <Route path="alarms/:name" element={<AlarmPage />} />
          <Route path="create-alarm" element={<CreateAlarm />} />
          <Route path="log-groups" element={<LogGroups />} />
          <Route path="log-groups/:name" element={<LogGroupPage />} />
          <Route path="create-target-group" element={<CreateTargetGroup />} />
          <Route path="target-groups/:name/edit-health-checks" element={<EditHealthChecks />} />
          <Route path="certificates" element={<Certificates />} />
          <Route path="certificates/:id" element={<CertificatePage />} />
          <Route path="ab-tests" element={<AbTests />} />
          <Route path="ab-test" element={<AbTest />} />
          <Route path="start-shift" element={<StartShift />} />
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Shell>
      {/* Beside the page: what keeps that from being shown keeps nobody from signing in. */}
      {!session && <SignInAgain />}
    </>
  );
}
