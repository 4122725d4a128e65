import { useEffect, useRef, useState } from "react";

// A table with a status has room beside the sections from here on.
const WIDE_PX = 1024;

/** Open where there is room beside it: a window that is made narrow or wide closes or opens it. */
export function useRoomForNavigation() {
  const [isOpen, setOpen] = useState(() => innerWidth >= WIDE_PX);
  const wasWide = useRef(innerWidth >= WIDE_PX);
  useEffect(() => {
    const look = () => {
      const isWide = innerWidth >= WIDE_PX;
      if (isWide !== wasWide.current) setOpen(isWide);
      wasWide.current = isWide;
    };
    addEventListener("resize", look);
    return () => removeEventListener("resize", look);
  }, []);
  return [isOpen, setOpen] as const;
}
