import { queryOptions } from "@tanstack/react-query";
import type { PolicyView } from "@/lib/format/offer-policy";
import type { PolicyTarget } from "@/lib/services/policies/policy-target";
import { fetchJson } from "./fetch-json";

export type { PolicyTarget } from "@/lib/services/policies/policy-target";

/** The beginning of every key about policies: what one level says is what the next inherits. */
export const policiesKey = ["policies"] as const;

export const policyQuery = (target: PolicyTarget) =>
	queryOptions({
		queryKey: [...policiesKey, target],
		queryFn: ({ signal }) => fetchJson<PolicyView>(`/api/policies?${new URLSearchParams(target)}`, { signal }),
	});
