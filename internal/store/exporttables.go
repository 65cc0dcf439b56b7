package store

// exportTable says how the rows of one table leave the portal as lines of a
// file, and come back. Each table of the schema is in exportTables, with each of
// its columns, or in stayTables; a test holds migrations to it.
type exportTable struct {
	name string

	// fields are the columns that are written, in this order. One that refers to
	// a row of another table is written by that row's key and without its "_id".
	fields string
	// private are columns that leave only when what is private is asked for.
	private string
	// stays are columns that never leave, each with the reason.
	stays map[string]string

	// key are the columns by which other tables name a row, parted by "/"; without
	// them it is the number of the row's line in its file.
	key string
	// refs are columns that refer to a table without a foreign key.
	refs map[string]string
	// as is what is written in place of a column, as SQL on row x. It sees @private.
	as map[string]string
	// rows is which rows leave, as SQL on row x; "" is all.
	rows string
	// allPrivate keeps the whole table back unless what is private is asked for.
	allPrivate bool
	// made are columns that do not leave, since they are worked out again when
	// the row is there: by what the SQL says, on row x.
	made map[string]string
}

// Words that were redacted do not leave, whether they are wiped already or not:
// who reads the export could not be told to give them back. Of context lines
// exportwaiting.go takes them out.
const (
	lastExported = `case when x.applied_ref is not null then (
		select l.ref from lines l where l.channel_id = x.id and l.kind <> 'private' order by l.ref desc limit 1) end`
	unlessRedacted = `case when x.redacted_at is null then x.`
	whyRemoved     = `case when not exists (
		select 1 from redacted d join redactions r on r.id = d.redaction_id
		where d.ref = x.line_ref and r.purged_at is null) then x.why else '' end`
	ofRepository = `exists (select 1 from repositories r where r.id = x.repository_id and r.removed_at is null)`
)

