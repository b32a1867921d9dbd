import { isIP } from "node:net";
import { z } from "zod";
import { isPublicAddress, isWebPort } from "@/lib/channels/http";
import { env } from "@/lib/env";
import { webhookEvents } from "@/lib/format/webhook-events";
import { Unacceptable } from "../errors";

export const eventsInput = z.array(z.enum(webhookEvents)).min(1, "Tick what it should hear of.");

/**
 * Where messages may go. What only a look-up can tell (a name of a private address) is refused with each try, by the
 * guard that every request passes.
 */
export function readEndpointUrl(typed: string): string {
	const { allowPrivateAddresses } = env();
	const url = URL.parse(typed.trim());
	if (!url || !/^https?:$/.test(url.protocol))
		throw new Unacceptable("Type the whole address, e.g. https://erp.example.com/onecount.", "not_an_address");
	if (url.protocol === "http:" && !allowPrivateAddresses)
		throw new Unacceptable("The address begins with https://: stock is nobody else's business.", "not_https");
	if (url.username || url.password)
		throw new Unacceptable("Remove what stands before the @ sign: messages are signed instead.", "has_password");
	const host = url.hostname.replace(/^\[|\]$/g, "");
	if (!allowPrivateAddresses && (host === "localhost" || (isIP(host) !== 0 && !isPublicAddress(host))))
		throw new Unacceptable(
			`${host} is a private address, which Onecount does not call. If the receiver runs beside Onecount, switch on ONECOUNT_ALLOW_PRIVATE_ADDRESSES.`,
			"private_address",
		);
	if (!allowPrivateAddresses && !isWebPort(url.port))
		throw new Unacceptable(
			`Onecount calls no receiver at port ${url.port}. Let it listen at 443, or at one from 1024 on.`,
			"not_a_web_port",
		);
	return url.href;
}
