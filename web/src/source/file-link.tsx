/** The way to the file itself, at its page; to the address, where it came from the web. */
import { apiKey, send } from "../api/client.ts";
import { fileAddress } from "../api/server.ts";
import { useTexts } from "../language/language.tsx";
import { Icon } from "../shell/icons.tsx";
import { saveFile } from "../shell/save-file.ts";

export interface FileLinkProps {
  collection: string;
  id: string;
  source: string;
  page: number | undefined;
}

export function FileLink({ collection, id, source, page }: FileLinkProps) {
  const texts = useTexts();
  if (/^https?:\/\//i.test(source))
    return (
      <a href={source} target="_blank" rel="noopener noreferrer nofollow">
        {texts.openAddress} <Icon name="open" />
      </a>
    );
  if (apiKey.get() === "")
    return (
      <a href={fileAddress(collection, id, page)} target="_blank" rel="noopener">
        {texts.openFile} <Icon name="open" />
      </a>
    );
  // A link cannot carry the key.
  async function download(): Promise<void> {
    const response = await send(fileAddress(collection, id), { accept: "*/*" });
    saveFile(source.split(/[\\/]/).at(-1) ?? "file", await response.blob());
  }
  return (
    <button type="button" className="text-button" onClick={() => void download().catch(() => undefined)}>
      {texts.downloadFile} <Icon name="save" />
    </button>
  );
}
