"use client";

import { Eye, EyeOff } from "lucide-react";
import { useId, useState } from "react";
import { IconButton } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";

/** A value to take elsewhere: read-only, copied by one click, hidden until asked for where it is a secret. */
export function CopyField({ label, value, isSecret = false }: { label: string; value: string; isSecret?: boolean }) {
	const id = useId();
	const [isShown, setIsShown] = useState(!isSecret);
	// Without permission the field can still be selected and copied by hand.
	const select = () => {
		setIsShown(true);
		document.getElementById(id)?.focus();
	};
	return (
		<div className="flex min-w-0 flex-col gap-1">
			<label htmlFor={id} className="text-small text-muted">
				{label}
			</label>
			<span className="flex items-center rounded-btn border bg-sunk">
				<input
					id={id}
					readOnly
					type={isShown ? "text" : "password"}
					value={value}
					onFocus={(event) => event.target.select()}
					className="num h-7 w-full min-w-0 rounded-btn bg-transparent px-2.5 text-small max-md:h-9"
				/>
				{isSecret && (
					<IconButton label={isShown ? `Hide ${label}` : `Show ${label}`} onClick={() => setIsShown(!isShown)}>
						{isShown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
					</IconButton>
				)}
				<CopyButton label={`Copy ${label}`} text={value} onRefused={select} />
			</span>
		</div>
	);
}
