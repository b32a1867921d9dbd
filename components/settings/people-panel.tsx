"use client";

import { type FormEvent, useState } from "react";
import { CopyField } from "@/components/channels/copy-field";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { Select } from "@/components/ui/select";
import { StateShape } from "@/components/ui/state-shape";
import { Tag } from "@/components/ui/tag";
import { TextField } from "@/components/ui/text-field";
import type { Settings } from "@/lib/queries/settings";
import { type RoleValue, roleOptions, type SettingsActions } from "./settings-actions";
import { useChange } from "./use-change";

type People = Settings["people"];

/** Who may act for this shop, and who is on the way. */
export function PeoplePanel({
	people,
	userId,
	isOwner,
	actions,
}: {
	people: People;
	userId: string;
	isOwner: boolean;
	actions: SettingsActions;
}) {
	return (
		<Panel title="People" hint={isOwner ? undefined : "an owner changes roles and invites"}>
			<ul>
				{people.members.map((member) => (
					<MemberRow
						key={member.userId}
						member={member}
						isMe={member.userId === userId}
						isOwner={isOwner}
						actions={actions}
					/>
				))}
				{people.invitations.map((invitation) => (
					<li key={invitation.id} className="flex min-h-11 items-center gap-3 border-b px-3.5 py-1.5 last:border-b-0">
						<StateShape kind="go" label="Invited" />
						<span className="min-w-0 flex-1">
							<span className="block truncate">{invitation.email}</span>
							<span className="block text-small text-muted">
								invited as {invitation.role}, the link ends <RelativeTime at={invitation.expiresAt} />
							</span>
						</span>
						{isOwner && <RevokeButton invitation={invitation} actions={actions} />}
					</li>
				))}
			</ul>
			{isOwner && <InviteForm actions={actions} />}
		</Panel>
	);
}

function MemberRow({
	member,
	isMe,
	isOwner,
	actions,
}: {
	member: People["members"][number];
	isMe: boolean;
	isOwner: boolean;
	actions: SettingsActions;
}) {
	const role = useChange((next: string) => actions.changeRole(member.userId, next));
	const name = member.name ?? member.email;
	return (
		<li className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b px-3.5 py-1.5 last:border-b-0">
			<span className="min-w-0 flex-1">
				<span className="flex items-center gap-2 truncate">
					{name} {isMe && <Tag>you</Tag>}
				</span>
				{member.name && <span className="block truncate text-small text-muted">{member.email}</span>}
			</span>
			{isOwner ? (
				<>
					<Select<RoleValue>
						label={`Role of ${name}`}
						isLabelHidden
						value={member.role}
						options={roleOptions}
						isDisabled={role.isPending}
						onChange={(next) => next !== member.role && role.mutate(next)}
						className="w-28"
					/>
					{!isMe && (
						<>
							<LetInAgain name={name} userId={member.userId} letIn={actions.letInAgain} />
							<RemoveMember name={name} userId={member.userId} remove={actions.removeMember} />
						</>
					)}
				</>
			) : (
				<span className="text-muted">{member.role}</span>
			)}
		</li>
	);
}

function LetInAgain({ name, userId, letIn }: { name: string; userId: string; letIn: SettingsActions["letInAgain"] }) {
	const act = useChange(() => letIn(userId), { isSilent: true });
	return (
		<Dialog
			title={`Let ${name} in again`}
			description="For somebody who has lost their password: it is forgotten, they are signed out everywhere, and a link lets them in once. Then they set a new one."
			trigger={<Button kind="quiet">New link</Button>}
			footer={
				<>
					<DialogClose>
						<Button>{act.data ? "Close" : "Leave it"}</Button>
					</DialogClose>
					{!act.data && (
						<Button onClick={() => act.mutate(undefined)} isBusy={act.isPending}>
							Make a link
						</Button>
					)}
				</>
			}
		>
			{act.error && <p role="alert">{act.error.message}</p>}
			{act.data && (
				<div className="flex flex-col gap-1.5">
					<p className="text-small">Send this link to {name}. It works once, for a day, and is shown only now.</p>
					<CopyField label="Link to sign in" value={act.data.link} />
				</div>
			)}
		</Dialog>
	);
}

function RemoveMember({
	name,
	userId,
	remove,
}: {
	name: string;
	userId: string;
	remove: SettingsActions["removeMember"];
}) {
	const act = useChange(() => remove(userId));
	return (
		<Dialog
			title={`Remove ${name}`}
			description="They are signed out everywhere at once and see this shop no more. What they did stays in the log."
			trigger={<Button kind="quiet">Remove</Button>}
			footer={
				<>
					<DialogClose>
						<Button>Keep them</Button>
					</DialogClose>
					<Button kind="bad" onClick={() => act.mutate(undefined)} isBusy={act.isPending}>
						Remove {name}
					</Button>
				</>
			}
		/>
	);
}

function RevokeButton({
	invitation,
	actions,
}: {
	invitation: People["invitations"][number];
	actions: SettingsActions;
}) {
	const revoke = useChange((id: string) => actions.revokeInvitation(id));
	return (
		<Button
			kind="quiet"
			aria-label={`Take back the invitation of ${invitation.email}`}
			isBusy={revoke.isPending}
			onClick={() => revoke.mutate(invitation.id)}
		>
			Take back
		</Button>
	);
}

function InviteForm({ actions }: { actions: SettingsActions }) {
	const [email, setEmail] = useState("");
	const [role, setRole] = useState<RoleValue>("manager");
	const [sent, setSent] = useState<{ email: string; link: string } | null>(null);
	const invite = useChange(actions.invite, {
		isSilent: true,
		onDone: ({ link }) => {
			setSent({ email, link });
			setEmail("");
		},
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		invite.mutate({ email, role });
	};
	return (
		<div className="flex flex-col gap-3 border-t px-3.5 py-3">
			<form onSubmit={submit} className="flex items-start gap-2 max-md:flex-wrap">
				<div className="min-w-40 flex-1 max-md:basis-full">
					<TextField
						label="Invite by e-mail"
						type="email"
						placeholder="colleague@example.com"
						value={email}
						error={invite.error?.message}
						onChange={(event) => setEmail(event.target.value)}
						required
					/>
				</div>
				<Select label="As" value={role} options={roleOptions} onChange={setRole} className="w-28 max-md:flex-1" />
				<Button type="submit" isBusy={invite.isPending} className="mt-5">
					Invite
				</Button>
			</form>
			{sent && (
				<div className="rounded-btn bg-sunk px-3 py-2.5">
					<p className="mb-1.5 text-small">
						Send this link to {sent.email}. It works once, for seven days, and is shown only now.
					</p>
					<CopyField label="Link of the invitation" value={sent.link} />
				</div>
			)}
		</div>
	);
}
