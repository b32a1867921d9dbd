import { ChannelError } from "../errors";

/** What a store refuses is an answer, too. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | ChannelError> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof ChannelError) return error;
		throw error;
	}
}
