import { useNavigate } from "react-router";
import { letGo } from "../lib/unsaved";

/** Leaves the page of a thing that was deleted, for the page of this address: what was typed there is lost with it, and
 * nobody is asked. */
export function useGone(): (to: string) => void {
  const navigate = useNavigate();
  return (to) => {
    letGo();
    void navigate(to);
  };
}
