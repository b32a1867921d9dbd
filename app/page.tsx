import { redirect } from "next/navigation";
import { home } from "@/lib/auth/next-path";

export default function RootPage() {
	redirect(home);
}
