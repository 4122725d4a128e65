import AppLayout from "@cloudscape-design/components/app-layout";
import Box from "@cloudscape-design/components/box";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import Flashbar from "@cloudscape-design/components/flashbar";
import SideNavigation from "@cloudscape-design/components/side-navigation";
import Spinner from "@cloudscape-design/components/spinner";
import TopNavigation from "@cloudscape-design/components/top-navigation";
import { type ReactNode, Suspense, useEffect, useRef } from "react";
import { useHref, useLocation, useNavigate } from "react-router";
import { ErrorBoundary } from "../components/error-boundary";
import { connection, useConnection } from "../lib/connection";
import { endSessionAsSaid, follow, queries } from "../lib/queries";
import { useSession } from "../lib/session";
import { focusPage } from "./focus";
import { Leaving, useSignOut } from "./leaving";
import { useNotices } from "./notices";
import { useRoomForNavigation } from "./room";
import { FORMS, GROUPS, SECTIONS, WIZARDS } from "./sections";
import { toggleTheme, useTheme } from "./theme";

/** What stands around every page; it also keeps the line to control. */
export function Shell({ children }: { children: ReactNode }) {
  const { pathname } = useLocation();
  const [isNavigationOpen, setNavigationOpen] = useRoomForNavigation();
  const first = useRef(pathname);
  useEffect(() => {
    if (pathname !== first.current) focusPage();
    first.current = "";
  }, [pathname]);
  const isSignedIn = useSession() !== null;
  useEffect(() => {
    if (!isSignedIn) return;
    return connection.follow(follow, () => void queries.invalidateQueries(), endSessionAsSaid);
  }, [isSignedIn]);
  return (
    <>
      <Leaving />
      <div id="top">
        <Top />
      </div>
      <AppLayout
        headerSelector="#top"
        navigation={<Navigation />}
        navigationOpen={isNavigationOpen}
        onNavigationChange={({ detail }) => setNavigationOpen(detail.open)}
        navigationWidth={220}
        toolsHide
        breadcrumbs={<Breadcrumbs />}
        notifications={<Notices />}
        stickyNotifications
        ariaLabels={{
          navigation: "Sections",
          navigationToggle: "Open the sections",
          navigationClose: "Close the sections",
          notifications: "Notices",
        }}
        content={
          <ErrorBoundary noun="page" place={pathname}>
            <Suspense fallback={<Loading />}>{children}</Suspense>
          </ErrorBoundary>
        }
      />
    </>
  );
}

function Loading() {
  return (
    <Box padding="xxl" textAlign="center">
      <Spinner size="large" /> Loading the page
    </Box>
  );
}

function Top() {
  const home = useHref("/");
  const navigate = useNavigate();
  const { region, account } = useConnection();
  const theme = useTheme();
  const { signOut, question } = useSignOut();
  return (
    <>
      <TopNavigation
        identity={{
          title: "Tidegate",
          href: home,
          onFollow: (event) => {
            event.preventDefault();
            void navigate("/");
          },
        }}
        utilities={[
          {
            type: "button",
            text: theme === "dark" ? "Light" : "Dark",
            ariaLabel: `Use the ${theme === "dark" ? "light" : "dark"} colours`,
            onClick: toggleTheme,
          },
          {
            type: "menu-dropdown",
            text: region || "…",
            description: account && `Account ${account}`,
            ariaLabel: `Region ${region}, account ${account}`,
            items: [{ id: "sign-out", text: "Sign out" }],
            onItemClick: signOut,
          },
        ]}
      />
      {question}
    </>
  );
}

function Navigation() {
  const navigate = useNavigate();
  const base = useHref("/").replace(/\/$/, "");
  const { pathname } = useLocation();
  const shown = WIZARDS.find(({ path }) => path === pathname)?.below.to ?? pathname;
  const active = SECTIONS.find(({ to }) => shown.startsWith(to));
  return (
    <SideNavigation
      activeHref={`${base}${active?.to ?? "/"}`}
      onFollow={(event) => {
        event.preventDefault();
        void navigate(event.detail.href.slice(base.length));
      }}
      items={[
        { type: "link", text: "Home", href: `${base}/` },
        ...GROUPS.map(({ text, sections }) => ({
          type: "section-group" as const,
          title: text,
          items: sections.map(({ text, to }) => ({ type: "link" as const, text, href: `${base}${to}` })),
        })),
      ]}
    />
  );
}

function Breadcrumbs() {
  const navigate = useNavigate();
  const base = useHref("/").replace(/\/$/, "");
  const { pathname } = useLocation();
  const items = [{ text: "Home", href: `${base}/` }, ...trail(pathname, base)];
  // What tabs, the history and screen readers call the page.
  const title = [...items.slice(1).reverse(), { text: "Tidegate" }].map(({ text }) => text).join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
  if (items.length === 1) return null;
  return (
    <BreadcrumbGroup
      items={items}
      ariaLabel="Where this page is"
      onFollow={(event) => {
        event.preventDefault();
        void navigate(event.detail.href.slice(base.length));
      }}
    />
  );
}

/** A crumb for each part of the path that is a page. */
function trail(pathname: string, base: string): { text: string; href: string }[] {
  const parts = pathname.split("/").filter(Boolean);
  return parts.flatMap((part, index) => {
    const href = `${base}/${parts.slice(0, index + 1).join("/")}`;
    const wizard = WIZARDS.find(({ path }) => path === pathname);
    if (wizard)
      return [
        { text: wizard.below.text, href: `${base}${wizard.below.to}` },
        { text: wizard.text, href },
      ];
    if (index === 0) return [{ text: SECTIONS.find(({ to }) => to === `/${part}`)?.text ?? part, href }];
    // `services` and `tasks` inside a path are tabs of the cluster's page.
    if (parts[0] === "clusters" && index === 2 && !FORMS[part]) {
      const to = `${base}/clusters/${parts[1]}?tab=${part}`;
      return [{ text: part === "tasks" ? "Tasks" : "Services", href: to }];
    }
    return [{ text: (index > 1 && FORMS[part]) || decoded(part), href }];
  });
}

/** As it is meant, or as it stands: an address may be typed by hand. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function Notices() {
  const { isConnected, wasConnected, refusal } = useConnection();
  const notices = useNotices();
  const isAway = wasConnected && !isConnected;
  const lost = {
    type: "warning" as const,
    id: "disconnected",
    header: "Disconnected",
    content: "Tidegate's control does not answer. What is shown may be old; this page catches up by itself.",
  };
  const refused = {
    type: "error" as const,
    id: "refused",
    header: "Tidegate's control refuses to tell of changes",
    content: refusal,
  };
  const line = refusal ? [refused] : isAway ? [lost] : [];
  return <Flashbar items={[...line, ...notices]} />;
}
