package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/settings"
)

// Every setting that README, manual and examples name is one.
func TestNamedSettingsExist(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, g := range settingGroups() {
		for _, s := range g.list {
			known[s.name] = true
			known[s.name+"_FILE"] = s.secret
		}
	}
	var kinds []string
	for _, v := range settings.NetworkVariables() {
		kinds = append(kinds, v.Kind)
	}
	network := regexp.MustCompile(`^HACKFEST_IRC_([A-Z0-9_]+_)?(` + strings.Join(kinds, "|") + `)(_FILE)?$`)
	word := regexp.MustCompile(`\b(?:HACKFEST|DATABASE_URL)[A-Z0-9_]*\b`)
	files := []string{"../../README.md", "../../Dockerfile", "../../docker-compose.yml", docs + "/hackfest.service", docs + "/operating.md"}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range word.FindAllString(string(text), -1) {
			if !known[name] && !network.MatchString(name) && !strings.HasSuffix(name, "_") {
				t.Errorf("%s names %s, which is no setting", file, name)
			}
		}
	}
}
