package settings

import (
	"slices"
	"testing"
)

// Each variable that a network reads is in the manual, and no other.
func TestNetworkVariablesAreThoseThatAreRead(t *testing.T) {
	t.Parallel()
	var described []string
	for _, v := range NetworkVariables() {
		described = append(described, v.Kind)
	}
	read := slices.Clone(credentialKinds)
	slices.Sort(described)
	slices.Sort(read)
	if !slices.Equal(described, read) {
		t.Errorf("described are %v, read are %v", described, read)
	}
}
