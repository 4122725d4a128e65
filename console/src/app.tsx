import { lazy, useEffect } from "react";
import { Route, Routes, useLocation } from "react-router";
import { Shell } from "./layout/shell";
import { queries } from "./lib/queries";
import { useSession } from "./lib/session";
import { SignIn } from "./pages/sign-in";

const Home = lazy(() => import("./pages/home"));
const Clusters = lazy(() => import("./pages/clusters"));
const CreateCluster = lazy(() => import("./pages/create-cluster"));
const Cluster = lazy(() => import("./pages/cluster"));
const ServicePage = lazy(() => import("./pages/service"));
const CreateService = lazy(() => import("./pages/create-service"));
const RunTask = lazy(() => import("./pages/run-task"));
const UpdateService = lazy(() => import("./pages/update-service"));
const TaskPage = lazy(() => import("./pages/task"));
const TaskDefinitions = lazy(() => import("./pages/task-definitions"));
const RegisterTaskDefinition = lazy(() => import("./pages/register-task-definition"));
const TaskDefinitionPage = lazy(() => import("./pages/task-definition"));
const LoadBalancers = lazy(() => import("./pages/load-balancers"));
const CreateLoadBalancer = lazy(() => import("./pages/create-load-balancer"));
const LoadBalancerPage = lazy(() => import("./pages/load-balancer"));
const EditListener = lazy(() => import("./pages/edit-listener"));
const EditRule = lazy(() => import("./pages/edit-rule"));
const TargetGroups = lazy(() => import("./pages/target-groups"));
const TargetGroupPage = lazy(() => import("./pages/target-group"));
const Instances = lazy(() => import("./pages/instances"));
const InstancePage = lazy(() => import("./pages/instance"));
const Vpcs = lazy(() => import("./pages/vpcs"));
const VpcPage = lazy(() => import("./pages/vpc"));
const Subnets = lazy(() => import("./pages/subnets"));
const SecurityGroups = lazy(() => import("./pages/security-groups"));
const SecurityGroupPage = lazy(() => import("./pages/security-group"));
const KeyPairs = lazy(() => import("./pages/key-pairs"));
const Alarms = lazy(() => import("./pages/alarms"));
const AlarmPage = lazy(() => import("./pages/alarm"));
const CreateAlarm = lazy(() => import("./pages/create-alarm"));
const LogGroups = lazy(() => import("./pages/log-groups"));
const LogGroupPage = lazy(() => import("./pages/log-group"));
const CreateTargetGroup = lazy(() => import("./pages/create-target-group"));
const EditHealthChecks = lazy(() => import("./pages/edit-health-checks"));
const Certificates = lazy(() => import("./pages/certificates"));
const CertificatePage = lazy(() => import("./pages/certificate"));
const AbTests = lazy(() => import("./pages/ab-tests"));
const AbTest = lazy(() => import("./pages/ab-test"));
const StartShift = lazy(() => import("./pages/start-shift"));
const NotFound = lazy(() => import("./pages/not-found"));

export function App() {
  const session = useSession();
  const isSigningIn = useLocation().pathname === "/sign-in";
  useEffect(() => {
    // The next user of this tab sees nothing of this one's.
    if (!session) queries.clear();
  }, [session]);
  if (!session || isSigningIn) return <SignIn />;
  return (
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
  );
}
