import { jsonRoute } from "@/lib/services/http";
import { readOfferPolicy } from "@/lib/services/policies/read-offer-policy";

export const GET = jsonRoute(({ ctx, url }) => readOfferPolicy(ctx, Object.fromEntries(url.searchParams)));
