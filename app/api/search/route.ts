import { jsonRoute } from "@/lib/services/http";
import { findAnything } from "@/lib/services/search/find-anything";

export const GET = jsonRoute(({ ctx, url }) => findAnything(ctx, url.searchParams.get("q") ?? ""));
