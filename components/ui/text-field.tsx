import { clsx } from "clsx";
import { type ComponentProps, type ReactNode, useId } from "react";
import { StateShape } from "./state-shape";

export const inputStyle =
	"h-7.5 w-full min-w-0 rounded-btn border border-line-strong bg-panel px-2.5 transition-[border-color] hover:border-faint disabled:opacity-45 aria-invalid:border-bad max-md:h-11 max-md:text-[16px]";

type FieldProps = {
	label: ReactNode;
	/** What is expected, or where to find it. */
	hint?: ReactNode;
	/** What is wrong with it and what to do. */
	error?: string | null;
	isLabelHidden?: boolean;
};

/** Label, hint and error of one control, tied to it by id. */
export function Field({
	label,
	hint,
	error,
	isLabelHidden,
	children,
}: FieldProps & {
	children: (ids: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode;
}) {
	const id = useId();
	const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
	return (
		<div className="flex min-w-0 flex-col gap-1">
			<label htmlFor={id} className={clsx("text-small text-muted", isLabelHidden && "sr-only")}>
				{label}
			</label>
			{children({ id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined })}
			{error && (
				<p id={`${id}-error`} role="alert" className="flex items-start gap-1.5 text-small wrap-anywhere text-bad">
					<StateShape kind="off" className="mt-0.5" />
					{error}
				</p>
			)}
			{hint && (
				<p id={`${id}-hint`} className="text-small text-muted">
					{hint}
				</p>
			)}
		</div>
	);
}

export function TextField({
	label,
	hint,
	error,
	isLabelHidden,
	className,
	...rest
}: FieldProps & ComponentProps<"input">) {
	return (
		<Field label={label} hint={hint} error={error} isLabelHidden={isLabelHidden}>
			{(ids) => <input {...rest} {...ids} className={clsx(inputStyle, className)} />}
		</Field>
	);
}

export function TextArea({
	label,
	hint,
	error,
	isLabelHidden,
	className,
	...rest
}: FieldProps & ComponentProps<"textarea">) {
	return (
		<Field label={label} hint={hint} error={error} isLabelHidden={isLabelHidden}>
			{(ids) => (
				<textarea rows={3} {...rest} {...ids} className={clsx(inputStyle, "h-auto! resize-y py-1.5", className)} />
			)}
		</Field>
	);
}
