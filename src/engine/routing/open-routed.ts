/** Addresses of several servers of one model -> one LanguageModel over them. */
import { InputError } from "../../errors.ts";
import type { LanguageModel } from "../../spec/language-model.ts";
import { checkBaseUrl, openRemote, type RemoteOptions } from "../remote/open-remote.ts";
import type { OnChange } from "./member.ts";
import { RoutedModel } from "./routed-model.ts";

/** As for one server, the key too: it is sent to all of them. */
export interface RoutedOptions extends Omit<RemoteOptions, "baseUrl" | "signal"> {
  baseUrls: readonly string[];
  /** Told of a server that is left out, with what went wrong, and of one that is back, without. */
  onChange?: OnChange;
}

export async function openRouted({ baseUrls, onChange, ...remote }: RoutedOptions): Promise<LanguageModel> {
  const { modelId, retries = 4 } = remote;
  const addresses = baseUrls.map(checkBaseUrl);
  const twice = addresses.find((address, i) => addresses.indexOf(address) < i);
  if (twice !== undefined) throw new InputError(`the server ${twice} is named twice: name each once`);
  if (addresses.length === 0) throw new InputError("no server is named: give a --base-url");
  const backEnds = addresses.map((baseUrl) => ({
    name: baseUrl,
    // One that fails is not asked again while another may answer.
    open: (ending: AbortSignal) => openRemote({ ...remote, baseUrl, retries: 0, signal: ending }),
  }));
  return RoutedModel.open({ name: remote.name ?? modelId, backEnds, retries, onChange });
}
