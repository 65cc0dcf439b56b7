package demo

import (
	"context"
	"crypto/sha1"
	_ "embed"
	"encoding/hex"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// filesChanged is which files of the repository changed on which days: a day in each
// line. Its commits, who made them and at what hour, and its issues were not
// written down, so the sample has none.
//
//go:embed recipes-changes.txt
var filesChanged string

// repository is the one of which that is, when it was written down, and the
// targets that it has files for.
var repository = struct {
	name, recorded string
	targets        []string
}{"eucalyptus/recipes", "2013-03-04", []string{"openshift-origin", "appscale", "redmine", "chef", "puppet", "web-applications"}}

// repositories puts in the recorded repository. GitHub is never asked about it.
func (s seeder) repositories(ctx context.Context) error {
	recorded, err := time.Parse(time.DateOnly, repository.recorded)
	if err != nil {
		return err
	}
	var days []hackfest.Commit
	for line := range strings.Lines(filesChanged) {
		files := strings.Fields(line)
		day, err := time.Parse(time.DateOnly, files[0])
		if err != nil {
			return err
		}
		days = append(days, changedOn(day, files[1:]))
	}
	id, err := s.tx.AddRecord(ctx, repository.name, recorded, days, s.Now)
	if err != nil {
		return fmt.Errorf("repository %s: %w", repository.name, err)
	}
	for _, slug := range repository.targets {
		t, err := s.tx.Target(ctx, slug)
		if err != nil {
			return err
		}
		if err := s.tx.SetRepositoryUses(ctx, hackfest.RepositoryUse{TargetID: t.ID}, []hackfest.RepositoryID{id}, s.Now); err != nil {
			return err
		}
	}
	return nil
}

// changedOn stands for all that was changed on a day, in its last second: its
// name is the SHA-1 of the day and the files, and is no commit's.
func changedOn(day time.Time, files []string) hackfest.Commit {
	sum := sha1.Sum([]byte(day.Format(time.DateOnly) + "\n" + strings.Join(files, "\n")))
	return hackfest.Commit{SHA: hex.EncodeToString(sum[:]), Summary: filesWords(files), CommittedAt: day.Add(24*time.Hour - time.Second)}
}

// filesWords are "README.md and 15 files of bash/debian changed".
func filesWords(files []string) string {
	var folders []string
	in := map[string][]string{}
	for _, f := range files {
		folder := path.Dir(f)
		if parts := strings.SplitN(folder, "/", 3); len(parts) > 2 {
			folder = parts[0] + "/" + parts[1]
		}
		if in[folder] == nil {
			folders = append(folders, folder)
		}
		in[folder] = append(in[folder], f)
	}
	var words []string
	for _, folder := range folders {
		if list := in[folder]; len(list) == 1 || folder == "." {
			words = append(words, list...)
		} else {
			words = append(words, fmt.Sprintf("%d files of %s", len(list), folder))
		}
	}
	last := len(words) - 1
	if last == 0 {
		return words[0] + " changed"
	}
	return strings.Join(words[:last], ", ") + " and " + words[last] + " changed"
}