// exportTables are the tables that leave, those that others refer to first.
var exportTables = []exportTable{
	{name: "networks", key: "name", fields: "name server created_at"},
	{
		name: "channels", key: "network_id name",
		fields: "network_id name folded purpose visibility joined logged noisy w3c start_right announce occasions announces topic hackfests greet " +
			"webchat_url asked revision topic_part applied_ref touched_ref reload_ref created_at",
		private: "key",
		stays:   map[string]string{"quiet_until": "it is over by the time the bot is elsewhere"},
		as:      map[string]string{"applied_ref": lastExported},
	},
	{
		name: "people", key: "name",
		fields:  "name role listed unnamed zone zone_shown suspended_at left_at revision created_at",
		private: "mail mail_proven_at",
		stays:   map[string]string{"password_hash": "whoever moves gets a new sign-in link"},
		as:      map[string]string{"zone": `case when x.zone_shown or @private then x.zone else '' end`},
	},
	{
		name: "identities", fields: "person_id kind network value shown proven_at since until",
		rows: `(x.kind in ('account', 'nick') or @private)`,
	},
	{
		name: "targets", key: "slug",
		fields: "slug name stage sentence about goal project owner_id proposer via channel_id line_ref staged_at revision created_at changed_at removed_at " +
			"redacted_at",
	},
	{name: "target_slugs", fields: "slug target_id created_at"},
	{name: "target_backers", fields: "target_id person_id network nick created_at"},
	{
		name: "series", key: "slug",
		fields: "slug title kind channel_id target_id host_id about visibility overlap_ok imported_from ended_at reason revision created_at changed_at",
	},
	{name: "series_rules", key: "uid", fields: "series_id uid sequence rule first zone length void created_at changed_at"},
	{name: "series_slugs", fields: "slug series_id created_at"},
	{
		name: "sessions", key: "slug",
		fields: "slug series_id rule_id occurrence title kind state channel_id target_id host_id starts_at ends_at zone goal reason moved_from " +
			"replaced_by uid sequence replanned_at retimed_from left_channel_id visibility overlap_ok overridden moved faded_at conflict_at running held published revision " +
			"created_at changed_at changed_by",
	},
	{name: "chairs", fields: "person_id series_id session_id created_at"},
	{
		name: "rsvps", fields: "session_id series_id person_id nick network answer first_visit via removed_at removed_by ended_at created_at changed_at",
		private: "needs", // for those who look after the session
		stays: map[string]string{
			"browser_hash":  "of a secret that a browser keeps for this portal",
			"subscriber_id": "who gets mail about what stands in follows",
		},
		made: map[string]string{"who": `case when x.person_id is not null then 'person/' || x.person_id else 'nick/' || x.network || '/' ||
			translate(x.nick, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ[]\^', 'abcdefghijklmnopqrstuvwxyz{}|~') end`},
	},
	{name: "target_events", fields: "target_id at deed person_id actor from_stage to_stage from_at session_id note overridden"},
	{
		name: "lines", rows: `x.kind <> 'private'`, // who voted secretly
		fields: "channel_id ref changed_ref at received_at kind nick account text target raw self bot op history off_record windows1252 " +
			"command members_only redacted_at",
		as: map[string]string{
			"text": unlessRedacted + `text else '' end`, "raw": unlessRedacted + `raw end`, "windows1252": unlessRedacted + `windows1252 else false end`,
		},
	},
	{
		name: "meetings",
		fields: "ref changed_ref session_id channel_id title name suffix owner chairs queue started_at ended_at last_ref ended_by people decisions " +
			"actions lessons imported visibility draft",
	},
	{name: "old_paths", fields: "path meeting_ref form created_at"},
	{name: "topics", fields: "meeting_ref ref n changed_ref title subtopic at undone edited redacted_at"},
	{
		name:   "items",
		fields: "meeting_ref ref n changed_ref topic_ref topic_n kind lesson_kind at nick text url owners due undone edited redacted_at",
	},
	{
		name: "votes",
		fields: "meeting_ref ref n changed_ref item_ref item_n at question options secret open undone result voters quorum ballots " +
			"redacted_at",
	},
	{name: "actions", fields: "meeting_ref ref n changed_ref state owners due opened_at settled_at settled_by settled_ref"},
	{name: "action_events", fields: "ref n at state by person_id line_ref meeting_ref"},
	{
		name: "agenda_items",
		fields: "session_id position text state carried_from action_ref action_n taken_ref changed_ref revision created_at " +
			"redacted_at",
	},
	{name: "minutes_revisions", fields: "meeting_ref number minutes summary note author_id published_at"},
	{name: "minutes_drafts", fields: "meeting_ref revision number fields person_id begun_at saved_at"},
	{
		name: "lessons",
		fields: "text kind scope image target_id session_id line_ref meeting_ref item_ref item_n published_at redacted_at created_at person_id " +
			"from_line evidence declined_at retired_at reason revision changed_at",
	},
	{
		name: "news", key: "slug",
		fields: "uid slug title summary body tags state published_at outlets banner_until session_id target_id author_id corrected_at " +
			"correction revision created_at changed_at",
	},
	{name: "news_channels", fields: "news_id channel_id"},
	{name: "unnamed_nicks", fields: "network nick account since"},
	{name: "images", key: "slug", fields: "slug name distribution release architecture login retired_at revision created_at"},
	{name: "image_ids", fields: "image_id cloud id"},
	{
		name: "recipes", key: "slug",
		fields: "slug summary kind tool distribution release target_id smallest ports repository path retired_at revision created_at changed_at",
	},
	{name: "recipe_versions", fields: "recipe_id number commit source readme digest imported_at"},
	{name: "recipe_files", fields: "version_id position path text"},
	{
		name:   "recipe_results",
		fields: "recipe_id version_id image_id session_id person_id cloud outcome minutes note at created_at removed_at",
		stays:  map[string]string{"key": "by what a program named a change that it made"},
	},
	{
		name: "checklist_items", rows: `x.redacted_at is null`,
		fields: "scope target_id series_id session_id position text advice lesson_id mandatory automatic replaced_by kept_at revision created_at " +
			"retired_at redacted_at",
	},
	{name: "check_ticks", fields: "session_id item_id person_id nick_key state via at caught_at", private: "note", rows: `exists (
		select 1 from checklist_items i where i.id = x.item_id and i.redacted_at is null)`},
	{name: "preflights", fields: "session_id person_id nick_key at", private: "machine"},
	{
		name: "repositories", key: "name", rows: `x.removed_at is null`,
		fields: "name github_id about default_branch private archived visibility bug_labels first_labels recorded_at due_at known_at whole_at " +
			"issues_to commits_from gone_at revision created_at",
		stays: map[string]string{
			"asked_at":   "the next portal asks GitHub itself",
			"hook_at":    "GitHub delivers to this portal; it has to be told of the next",
			"trouble":    "how the last try of this portal ended",
			"removed_at": "what was taken off does not leave",
			"whole_from": "the next portal compares all issues itself", "whole_page": "the same",
			"commits_back": "the next portal goes on by itself", "commits_page": "the same",
		},
	},
	{name: "repository_names", rows: ofRepository, fields: "name repository_id created_at"},
	{name: "repository_uses", rows: ofRepository, fields: "repository_id target_id series_id session_id created_at"},
	{
		name: "issues", rows: ofRepository,
		fields: "repository_id number pull title state reason draft labels assignees author milestone opened_at closed_at merged_at updated_at " +
			"known_at removed_at",
	},
	{name: "commits", rows: ofRepository, fields: "repository_id sha summary author committed_at known_at"},
	{name: "releases", rows: ofRepository, fields: "repository_id id tag name prerelease published_at known_at"},
	{
		name: "milestones", rows: ofRepository,
		fields: "repository_id number title state due_on updated_at closed_at known_at removed_at",
	},
	{name: "session_issues", fields: "session_id repository number person_id created_at"},
	{
		name: "action_issues", rows: ofRepository + ` and x.state = 'made'`, // the others this portal makes, or finds
		fields: "ref n repository_id title body label assignee mark state reason tries due_at number followed person_id created_at sending_at " +
			"settled_at",
		private: "hidden", // tells who guesses them words that were removed
	},
	{
		name: "redactions", fields: "channel_id person_id actor at purged_at forgotten_at",
		as: map[string]string{"purged_at": `coalesce(x.purged_at, x.at)`, "forgotten_at": `coalesce(x.forgotten_at, x.purged_at, x.at)`},
	},
	{
		name: "redacted", fields: "redaction_id ref n echo mac",
		as: map[string]string{"mac": `case when x.n = 0 and not @private then '' else x.mac end`},
	},
	{
		name: "removal_requests", allPrivate: true,
		fields: "line_ref channel_id person_id why contact made_at state settled_at settled_by note redaction_id",
		as:     map[string]string{"why": whyRemoved},
	},
	{name: "contests", allPrivate: true, fields: "person_id holder_id kind network value account at settled_at given"},
	{
		name: "subscribers", allPrivate: true, fields: "handle mail person_id zone pace made_at asked_at confirmed_at ended_at",
	},
	{name: "follows", allPrivate: true, fields: "subscriber_id scope series_id target_id session_id made_at confirmed_at"},
	{
		name: "deliveries", rows: `x.outlet <> 'notice' and x.occasion not in ('topic', 'greeting') and (x.outlet <> 'mail' or @private)`,
		fields: "outlet occasion channel_id session_id meeting_ref subscriber_id news_id starts_at due_at state reason missed tries created_at " +
			"queued_at sending_at settled_at",
		stays: map[string]string{"person_id": "who is told alone on IRC, which is over within minutes"},
		made: map[string]string{
			"what": `case
				when x.meeting_ref is not null then 'minutes/' || x.meeting_ref
				when x.news_id is not null then 'news/' || x.news_id
				when x.occasion = 'digest' then 'digest/' || to_char(x.due_at at time zone 'UTC', 'YYYY-MM-DD')
				when x.occasion in ('cancelled', 'moved', 'reinstated') then 'change/' || x.session_id || '/' || x.id
				else 'session/' || x.session_id || '/' || to_char(x.starts_at at time zone 'UTC', 'YYYYMMDD"T"HH24MISS"Z"') end`,
			"recipient": `case x.outlet
				when 'mail' then 'subscriber/' || x.subscriber_id
				when 'site' then 'site'
				else (select w.name || '/' || c.folded from channels c join networks w on w.id = c.network_id where c.id = x.channel_id) end`,
		},
	},
	{
		name: "audit", allPrivate: true, fields: "at person_id actor via action object refused before after address",
		refs: map[string]string{"person_id": "people"},
	},
	{name: "secrets", fields: "name value made_at", rows: `(x.name = 'feeds' or @private)`}, // with another, each feed is a new one to its readers
}

// stayTables are the tables that never leave, each with the reason.
var stayTables = map[string]string{
	"api_tokens":       "secrets: programs get new tokens",
	"bot_commands":     "what waits for the bot, for half a minute",
	"calendar_links":   "secrets: people make new addresses of their calendars",
	"changes":          "forms that were just sent; each leads back to this portal",
	"claims":           "secrets: codes that expire within the hour",
	"follow_links":     "secrets: links that expire",
	"github_etags":     "what GitHub told this portal to ask with",
	"github_limits":    "how often GitHub lets this portal ask",
	"github_tries":     "secrets: browsers that were sent to GitHub, for ten minutes",
	"goose_db_version": "the schema's own",
	"hook_deliveries":  "what GitHub delivered to this portal; what it said is in the tables it changed",
	"laid_out":         "by which zones sessions were worked out; they are worked out again",
	"mail_links":       "secrets: links that expire",
	"set_aside":        "what this Postgres said of effects that it refused",
	"signin_links":     "secrets: links that expire",
	"signins":          "secrets: browsers that are signed in",
	"target_proposals": "wait for an answer by mail, for a day",
	"withheld":         "words that were redacted, while they can be given back",
}
