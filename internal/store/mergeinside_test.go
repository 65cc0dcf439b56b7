package store

import "strings"

// Merged are the tables of which MergeTarget takes care, for a test.
func Merged() []string {
	var list []string
	for _, step := range mergeSteps {
		words := strings.Fields(step)
		if table := words[1]; words[0] == "update" {
			list = append(list, table)
		}
	}
	return list
}
