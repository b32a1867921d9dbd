/** API2Cart's return codes → what they stand for. The code alone decides, whatever the HTTP status. */
import { ChannelError, type ChannelErrorReason } from "../errors";

/** A ChannelError that knows whether the request may have been carried out all the same. */
export class A2cError extends ChannelError {
	readonly mayHaveLanded: boolean;
	/** What a list that is still being made is to be asked for with; null for everything else. */
	readonly reportId: string | null;

	constructor(
		reason: ChannelErrorReason,
		sentence: string,
		more: ConstructorParameters<typeof ChannelError>[2] & { mayHaveLanded?: boolean; reportId?: string } = {},
	) {
		super(reason, sentence, more);
		this.mayHaveLanded = more.mayHaveLanded ?? false;
		this.reportId = more.reportId ?? null;
	}
}

/** After a failed write: whether it may have been carried out all the same. */
export const mayHaveLanded = (error: ChannelError): boolean =>
	error instanceof A2cError ? error.mayHaveLanded : error.reason === "timeout" || error.reason === "unreadable";

export const isCode = (error: unknown, ...codes: number[]): boolean =>
	error instanceof ChannelError && codes.some((code) => error.code === String(code));

/**
 * Under code 107 API2Cart passes on whatever the platform behind, or the way to it, said, and the platform may have done
 * before that what it was asked for. A refusal is only what says what is wrong with the request, and says nothing of these.
 */
const transient =
	/not ready|try again|temporar|tim(ed|e)[ -]?out|gateway|connect|curl|empty reply|(empty|invalid|unexpected|no) (response|answer)|too many|throttl|rate limit|unavailable|internal (server )?error/i;
const validation =
	/\b(in)?valid\b|validation|required|must (be|not|have)|(not|n't) be (changed|edited|modified|revised|set|updated|cancell?ed)|not (allowed|permitted|supported|found|exist)|doesn't exist|already exists|duplicate|out of range|exceed|too (long|short|large|small|high|low)|(greater|less|more|fewer) than|ended|forbidden|denied|not authori[sz]ed/i;
const reportWaitMs = 60_000;
const congestionWaitMs = 2_000;

/** `report_request_id` of a list that a platform is still making. */
const reportIdIn = (text: string) => /report_request_id=([^)\s]+)/.exec(text)?.[1];

export function codeError(code: number, message: string): A2cError {
	const said = message.trim().replace(/\.$/, "");
	const more = { code: String(code) };
	switch (code) {
		case 1:
		case 9:
			return new A2cError("unreachable", "API2Cart has trouble of its own and asks to come back later.", {
				...more,
				mayHaveLanded: true,
			});
		case 2:
			return new A2cError("access_revoked", "API2Cart does not know this account key, or not from this address.", {
				...more,
				fix: "Copy the API key again from API2Cart's dashboard; if the account allows only certain IP addresses, add this server's.",
			});
		case 5:
		case 6:
			return new A2cError("access_revoked", "API2Cart has closed this account's access.", {
				...more,
				fix: "Look at the account in API2Cart's dashboard: the plan may have ended, or the key was switched off.",
			});
		case 4:
			return new A2cError("access_revoked", "API2Cart does not know this store key.", {
				...more,
				fix: "Copy the store's key again from API2Cart's list of stores, then connect again.",
			});
		case 7:
		case 10:
		case 110:
			return new A2cError("throttled", throttledSentence(code), { ...more, retryAfterMs: congestionWaitMs });
		case 12:
			return new A2cError("throttled", "API2Cart is still working on it.", {
				...more,
				retryAfterMs: congestionWaitMs,
				mayHaveLanded: true,
			});
		case 100:
		case 101:
		case 106:
			return new A2cError("unreachable", `API2Cart can't get into the store: ${said}.`, {
				...more,
				// There is no such store for 101; the others may have lost it in the middle of the request.
				mayHaveLanded: code !== 101,
				fix: "Check in API2Cart's dashboard that the store is connected, and give it fresh credentials if it asks for them.",
			});
		case 102:
		case 103:
		case 104:
		case 105:
			return new A2cError("unreachable", `API2Cart's bridge in the shop does not answer: ${said}.`, {
				...more,
				// Only 105 is an answer of the bridge itself.
				mayHaveLanded: code === 105,
				fix: "Upload the bridge file from API2Cart's dashboard to the shop again.",
			});
		case 107:
			return storeError(said);
		case 111:
			return new A2cError("refused", "API2Cart was asked for too many items at once.", more);
		case 112:
			return new A2cError("gone", `The store no longer has it: ${said}.`, {
				...more,
				fix: "Import the channel's products again, then link the item that took its place.",
			});
		case 115:
			return new A2cError("refused", "The shop's database holds several shops.", {
				...more,
				fix: "In API2Cart's dashboard set the prefix of the shop's database tables.",
			});
		default:
			return new A2cError("refused", `API2Cart refused the request: ${said || `code ${code}`}.`, more);
	}
}

function throttledSentence(code: number): string {
	if (code === 110) return "The store's own API has had enough calls for now.";
	return code === 7
		? "API2Cart takes no more calls for this store at once."
		: "API2Cart takes no more calls for this account at once.";
}

const unclear = "UNCLEAR";

/** The store answered, and whether it did what it was asked for nobody can tell: asked again it would say the same. */
export const isUnclear = (error: ChannelError): boolean => error.code === unclear;

function storeError(said: string): A2cError {
	const reportId = reportIdIn(said);
	if (reportId)
		return new A2cError("throttled", "The platform is still making the report that its products are listed from.", {
			code: "REPORT_NOT_READY",
			reportId,
			retryAfterMs: reportWaitMs,
		});
	if (transient.test(said))
		return new A2cError("unreachable", `The store has trouble of its own: ${said}.`, {
			code: "107",
			mayHaveLanded: true,
		});
	if (validation.test(said)) return new A2cError("refused", `The store refused it: ${said}.`, { code: "107" });
	return new A2cError("unreachable", `The store says what Onecount doesn't know: ${said || "nothing"}.`, {
		code: unclear,
		mayHaveLanded: true,
	});
}

export const isGone = (error: unknown): boolean => error instanceof ChannelError && error.reason === "gone";
