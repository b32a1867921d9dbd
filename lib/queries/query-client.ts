import { QueryClient } from "@tanstack/react-query";
import { RequestFailed } from "./fetch-json";

/** One per browser, and one per request on the server for what a page reads ahead (`dehydrate`). */
export function makeQueryClient(): QueryClient {
	return new QueryClient({
		defaultOptions: {
			queries: {
				staleTime: 5_000,
				// What the server refuses it will refuse again; only outages are worth another try.
				retry: (failures, error) => failures < 2 && !(error instanceof RequestFailed && isFinal(error.status)),
			},
		},
	});
}

const isFinal = (status: number) => status >= 400 && status < 500;
