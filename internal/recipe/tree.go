package recipe

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// modules are the files that make a folder one recipe with all that is in it.
var modules = []struct {
	file string // in the folder
	kind hackfest.RecipeKind
}{
	{"manifests/init.pp", hackfest.RecipePuppet},
	{"recipes/default.rb", hackfest.RecipeChef},
	{"tasks/main.yml", hackfest.RecipeAnsible},
	{"tasks/main.yaml", hackfest.RecipeAnsible},
}

// distributions are the folders and words that name one.
var distributions = []string{
	"almalinux", "amazon", "arch", "centos", "debian", "fedora", "gentoo", "opensuse", "oracle", "rhel", "rocky", "scientific", "sles", "suse",
	"ubuntu",
}

var released = regexp.MustCompile(`(?:^|[^a-z])(` + strings.Join(distributions, "|") + `)[-_ ]?([0-9]{1,4}(?:\.[0-9]{1,3}){0,3})(?:[^0-9]|$)`)

// Tree finds the recipes in the files of a repository, in the order of their
// paths. The layout of eucalyptus/recipes is understood: folders for what runs a
// recipe and for the distribution it is for, read-mes beside scripts, modules.
// What it finds has neither repository nor commit.
func Tree(files []File) (found []hackfest.FoundRecipe, left []Left) {
	t := tree{taken: map[string]bool{}}
	for _, f := range files {
		if why := problem(f); why != "" {
			left = append(left, Left{f.Path, why})
			continue
		}
		t.files = append(t.files, f)
	}
	slices.SortFunc(t.files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	t.modules()
	t.scripts()
	for _, f := range t.files {
		if !t.taken[f.Path] {
			left = append(left, Left{f.Path, "it is no recipe, and none mentions it"})
		}
	}
	slices.SortFunc(t.found, func(a, b hackfest.FoundRecipe) int { return strings.Compare(a.Path, b.Path) })
	slices.SortFunc(left, func(a, b Left) int { return strings.Compare(a.Path, b.Path) })
	name(t.found)
	return t.found, left
}

// tree is a repository under examination.
type tree struct {
	files []File
	taken map[string]bool // by path: part of a recipe
	found []hackfest.FoundRecipe
}

// modules finds the folders that are one recipe.
func (t *tree) modules() {
	for _, f := range t.files {
		for _, m := range modules {
			dir := strings.TrimSuffix(f.Path, "/"+m.file)
			if dir == f.Path || t.taken[f.Path] {
				continue
			}
			r := hackfest.FoundRecipe{Recipe: hackfest.Recipe{Kind: m.kind, Path: f.Path}}
			r.Source = string(f.Data)
			t.taken[f.Path] = true
			for _, x := range t.files {
				if !strings.HasPrefix(x.Path, dir+"/") || t.taken[x.Path] {
					continue
				}
				if t.taken[x.Path] = true; r.Readme == "" && readme(path.Base(x.Path)) && path.Dir(x.Path) == dir {
					r.Readme = string(x.Data)
					continue
				}
				r.Files = append(r.Files, hackfest.RecipeFile{Path: x.Path, Text: string(x.Data)})
			}
			r.Slugs = []string{path.Base(dir)}
			t.found = append(t.found, placed(r))
		}
	}
}

// scripts finds the files that are a recipe each, then what belongs to them.
func (t *tree) scripts() {
	var own []int
	for _, f := range t.files {
		if kind := KindOf(path.Base(f.Path), string(f.Data)); kind != "" && !t.taken[f.Path] {
			t.taken[f.Path] = true
			r := hackfest.FoundRecipe{Recipe: hackfest.Recipe{Kind: kind, Path: f.Path}}
			r.Source = string(f.Data)
			own = append(own, len(t.found))
			t.found = append(t.found, r)
		}
	}
	companions := slices.DeleteFunc(slices.Clone(t.files), func(f File) bool { return t.taken[f.Path] })
	for _, n := range own {
		r := &t.found[n]
		stem := strings.TrimSuffix(path.Base(r.Path), path.Ext(r.Path))
		for _, f := range companions {
			base := path.Base(f.Path)
			switch {
			case path.Dir(f.Path) != path.Dir(r.Path):
				continue
			case strings.TrimSuffix(base, path.Ext(base)) == stem && readme(path.Ext(base)):
				r.Readme = string(f.Data)
			case base == stem, mentions(r.Source, base):
				r.Files = append(r.Files, hackfest.RecipeFile{Path: f.Path, Text: string(f.Data)})
			default:
				continue
			}
			t.taken[f.Path] = true
		}
		*r = placed(*r)
	}
}

// mentions reports whether a script names a file beside it.
func mentions(source, name string) bool {
	const shortest = 4 // what is shorter stands in any script
	return len(name) >= shortest && strings.Contains(source, name)
}

// readme reports whether a file name, or its extension, is that of a read-me.
func readme(name string) bool {
	name = strings.ToLower(strings.TrimPrefix(name, "."))
	return name == "readme" || strings.HasPrefix(name, "readme.")
}

// placed is r with what its place and its own words say.
func placed(r hackfest.FoundRecipe) hackfest.FoundRecipe {
	dirs := strings.Split(strings.ToLower(path.Dir(r.Path)), "/")
	for _, d := range dirs {
		switch kind := hackfest.RecipeKind(d); {
		case slices.Contains(distributions, d):
			r.Distribution = d
		case r.Kind == hackfest.RecipeBash && !kind.UserData() && slices.Contains(hackfest.RecipeKinds, kind):
			r.Tool = kind
		}
		if m := released.FindStringSubmatch(d); m != nil {
			r.Distribution, r.Release = m[1], m[2]
		}
	}
	base := strings.ToLower(path.Base(r.Path))
	if m := released.FindStringSubmatch(base); m != nil && (r.Distribution == "" || r.Distribution == m[1]) {
		r.Distribution, r.Release = m[1], m[2]
	}
	about := headOf(r.Source)
	r.Summary, r.Smallest, r.Ports, r.TargetSlug = cmp.Or(sentence(r.Readme), about.summary), about.smallest, about.ports, about.target
	return r
}

// name gives each recipe the names it may be called by, the best first.
func name(list []hackfest.FoundRecipe) {
	of := func(f hackfest.FoundRecipe) (short, long string) {
		short = path.Base(f.Path)
		if len(f.Slugs) > 0 {
			short = f.Slugs[0]
		} else {
			short = strings.TrimSuffix(short, path.Ext(short))
			if short == "" || path.Ext(f.Path) == ".local" {
				short = path.Base(f.Path)
			}
		}
		short = hackfest.Slug(short)
		for _, tail := range []string{"-userdata", "-user-data"} {
			short = strings.TrimSuffix(short, tail)
		}
		short = strings.TrimPrefix(short, "cloud-init-")
		if f.Tool != "" && !strings.Contains(short, string(f.Tool)) {
			short = string(f.Tool) + "-" + short
		}
		long = cmp.Or(hackfest.Slug(strings.TrimSuffix(f.Path, path.Ext(f.Path))), "recipe")
		return cmp.Or(short, long), long
	}
	count := map[string]int{}
	for _, f := range list {
		short, _ := of(f)
		count[short]++
	}
	for i, f := range list {
		short, long := of(f)
		if list[i].Slugs = []string{long}; count[short] == 1 && short != long {
			list[i].Slugs = []string{short, long}
		}
	}
}
