/** While files hang over the page: where they would go. */
import { useTexts } from "../language/language.tsx";

export function DropOverlay({ collection }: { collection: string }) {
  const texts = useTexts();
  return (
    <div className="drop-overlay" aria-hidden="true">
      <p>{texts.dropOverlay(collection)}</p>
    </div>
  );
}
