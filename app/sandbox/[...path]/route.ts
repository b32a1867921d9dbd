/** The wire addresses of sandbox stores. Whoever calls is the outside world: the store itself asks for its credentials. */
import { handleSandboxRequest } from "@/lib/sandbox/handle";

export const dynamic = "force-dynamic";

const answer = (request: Request) => handleSandboxRequest(request);

export {
	answer as DELETE,
	answer as GET,
	answer as HEAD,
	answer as OPTIONS,
	answer as PATCH,
	answer as POST,
	answer as PUT,
};
