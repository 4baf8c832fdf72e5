/** A part of the page that comes when it is first opened; undefined until it is there. */
import { type ComponentType, useEffect, useState } from "react";

/** `onMissing`: it cannot come now (the server is away); opened again, it is asked for again. */
export function usePart<Props>(
  load: () => Promise<{ default: ComponentType<Props> }>,
  isOpen: boolean,
  onMissing: () => void,
): ComponentType<Props> | undefined {
  const [part, setPart] = useState<ComponentType<Props>>();
  useEffect(() => {
    if (isOpen) load().then((module) => setPart(() => module.default), onMissing);
  }, [load, isOpen, onMissing]);
  return part;
}
