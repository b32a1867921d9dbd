import "./globals.css";
import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import type { ReactNode } from "react";
import { readTheme, themeCookie } from "@/components/layout/theme";
import { Toaster } from "@/components/ui/toast";
import { TooltipProvider } from "@/components/ui/tooltip";

export const metadata: Metadata = {
	title: { template: "%s · Onecount", default: "Onecount" },
	description: "One true stock count across every sales channel.",
};

export const viewport: Viewport = { width: "device-width", initialScale: 1, viewportFit: "cover" };

export default async function RootLayout({ children }: { children: ReactNode }) {
	const theme = readTheme((await cookies()).get(themeCookie)?.value);
	return (
		<html
			lang="en"
			data-theme={theme === "system" ? undefined : theme}
			className={`${GeistSans.variable} ${GeistMono.variable}`}
			// Changed in place when another theme is chosen.
			suppressHydrationWarning
		>
			<body>
				<NuqsAdapter>
					<TooltipProvider>{children}</TooltipProvider>
				</NuqsAdapter>
				<Toaster />
			</body>
		</html>
	);
}
