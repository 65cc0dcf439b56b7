package app

import (
	"context"

	"github.com/eucalyptus/hackfest/internal/ircbot"
	"github.com/eucalyptus/hackfest/internal/jobs"
)

// runJobs keeps the times of all jobs and works those that need no IRC, until
// ctx ends.
func (a *portal) runJobs(ctx context.Context) error {
	return jobs.Lead(ctx, a.jobs())
}

// runBotJobs has announcements said by the bot until ctx ends.
func (a *portal) runBotJobs(ctx context.Context, bot *ircbot.Bot) error {
	return jobs.Speak(ctx, a.jobs(), bot)
}

func (a *portal) jobs() jobs.Config {
	return jobs.Config{
		Store: a.db.store, Pool: a.db.pool, BaseURL: a.Settings.BaseURL, Community: a.Settings.Community, Mail: a.Settings.Mail, GitHub: a.Settings.GitHub,
		Tzdata: a.Tzdata, Now: a.Now, Stubbed: clockIsStubbed, Log: a.Log.With("part", "jobs"),
	}
}

var _ jobs.Voice = (*ircbot.Bot)(nil)
